"""From the call that produces an event to the arrival of its line's new result at an independent consumer."""

from __future__ import annotations

import math
import multiprocessing
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import numpy as np
from confluent_kafka import Consumer, Producer

from harness.cluster import PARTITIONER, QUIET
from harness.engines import Engine
from harness.load import Fact, Load, Record, Shape
from harness.workbench import Workbench

__all__ = ["idle", "paced"]

WARM_UP_SECONDS = 10.0
"""Java is still compiling after five."""
HELLO = 200
IDLE_EVENTS = 50
_RECORDS_PER_LINE = 2.2
_TICK_SECONDS = 0.002
_DRAIN_SECONDS = 15.0
_LATE_SECONDS = 0.05
_KEPT = 0.99
_START_SECONDS = 120
_decode = msgspec.json.Decoder(dict[str, str | None]).decode


@dataclass(frozen=True)
class Plan:
    """A paced load: how much, how fast, and which records are probes."""

    shape: Shape
    rate: int
    seconds: float

    @property
    def records(self) -> int:
        return int(self.rate * (WARM_UP_SECONDS + self.seconds))


@dataclass(frozen=True)
class Pace:
    """What the producer did: when each probe was produced, and how well it kept the pace."""

    produced_ns: dict[int, int]
    rate: float
    late_p99_seconds: float


def paced(bench: Workbench, engine: Engine, rate: int, seconds: float) -> dict[str, Any]:
    """Latency at a steady rate."""
    lines = int(rate * (WARM_UP_SECONDS + seconds) / _RECORDS_PER_LINE * 1.1) + 400
    plan = Plan(Shape(lines, bench.seed), rate, seconds)
    load = Load(plan.shape)
    probes = _probes(load, load.shuffled[: plan.records], int(rate * WARM_UP_SECONDS))
    _, topic = bench.new_topic()
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    with bench.run(engine, topic) as run:
        arguments = (theirs, bench.cluster.address, topic, plan, probes)
        producing = spawn.Process(target=_produce_at_pace, args=arguments, daemon=True)
        producing.start()
        run.start()
        ours.recv()  # the records are made
        ours.send("hello")
        run.await_first()
        consumer = bench.cluster.consumer(_at_end(bench, run.names.output))
        try:
            ours.send("go")
            keys = {load.line_key(line).encode(): line for line in probes}
            arrived = _collect(consumer, keys, ours, seconds)
            pace: Pace = ours.recv()
        finally:
            consumer.close()
            producing.join(10)
        run.check()
    bench.cluster.delete([topic])
    return {
        "rate": rate,
        "produced_per_second": pace.rate,
        "pace_late_p99_ms": pace.late_p99_seconds * 1000,
        "pace_kept": pace.rate >= rate * _KEPT and pace.late_p99_seconds < _LATE_SECONDS,
        **_summary(pace.produced_ns, arrived),
    }


def idle(bench: Workbench, engine: Engine, events: int = IDLE_EVENTS) -> dict[str, Any]:
    """Latency of lone events, one a second or so, on a system that does nothing else."""
    load = Load(Shape(events * 3, bench.seed))
    is_plain = ~load.is_split & load.is_whole & ~load.is_revised
    lines = [int(line) for line in np.flatnonzero(is_plain)[:events]]
    _, topic = bench.new_topic()
    bench.cluster.produce(topic, (load.record(line, Fact.PLACED) for line in lines))
    jitter = random.Random(bench.seed)
    with bench.run(engine, topic) as run:
        run.start()
        run.await_first()
        run.await_done(len(lines), _START_SECONDS)
        producer = Producer(_producer_settings(bench.cluster.address, linger_ms=0))
        consumer = bench.cluster.consumer(_at_end(bench, run.names.output))
        produced, arrived = {}, {}
        try:
            consumer.poll(1.0)
            for line in lines:
                key, value = load.record(line, Fact.RECEIVED)
                produced[line] = time.monotonic_ns()
                producer.produce(topic, value, key)
                producer.poll(0)
                wanted = {load.line_key(line).encode(): line}
                arrived |= _arrivals(consumer, wanted, time.monotonic() + 10)
                time.sleep(1 + jitter.random() * 0.5)  # not in step with any interval
        finally:
            consumer.close()
            producer.flush(10)
    bench.cluster.delete([topic])
    return _summary(produced, arrived)


