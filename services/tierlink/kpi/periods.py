"""Calendar months and working days. Spans are half-open ``[start, end)``; no clock, no time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

__all__ = ["ALL", "WorkingCalendar", "month_of", "month_span", "months"]

ALL = "all"
"""Name of the period that has no ends."""

_DAY = timedelta(days=1)
_SUMS_KEPT = 16_384


def month_of(day: date) -> str:
    """Name a day's calendar month: ``2026-03``."""
    return f"{day.year:04d}-{day.month:02d}"


def month_span(month: str) -> tuple[date, date]:
    """First day of a month and first day after it.

    Raises:
        ValueError: not ``YYYY-MM``, or December 9999, whose end the calendar does not have.
    """
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def months(start: date, end: date) -> Iterator[str]:
    """Name every month that has a day in ``[start, end)``, in order."""
    day = start.replace(day=1)
    while day < end:
        name = month_of(day)
        yield name
        day = month_span(name)[1]


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days count as working days.

    Attributes:
        weekdays: ISO weekdays worked on, 1 Monday to 7 Sunday.
        holidays: days not worked on in spite of their weekday.
    """

    weekdays: frozenset[int]
    holidays: frozenset[date]

    def works_on(self, day: date) -> bool:
        """Whether goods can be received on a day."""
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day (before it, when negative); the day itself for 0.

        A baseline on a Sunday stays a Sunday: the buyer asked for that day.
        """
        return self._sum(day, count)

    @cached_property
    def _sum(self) -> Callable[[date, int], date]:
        """Sums are walked once: lines have the same few hundred days."""
        return lru_cache(maxsize=_SUMS_KEPT)(self._walk)

    def _walk(self, day: date, count: int) -> date:
        step, end = (_DAY, date.max) if count > 0 else (-_DAY, date.min)
        left = abs(count)
        while left and day != end:
            day += step
            left -= self.works_on(day)
        return day
