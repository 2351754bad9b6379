"""Events as they stood on topics once: readable for ever, also with what later versions may add to them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tierlink.kpi.facts import read_fact
from tierlink.schemas import generate
from tierlink.schemas.catalogue import EVENT_TYPES, UnreadableEventError, decode_event
from tierlink.schemas.envelope import Event, FactData, fact_event, state_event

SAMPLES = sorted((Path(__file__).parent / "v1").glob("*.json"))
SCHEMAS = Path(generate.__file__).parent / "json_schema"


def sample(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body


def raw(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


@cache
def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


FACTS = [path for path in SAMPLES if issubclass(EVENT_TYPES[sample(path)["type"]], FactData)]


def name(path: Path) -> str:
    return path.stem


def test_every_event_type_has_a_sample() -> None:
    assert {sample(path)["type"] for path in SAMPLES} >= set(EVENT_TYPES)
    assert FACTS


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_parses_and_comes_back_with_all_it_said(path: Path) -> None:
    body = sample(path)
    event = decode_event(raw(body))
    again = event.to_bytes()
    assert missing(body, json.loads(again)) == []
    assert decode_event(again) == event


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_fits_its_published_schema(path: Path) -> None:
    body = sample(path)
    faults = [
        f"{list(error.path)}: {error.message}"
        for error in validator(body["type"]).iter_errors(body)
    ]
    assert faults == []


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_what_a_later_version_adds_is_ignored(path: Path) -> None:
    body = sample(path)
    grown = grow(body)
    assert grown != body
    assert decode_event(raw(grown)) == decode_event(raw(body))
    assert validator(body["type"]).is_valid(grown)


@pytest.mark.parametrize("path", FACTS, ids=name)
def test_the_hot_path_reads_the_same_fact(path: Path) -> None:
    body = sample(path)
    fact, event = read_fact(raw(body)), decode_event(raw(body))
    assert (fact.id, fact.subject, fact.factkey, fact.sequence) == (
        event.id,
        event.subject,
        event.factkey,
        event.sequence,
    )
    assert (fact.partitionkey, fact.source, fact.recordedtime) == (
        event.partitionkey,
        event.source,
        event.recordedtime,
    )
    assert read_fact(raw(grow(body))) == fact


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_the_same_statement_still_has_the_same_id(path: Path) -> None:
    """Ids tell repetitions from news: were they made another way, every fact would be published once more."""
    event = decode_event(raw(sample(path)))
    place = {
        "source": event.source,
        "subject": event.subject,
        "partition_key": event.partitionkey,
    }
    if isinstance(event.data, FactData):
        again: Event[Any] = fact_event(
            event.data,
            fact_key=event.factkey,
            revision=event.revision,
            recorded_at=event.recordedtime,
            time=event.time,
            **place,
        )
    else:
        again = state_event(event.data, at=event.recordedtime, **place)
    assert again.id == event.id


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_every_optional_field_may_be_absent(path: Path) -> None:
    """What is optional in v1 stays so: a record without it is on a topic somewhere."""
    body = sample(path)
    model = EVENT_TYPES[body["type"]]
    needed = {field for field, info in model.model_fields.items() if info.is_required()}
    bare = {**body, "data": {key: body["data"][key] for key in body["data"] if key in needed}}
    bare.pop("time", None)
    event = decode_event(raw(bare))
    assert {key for key in json.loads(event.to_bytes())["data"] if key not in needed} <= {
        field for field, info in model.model_fields.items() if info.default is not None
    }


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_required_field_that_is_gone_is_named(path: Path) -> None:
    body = sample(path)
    del body["factkey"]
    with pytest.raises(UnreadableEventError, match="factkey"):
        decode_event(raw(body))
    assert not validator(body["type"]).is_valid(body)


def missing(said: Any, again: Any, place: str = "") -> list[str]:
    """Where ``again`` does not hold all that ``said`` holds."""
    if isinstance(said, dict) and isinstance(again, dict):
        return [
            fault
            for key, value in said.items()
            for fault in (
                missing(value, again[key], f"{place}.{key}")
                if key in again
                else [f"{place}.{key} is lost"]
            )
        ]
    if isinstance(said, list) and isinstance(again, list) and len(said) == len(again):
        return [
            fault
            for index, value in enumerate(said)
            for fault in missing(value, again[index], f"{place}[{index}]")
        ]
    return [] if said == again else [f"{place} was {said!r}, came back as {again!r}"]


def grow(node: Any, field: str = "") -> Any:
    """Add a field to every object whose fields are ours; those that map free names are left alone."""
    if isinstance(node, list):
        return [grow(value) for value in node]
    if not isinstance(node, dict):
        return node
    grown = {key: grow(value, key) for key, value in node.items()}
    free_names = {"cells", "raw", "text", "ignored", "columns"}
    return (
        grown if field in free_names else {**grown, "tierlink_next": {"added": [1, "later", None]}}
    )
