"""Totals per supplier, part and month, kept up to date line by line with exact integer counts.

A line counts in the month of its ``window_to`` and in the period ``all``; without a date only in ``all``, as
undated. Adding and removing in any order gives the same totals, so a shell may rebuild them at start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias

from msgspec import Struct

from tierlink.kpi.periods import ALL, month_of
from tierlink.kpi.rates import rate, wilson
from tierlink.kpi.results import LineAssessed, LineMeasured, OnTimeDelivery
from tierlink.kpi.statements import Item, Party
from tierlink.schemas.kpis import LineState
from tierlink.schemas.values import join_key

__all__ = ["Entry", "Tally", "TallyKey", "entry_of"]

_OPEN = (LineState.OVERDUE, LineState.SHORT)


class TallyKey(NamedTuple):
    """What a total is of. ``item`` is None for all parts of the supplier."""

    supplier: str
    item: str | None
    period: str

    @property
    def text(self) -> str:
        """``supplier|item|period``, as on the topic."""
        return join_key(self.supplier, self.item, self.period)


class Counts(NamedTuple):
    """How many lines there are, and of what kind."""

    lines: int
    due: int
    not_late: int
    in_window: int
    in_full: int
    overdue: int
    undated: int


class Entry(Struct, frozen=True, gc=False):
    """What one line is to the totals: those it counts in, and what it counts there."""

    keys: tuple[TallyKey, ...]
    counts: Counts
    supplier_name: str | None
    item_name: str | None

    def is_like(self, other: Entry) -> bool:
        """Whether only the counts differ."""
        return (self.keys, self.supplier_name, self.item_name) == (
            other.keys,
            other.supplier_name,
            other.item_name,
        )


class _Judged(Protocol):
    """A verdict, or a line that has one."""

    @property
    def state(self) -> LineState: ...
    @property
    def is_due(self) -> bool: ...
    @property
    def is_not_late(self) -> bool | None: ...
    @property
    def is_in_window(self) -> bool | None: ...
    @property
    def is_in_full(self) -> bool | None: ...


def entry_of(line: LineMeasured, verdict: _Judged) -> Entry:
    """Count a line by itself."""
    item, due_month = line.item, line.window_to and month_of(line.window_to)
    return Entry(
        _keys(line.supplier.id, item.id if item else None, due_month),
        Counts(
            lines=1,
            due=int(verdict.is_due),
            not_late=int(verdict.is_not_late is True),
            in_window=int(verdict.is_in_window is True),
            in_full=int(verdict.is_in_full is True),
            overdue=int(verdict.is_due and verdict.state in _OPEN),
            undated=int(due_month is None),
        ),
        line.supplier.name,
        item.name if item else None,
    )


@lru_cache(maxsize=16_384)
def _keys(supplier: str, item: str | None, due_month: str | None) -> tuple[TallyKey, ...]:
    """Totals a line counts in."""
    items = (None,) if item is None else (None, item)
    periods = (ALL,) if due_month is None else (due_month, ALL)
    return tuple(TallyKey(supplier, item, period) for item in items for period in periods)


_Names: TypeAlias = dict[str, int]


@dataclass(slots=True)
class _Totals:
    counts: Sequence[int] = (0,) * len(Counts._fields)
    supplier_names: _Names = field(default_factory=dict)
    item_names: _Names = field(default_factory=dict)

    def count(self, entry: Entry, sign: int) -> None:
        """Add (1) or take away (-1) a line."""
        self.change([sign * count for count in entry.counts])
        _count_name(self.supplier_names, entry.supplier_name, sign)
        _count_name(self.item_names, entry.item_name, sign)

    def change(self, by: Sequence[int]) -> None:
        """Add to the counts."""
        self.counts = list(map(int.__add__, self.counts, by))


class Tally:
    """Totals in memory. Not a state to trust across restarts: rebuild it from the assessed lines."""

    def __init__(self) -> None:
        self._totals: dict[TallyKey, _Totals] = {}

    def add(self, line: LineAssessed) -> list[TallyKey]:
        """Count a line in. Returns the totals it changed."""
        return self.move(None, entry_of(line, line))

    def remove(self, line: LineAssessed) -> list[TallyKey]:
        """Count out a line that was added exactly like this. Returns the totals it changed.

        Raises:
            ValueError: no line like it is counted in; the totals are unchanged.
        """
        return self.move(entry_of(line, line), None)

    def move(self, before: Entry | None, after: Entry | None) -> list[TallyKey]:
        """Count a line as ``after`` that was counted as ``before``; None: not at all. Returns the totals it changed.

        Raises:
            ValueError: no line like ``before`` is counted in; the totals are unchanged.
        """
        if before == after:
            return []
        gone, come = before.keys if before else (), after.keys if after else ()
        for key in gone:
            if key not in self._totals:
                raise ValueError(f"removing a line from {key.text}: it was never added")
        if before and after and before.is_like(after):
            change = [more - less for less, more in zip(before.counts, after.counts, strict=True)]
            for key in gone:
                self._totals[key].change(change)
            return list(gone)
        self._count(before, -1)
        self._count(after, 1)
        for key in gone:
            if self._totals[key].counts[0] == 0:
                del self._totals[key]
        return list(dict.fromkeys((*gone, *come)))

    def _count(self, entry: Entry | None, sign: int) -> None:
        if entry is None:
            return
        for key in entry.keys:
            totals = self._totals.get(key)
            if totals is None:
                totals = self._totals[key] = _Totals()
            totals.count(entry, sign)

    def apply(self, moves: Sequence[tuple[Entry | None, Entry | None]]) -> list[TallyKey]:
        """Make all moves (:meth:`move`), or none. Returns the totals they changed.

        Raises:
            ValueError: one cannot be made; the totals are unchanged.
        """
        touched: dict[TallyKey, None] = {}
        for number, (before, after) in enumerate(moves):
            try:
                touched |= dict.fromkeys(self.move(before, after))
            except ValueError:
                for was, became in reversed(moves[:number]):
                    self.move(became, was)
                raise
        return list(touched)

    def totals(self) -> list[TallyKey]:
        """All totals there are, sorted."""
        return sorted(self._totals, key=lambda key: (key.supplier, key.item or "", key.period))

    def published(self, key: TallyKey, as_of: date, policy_id: str) -> OnTimeDelivery | None:
        """The KPI event of a total; None (a tombstone) when no line is left in it."""
        totals = self._totals.get(key)
        if totals is None:
            return None
        counts = Counts(*totals.counts)
        low, high = wilson(counts.not_late, counts.due) or (None, None)
        return OnTimeDelivery(
            supplier=Party(key.supplier, _common(totals.supplier_names)),
            item=Item(key.item, _common(totals.item_names)) if key.item else None,
            period=key.period,
            as_of=as_of,
            policy_id=policy_id,
            lines=counts.lines,
            due=counts.due,
            not_late=counts.not_late,
            in_window=counts.in_window,
            in_full=counts.in_full,
            overdue=counts.overdue,
            undated=counts.undated,
            otd=rate(counts.not_late, counts.due),
            otd_low=low,
            otd_high=high,
            otd_window=rate(counts.in_window, counts.due),
            otif=rate(counts.in_full, counts.due),
            coverage=rate(counts.lines - counts.undated, counts.lines),
        )


def _count_name(names: _Names, name: str | None, sign: int) -> None:
    if name is None:
        return
    count = names.get(name, 0) + sign
    if count:
        names[name] = count
    else:
        del names[name]


def _common(names: _Names) -> str | None:
    """The name most lines give, the alphabetically first of equals: the same in any order of lines."""
    if len(names) <= 1:
        return next(iter(names), None)
    return min(names, key=lambda name: (-names[name], name))
