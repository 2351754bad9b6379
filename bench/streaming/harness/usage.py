"""Processor time and memory of a process with its children, sampled while it runs."""

from __future__ import annotations

import bisect
import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Sample", "Usage", "cpu_seconds"]

_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """At one moment: processor seconds until then, and resident bytes."""

    at_ns: int
    cpu: float
    rss: int


class Usage:
    """Samples a process until it ends or :meth:`stop` is called."""

    def __init__(self, pid: int) -> None:
        self.samples: list[Sample] = []
        self.peak_rss = 0
        self._process = psutil.Process(pid)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sample no more."""
        self._is_over.set()
        self._thread.join()

    def cpu_between(self, begin_ns: int, end_ns: int) -> float:
        """Processor seconds from one moment to another."""
        return self._cpu_at(end_ns) - self._cpu_at(begin_ns)

    def rss_at(self, at_ns: int) -> int:
        """Resident bytes at a moment."""
        times = [sample.at_ns for sample in self.samples]
        return self.samples[min(bisect.bisect(times, at_ns), len(times) - 1)].rss

    def _cpu_at(self, at_ns: int) -> float:
        times = [sample.at_ns for sample in self.samples]
        after = bisect.bisect(times, at_ns)
        if after == 0:
            return self.samples[0].cpu
        if after == len(times):
            return self.samples[-1].cpu
        left, right = self.samples[after - 1], self.samples[after]
        share = (at_ns - left.at_ns) / (right.at_ns - left.at_ns)
        return left.cpu + share * (right.cpu - left.cpu)

    def _watch(self) -> None:
        while not self._is_over.wait(_PAUSE_SECONDS):
            try:
                sample = self._sample()
            except psutil.NoSuchProcess:
                if self._process.is_running():
                    continue  # a child went while it was looked at
                return
            self.samples.append(sample)
            self.peak_rss = max(self.peak_rss, sample.rss, _high_water(self._process.pid))

    def _sample(self) -> Sample:
        cpu, rss = 0.0, 0
        for one in [self._process, *self._process.children(recursive=True)]:
            times = one.cpu_times()
            cpu += times.user + times.system
            rss += one.memory_info().rss
        return Sample(time.time_ns(), cpu, rss)


def cpu_seconds(pid: int) -> float:
    """Processor seconds of one process until now."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _high_water(pid: int) -> int:
    """``VmHWM`` of a process, where the system tells."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
