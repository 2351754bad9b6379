"""Totals per supplier, part and month, kept up to date line by line with exact integer counts.

A line counts in the month of its ``window_to`` and in the period ``all``; without a date only in ``all``, as
undated. Adding and removing in any order gives the same totals, so a shell may rebuild them at start.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tierlink.kpi.periods import ALL, month_of
from tierlink.kpi.rates import rate, wilson
from tierlink.schemas.kpis import LineAssessed, LineState, OnTimeDeliveryPublished
from tierlink.schemas.values import Item, Party, join_key

__all__ = ["Tally", "TallyKey"]

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


@dataclass(slots=True)
class _Totals:
    lines: int = 0
    due: int = 0
    not_late: int = 0
    in_window: int = 0
    in_full: int = 0
    overdue: int = 0
    undated: int = 0
    supplier_names: Counter[str] = field(default_factory=Counter)
    item_names: Counter[str] = field(default_factory=Counter)

    def count(self, line: LineAssessed, sign: int) -> None:
        """Add (1) or take away (-1) a line."""
        self.lines += sign
        self.due += sign * line.is_due
        self.not_late += sign * bool(line.is_not_late)
        self.in_window += sign * bool(line.is_in_window)
        self.in_full += sign * bool(line.is_in_full)
        self.overdue += sign * (line.is_due and line.state in _OPEN)
        self.undated += sign * (line.window_to is None)
        _count_name(self.supplier_names, line.supplier.name, sign)
        _count_name(self.item_names, line.item.name if line.item else None, sign)


class Tally:
    """Totals in memory. Not a state to trust across restarts: rebuild it from the assessed lines."""

    def __init__(self) -> None:
        self._totals: dict[TallyKey, _Totals] = {}

    def add(self, line: LineAssessed) -> list[TallyKey]:
        """Count a line in. Returns the totals it changed."""
        keys = _keys(line)
        for key in keys:
            self._totals.setdefault(key, _Totals()).count(line, 1)
        return keys

    def remove(self, line: LineAssessed) -> list[TallyKey]:
        """Count out a line that was added exactly like this. Returns the totals it changed.

        Raises:
            ValueError: no line like it is counted in; the totals are unchanged.
        """
        keys = _keys(line)
        if any(key not in self._totals for key in keys):
            raise ValueError(f"removing line {line.line_id}: it was never added")
        for key in keys:
            totals = self._totals[key]
            totals.count(line, -1)
            if totals.lines == 0:
                del self._totals[key]
        return keys

    def totals(self) -> list[TallyKey]:
        """All totals there are, sorted."""
        return sorted(self._totals, key=lambda key: (key.supplier, key.item or "", key.period))

    def published(
        self, key: TallyKey, as_of: date, policy_id: str
    ) -> OnTimeDeliveryPublished | None:
        """The KPI event of a total; None (a tombstone) when no line is left in it."""
        totals = self._totals.get(key)
        if totals is None:
            return None
        interval = wilson(totals.not_late, totals.due)
        return OnTimeDeliveryPublished(
            supplier=Party(id=key.supplier, name=_common(totals.supplier_names)),
            item=Item(id=key.item, name=_common(totals.item_names)) if key.item else None,
            period=key.period,
            as_of=as_of,
            policy_id=policy_id,
            lines=totals.lines,
            due=totals.due,
            not_late=totals.not_late,
            in_window=totals.in_window,
            in_full=totals.in_full,
            overdue=totals.overdue,
            undated=totals.undated,
            otd=rate(totals.not_late, totals.due),
            otd_low=interval[0] if interval else None,
            otd_high=interval[1] if interval else None,
            otd_window=rate(totals.in_window, totals.due),
            otif=rate(totals.in_full, totals.due),
            coverage=rate(totals.lines - totals.undated, totals.lines),
        )


def _keys(line: LineAssessed) -> list[TallyKey]:
    """Totals a line counts in."""
    items = (None, line.item.id) if line.item else (None,)
    periods = (month_of(line.window_to), ALL) if line.window_to else (ALL,)
    return [TallyKey(line.supplier.id, item, period) for item in items for period in periods]


def _count_name(names: Counter[str], name: str | None, sign: int) -> None:
    if name is None:
        return
    names[name] += sign
    if names[name] == 0:
        del names[name]


def _common(names: Counter[str]) -> str | None:
    """The name most lines give, the alphabetically first of equals: the same in any order of lines."""
    return min(names, key=lambda name: (-names[name], name), default=None)
