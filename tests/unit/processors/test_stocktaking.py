"""Whatever is said of stock on whatever day, the topic has what the ledger gives as of that day."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.results import encode
from tierlink.kpi.turnover import turnover
from tierlink.processors import stocktaking
from tierlink.processors.days import AsOf
from tierlink.processors.intake import DeadLetters
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.topics import DEAD_LETTERS, KPI_TURNOVER
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import partition_of
from unit.kpi.order_book import counted, moved, retraction
from unit.kpi.views import struct_of
from unit.processors.world import METRICS, PARTITIONS, PREFIX, World, WorldDelivery, WorldTable
from unit.streaming.records import record

KEY = b"S1|main|M1"
FIRST = date(2026, 3, 30)
_COUNTS = [counted(5 * number, FIRST + timedelta(days=number % 3)) for number in range(6)]
_MOVES = [
    moved("out", 3 * number, FIRST + timedelta(days=number), reason="issue") for number in range(6)
]
POOL = [*_COUNTS, *_MOVES, *map(retraction, _COUNTS[:3]), *map(retraction, _MOVES[:3])]


def taker(world: World) -> Stocktaker:
    table: Any = WorldTable(world, "stock")
    delivery: Any = WorldDelivery(world)
    as_of = AsOf(ProcessorSettings(zone="UTC", home=Path()), world.now)
    found = Stocktaker(table, DeadLetters(delivery, PREFIX, METRICS), PREFIX, as_of, world.now)
    asyncio.run(found.open(0))
    return found


def _on_topic(world: World) -> dict[str, bytes]:
    """The newest of each period; what day it is said on left out."""
    newest = {
        key.decode(): value
        for (name, _), sent in world.topics.items()
        if name == KPI_TURNOVER.full_name(PREFIX)
        for key, value in sent
    }
    return {
        key: _without_day(struct_of(decode_event(value).data))
        for key, value in newest.items()
        if value is not None
    }


def _without_day(period: Any) -> bytes:
    return encode(msgspec.structs.replace(period, as_of=FIRST))


class _Log:
    """Facts as records; the world's clock tells the day."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.offset = 0

    def say(self, found: Stocktaker, facts: list[Any]) -> None:
        events = {id(fact): _bytes(fact) for fact in facts}
        records = [record(self.offset + n, events[id(fact)], KEY) for n, fact in enumerate(facts)]
        self.offset += len(facts)
        asyncio.run(found.handle(Batch("t", 0, records)))


def _bytes(fact: Any) -> bytes:
    """A fact as it lay on the topic."""
    body = {
        name: getattr(fact, name)
        for name in ("id", "source", "type", "subject", "recordedtime", "partitionkey", "factkey")
    }
    data = fact.data or {"retracted_type": f"{fact.family}.v1", "reason": "gone"}
    body |= {"sequence": fact.sequence, "data": data}
    return msgspec.json.encode(body, enc_hook=str)


steps = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.sampled_from(POOL), max_size=3)), max_size=8
)


@given(steps)
@settings(max_examples=150, deadline=None)
def test_the_topic_has_what_the_ledger_gives_as_of_the_day(steps):
    world = World(Random(0), FIRST + timedelta(days=2))
    found, log, whole = taker(world), _Log(world), Ledger()
    for days, facts in steps:
        world.day = FIRST + timedelta(days=days)
        asyncio.run(found.tick(0))
        if facts:
            log.say(found, facts)
            whole = merge(whole, facts)[0]
        expected = turnover(whole, world.day)
        assert _on_topic(world) == {name: _without_day(one) for name, one in expected.items()}


def test_a_new_day_is_no_news_for_months_that_are_over():
    world = World(Random(0), date(2026, 5, 20))
    found, log = taker(world), _Log(world)
    march, april = date(2026, 3, 1), date(2026, 4, 10)
    log.say(found, [counted(100, march), moved("out", 9, march), counted(90, april)])
    world.day += timedelta(days=1)
    asyncio.run(found.tick(0))
    world.topics.clear()
    log.say(found, [moved("out", 5, date(2026, 5, 21), reason="issue")])
    [(_, sent)] = world.topics.items()
    assert sorted(key.decode().rpartition("|")[2] for key, _ in sent) == ["2026-05", "all"]


def test_stock_the_core_fails_for_is_laid_aside_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
):
    world = World(Random(0), FIRST)
    found, log = taker(world), _Log(world)
    log.say(found, [counted(100, FIRST)])
    before, published = dict(world.tables["stock", 0]), _on_topic(world)

    def failing(ledger: Ledger, as_of: date) -> Any:
        raise ZeroDivisionError(f"{len(ledger.facts)} on {as_of}")

    monkeypatch.setattr(stocktaking, "turnover", failing)
    log.say(found, [counted(7, FIRST + timedelta(days=1))])

    letter = b"t|0|1"
    topic = DEAD_LETTERS.full_name(PREFIX), partition_of(letter, PARTITIONS)
    assert [key for key, _ in world.topics[topic]] == [letter]
    assert (world.tables["stock", 0], _on_topic(world)) == (before, published)
