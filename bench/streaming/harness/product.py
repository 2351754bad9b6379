"""The product's own on-time worker on the same topic. Not a peer: it does more than the job.

It keeps whole purchase orders with every fact's history, matches receipts that name no line, judges by the day, and
publishes lines and totals by supplier, part and month through a second topic.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from harness.cluster import Cluster
from harness.runs import EngineDiedError
from harness.usage import Usage
from harness.workbench import Filled, Workbench
from tierlink.broker.topics import create_topics, wanted_topics
from tierlink.processors.config import app_id
from tierlink.processors.main import topics
from tierlink.processors.settings import ProcessorSettings
from tierlink.schemas.topics import KPI_LINES, KPI_OTD, LINE_MEASUREMENTS
from tierlink.supervisor.children import die_with_parent

__all__ = ["LABEL", "NAME", "measure"]

NAME = "on-time"
LABEL = "tierlink worker on-time (does more: full KPI)"
_PAUSE_SECONDS = 0.1
_STILL_SECONDS = 1.5


class _Worker:
    """The worker as its command line starts it."""

    def __init__(self, bench: Workbench, filled: Filled) -> None:
        self._cluster: Cluster = bench.cluster
        self._partitions = bench.partitions
        self._log = bench.folder / f"{filled.prefix}on-time.log"
        self._topic = filled.topic
        home = bench.folder / f"{filled.prefix}home"
        self._settings = ProcessorSettings(
            kafka=bench.cluster.address, topic_prefix=filled.prefix, home=home
        )
        self._environment = {
            "TIERLINK_KAFKA": bench.cluster.address,
            "TIERLINK_TOPIC_PREFIX": filled.prefix,
            "TIERLINK_HOME": str(home),
            "TIERLINK_AS_OF": "2026-12-31",
            "TIERLINK_ZONE": "UTC",
        }
        changelogs = topics(self._settings, self._partitions)
        self._measured = LINE_MEASUREMENTS.full_name(filled.prefix)
        outputs = [one.full_name(filled.prefix) for one in (KPI_LINES, KPI_OTD)]
        own = [name for name, _ in changelogs if NAME in name]
        self._written = dict.fromkeys([self._measured, *outputs, *own], self._partitions)
        self.lines_topic = outputs[0]
        wanted = wanted_topics(filled.prefix, changelogs, self._partitions)
        asyncio.run(create_topics(bench.cluster.address, wanted))

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("tierlink")), "worker", NAME]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 it calls the system only
            )
        self.usage = Usage(self._process.pid)

    def written(self) -> int:
        return sum(self._cluster.ends(self._written).values())

    def lag(self) -> int:
        read = {self._topic: self._partitions, self._measured: self._partitions}
        done = self._cluster.committed(app_id(self._settings, NAME), read)
        ends = self._cluster.ends(read)
        return sum(end - done.get(place, 0) for place, end in ends.items())

    def check(self) -> None:
        if self._process.poll() is not None:
            tail = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise EngineDiedError(f"{LABEL} ended with {self._process.returncode}: {tail}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.usage.stop()


def measure(bench: Workbench, filled: Filled, limit_seconds: float) -> dict[str, Any]:
    """Events a second from the first row written to everything committed in both halves."""
    worker = _Worker(bench, filled)
    worker.start()
    try:
        began = time.monotonic()
        before = worker.written()
        while (size := worker.written()) == before:
            worker.check()
            if time.monotonic() - began > limit_seconds:
                raise TimeoutError(f"{LABEL} wrote nothing in {limit_seconds:.0f} s")
            time.sleep(_PAUSE_SECONDS)
        first_ns = grown_ns = time.time_ns()
        settled_ns = 0
        while not settled_ns or time.time_ns() - max(settled_ns, grown_ns) < _STILL_SECONDS * 1e9:
            worker.check()
            if time.monotonic() - began > limit_seconds:
                return {"events": filled.total, "over_limit_seconds": limit_seconds}
            if (now := worker.written()) != size:
                size, grown_ns, settled_ns = now, time.time_ns(), 0
            if worker.lag():
                settled_ns = 0
            elif not settled_ns:
                settled_ns = time.time_ns()
            time.sleep(_PAUSE_SECONDS)
        end_ns = max(settled_ns, grown_ns)
        seconds = (end_ns - first_ns) / 1e9
        cpu = worker.usage.cpu_between(first_ns, end_ns)
        peak = worker.usage.peak_rss
    finally:
        worker.stop()
    lines = {message.key() for message in bench.cluster.read(worker.lines_topic, bench.partitions)}
    if len(lines) != len(filled.answer.lines):
        raise ValueError(f"{LABEL} published {len(lines)} of {len(filled.answer.lines)} lines")
    return {
        "events": filled.total,
        "seconds": seconds,
        "events_per_second": filled.total / seconds,
        "cpu_seconds_per_million": cpu / filled.total * 1e6,
        "events_per_cpu_second": filled.total / cpu,
        "peak_rss_mb": peak / 1e6,
    }
