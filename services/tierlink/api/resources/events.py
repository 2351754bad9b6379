"""Canonical events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from tierlink.api.models import EventAnswer, event_answer
from tierlink.api.problems import not_found
from tierlink.api.reading import Reader
from tierlink.store.events import find_event

__all__ = ["router"]

router = APIRouter(prefix="/events", tags=["events"])


@router.get("/{event_id:segment}")
def event(
    access: Reader, event_id: Annotated[str, Path(description="id of the CloudEvent")]
) -> EventAnswer:
    """One event as it stands on its topic, with the file, sheet and cells it came from."""
    with access.read() as session:
        found = find_event(session, event_id)
    if found is None:
        raise not_found("event", event_id)
    return event_answer(found)
