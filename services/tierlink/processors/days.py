"""Which day the KPIs are judged as of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tierlink.processors.settings import ProcessorSettings
from tierlink.streaming.delivery import Row
from tierlink.streaming.tables import BatchTable

__all__ = ["AsOf", "Clock", "utc_now"]

Clock: TypeAlias = Callable[[], datetime]

_MARK = b"\x00as-of"
"""Row key of the day; no business key begins with NUL."""


def utc_now() -> datetime:
    """Now, timezone-aware."""
    return datetime.now(UTC)


class AsOf:
    """The day each partition's published KPIs are judged as of.

    It is state: it lies beside the rows it judges. While all is judged anew, the days before and after both lie
    there, so a process that ended in the middle, or slept over midnight, or whose clock was set back, knows what
    may have been published.
    """

    def __init__(self, settings: ProcessorSettings, clock: Clock) -> None:
        self._zone = ZoneInfo(settings.zone)
        self._fixed = settings.as_of
        self._clock = clock
        self._days: dict[int, tuple[date, ...]] = {}
        self._unwritten: set[int] = set()

    def today(self) -> date:
        """The day by the clock, or the fixed one."""
        return self._fixed or self._clock().astimezone(self._zone).date()

    def of(self, partition: int) -> date:
        """The day a partition is judged as of."""
        return self._days[partition][-1]

    async def load(self, partition: int, table: BatchTable) -> None:
        """Learn the day from the partition's rows; today where there are none."""
        (raw,) = await table.get_many(partition, [_MARK])
        self._unwritten.discard(partition)
        if raw is None:
            self._unwritten.add(partition)
            self._days[partition] = (self.today(),)
        else:
            self._days[partition] = tuple(map(date.fromisoformat, raw.decode().split()))

    def is_over(self, partition: int) -> bool:
        """Whether all is to be judged anew: another day has begun, or the last time it was not finished."""
        return self._days[partition] != (self.today(),)

    def mark(self, partition: int) -> list[Row]:
        """The day as a row, to be written before the partition's first rows; nothing when it is there."""
        if partition not in self._unwritten:
            return []
        self._unwritten.discard(partition)
        return [_row(self._days[partition])]

    async def begin_move(self, partition: int, day: date, table: BatchTable) -> tuple[date, ...]:
        """Note that KPIs as of ``day`` are about to be published; returns the days they may be as of now."""
        before = self._days[partition]
        self._days[partition] = tuple(dict.fromkeys((*before, day)))
        await table.write(partition, [_row(self._days[partition])])
        return before

    async def end_move(self, partition: int, day: date, table: BatchTable) -> None:
        """Note that all is published as of ``day``."""
        await table.write(partition, [_row((day,))])
        self._days[partition] = (day,)
        self._unwritten.discard(partition)


def _row(days: tuple[date, ...]) -> Row:
    return (_MARK, " ".join(day.isoformat() for day in days).encode())
