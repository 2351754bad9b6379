"""Events a second while the state grows: updates of random older keys at 10,000, 100,000, 1,000,000 keys in one run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from harness.answers import check_answer
from harness.engines import Engine
from harness.load import Load, Record, Shape, halves_text
from harness.oracle import Answer, LineResult
from harness.runs import Run
from harness.workbench import Workbench

__all__ = ["Grown", "grow", "measure"]

_PAUSE_SECONDS = 0.1
_CHECKED_KEYS_MOST = 2_000_000


@dataclass(frozen=True)
class Grown:
    """A topic whose state grows. ``windows``: keys, and the first and last record of the updates at that size."""

    topic: str
    load: Load
    windows: Sequence[tuple[int, int, int]]
    total: int
    newest: np.ndarray
    """Quantity of each line in the end, in halves."""


def grow(bench: Workbench, sizes: Sequence[int], window: int) -> Grown:
    """Fill a topic: order lines up to a size, then revisions of random ones among them, for each size."""
    load = Load(Shape(sizes[-1], bench.seed))
    newest = load.quantity.copy()
    windows, at, before = [], 0, 0
    for size in sizes:
        at += size - before
        windows.append((size, at, at + window))
        at, before = at + window, size
    _, topic = bench.new_topic()
    records = _records(load, sizes, window, newest, bench.seed)
    bench.produce(topic, records, at, f"{at:,} events for {sizes[-1]:,} keys")
    return Grown(topic, load, windows, at, newest)


def _records(
    load: Load, sizes: Sequence[int], window: int, newest: np.ndarray, seed: int
) -> Iterator[Record]:
    draw = np.random.default_rng(seed)
    revision, before = 1, 0
    for size in sizes:
        for line in range(before, size):
            yield load.placed(line, 1, load.quantity[line], load.requested_on[line])
        for line in draw.integers(0, size, window).tolist():
            revision += 1
            halves = 2 + (int(load.quantity[line]) + revision) % 9_999
            newest[line] = halves
            yield load.placed(line, revision, halves, load.requested_on[line])
        before = size


def measure(bench: Workbench, engine: Engine, grown: Grown, limit_seconds: float) -> dict[str, Any]:
    """Events a second in each window, by offsets committed.

    Raises:
        WrongAnswerError: the answer is wrong.
    """
    with bench.run(engine, grown.topic) as run:
        run.start(grown.total)
        run.await_first()
        times, done = _follow(run, grown.total, limit_seconds)
        found: dict[str, Any] = {}
        for keys, begin, end in grown.windows:
            if done[-1] < end:
                found[str(keys)] = None
                continue
            began, ended = np.interp([begin, end], done, times)
            found[str(keys)] = (end - begin) / (ended - began)
        assert run.usage is not None
        result = {"events_per_second": found, "peak_rss_mb": run.usage.peak_rss / 1e6}
        if done[-1] >= grown.total and grown.windows[-1][0] <= _CHECKED_KEYS_MOST:
            run.stop()
            check_answer(run, _answer(grown))
        return result


def _follow(run: Run, total: int, limit_seconds: float) -> tuple[list[float], list[int]]:
    """Records committed by time, each change once."""
    times, done = [time.monotonic()], [0]
    while done[-1] < total and time.monotonic() - times[0] < limit_seconds:
        run.check()
        now = run.done()
        if now != done[-1]:
            times.append(time.monotonic())
            done.append(now)
        time.sleep(_PAUSE_SECONDS)
    time.sleep(1.0)  # what a commit does not wait for may still be under way
    return times, done


def _answer(grown: Grown) -> Answer:
    lines, totals = {}, {}
    for line, halves in enumerate(grown.newest.tolist()):
        supplier = grown.load.supplier_id(line)
        quantity = Decimal(halves_text(halves))
        lines[grown.load.line_key(line)] = LineResult(supplier, "open", None, quantity, Decimal(0))
        totals[supplier] = (totals.get(supplier, (0,))[0] + 1, 0, 0)
    return Answer(lines, totals)
