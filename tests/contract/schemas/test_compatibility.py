"""The published schemas of v1 only grow."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contract.schemas.compatibility import breaking_changes
from tierlink.schemas.catalogue import EVENT_TYPES
from tierlink.schemas.generate import event_schema

BASELINE = Path(__file__).parent / "v1"
PLACED = "org.tierlink.purchaseorder.line.placed.v1"


def baseline(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((BASELINE / f"{kind}.json").read_text(encoding="utf-8"))
    return schema


@pytest.mark.parametrize("kind", sorted(path.stem for path in BASELINE.glob("*.json")))
def test_a_published_event_only_grows(kind: str) -> None:
    assert kind in EVENT_TYPES, f"{kind} was published and is gone: records of it are on the topics"
    changes = breaking_changes(baseline(kind), event_schema(EVENT_TYPES[kind]))
    version = int(kind.rpartition(".v")[2])
    assert not changes, (
        f"{kind} changed in a way its readers do not survive: {'; '.join(changes)}. "
        f"Publish it as a new event type {kind.rpartition('.v')[0]}.v{version + 1}, and keep this one readable."
    )


def test_every_event_type_has_a_baseline() -> None:
    published = {path.stem for path in BASELINE.glob("*.json")}
    assert set(EVENT_TYPES) == published, (
        "a new event type: write its schema (schemas/.../json_schema) into tests/contract/schemas/v1 as well"
    )


def _remove_field(schema: dict[str, Any]) -> None:
    del _data(schema)["properties"]["requested_on"]


def _remove_envelope_field(schema: dict[str, Any]) -> None:
    del schema["properties"]["factkey"]


def _require(schema: dict[str, Any]) -> None:
    _data(schema)["required"].append("requested_on")


def _relax(schema: dict[str, Any]) -> None:
    _data(schema)["required"].remove("quantity")


def _add_required(schema: dict[str, Any]) -> None:
    _data(schema)["properties"]["incoterm"] = {"type": "string"}
    _data(schema)["required"].append("incoterm")


def _change_type(schema: dict[str, Any]) -> None:
    schema["$defs"]["Quantity"]["properties"]["value"] = {"type": "number"}


def _add_enumeration_value(schema: dict[str, Any]) -> None:
    schema["$defs"]["Actor"]["enum"].append("broker")


def _narrow(schema: dict[str, Any]) -> None:
    schema["$defs"]["Lineage"]["properties"]["row"]["minimum"] = 2


def _change_default(schema: dict[str, Any]) -> None:
    schema["$defs"]["Quantity"]["properties"]["unit"]["default"] = "KGM"


def _change_type_name(schema: dict[str, Any]) -> None:
    schema["properties"]["type"]["const"] = "org.tierlink.purchaseorder.line.ordered.v1"


@pytest.mark.parametrize(
    ("mutate", "said"),
    [
        (_remove_field, "event.data.requested_on was removed"),
        (_remove_envelope_field, "event.factkey was removed"),
        (_require, "event.data.requested_on was optional and is required"),
        (_relax, "event.data.quantity was required and is optional"),
        (_add_required, "event.data.incoterm is new and required"),
        (_change_type, "event.data.quantity.value.type was 'string' and is 'number'"),
        (_add_enumeration_value, "event.data.asserted_by.enum was"),
        (_narrow, ".row.minimum was 1 and is 2"),
        (_change_default, "event.data.quantity.unit.default was 'H87' and is 'KGM'"),
        (_change_type_name, "event.type.const was"),
    ],
)
def test_a_breaking_change_is_named(mutate: Callable[[dict[str, Any]], None], said: str) -> None:
    old = baseline(PLACED)
    new = deepcopy(old)
    mutate(new)
    assert any(said in sentence for sentence in breaking_changes(old, new))


def test_an_optional_field_and_better_words_are_no_break() -> None:
    old = baseline(PLACED)
    new = deepcopy(old)
    _data(new)["properties"]["incoterm"] = {"type": "string", "default": None}
    _data(new)["description"] = "better words"
    new["$defs"]["Carriage"] = {"type": "object"}
    assert breaking_changes(old, new) == []


def _data(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["$defs"]["LinePlaced"]
    return found