def _probes(load: Load, codes: np.ndarray, after: int) -> dict[int, int]:
    """Lines that one receipt completes, to the place of that receipt: 1 % of the lines, past the warm-up."""
    first: dict[int, int] = {}
    for place, code in enumerate(codes.tolist()):
        if code // 4 % 100 == 7:
            first.setdefault(code, place)
    is_plain = ~load.is_split & load.is_whole & ~load.is_revised
    found = {}
    for code, place in first.items():
        line, fact = divmod(code, 4)
        placed = first.get(line * 4 + Fact.PLACED, place)
        if fact == Fact.RECEIVED and is_plain[line] and placed < place and place >= after:
            found[line] = place
    return found


def _at_end(bench: Workbench, topic: str) -> Mapping[tuple[str, int], int]:
    return bench.cluster.ends({topic: bench.partitions})


def _collect(
    consumer: Consumer, keys: Mapping[bytes, int], producing: Connection, seconds: float
) -> dict[int, int]:
    """Arrivals while records are produced, and for a while after."""
    arrived: dict[int, int] = {}
    latest = time.monotonic() + WARM_UP_SECONDS + seconds * 2 + _DRAIN_SECONDS
    is_over = False
    while len(arrived) < len(keys) and time.monotonic() < latest:
        if not is_over and producing.poll():
            is_over = True
            latest = min(latest, time.monotonic() + _DRAIN_SECONDS)
        arrived |= _arrivals(consumer, keys, time.monotonic() + 0.5, arrived)
    return arrived


def _arrivals(
    consumer: Consumer, keys: Mapping[bytes, int], until: float, known: Iterable[int] = ()
) -> dict[int, int]:
    """When completed lines arrived; returns early when there are no others."""
    arrived: dict[int, int] = {}
    left = len(keys) - len(list(known))
    while len(arrived) < left and time.monotonic() < until:
        message = consumer.poll(0.1)
        if message is None or message.error():
            continue
        line = keys.get(message.key())
        if line is not None and _decode(message.value())["result"] != "open":
            arrived.setdefault(line, time.monotonic_ns())
    return arrived


def _summary(produced: Mapping[int, int], arrived: Mapping[int, int]) -> dict[str, Any]:
    """Percentiles in milliseconds over all probes; None where it is one that never arrived."""
    seconds = sorted(
        (arrived[line] - at) / 1e9 if line in arrived else math.inf for line, at in produced.items()
    )

    def at(share: float) -> float | None:
        found = seconds[min(int(share * len(seconds)), len(seconds) - 1)]
        return None if math.isinf(found) else found * 1000

    return {
        "probes": len(seconds),
        "missing": sum(map(math.isinf, seconds)),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "max_ms": at(1.0),
    }


def _producer_settings(address: str, linger_ms: int) -> dict[str, Any]:
    return {
        "bootstrap.servers": address,
        "partitioner": PARTITIONER,
        "linger.ms": linger_ms,
        "queue.buffering.max.messages": 1_000_000,
        **QUIET,
    }


def _produce_at_pace(
    orders: Connection, address: str, topic: str, plan: Plan, probes: Mapping[int, int]
) -> None:
    """A process of its own. Records are made before the clock runs."""
    load = Load(plan.shape)
    codes = load.shuffled[: plan.records]
    records: list[Record] = list(load.records(codes))
    producer = Producer(_producer_settings(address, linger_ms=1))
    orders.send("made")
    orders.recv()
    for key, value in records[:HELLO]:
        producer.produce(topic, value, key)
    producer.flush(30)
    orders.recv()
    orders.send(_keep_pace(producer, topic, records, plan.rate, probes))
    producer.flush(60)


def _keep_pace(
    producer: Producer,
    topic: str,
    records: list[Record],
    rate: int,
    probes: Mapping[int, int],
) -> Pace:
    line_at = {place: line for line, place in probes.items()}
    produced: dict[int, int] = {}
    late: list[float] = []
    began, sent = time.monotonic(), HELLO
    count = len(records)
    while sent < count:
        now = time.monotonic()
        due = min(HELLO + int((now - began) * rate), count)
        if due == sent:
            time.sleep(_TICK_SECONDS)
            continue
        late.append(now - began - (sent - HELLO) / rate)
        for place in range(sent, due):
            key, value = records[place]
            if place in line_at:
                produced[line_at[place]] = time.monotonic_ns()
            producer.produce(topic, value, key)
        producer.poll(0)
        sent = due
    seconds = time.monotonic() - began
    late.sort()
    return Pace(produced, (count - HELLO) / seconds, late[int(len(late) * 0.99)])
