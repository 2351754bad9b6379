"""A broker and its tables in memory, that crash wherever one likes: thousands of crashes a minute, each repeatable.

The real ones are killed in ``tests/integration/processors``; this looks for the schedule that breaks a processor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.processors.assessing import LineAssessor
from tierlink.processors.days import AsOf
from tierlink.processors.intake import DeadLetters
from tierlink.processors.measuring import LineMeasurer
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.topics import (
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    LINE_MEASUREMENTS,
    ORDERS,
    STOCK,
    Topic,
)
from tierlink.streaming.agents import Processor
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import Outgoing, Row, partition_of
from tierlink.streaming.metrics import Metrics
from unit.streaming.records import record

PARTITIONS = 3
METRICS = Metrics("world", "0", Path())
PREFIX = "w."
SECOND_ORDERS = "w.more-orders"
"""Facts of one order lie on several topics, read in any order to each other."""


class CrashError(Exception):
    """The process is killed here."""


class World:
    """What outlives a process: topics, tables and committed offsets; and what day it is."""

    def __init__(self, random: Random, day: date) -> None:
        self.random = random
        self.day = day
        self.calls_left: int | None = None
        self.topics: dict[tuple[str, int], list[tuple[bytes, bytes | None]]] = defaultdict(list)
        self.tables: dict[tuple[str, int], dict[bytes, bytes]] = defaultdict(dict)
        self.committed: dict[tuple[str, int], int] = defaultdict(int)
        self.crashes = 0

    def now(self) -> datetime:
        return datetime.combine(self.day, time(12), UTC)

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        self.topics[topic, partition_of(key, PARTITIONS)].append((key, value))

    def reaches(self, amount: int) -> int:
        """How many of the things to be done are done: all, or some where the process is killed."""
        if self.calls_left is None:
            return amount
        self.calls_left -= 1
        return self.random.randint(0, amount) if self.calls_left < 0 else amount

    def results(self, topic: Topic) -> dict[tuple[int, bytes], Any]:
        """The newest of each key; what tells when it was said left out."""
        newest = {
            (partition, key): value
            for (name, partition), rows in self.topics.items()
            if name == topic.full_name(PREFIX)
            for key, value in rows
        }
        return {
            place: decode_event(value).data.model_copy(update={"as_of": None})
            for place, value in newest.items()
            if value is not None
        }

    def all_results(self) -> dict[str, dict[tuple[int, bytes], Any]]:
        return {topic.name: self.results(topic) for topic in (KPI_LINES, KPI_OTD, KPI_TURNOVER)}


class WorldDelivery:
    """Sends to the world; of a crash each partition has got a part, in order."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def partitions(self, topic: str) -> int:
        return PARTITIONS

    async def send(self, records: Iterable[Outgoing]) -> None:
        places: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for one in records:
            places[one.topic, one.partition].append(one)
        is_killed = False
        for place, some in places.items():
            arrived = 0 if is_killed else self._world.reaches(len(some))
            self._world.topics[place] += [(one.key, one.value) for one in some[:arrived]]
            is_killed = is_killed or (self._world.calls_left or 0) < 0
        if is_killed:
            raise CrashError


class WorldTable:
    """A table recovered from its changelog: of a crash it has a beginning of the rows."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self.name = name
        self.delivery = WorldDelivery(world)
        self.metrics = METRICS

    async def get_many(self, partition: int, keys: Sequence[bytes]) -> list[bytes | None]:
        rows = self._world.tables[self.name, partition]
        return [rows.get(key) for key in keys]

    async def write(self, partition: int, items: Sequence[Row]) -> None:
        if not items:
            return
        rows = self._world.tables[self.name, partition]
        for key, value in items[: self._world.reaches(len(items))]:
            if value is None:
                rows.pop(key, None)
            else:
                rows[key] = value
        if (self._world.calls_left or 0) < 0:
            raise CrashError

    def scan(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        yield from sorted(self._world.tables[self.name, partition].items())


class Process:
    """The three processors in one process, from its start to its end."""

    def __init__(self, world: World) -> None:
        self._world = world
        tables: Any = {name: WorldTable(world, name) for name in ("orders", "lines", "stock")}
        delivery: Any = WorldDelivery(world)
        letters = DeadLetters(delivery, PREFIX, METRICS)
        settings = ProcessorSettings(zone="UTC", home=Path())
        days = [AsOf(settings, world.now) for _ in range(2)]
        shared = (letters, PREFIX, DEFAULT_POLICY)
        self._agents: list[tuple[Processor, tuple[str, ...]]] = [
            (
                LineMeasurer(tables["orders"], *shared, world.now),
                (ORDERS.full_name(PREFIX), SECOND_ORDERS),
            ),
            (
                LineAssessor(tables["lines"], *shared, days[0], world.now),
                (LINE_MEASUREMENTS.full_name(PREFIX),),
            ),
            (
                Stocktaker(tables["stock"], letters, PREFIX, days[1], world.now),
                (STOCK.full_name(PREFIX),),
            ),
        ]
        self._positions = dict(world.committed)

    async def open(self) -> None:
        for processor, _ in self._agents:
            for partition in range(PARTITIONS):
                await processor.open(partition)

    async def tick(self) -> None:
        for processor, _ in self._agents:
            for partition in range(PARTITIONS):
                await processor.tick(partition)

    async def work(self, batches: int | None = None) -> None:
        """Handle so many batches of random length in a random order, or all there are; commit now and then."""
        world = self._world
        while batches is None or batches > 0:
            waiting = [
                (processor, place, position)
                for processor, topics in self._agents
                for place, rows in sorted(world.topics.items())
                if place[0] in topics and (position := self._positions.get(place, 0)) < len(rows)
            ]
            if not waiting:
                return
            processor, place, position = world.random.choice(waiting)
            length = world.random.choice((1, 1, 2, 5, 30))
            rows = world.topics[place][position : position + length]
            batch = Batch(
                *place,
                [
                    record(position + number, value, key, *place)
                    for number, (key, value) in enumerate(rows)
                ],
            )
            await processor.handle(batch)
            self._positions[place] = position + len(rows)
            if world.random.random() < 0.5:
                world.committed[place] = self._positions[place]
            if batches is not None:
                batches -= 1
