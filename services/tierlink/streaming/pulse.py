"""Noticing that this process stood still for so long that another may have its partitions (reliability F9).

A frozen process wakes with records in its hands that are older than what the new owner has written meanwhile.
"""

from __future__ import annotations

import threading
import time

from tierlink.streaming.ending import end_process

__all__ = ["Pulse"]

_BEAT_SECONDS = 0.25
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while a machine is suspended, where the system has such a clock."""


class Pulse:
    """Beats in a thread of its own, so that a busy event loop is not taken for a frozen process."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._beat_at = time.clock_gettime(_CLOCK)

    def start(self) -> None:
        """Begin to beat, until the process ends."""
        self._beat_at = time.clock_gettime(_CLOCK)
        threading.Thread(target=self._beat, name="pulse", daemon=True).start()

    def check(self) -> None:
        """End the process if it stood still too long; to be asked right before anything leaves it."""
        gap = time.clock_gettime(_CLOCK) - self._beat_at
        if gap > self._limit:
            end_process(f"stood still for {gap:.1f} s; another process may have the partitions")

    def _beat(self) -> None:
        while True:
            time.sleep(_BEAT_SECONDS)
            self.check()
            self._beat_at = time.clock_gettime(_CLOCK)
