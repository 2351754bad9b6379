"""What a worker tells Prometheus: counted per batch, never per record."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

__all__ = ["Metrics"]

_NAMESPACE = "tierlink"
_SUBSYSTEM = "stream"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""0.2 and 0.25 are the aims for one event and for the slowest in a hundred; 10 is the session of the default."""
_RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000, 10_000, 20_000, 50_000)
"""Up to the most the settings allow at once. A worker that is behind fills its batches, so its count stands at the top;
one that keeps up has small ones."""
_RECOVERY_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
"""5 is the aim for a million rows, 10 for being back after kill -9, 300 when a worker that stands still ends."""
_AGE_SECONDS = (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400)
"""The first half is a worker that keeps up, the second one that catches up on minutes, hours or days."""
_DELAY_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10)
"""3 is a missed heartbeat of the defaults, 10 the lost session."""

_KINDS_MAX = 20
_OTHER = "other"


class Metrics:
    """One app's metrics, in a registry of their own. Calls take microseconds and never fail.

    Labels are names from the program's own text and partitions that this worker holds, so their number is bounded:
    what comes from outside (why a record was refused) is cut at 20 different values, and partitions that went to
    another worker are forgotten, so that no two workers tell the lag of one.
    """

    def __init__(self, app_id: str, instance: str, folder: Path) -> None:
        """Nothing is counted yet.

        Args:
            app_id: name of the app.
            instance: which process of the app.
            folder: where its tables are; the free space of that disk is told.
        """
        self.registry = CollectorRegistry(auto_describe=True)
        self._places: set[tuple[str, int]] = set()
        self._recovering: set[tuple[str, int]] = set()
        self._kinds: set[str] = set()
        self._states: set[str] = set()
        self._about_work()
        self._about_place()
        self._about_process(app_id, instance, folder)

    def _about_work(self) -> None:
        self._records = self._counter("records", "Records handled and durable.", "agent", "topic")
        self._batch_records = self._histogram(
            "batch_records", "Records in a batch.", _RECORDS, "agent"
        )
        self._batch_seconds = self._histogram(
            "batch_seconds", "From taking a batch to all its effects durable.", _SECONDS, "agent"
        )
        self._step_seconds = self._histogram(
            "step_seconds", "The reckoning of a batch alone, no input or output.", _SECONDS, "table"
        )
        self._age_seconds = self._histogram(
            "record_age_seconds",
            "Age of a batch's oldest record when all its effects are durable.",
            _AGE_SECONDS,
            "agent",
        )
        self._changelog_seconds = self._histogram(
            "changelog_seconds", "Until the broker has a batch's table rows.", _SECONDS, "table"
        )
        self._changelog_rows = self._counter("changelog_rows", "Table rows written.", "table")
        self._changelog_bytes = self._counter(
            "changelog_bytes", "Keys and values of table rows written.", "table"
        )
        self._output_seconds = self._histogram(
            "output_seconds", "Until the broker has a batch's results.", _SECONDS, "topic"
        )
        self._outputs = self._counter("output_records", "Results written.", "topic")
        self._dead_letters = self._counter(
            "dead_letters", "Records laid aside, by the topic they stood on.", "topic", "reason"
        )

    def _about_place(self) -> None:
        self._partitions = self._gauge("partitions", "Partitions this worker reads.")
        self._rebalances = self._counter("rebalances", "Times the partitions were dealt anew.")
        self._lag = self._gauge("lag_records", "Records not handled yet.", "topic", "partition")
        self._committed = self._gauge(
            "committed_offset", "Offset up to which all is acknowledged.", "topic", "partition"
        )
        self._remaining = self._gauge(
            "recovery_remaining_records",
            "Changelog records a table still has to take in before its partition opens.",
            "table",
            "partition",
        )
        self._recovery_seconds = self._histogram(
            "recovery_seconds", "From losing partitions to having them open.", _RECOVERY_SECONDS
        )
        self._ready = self._gauge("ready", "1 when partitions are open and worked on.")
        self._state = self._gauge("state", "1 for the state the worker is in.", "state")

    def _about_process(self, app_id: str, instance: str, folder: Path) -> None:
        ProcessCollector(registry=self.registry)
        about = {"app": app_id, "instance_name": instance}
        about |= {name.replace("-", "_"): version(name) for name in ("aiokafka", "faust-streaming")}
        Info(_NAMESPACE + "_" + _SUBSYSTEM, "Who this is.", registry=self.registry).info(about)
        self._delay_seconds = self._histogram(
            "loop_delay_seconds", "How late the event loop wakes who sleeps.", _DELAY_SECONDS
        )
        free = self._gauge("disk_free_bytes", "Free space where the tables are.")
        free.set_function(lambda: _free_bytes(folder))

    def batch(
        self, agent: str, records: int, seconds: float, oldest_seconds: float | None = None
    ) -> None:
        """Count a batch whose effects are durable.

        Args:
            agent: that handled it.
            records: in it.
            seconds: since it was taken.
            oldest_seconds: age of its oldest record by the record's own time; None: unknown.
        """
        self._batch_records.labels(agent).observe(records)
        self._batch_seconds.labels(agent).observe(seconds)
        if oldest_seconds is not None:
            self._age_seconds.labels(agent).observe(max(0.0, oldest_seconds))

    def handled(self, agent: str, topic: str, records: int) -> None:
        """Count a batch's records of one topic."""
        self._records.labels(agent, topic).inc(records)

    def step(self, table: str, seconds: float) -> None:
        """Count the pure part of a batch, on the states of a table."""
        self._step_seconds.labels(table).observe(seconds)

    def changelog(self, table: str, rows: int, size: int, seconds: float) -> None:
        """Count rows the broker has acknowledged; ``size`` is that of keys and values in bytes."""
        self._changelog_rows.labels(table).inc(rows)
        self._changelog_bytes.labels(table).inc(size)
        self._changelog_seconds.labels(table).observe(seconds)

    def outputs(self, topic: str, records: int, seconds: float) -> None:
        """Count results the broker has acknowledged."""
        self._outputs.labels(topic).inc(records)
        self._output_seconds.labels(topic).observe(seconds)

    def dead_letters(self, topic: str, count: int, reason_kind: str) -> None:
        """Count records laid aside.

        Args:
            topic: they stood on.
            count: of them.
            reason_kind: one of few words; not the sentence.
        """
        if len(self._kinds) < _KINDS_MAX:
            self._kinds.add(reason_kind)
        kind = reason_kind if reason_kind in self._kinds else _OTHER
        self._dead_letters.labels(topic, kind).inc(count)

    def assignment(self, places: Collection[tuple[str, int]]) -> None:
        """Note the (topic, partition) this worker reads from now on; of others it tells nothing any more."""
        for topic, partition in self._places - set(places):
            for gauge in (self._lag, self._committed):
                gauge.remove(topic, str(partition))
        self._places = set(places)
        self._partitions.set(len(self._places))
        self._rebalances.inc()

    def lag(self, topic: str, partition: int, records: int) -> None:
        """Note how many records are not handled yet."""
        if (topic, partition) in self._places:
            self._lag.labels(topic, str(partition)).set(max(0, records))

    def committed(self, topic: str, partition: int, offset: int) -> None:
        """Note an acknowledged offset."""
        if (topic, partition) in self._places:
            self._committed.labels(topic, str(partition)).set(offset)

    def recovering(self, table: str, partition: int, remaining: int) -> None:
        """Note how many changelog records are still to be taken in."""
        self._recovering.add((table, partition))
        self._remaining.labels(table, str(partition)).set(max(0, remaining))

    def recovered(self, seconds: float) -> None:
        """Count a recovery that is complete."""
        for table, partition in self._recovering:
            self._remaining.remove(table, str(partition))
        self._recovering.clear()
        self._recovery_seconds.observe(seconds)

    def state(self, name: str, *, is_ready: bool) -> None:
        """Note the state in words, one of those the program knows. The observation does it when asked."""
        for other in self._states - {name}:
            self._state.labels(other).set(0)
        self._states.add(name)
        self._state.labels(name).set(1)
        self._ready.set(is_ready)

    def loop_delay(self, seconds: float) -> None:
        """Count how late the event loop was."""
        self._delay_seconds.observe(max(0.0, seconds))

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(
            name, about, labels, namespace=_NAMESPACE, subsystem=_SUBSYSTEM, registry=self.registry
        )

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(
            name, about, labels, namespace=_NAMESPACE, subsystem=_SUBSYSTEM, registry=self.registry
        )

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            name,
            about,
            labels,
            namespace=_NAMESPACE,
            subsystem=_SUBSYSTEM,
            registry=self.registry,
            buckets=buckets,
        )


def _free_bytes(folder: Path) -> float:
    """Free bytes where a folder is or will be; NaN where that cannot be told."""
    for place in (folder, *folder.parents):
        if place.exists():
            return float(shutil.disk_usage(place).free)
    return float("nan")
