"""A log a person can read: what the libraries repeat ten times a second while the broker is away, once in a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

__all__ = ["SeldomRepeated", "quieten"]

_LIBRARIES = ("aiokafka", "faust", "mode")
_SECONDS = 30.0


class SeldomRepeated(logging.Filter):
    """Lets a library's message pass once in a time; our own always."""

    def __init__(
        self, seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._said_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to let a message pass."""
        if record.name.partition(".")[0] not in _LIBRARIES:
            return True
        what, now = (record.name, str(record.msg)[:200]), self._clock()
        if now - self._said_at.get(what, float("-inf")) < self._seconds:
            return False
        self._said_at[what] = now
        return True


def quieten() -> None:
    """Only warnings of the libraries, and those seldom, on every handler there is."""
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(SeldomRepeated())
