"""What a record means, and which records mean nothing."""

from __future__ import annotations

import json

import pytest

from tierlink.projector.rows import (
    KEY_BYTES_MAX,
    PROJECTED,
    Record,
    UnusableRecordError,
    project_record,
)
from tierlink.schemas.topics import (
    ALL_TOPICS,
    DEAD_LETTERS,
    KPI_LINES,
    KPI_OTD,
    LINE_MEASUREMENTS,
    ORDERS,
    RECEIPTS,
    Topic,
)
from tierlink.store.changes import Changes
from tierlink.store.tables import EventRow, LineRow, OtdRow, SupplierFile
from unit.store.seed import Seed, lineage


def first(seed: Seed, topic: Topic) -> Record:
    return next(record for record in seed.records if record.topic is topic)


def test_every_topic_but_the_internal_ones_is_projected() -> None:
    assert set(ALL_TOPICS) - set(PROJECTED) == {LINE_MEASUREMENTS, DEAD_LETTERS}


def test_every_record_of_the_seed_becomes_a_row(seed: Seed) -> None:
    for record in seed.records:
        changes = Changes()
        project_record(changes, record)
        rows = [row for rows in changes.by_key.values() for row in rows.values()]
        assert rows
        assert all(row is not None for row in rows)


def test_a_fact_of_the_supplier_names_its_file(seed: Seed) -> None:
    changes = Changes()
    project_record(changes, first(seed, ORDERS))
    ((supplier_id, _),) = changes.by_key[SupplierFile]
    assert supplier_id == "100234"
    (event,) = changes.by_key[EventRow].values()
    assert event is not None
    assert event["document"] == lineage("100234", 1, {}).document


def test_a_fact_of_the_buyer_is_not_the_suppliers_file(seed: Seed) -> None:
    changes = Changes()
    project_record(changes, first(seed, RECEIPTS))
    assert SupplierFile not in changes.by_key


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "unknown type"),
        (b"null", "unknown type"),
        (b'{"type": 5}', "unknown type"),
        (b'{"type": "org.tierlink.purchaseorder.line.placed.v99"}', "unknown type"),
        (b'{"type": "org.tierlink.purchaseorder.line.placed.v1"}', "Field required"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_event_is_unusable(value: bytes, reason: str) -> None:
    changes = Changes()
    with pytest.raises(UnusableRecordError, match=reason):
        project_record(changes, Record(ORDERS, 0, 0, b"k", value))
    assert changes.by_key == {}


def test_an_event_of_another_topic_is_unusable(seed: Seed) -> None:
    stray = first(seed, KPI_OTD)
    with pytest.raises(UnusableRecordError, match="does not belong on"):
        project_record(Changes(), Record(ORDERS, 0, 0, stray.key, stray.value))


@pytest.mark.parametrize(
    ("key", "reason"),
    [(None, "no key"), (b"", "no key"), (b"\xff", "UTF-8"), (b"k" * (KEY_BYTES_MAX + 1), "longer")],
)
def test_a_kpi_without_a_usable_key_is_unusable(seed: Seed, key: bytes | None, reason: str) -> None:
    for value in (first(seed, KPI_OTD).value, None):
        changes = Changes()
        with pytest.raises(UnusableRecordError, match=reason):
            project_record(changes, Record(KPI_OTD, 0, 0, key, value))
        assert changes.by_key == {}


def test_a_line_under_another_key_is_unusable(seed: Seed) -> None:
    with pytest.raises(UnusableRecordError, match="key is not the line_id"):
        project_record(Changes(), Record(KPI_LINES, 0, 0, b"other", first(seed, KPI_LINES).value))


def test_a_fact_has_no_tombstone(seed: Seed) -> None:
    with pytest.raises(UnusableRecordError, match="retraction"):
        project_record(Changes(), Record(ORDERS, 0, 0, b"ACME|1", None))


@pytest.mark.parametrize(("topic", "table"), [(KPI_LINES, LineRow), (KPI_OTD, OtdRow)])
def test_a_kpi_tombstone_deletes_its_row(topic: Topic, table: type) -> None:
    changes = Changes()
    project_record(changes, Record(topic, 2, 0, b"k|1", None))
    key = ("k|1", 2) if table is LineRow else ("k|1",)
    assert changes.by_key == {table: {key: None}}


def test_unknown_fields_of_a_newer_writer_are_no_harm(seed: Seed) -> None:
    record = first(seed, ORDERS)
    assert record.value is not None
    body = json.loads(record.value)
    body["data"]["of_tomorrow"] = {"a": 1}
    project_record(Changes(), Record(ORDERS, 0, 0, record.key, json.dumps(body).encode()))
