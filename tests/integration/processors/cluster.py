"""What the tests of the processors share: topics of their own, a log to put on them, and what comes out."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from flow import oracle, supply_chain
from tierlink.broker.lag import group_lag
from tierlink.broker.topics import create_topics, wanted_topics
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.processors.config import app_id
from tierlink.processors.main import topics
from tierlink.processors.settings import ProcessorSettings
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.envelope import Event, fact_event
from tierlink.schemas.orders import LinePlaced
from tierlink.schemas.topics import (
    DEFAULT_PARTITIONS,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    LINE_MEASUREMENTS,
    ORDERS,
    RECEIPTS,
    SHIPMENTS,
    STOCK,
    Topic,
)
from tierlink.schemas.values import Actor, Party

T = TypeVar("T")
AS_OF = date(2026, 4, 10)
TESTS = Path(__file__).parents[2]
WORKER = "integration.processors.worker"
KPI_TOPICS = (KPI_LINES, KPI_OTD, KPI_TURNOVER)
STAGES = (
    ("on-time", (ORDERS, SHIPMENTS, RECEIPTS)),
    ("on-time", (LINE_MEASUREMENTS,)),
    ("turnover", (STOCK,)),
)
_HOMES = {".stock.": STOCK, ".goods.": RECEIPTS, ".shipment.": SHIPMENTS, ".purchaseorder.": ORDERS}


_TOLD_AT = re.compile(rb'"recordedtime":"[^"]*"')


def _given_path() -> list[str]:
    return [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []


def home_of(event: Event[Any]) -> Topic:
    """The topic a fact belongs on; a retraction goes where its target went."""
    kind = getattr(event.data, "retracted_type", event.type)
    return next(topic for part, topic in _HOMES.items() if part in kind)


class Sent(NamedTuple):
    """A record for a topic."""

    topic: Topic
    key: bytes | None
    value: bytes | None


def log_of(events: Iterable[Event[Any]]) -> list[Sent]:
    return [Sent(home_of(event), event.partitionkey.encode(), event.to_bytes()) for event in events]


def shuffled(log: list[Sent], random: Random) -> list[Sent]:
    """Another order, every third record once or twice more."""
    records = log + random.choices(log, k=len(log) // 3)
    random.shuffle(records)
    return records


@dataclass
class Chain:
    """One installation: a prefix on the broker and a home folder, with its worker processes."""

    kafka: str
    home: Path
    prefix: str = field(default_factory=lambda: f"p-{uuid.uuid4().hex[:8]}.")
    as_of: date | None = AS_OF
    partitions: int = DEFAULT_PARTITIONS
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def create(self) -> None:
        settings = ProcessorSettings(kafka=self.kafka, topic_prefix=self.prefix, home=self.home)
        wanted = wanted_topics(self.prefix, topics(settings, self.partitions), self.partitions)
        asyncio.run(create_topics(self.kafka, wanted))

    def send(self, records: Iterable[Sent]) -> None:
        async def produce() -> None:
            producer = AIOKafkaProducer(bootstrap_servers=self.kafka, linger_ms=5)
            await asyncio.wait_for(producer.start(), 30)
            try:
                sent = [
                    await producer.send(
                        one.topic.full_name(self.prefix), key=one.key, value=one.value
                    )
                    for one in records
                ]
                await asyncio.wait_for(asyncio.gather(*sent), 60)
            finally:
                await asyncio.wait_for(producer.stop(), 30)

        asyncio.run(produce())

    def start(self, name: str, instance: str = "0", **extra: str) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "TIERLINK_KAFKA": self.kafka,
            "TIERLINK_TOPIC_PREFIX": self.prefix,
            "TIERLINK_HOME": str(self.home),
            "TIERLINK_INSTANCE": instance,
            "PYTHONPATH": os.pathsep.join([str(TESTS), *_given_path()]),
            "TIERLINK_BROKER_SESSION_SECONDS": "6",
            "TIERLINK_BROKER_HEARTBEAT_SECONDS": "1",
            **extra,
        }
        if self.as_of is not None:
            env["TIERLINK_AS_OF"] = self.as_of.isoformat()
        self.home.mkdir(parents=True, exist_ok=True)
        self.ready_file(name, instance).unlink(missing_ok=True)  # one that was killed left it
        with (self.home / f"{name}-{instance}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", WORKER, name],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(process)
        return process

    def ready_file(self, name: str, instance: str = "0") -> Path:
        return ProcessorSettings(home=self.home, instance=instance).ready_file(name)

    def await_ready(self, name: str, instance: str = "0") -> None:
        file = self.ready_file(name, instance)
        await_that(file.exists, f"{name} is ready", self)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait(30)
        self.workers.remove(process)

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        self.workers.remove(process)
        return code

    def kill_all(self) -> None:
        for process in list(self.workers):
            self.kill(process)

    def group(self, name: str) -> str:
        return app_id(ProcessorSettings(topic_prefix=self.prefix), name)

    def full(self, sources: Iterable[Topic]) -> list[str]:
        return [topic.full_name(self.prefix) for topic in sources]

    def await_done(self, *names: str) -> None:
        """Wait until everything sent is processed."""
        for name, sources in STAGES:
            if not names or name in names:
                group, full = self.group(name), self.full(sources)
                await_that(
                    partial(self.has_read, group, full),
                    f"{name} has read {full}",
                    self,
                )

    def has_read(self, group: str, full: list[str]) -> bool:
        return self.lag(group, full) == 0

    def lag(self, group: str, full: list[str]) -> int | None:
        """Records of the topics the group has not committed yet; None when the broker cannot say."""
        try:
            return asyncio.run(group_lag(self.kafka, group, full))
        except (KafkaError, OSError, TimeoutError):
            return None

    def read(self, topic: Topic | str) -> list[Any]:
        """All records of a topic, partition by partition."""
        name = topic if isinstance(topic, str) else topic.full_name(self.prefix)

        async def take(consumer: Any) -> list[Any]:
            await consumer.start()
            parts = [TopicPartition(name, number) for number in range(self.partitions)]
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            ends = await consumer.end_offsets(parts)
            found = []
            for part in parts:
                while await consumer.position(part) < ends[part]:
                    got = await consumer.getmany(part, timeout_ms=500)
                    for records in got.values():
                        found += records
            return found

        async def run() -> list[Any]:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.kafka, enable_auto_commit=False, group_id=None
            )
            return await _limited(take(consumer), consumer.stop)

        return asyncio.run(run())

    def latest(self, topic: Topic) -> dict[tuple[int, bytes], Event[Any]]:
        """The newest record per partition and key, without the one field that tells the time of publishing."""
        newest = {(one.partition, one.key): one.value for one in self.read(topic)}
        return {
            place: decode_event(value).model_copy(update={"recordedtime": None})
            for place, value in newest.items()
            if value is not None
        }

    def published(
        self, topics: Iterable[Topic] = KPI_TOPICS
    ) -> dict[tuple[str, int, bytes], bytes]:
        """The newest of all KPIs, byte for byte, without the one field that tells the time of publishing."""
        return {
            (topic.name, one.partition, one.key): _TOLD_AT.sub(b"", one.value)
            for topic in topics
            for one in {(one.partition, one.key): one for one in self.read(topic)}.values()
            if one.value is not None
        }

    def results(self) -> dict[str, dict[tuple[int, bytes], Event[Any]]]:
        return {topic.name: self.latest(topic) for topic in KPI_TOPICS}


async def _limited(call: Awaitable[T], close: Callable[[], Awaitable[Any]]) -> T:
    try:
        return await asyncio.wait_for(call, 60)
    finally:
        await asyncio.wait_for(close(), 30)


def await_that(holds: Callable[[], bool], about: str, chain: Chain, seconds: float = 90) -> None:
    """Wait for a condition.

    Raises:
        AssertionError: it does not come, or a worker has ended.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        ended = [one.args for one in chain.workers if one.poll() is not None]
        logs = "\n".join(file.read_text()[-3000:] for file in sorted(chain.home.glob("*.log")))
        assert not ended, f"waiting until {about}: {ended} ended\n{logs}"
        assert time.monotonic() < deadline, f"waited {seconds} s until {about}\n{logs}"
        time.sleep(0.1)


