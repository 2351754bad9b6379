"""What the harness tells an engine, and what an engine tells the harness."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SESSION_SECONDS", "Environment", "Progress"]

SESSION_SECONDS = 10.0
HEARTBEAT_SECONDS = 3.0
BATCH_BYTES = 262_144


@dataclass(frozen=True)
class Environment:
    """``BENCH_*``: the same for every engine."""

    kafka: str = field(default_factory=lambda: os.environ["BENCH_KAFKA"])
    group: str = field(default_factory=lambda: os.environ["BENCH_GROUP"])
    topic: str = field(default_factory=lambda: os.environ["BENCH_TOPIC"])
    output: str = field(default_factory=lambda: os.environ["BENCH_OUTPUT"])
    totals: str = field(default_factory=lambda: os.environ["BENCH_TOTALS"])
    state: Path = field(default_factory=lambda: Path(os.environ["BENCH_STATE"]))
    partitions: int = field(default_factory=lambda: int(os.environ["BENCH_PARTITIONS"]))
    expect: int = field(default_factory=lambda: int(os.environ["BENCH_EXPECT"]))
    commit_seconds: float = field(default_factory=lambda: int(os.environ["BENCH_COMMIT_MS"]) / 1000)
    linger_ms: int = field(default_factory=lambda: int(os.environ["BENCH_LINGER_MS"]))


class Progress:
    """Counts records: the first is told to the harness, the last to the engine, which then commits."""

    def __init__(self, expect: int) -> None:
        self._expect = expect
        self._handled = 0

    def begin(self) -> None:
        """To be called before the first records are read."""
        if not self._handled:
            sys.stdout.write(f"FIRST {time.time_ns()}\n")
            sys.stdout.flush()

    def handled(self, records: int) -> bool:
        """Count; returns whether these were the last."""
        before = self._handled
        self._handled += records
        return before < self._expect <= self._handled
