"""A stock ledger reckoned day by day: from counts and movements to balances, flows and costs.

Rules, all of them pure functions of the facts up to ``as_of``:

- One unit: that of the latest count; without counts that of most movements, the alphabetically first of
  equals. Facts in another unit are left out and the result is marked ``mixed_units``.
- Of several counts on one day the one said last holds (recorded time, sequence, id); likewise unit costs.
- A negative movement is a movement the other way.
- The reckoned balance starts before the first fact at what makes the first count come out right, or at 0
  without counts. A later count re-anchors it; the difference is ``unexplained``.
- Ledgers of counts alone: a decrease from one count to the next is consumption, an increase is inflow.
- Consumption is what went out by issue, by sale or for a reason nobody gave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tierlink.kpi.ledger import Ledger, live_facts
from tierlink.kpi.statements import Counted, Money, Moved
from tierlink.schemas.stock import Direction, MovementReason

__all__ = ["Account", "StockDay", "keep_account"]

ZERO = Decimal(0)
_CONSUMPTION = (MovementReason.ISSUE, MovementReason.SALE, MovementReason.UNKNOWN)


@dataclass(slots=True)
class StockDay:
    """A day on which something is stated. ``balance`` is at its end; ``cost`` is the newest stated that day."""

    inflow: Decimal = ZERO
    outflow: Decimal = ZERO
    consumed: Decimal = ZERO
    counted: Decimal | None = None
    cost: Money | None = None
    unexplained: Decimal = ZERO
    balance: Decimal = ZERO


@dataclass(slots=True)
class Account:
    """A reckoned stock ledger.

    Attributes:
        opening: balance before the first day.
        days: only days with facts, in order; the balance stands still between them.
        holder_name: newest name stated, likewise ``item_name``.
    """

    unit: str
    has_movements: bool
    has_mixed_units: bool
    opening: Decimal
    holder: str
    holder_name: str | None
    site: str
    item: str
    item_name: str | None
    days: dict[date, StockDay] = field(default_factory=dict)


def keep_account(ledger: Ledger, as_of: date) -> Account | None:
    """Reckon one item at one site; None when nothing is stated up to ``as_of``."""
    stated = [one for one in _statements(ledger) if _day(one) <= as_of]
    if not stated:
        return None
    unit = _unit(stated)
    kept = [one for one in stated if one.quantity.unit == unit]
    newest = kept[-1]
    account = Account(
        unit=unit,
        has_movements=any(isinstance(one, Moved) for one in kept),
        has_mixed_units=len(kept) < len(stated),
        opening=ZERO,
        holder=newest.holder.id,
        holder_name=next((one.holder.name for one in reversed(kept) if one.holder.name), None),
        site=newest.site,
        item=newest.item.id,
        item_name=next((one.item.name for one in reversed(kept) if one.item.name), None),
        days={day: StockDay() for day in sorted({_day(one) for one in kept})},
    )
    for one in kept:
        _enter(account.days[_day(one)], one)
    _reckon(account)
    return account


def _statements(ledger: Ledger) -> Iterator[Counted | Moved]:
    """What is said of stock, in story order."""
    for fact in live_facts(ledger):
        if isinstance(fact.data, Counted) or isinstance(fact.data, Moved):  # noqa: SIM101 building a union costs more
            yield fact.data


def _day(one: Counted | Moved) -> date:
    return one.counted_on if isinstance(one, Counted) else one.moved_on


def _unit(stated: Sequence[Counted | Moved]) -> str:
    """The unit to reckon in. ``stated`` is in story order, so max takes the count said last on a day."""
    counts = [
        (one.counted_on, place, one) for place, one in enumerate(stated) if isinstance(one, Counted)
    ]
    if counts:
        return max(counts, key=lambda count: count[:2])[2].quantity.unit
    votes = Counter(one.quantity.unit for one in stated)
    return min(votes, key=lambda unit: (-votes[unit], unit))


def _enter(day: StockDay, one: Counted | Moved) -> None:
    """Book a fact; facts come in story order, so the last count and cost of a day stand."""
    if one.unit_cost is not None and one.unit_cost.amount > 0:
        day.cost = one.unit_cost
    if isinstance(one, Counted):
        day.counted = Decimal(one.quantity.value)
        return
    quantity = abs(one.quantity.value)
    is_in = (one.direction is Direction.IN) == (one.quantity.value >= 0)
    if is_in:
        day.inflow += quantity
        return
    day.outflow += quantity
    if one.reason in _CONSUMPTION:
        day.consumed += quantity


def _reckon(account: Account) -> None:
    """Fill in the opening balance, and each day's balance and unexplained difference."""
    net = ZERO
    for day in account.days.values():
        net += day.inflow - day.outflow
        if day.counted is not None:
            account.opening = day.counted - net
            break
    balance = account.opening
    for day in account.days.values():
        reckoned = balance + day.inflow - day.outflow
        balance = reckoned if day.counted is None else day.counted
        day.balance = balance
        if account.has_movements:
            day.unexplained = balance - reckoned
        elif balance < reckoned:
            day.outflow = day.consumed = reckoned - balance
        else:
            day.inflow = balance - reckoned
