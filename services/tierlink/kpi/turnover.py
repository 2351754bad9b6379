"""Inventory turnover of one item at one site, by month and over all (domain 6.8).

``turns = flow / average balance x 365 / days measured``; the average is the time-weighted mean of
end-of-day balances from the first fact's day (or the month's first) to the month's end (or ``as_of``).
By value where a cost is known from the period's first day on and all costs up to its end are in one
currency: each day's balance and consumption at the newest cost stated up to that day. Else by quantity.

Notes, comma-separated in this order: ``negative_stock`` (a balance or the average below zero), ``no_stock``
(average zero), ``no_movement`` (nothing consumed), ``from_counts`` (consumption is the decrease between
counts), ``mixed_units`` (facts in another unit were left out).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from tierlink.kpi.balances import Account, StockDay, keep_account
from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.periods import ALL, month_span, months
from tierlink.kpi.rates import exactly, plain, rounded
from tierlink.kpi.results import InventoryTurnover
from tierlink.kpi.statements import Item, Money, Party
from tierlink.schemas.kpis import TurnoverBasis
from tierlink.schemas.values import join_key

__all__ = ["TurnoverChanges", "step", "turnover"]

TurnoverChanges: TypeAlias = dict[str, tuple[InventoryTurnover | None, InventoryTurnover | None]]
"""``holder|site|item|period`` to (before, after); None where there is no such period."""

ZERO = Decimal(0)
DAYS_OF_YEAR = Decimal(365)


def step(ledger: Ledger, facts: Iterable[Fact], as_of: date) -> tuple[Ledger, TurnoverChanges]:
    """Take facts into one stock ledger.

    Returns:
        The new ledger, and only those periods whose turnover is not what it was.
    """
    merged, changed = merge(ledger, facts)
    if not changed:
        return ledger, {}
    before, after = turnover(ledger, as_of), turnover(merged, as_of)
    return merged, {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    }


def turnover(ledger: Ledger, as_of: date) -> dict[str, InventoryTurnover]:
    """Measure every month from the first fact's to that of ``as_of``, and all of them together.

    Facts dated after ``as_of`` are not known yet. Work grows with facts plus months, not with days.
    """
    with exactly():
        account = keep_account(ledger, as_of)
        if account is None:
            return {}
        results = (_published(account, period, as_of) for period in _periods(account, as_of))
        keyed = {
            join_key(account.holder, account.site, account.item, one.period): one for one in results
        }
    return dict(sorted(keyed.items()))


@dataclass(slots=True)
class _Period:
    """Sums over ``[start, end)``; ``*_value`` are at cost and mean nothing once ``is_costed`` is false."""

    name: str
    start: date
    end: date
    opening: Decimal
    cost: Money | None
    currencies: set[str]
    is_costed: bool = True
    inflow: Decimal = ZERO
    outflow: Decimal = ZERO
    consumed: Decimal = ZERO
    consumed_value: Decimal = ZERO
    unexplained: Decimal = ZERO
    balance_days: Decimal = ZERO
    value_days: Decimal = ZERO
    lowest: Decimal | None = None
    closing: Decimal = field(init=False)
    reached: date = field(init=False)

    def __post_init__(self) -> None:
        self.closing, self.reached = self.opening, self.start

    def stand_still_until(self, day: date) -> None:
        """Hold the balance over ``[reached, day)``."""
        span = (day - self.reached).days
        if span <= 0:
            return
        self.reached = day
        self.balance_days += self.closing * span
        self.lowest = self.closing if self.lowest is None else min(self.lowest, self.closing)
        if self.cost is None:
            self.is_costed = False
        else:
            self.value_days += self.closing * self.cost.amount * span

    def enter(self, on: date, day: StockDay) -> None:
        """Go on to a day with facts."""
        self.stand_still_until(on)
        self.inflow += day.inflow
        self.outflow += day.outflow
        self.consumed += day.consumed
        self.unexplained += day.unexplained
        self.closing = day.balance
        if day.cost is not None:
            self.cost = day.cost
            self.currencies.add(day.cost.currency)
        if self.cost is not None:
            self.consumed_value += day.consumed * self.cost.amount


def _periods(account: Account, as_of: date) -> list[_Period]:
    """Walk the days once, month by month, and once for all of them."""
    first = next(iter(account.days))
    after = as_of + timedelta(days=1)
    whole = _Period(ALL, first, after, account.opening, None, set())
    every: list[_Period] = []
    balance, cost, currencies = account.opening, None, set[str]()
    days = iter([*account.days.items(), (after, StockDay())])
    on, day = next(days)
    for name in months(first, after):
        start, end = month_span(name)
        start, end = max(start, first), min(end, after)
        month = _Period(name, start, end, balance, cost, set(currencies))
        while on < end:
            month.enter(on, day)
            whole.enter(on, day)
            on, day = next(days)
        month.stand_still_until(end)
        every.append(month)
        balance, cost, currencies = month.closing, month.cost, month.currencies
    whole.stand_still_until(after)
    return [*every, whole]


def _published(account: Account, period: _Period, as_of: date) -> InventoryTurnover:
    days = (period.end - period.start).days
    by_value = period.is_costed and len(period.currencies) == 1
    flow = period.consumed_value if by_value else period.consumed
    balance_days = period.value_days if by_value else period.balance_days
    has_stock = balance_days > 0
    return InventoryTurnover(
        holder=Party(id=account.holder, name=account.holder_name),
        site=account.site,
        item=Item(id=account.item, name=account.item_name),
        period=period.name,
        as_of=as_of,
        period_days=days,
        basis=TurnoverBasis.VALUE if by_value else TurnoverBasis.QUANTITY,
        unit=next(iter(period.currencies)) if by_value else account.unit,
        averaging="time_weighted",
        opening=plain(period.opening),
        closing=plain(period.closing),
        inflow=plain(period.inflow),
        outflow=plain(period.outflow),
        unexplained=plain(period.unexplained),
        average_balance=rounded(balance_days / days),
        flow=plain(flow),
        turns=rounded(flow * DAYS_OF_YEAR / balance_days) if has_stock else None,
        turnover_days=rounded(balance_days / flow) if has_stock and flow > 0 else None,
        note=_note(account, period, flow, balance_days),
    )


def _note(account: Account, period: _Period, flow: Decimal, balance_days: Decimal) -> str | None:
    lowest = ZERO if period.lowest is None else period.lowest
    notes = {
        "negative_stock": lowest < 0 or balance_days < 0,
        "no_stock": balance_days == 0,
        "no_movement": flow == 0,
        "from_counts": not account.has_movements,
        "mixed_units": account.has_mixed_units,
    }
    return ",".join(note for note, holds in notes.items() if holds) or None
