"""The small judgements around the pure core."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec import Raw
from pydantic import ValidationError

from flow import supply_chain
from tierlink.kpi import on_time
from tierlink.kpi.facts import UnreadableFactError, read_fact
from tierlink.kpi.ledger import Ledger, encode, merge
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.processors import main
from tierlink.processors.assessing import read_measurement
from tierlink.processors.days import AsOf
from tierlink.processors.dead_letters import LETTER_BYTES_MAX, dead_letter
from tierlink.processors.events import kpi_record
from tierlink.processors.intake import read_record
from tierlink.processors.measuring import supplier_partition
from tierlink.processors.quiet import SeldomRepeated
from tierlink.processors.rows import (
    PACKED_OVER_BYTES,
    OrderRow,
    RowCodec,
    Section,
    StockRow,
    published,
)
from tierlink.processors.settings import ProcessorSettings
from tierlink.schemas.catalogue import UnreadableEventError, decode_event
from tierlink.streaming.delivery import partition_of
from unit.streaming.records import record

FACTS = [read_fact(event.to_bytes()) for event in supply_chain.events(1, orders=4, items=0)]
LEDGER, _ = merge(Ledger(), FACTS)
LINE = next(iter(on_time.measure(LEDGER, DEFAULT_POLICY).values()))


def settings(**given) -> ProcessorSettings:
    return ProcessorSettings(home=Path("/home/x"), **given)


@pytest.mark.parametrize("facts", [FACTS[:1], FACTS * 3])
def test_a_row_comes_back_as_it_was_written(facts):
    codec = RowCodec(OrderRow)
    sections = {
        str(number): Section(
            Raw(encode(merge(Ledger(), [fact])[0])), {"line|1": published(2, b"12345678")}
        )
        for number, fact in enumerate(facts)
    }
    row = OrderRow("me", (("line|1", 3), ("行|2", 0)), is_entangled=True, sections=sections)
    raw = codec.encode(row)

    assert codec.decode(raw) == row
    assert raw[:1] == (b"m" if len(raw) <= PACKED_OVER_BYTES and len(facts) == 1 else b"z")


@pytest.mark.parametrize("kind", [OrderRow, StockRow])
def test_only_another_owners_outputs_are_doubtful(kind):
    row = kind("me", ("line",))
    assert row.doubtful("me") == ()
    assert row.doubtful("you") == ("line",)
    assert RowCodec(kind).decode(None).doubtful("me") == ()


def test_a_dead_letter_says_why_and_where_and_is_the_record():
    letter = dead_letter(
        record(17, b"\xff", b"key", "p.orders.line.v1", 3), "no JSON \udc80", "p.", 4
    )

    assert (letter.topic, letter.value) == ("p.dead-letter.event.v1", b"\xff")
    assert letter.key == b"p.orders.line.v1|3|17"
    assert letter.partition == partition_of(letter.key, 4)
    assert dict(letter.headers) == {
        "reason": b"no JSON \\udc80",
        "topic": b"p.orders.line.v1",
        "partition": b"3",
        "offset": b"17",
        "key": b"key",
    }


def test_a_dead_letter_fits_where_its_record_fitted():
    value = b"x" * 1_048_576
    letter = dead_letter(record(0, value, b"k" * 900_000), "large", "p.", 4)

    assert letter.value == value[:LETTER_BYTES_MAX]
    headers = dict(letter.headers)
    assert headers["cut"] == b"1048576"
    assert len(letter.value) + sum(map(len, headers.values())) < 1_048_576 - 1000


@pytest.mark.parametrize("key", [None, b"", b"another|key"])
def test_a_fact_under_another_key_is_refused(key):
    event = supply_chain.events(1, orders=1, items=0)[0]
    assert read_record(record(0, event.to_bytes(), event.partitionkey.encode())).id == event.id
    with pytest.raises(UnreadableFactError, match="record key"):
        read_record(record(0, event.to_bytes(), key))
    with pytest.raises(UnreadableFactError, match="no value"):
        read_record(record(0, None, key))


def test_measurements_are_read_and_anything_else_is_refused():
    sent = kpi_record(
        LINE,
        processor="on-time",
        topic="t",
        partition=0,
        key=LINE.line_id,
        at=datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert sent.value is not None
    assert read_measurement(record(0, sent.value, sent.key)) == LINE
    assert read_measurement(record(0, None, sent.key)) is None
    fact = supply_chain.events(1, orders=1, items=0)[0]
    for value, key in (
        (sent.value, b"other"),
        (sent.value, None),
        (sent.value.replace(b'"buyer":"AC|ME"', b'"buyer":"ACME "'), sent.key),
        (sent.value.replace(b"kpi.line.measured.v1", b"kpi.line.assessed.v1"), sent.key),
        (sent.value.replace(b'"quantity":"', b'"quantity":"x'), sent.key),
        (sent.value.replace(b'"sequence":"0000000001"', b'"sequence":"1"'), sent.key),
        (fact.to_bytes(), sent.key),
        (b"\xff", sent.key),
    ):
        with pytest.raises(UnreadableEventError):
            read_measurement(record(0, value, key))


def test_the_same_statement_has_the_same_id_whenever_it_is_made():
    first, second = (
        kpi_record(
            LINE,
            processor="on-time",
            topic="t",
            partition=0,
            key="k",
            at=datetime(2026, 4, day, tzinfo=UTC),
        )
        for day in (1, 2)
    )
    assert first.value
    assert second.value
    one, two = decode_event(first.value), decode_event(second.value)
    assert one.recordedtime != two.recordedtime
    assert one.model_copy(update={"recordedtime": two.recordedtime}) == two


def test_a_lines_kpis_are_on_its_suppliers_partition():
    lines = on_time.measure(LEDGER, DEFAULT_POLICY).values()
    assert {supplier_partition(line, 4) for line in lines} == {
        partition_of(line.supplier.id.encode(), 4) for line in lines
    }


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", 10), ("Europe/Berlin", 9), ("UTC", 9)])
def test_the_day_ends_in_its_zone(zone: str, day: int):
    late = datetime(2026, 4, 9, 16, 30, tzinfo=UTC)
    assert AsOf(settings(zone=zone), lambda: late).today() == date(2026, 4, day)


def test_a_fixed_day_does_not_end():
    fixed = date(2026, 1, 1)
    assert AsOf(settings(as_of=fixed), lambda: datetime.now(UTC)).today() == fixed


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Asia/Atlantis"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"as_of": "yesterday"},
        {"instance": "../0"},
        {"broker_heartbeat_seconds": 5},
        {"broker_session_seconds": 1},
    ],
    ids=str,
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERLINK_ZONE", "Europe/Berlin")
    monkeypatch.setenv("TIERLINK_AS_OF", "2026-04-10")
    monkeypatch.setenv("TIERLINK_INSTANCE", "b")
    found = settings()
    assert (found.zone, found.as_of) == ("Europe/Berlin", date(2026, 4, 10))
    assert found.folder("on-time") == Path("/home/x/faust/on-time-b")
    assert found.ready_file("on-time") == Path("/home/x/run/on-time-b.ready")
    assert settings(instance="0").ready_file("on-time") == Path("/home/x/run/on-time.ready")


def test_changelogs_are_named_as_faust_names_them():
    given = settings(topic_prefix="p.")
    wanted = dict(main.topics(given, 6))
    tables = [
        table.changelog_topic_name
        for build in main.PROCESSORS.values()
        for table in build(given).faust.tables.values()
    ]
    assert sorted(wanted) == sorted(tables)
    assert set(wanted.values()) == {6}


def test_libraries_repeat_themselves_seldom_and_we_are_always_heard():
    now = [0.0]
    keep = SeldomRepeated(30, lambda: now[0]).filter

    def said(name: str, text: str) -> bool:
        return keep(logging.LogRecord(name, logging.ERROR, "", 0, text, (), None))

    assert said("aiokafka", "cannot connect to %s")
    assert not said("aiokafka", "cannot connect to %s")
    assert said("aiokafka", "something else")
    assert all(said("tierlink.streaming", "again") for _ in range(3))
    now[0] = 31
    assert said("aiokafka", "cannot connect to %s")
