"""From bytes on a topic to a validated event, by its type."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from tierlink.schemas.envelope import Data, Event
from tierlink.schemas.topics import ALL_TOPICS

__all__ = ["EVENT_TYPES", "UnreadableEventError", "decode_event"]

EVENT_TYPES: dict[str, type[Data]] = {
    model.event_type: model for topic in ALL_TOPICS for model in topic.types
}
"""CloudEvents type to payload model, for every type on any topic."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


class UnreadableEventError(ValueError):
    """The bytes are not an event of this contract. ``reason`` is short and stable enough for a dead letter."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"reading event: {reason}")


def decode_event(raw: bytes) -> Event[Any]:
    """Parse and validate one record value.

    Raises:
        UnreadableEventError: no JSON, no known type, or fields that do not fit.
    """
    try:
        body = from_json(raw)
    except ValueError as error:
        raise UnreadableEventError(f"not JSON: {error}") from error
    kind = body.get("type") if isinstance(body, dict) else None
    model = EVENT_TYPES.get(kind) if isinstance(kind, str) else None
    if kind is None or model is None:
        raise UnreadableEventError(f"unknown type {kind!r}")
    adapter = _ADAPTERS.get(kind)
    if adapter is None:
        adapter = _ADAPTERS[kind] = TypeAdapter(Event[model])  # type: ignore[valid-type]
    try:
        event: Event[Any] = adapter.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadableEventError(f"{place}: {first['msg']}") from error
    return event
