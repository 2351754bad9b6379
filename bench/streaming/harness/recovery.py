"""Seconds until an engine works again: with its local state gone, and after ``kill -9``."""

from __future__ import annotations

import time
from typing import Any

from harness.answers import differences
from harness.engines import Engine
from harness.load import Fact
from harness.runs import Finish, Run
from harness.workbench import Filled, Workbench

__all__ = ["from_changelog", "rejoin"]

_KILL_AT = 0.3
_PAUSE_SECONDS = 0.02


def from_changelog(
    bench: Workbench, engine: Engine, keys: int, build_seconds: float, limit_seconds: float
) -> dict[str, Any]:
    """From the start of the process, its state only in the changelog, to the result of an event sent before."""
    filled = bench.filled(keys, placed_only=True)
    with bench.run(engine, filled.topic) as run:
        run.start(filled.total)
        run.await_first()
        try:
            run.await_done(filled.total, build_seconds)
        except Finish as late:
            return {"keys": keys, "not_built": f"{late.done:,} keys in {late.seconds:.0f} s"}
        run.stop()
        run.forget_state()
        line = _send_probe(bench, filled)
        consumer = bench.cluster.consumer(bench.cluster.ends({run.names.output: run.partitions}))
        wanted = filled.load.line_key(line).encode()
        began = time.monotonic()
        try:
            run.start()
            while time.monotonic() - began < limit_seconds:
                message = consumer.poll(_PAUSE_SECONDS)
                if message is not None and not message.error() and message.key() == wanted:
                    return {"keys": keys, "seconds": time.monotonic() - began}
                run.check()
        finally:
            consumer.close()
        return {"keys": keys, "over_limit_seconds": limit_seconds}


def _send_probe(bench: Workbench, filled: Filled) -> int:
    """A receipt of a line that has none yet; engines that come later read it as part of the load."""
    line = filled.total - len(filled.codes)
    bench.cluster.produce(filled.topic, [filled.load.record(line, Fact.RECEIVED)])
    filled.total += 1
    return line


def rejoin(bench: Workbench, engine: Engine, lines: int, limit_seconds: float) -> dict[str, Any]:
    """From ``kill -9`` under load to the first new result, started again at once; and the answer in the end."""
    filled = bench.filled(lines)
    with bench.run(engine, filled.topic) as run:
        run.start()
        run.await_first()
        while _results(run) < filled.total * _KILL_AT:  # results come sooner than commits
            run.check()
            time.sleep(_PAUSE_SECONDS)
        run.kill()
        killed = time.monotonic()
        before = _results(run)
        if not run.lag():
            raise ValueError("all was done before the kill: give it more --lines")
        run.start()
        while _results(run) == before:
            run.check()
            if time.monotonic() - killed > limit_seconds:
                return {"over_limit_seconds": limit_seconds}
            time.sleep(_PAUSE_SECONDS)
        seconds = time.monotonic() - killed
        try:
            run.await_done(filled.total, limit_seconds)
        except Finish as late:
            return {"seconds": seconds, "answer": [f"not finished after {late.seconds:.0f} s"]}
        run.stop()
        return {"seconds": seconds, "answer": differences(run, filled.answer)}


def _results(run: Run) -> int:
    return run.cluster.end(run.names.output, run.partitions)
