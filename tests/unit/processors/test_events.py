"""Events of the hot path are those of the contract: ``kpi_record`` gives the bytes of ``state_event``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.processors.events import Statement, kpi_record
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.envelope import content_hash, state_event
from unit.kpi.test_results import FOUND, anything
from unit.kpi.views import model_of

INSTANTS = [
    datetime(2026, 4, 10, 12, tzinfo=UTC),
    datetime(2026, 4, 10, 12, 30, 1, 120_000, tzinfo=UTC),
    datetime(2026, 4, 10, 12, tzinfo=timezone(timedelta(hours=8))),
]


def _is_the_same(result, key: str, at: datetime) -> None:
    model = model_of(result)
    expected = state_event(
        model, source="urn:tierlink:processor:x", subject=key, partition_key=key, at=at
    )
    sent = kpi_record(result, processor="x", topic="t", partition=3, key=key, at=at)
    assert (sent.topic, sent.partition, sent.key) == ("t", 3, key.encode())
    assert sent.value is not None
    assert decode_event(sent.value) == expected
    assert decode_event(sent.value).data == model
    assert decode_event(expected.to_bytes()) == expected


@pytest.mark.parametrize("at", INSTANTS, ids=str)
def test_what_the_core_finds_is_published_as_the_contract_says(at: datetime):
    for result in FOUND:
        _is_the_same(result, "AC%7CME|45|10||", at)


@given(
    anything,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(INSTANTS),
)
def test_whatever_could_be_found_is_published_as_the_contract_says(result, key, at):
    _is_the_same(result, key, at)


def test_an_id_is_a_uuid5_of_what_is_said():
    namespace = uuid5(NAMESPACE_URL, "urn:tierlink:event")
    for result in FOUND[:200]:
        sent = kpi_record(result, processor="x", topic="t", partition=0, key="k", at=INSTANTS[0])
        parts = ("urn:tierlink:processor:x", "k", result.event_type, content_hash(model_of(result)))
        assert sent.value is not None
        assert decode_event(sent.value).id == str(uuid5(namespace, "\x1f".join(parts)))


def test_a_mark_tells_statements_apart():
    marks = {Statement.of(result).mark for result in FOUND}
    assert len(marks) == len({Statement.of(result).content for result in FOUND})
    assert {len(mark) for mark in marks} == {8}
