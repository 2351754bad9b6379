"""Orders taken apart into sections and measured in parts are what orders measured as a whole are."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierlink.kpi import ledger, on_time
from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.results import encode
from tierlink.processors.intake import DeadLetters
from tierlink.processors.measuring import LineMeasurer, supplier_partition
from tierlink.processors.rows import OrderRow
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.deliveries import GoodsReceived
from tierlink.schemas.envelope import Event, fact_event
from tierlink.schemas.orders import LinePlaced
from tierlink.schemas.topics import DEAD_LETTERS, LINE_MEASUREMENTS
from tierlink.schemas.values import Actor, Party, Quantity
from tierlink.streaming import stepping
from tierlink.streaming.batches import Batch
from unit.kpi.order_book import OrderBook, march, retraction
from unit.kpi.test_step import order_facts
from unit.kpi.views import struct_of
from unit.processors.world import METRICS, PARTITIONS, PREFIX, World, WorldDelivery, WorldTable
from unit.streaming.records import record

NOW = datetime(2026, 4, 10, tzinfo=UTC)
KEY = b"ACME|4500"


def measurer(world: World) -> LineMeasurer:
    table: Any = WorldTable(world, "orders")
    delivery: Any = WorldDelivery(world)
    letters = DeadLetters(delivery, PREFIX, METRICS)
    found = LineMeasurer(table, letters, PREFIX, DEFAULT_POLICY, lambda: NOW)
    asyncio.run(found.open(0))
    return found


class Order:
    """One order under a measurer: its row between batches, and what lies on the topic."""

    def __init__(self) -> None:
        self.measurer = measurer(World(Random(0), march(1)))
        self.raw: bytes | None = None
        self.published: dict[tuple[bytes, int], bytes] = {}
        self.sent = 0

    def take(self, facts: list[Fact]) -> OrderRow:
        states = {KEY: self.measurer.load(self.raw)}
        rows, outputs = self.measurer.step_batch(0, states, {KEY: facts})
        if KEY in rows:
            self.raw = self.measurer.dump(rows[KEY])
        for output in outputs:
            self.sent += 1
            self.published.pop((output.key, output.partition), None)
            if output.value is not None:
                self.published[output.key, output.partition] = output.value
        return self.measurer.load(self.raw)

    def facts(self) -> Ledger:
        found = Ledger()
        for section in self.measurer.load(self.raw).sections.values():
            found = merge(found, ledger.decode(section.facts).facts.values())[0]
        return found


def _expected(facts: Ledger) -> dict[tuple[bytes, int], bytes]:
    return {
        (line_id.encode(), supplier_partition(line, PARTITIONS)): encode(line)
        for line_id, line in on_time.measure(facts, DEFAULT_POLICY).items()
    }


def _on_topic(order: Order) -> dict[tuple[bytes, int], bytes]:
    return {
        place: encode(struct_of(decode_event(value).data))
        for place, value in order.published.items()
    }


@pytest.mark.parametrize("lines", [("10", "20"), ("10", "10", "20", None), ("10", "2|0")])
@given(data=st.data(), random=st.randoms(use_true_random=False), size=st.integers(1, 5))
@settings(max_examples=120)
def test_batch_by_batch_the_topic_has_what_the_whole_ledger_measures(lines, data, random, size):
    facts = data.draw(order_facts(lines=lines))
    moved = [fact for fact in facts if random.random() < 0.2]
    again = facts + moved
    random.shuffle(again)
    order = Order()
    whole = Ledger()
    for place in range(0, len(again), size):
        some = again[place : place + size]
        order.take(some)
        whole = merge(whole, some)[0]
        assert ledger.encode(order.facts()) == ledger.encode(whole)
        assert _on_topic(order) == _expected(whole)


@given(order_facts(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_equal_orders_have_equal_sections_however_they_came_about(facts, random):
    first, second = Order(), Order()
    row = first.take(facts)
    shuffled = facts + facts[:3]
    random.shuffle(shuffled)
    for fact in shuffled:
        other = second.take([fact])
    assert row.is_entangled == other.is_entangled
    assert row.sections == other.sections
    assert list(row.sections) == list(other.sections)


def test_a_new_fact_reads_and_publishes_its_own_line_only(monkeypatch: pytest.MonkeyPatch):
    book = OrderBook()
    for number in range(1, 9):
        book.placed(100, po_line=str(number), requested_on=march(9))
    order = Order()
    order.take(book.facts)
    assert order.sent == 8
    decoded: list[int] = []
    decode = ledger.decode

    def counting(raw: Any) -> Ledger:
        found = decode(raw)
        decoded.append(len(found.facts))
        return found

    monkeypatch.setattr(ledger, "decode", counting)
    order.take([book.received(60, march(3), po_line="3")])
    assert order.sent == 9
    assert sum(decoded) == 1


def test_in_an_entangled_order_too_only_the_lines_a_fact_may_concern_are_measured(
    monkeypatch: pytest.MonkeyPatch,
):
    book = OrderBook()
    for number in range(1, 9):
        book.placed(100, po_line=str(number), item=f"M{number}", requested_on=march(9))
    order = Order()
    row = order.take([*book.facts, book.promised(march(8), po_line=None, item="M1")])
    assert row.is_entangled
    measured: list[str] = []
    measure = on_time._measure_group

    def noting(group: Any, *rest: Any) -> Any:
        measured.append(group.key[1])
        return measure(group, *rest)

    monkeypatch.setattr(on_time, "_measure_group", noting)
    order.take([book.received(60, march(3), po_line=None, item="M3")])
    order.take([book.received(60, march(3), po_line="4")])
    assert measured == ["3", "4"]
    order.take([retraction(book.facts[-2])])
    assert measured == ["3", "4", "3"]
    order.take([book.placed(5, po_line="9", item="M3")])
    assert measured == ["3", "4", "3", "9"]
    order.take([book.delivered(march(3), shipment_id="P", po_line="2")])
    assert len(measured) == 4 + 9
    assert _on_topic(order) == _expected(order.facts())


def test_a_repeated_fact_writes_and_publishes_nothing():
    book = OrderBook()
    facts = [book.placed(100), book.received(5, march(1))]
    order = Order()
    row = order.take(facts)
    rows, outputs = order.measurer.step_batch(0, {KEY: row}, {KEY: facts})
    assert (rows, list(outputs)) == ({}, [])


def test_a_fact_that_changes_no_line_is_kept_and_publishes_nothing():
    book = OrderBook()
    order = Order()
    order.take([book.placed(100)])
    order.take([book.changed(quantity=Quantity(value=7), asserted_by=Actor.SUPPLIER)])
    assert order.sent == 1
    assert len(order.facts().facts) == 2


# What cannot be taken in


def _placed(po_no: str, number: int = 0) -> Event:
    return fact_event(
        LinePlaced(
            buyer="ACME",
            po_no=po_no,
            po_line=str(number),
            supplier=Party(id="S1"),
            asserted_by=Actor.BUYER,
            quantity=Quantity(value=100),
        ),
        source="urn:tierlink:connector:test",
        fact_key=f"{po_no}/{number}",
        revision=1,
        recorded_at=NOW,
    )


def _received(po_no: str) -> Event:
    return fact_event(
        GoodsReceived(
            buyer="ACME",
            po_no=po_no,
            po_line="0",
            asserted_by=Actor.BUYER,
            received_on=march(3),
            quantity=Quantity(value=100),
        ),
        source="urn:tierlink:connector:test",
        fact_key=f"{po_no}/r",
        revision=1,
        recorded_at=NOW,
    )


def _handle(world: World, events: list[Event], found: LineMeasurer | None = None) -> None:
    records = [
        record(offset, event.to_bytes(), event.partitionkey.encode())
        for offset, event in enumerate(events)
    ]
    asyncio.run((found or measurer(world)).handle(Batch("t", 0, records)))


def _letters(world: World) -> list[bytes]:
    topic = DEAD_LETTERS.full_name(PREFIX)
    return sorted(
        key for (name, _), rows in world.topics.items() if name == topic for key, _ in rows
    )


def _state(world: World) -> tuple[dict[bytes, list[Any]], dict[tuple[int, bytes], Any]]:
    rows = {
        key: [
            (name, bytes(section.facts), section.lines)
            for name, section in measurer(world).load(raw).sections.items()
        ]
        for key, raw in world.tables["orders", 0].items()
    }
    newest = {
        (partition, key): decode_event(value).data
        for (name, partition), sent in world.topics.items()
        if name == LINE_MEASUREMENTS.full_name(PREFIX)
        for key, value in sent
        if value is not None
    }
    return rows, newest


def test_facts_that_make_a_row_too_large_are_laid_aside_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(stepping, "ROW_BYTES_MAX", 3000)
    usual, full = World(Random(0), march(1)), World(Random(0), march(1))
    others = [_placed("1"), _placed("2"), _received("1")]
    too_many = [_placed("9", number) for number in range(40)]
    _handle(usual, others)
    _handle(full, [others[0], *too_many[:20], *others[1:], *too_many[20:]])

    refused = len(_letters(full))
    assert 20 < refused < 40
    assert _letters(usual) == []
    rows, lines = _state(full)
    assert len(rows.pop(b"ACME|9")) == 40 - refused
    assert (rows, {place: line for place, line in lines.items() if line.po_no != "9"}) == (
        _state(usual)
    )


def test_an_order_near_its_limit_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stepping, "ROW_BYTES_MAX", 3000)
    world = World(Random(0), march(1))
    found = measurer(world)
    for number in range(20):
        _handle(world, [_placed("9", number), _received("8")], found)
    refused = len(_letters(world))
    assert 5 < refused < 15
    rows, lines = _state(world)
    assert len(rows[b"ACME|9"]) == 20 - refused == len(lines)
    assert all(len(raw) <= 3000 for raw in world.tables["orders", 0].values())


def test_facts_the_core_fails_for_are_laid_aside_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
):
    usual, troubled = World(Random(0), march(1)), World(Random(0), march(1))
    others = [_placed("1"), _placed("2"), _received("1")]
    measure = on_time.measure

    def failing(some: Ledger, policy: Any) -> Any:
        if any(fact.partitionkey == "ACME|9" for fact in some.facts.values()):
            raise ZeroDivisionError("division by zero")
        return measure(some, policy)

    monkeypatch.setattr(on_time, "measure", failing)
    _handle(usual, others)
    _handle(troubled, [_placed("9"), *others])

    assert _letters(troubled) == [b"t|0|0"]
    assert _state(troubled) == _state(usual)