def assert_equals_oracle(chain: Chain, log: Iterable[Sent]) -> None:
    """The KPI topics say what SQL over the log says, each key on one partition."""
    raw = [one.value for one in log if one.value]
    results = chain.results()
    for found in results.values():
        assert len({key for _, key in found}) == len(found)
    lines, totals, periods = ([one.data for one in found.values()] for found in results.values())
    found_lines = {
        line.line_id: dict(line)
        | {"supplier": line.supplier.id, "item": line.item and line.item.id}
        for line in lines
    }
    assert_rows(found_lines, oracle.lines(raw, AS_OF, DEFAULT_POLICY))
    found_totals = {
        (one.supplier.id, one.item and one.item.id, one.period): dict(one) for one in totals
    }
    assert_rows(found_totals, oracle.on_time(raw, AS_OF, DEFAULT_POLICY))
    found_periods = {
        (one.holder.id, one.site, one.item.id, one.period): dict(one) for one in periods
    }
    assert_rows(found_periods, oracle.turnover(raw, AS_OF))


def assert_rows(found: dict[Any, dict[str, Any]], expected: dict[Any, dict[str, Any]]) -> None:
    """Every field the oracle reckons is the same; what it reckons in floats, to six places."""
    assert set(found) == set(expected)
    for key, row in expected.items():
        for name, value in row.items():
            mine = found[key][name]
            if isinstance(value, float) and mine is not None:
                assert abs(float(mine) - value) < 2e-6 + abs(value) * 1e-9, (key, name)
            else:
                assert mine == value, (key, name)


def supply_log(seed: int, orders: int = 40, items: int = 12) -> list[Sent]:
    """A supply chain in which some orders go to another supplier, so that lines change their partition."""
    events = supply_chain.events(seed, orders=orders, items=items)
    placed = [
        one
        for one in events
        if isinstance(one.data, LinePlaced) and one.data.asserted_by is Actor.BUYER
    ]
    moved = [
        fact_event(
            one.data.model_copy(update={"supplier": Party(id=f"S{number % 7}")}),
            source=one.source,
            fact_key=one.factkey,
            revision=one.revision + 10,
            recorded_at=one.recordedtime,
        )
        for number, one in enumerate(placed[::5])
    ]
    return log_of([*events, *moved])
