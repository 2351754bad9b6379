"""What the measures share: the cluster, a folder, topics that are filled once, and the options of this call."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harness.cluster import KEEP, Cluster
from harness.engines import Engine, Names
from harness.load import Load, Record, Shape
from harness.oracle import Answer, expected
from harness.runs import Run, run_of
from tierlink.schemas.topics import ORDERS

__all__ = ["Filled", "Workbench"]


@dataclass
class Filled:
    """A topic with a load on it. ``total`` grows by records that a measure adds."""

    prefix: str
    topic: str
    load: Load
    codes: np.ndarray
    total: int
    answer: Answer


class Workbench:
    """Fills topics and starts runs under names that are used once."""

    def __init__(
        self, cluster: Cluster, folder: Path, partitions: int, seed: int, console: Console
    ) -> None:
        self.cluster = cluster
        self.folder = folder
        self.partitions = partitions
        self.seed = seed
        self.console = console
        self._numbers = itertools.count(1)
        self._filled: dict[tuple[int, bool], Filled] = {}

    def filled(self, lines: int, *, placed_only: bool = False) -> Filled:
        """A topic with a load of so many lines; the same one when asked again."""
        found = self._filled.get((lines, placed_only))
        if found is None:
            found = self._fill(lines, placed_only=placed_only)
            self._filled[lines, placed_only] = found
        return found

    def _fill(self, lines: int, *, placed_only: bool) -> Filled:
        load = Load(Shape(lines, self.seed))
        checked = load.check()
        codes = load.placed_only if placed_only else load.shuffled
        prefix, topic = self.new_topic()
        told = f"{codes.size:,} events of {lines:,} lines ({checked:,} checked against the models)"
        total = self.produce(topic, load.records(codes), codes.size, told)
        return Filled(prefix, topic, load, codes, total, expected(load, codes))

    def forget(self, filled: Filled) -> None:
        """Delete a topic that no measure needs any more."""
        self._filled = {key: one for key, one in self._filled.items() if one is not filled}
        self.cluster.delete([filled.topic])

    def new_topic(self) -> tuple[str, str]:
        """Create an empty topic for events; returns the prefix and the topic's name."""
        prefix = f"b{next(self._numbers)}."
        topic = ORDERS.full_name(prefix)
        self.cluster.create({topic: KEEP}, self.partitions)
        return prefix, topic

    def produce(self, topic: str, records: Iterable[Record], count: int, told: str) -> int:
        """Put records on a topic, showing how far it is."""
        with self._progress() as progress:
            return self.cluster.produce(
                topic, progress.track(records, total=count, description=told)
            )

    def _progress(self) -> Progress:
        columns = (TextColumn("  {task.description}"), BarColumn(20), MofNCompleteColumn())
        return Progress(*columns, TimeElapsedColumn(), console=self.console, transient=True)

    @contextmanager
    def run(self, engine: Engine, topic: str) -> Iterator[Run]:
        """An engine to start on a topic, under names of its own."""
        number = next(self._numbers)
        names = Names(f"r{number}.{engine.name}.", f"r{number}.{engine.name}", topic)
        with run_of(self.cluster, engine, names, self.partitions, self.folder) as run:
            yield run
