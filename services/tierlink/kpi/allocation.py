"""Sharing a PO line's arrivals among its schedule lines (domain 6.2), every share explainable.

1. Arrivals that name a schedule line are its own. What that line gave back lowers its latest arrivals.
2. What was given back without naming a line lowers the latest of the arrivals without one.
3. The rest of those fill the lines' open quantities, the earliest baseline first; any surplus is the last's.
4. What a line could not give back under 1 lowers its share; what remains of 2 lowers the lines' arrivals,
   the last line first. Always the latest arrivals go first, so what is left is what came earliest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tierlink.kpi.arrivals import Movement

__all__ = ["share", "share_out"]

ZERO = Decimal(0)


def share(
    lines: Sequence[tuple[str | None, Decimal]],
    arrived: Sequence[Movement],
    taken_back: Sequence[Movement],
) -> list[list[Movement]]:
    """Give each schedule line its accepted arrivals.

    Args:
        lines: (schedule line, ordered quantity), the earliest baseline first.
        arrived: by day; ``sched`` None where any line may take it; a single line takes them all.
        taken_back: reversals and rejections.

    Returns:
        For each line its arrivals by day, net of what was taken back.
    """
    single = len(lines) == 1
    accepted: list[list[Movement]] = []
    debts: list[Decimal] = []
    for sched, _ in lines:
        whose = (sched, None) if single else (sched,)
        own = [one for one in arrived if one.sched in whose]
        back = total([one for one in taken_back if one.sched in whose])
        kept, debt = _lower(own, back)
        accepted.append(kept)
        debts.append(debt)
    if single:
        return accepted
    back = total([one for one in taken_back if one.sched is None])
    pool, debt = _lower([one for one in arrived if one.sched is None], back)
    open_quantities = [
        max(ZERO, quantity - total(kept))
        for (_, quantity), kept in zip(lines, accepted, strict=True)
    ]
    for kept, extra in zip(accepted, share_out(open_quantities, pool), strict=True):
        kept.extend(extra)
        kept.sort(key=lambda one: (one.on, one.ids))
    for position in reversed(range(len(lines))):
        kept, _ = _lower(accepted[position], debts[position])
        accepted[position], debt = _lower(kept, debt)
    return accepted


def share_out(open_quantities: Sequence[Decimal], pool: Iterable[Movement]) -> list[list[Movement]]:
    """First in, first out: each arrival fills the first line that is still open; surplus to the last."""
    shares: list[list[Movement]] = [[] for _ in open_quantities]
    left = list(open_quantities)
    last = len(left) - 1
    position = 0
    for one in pool:
        quantity = one.quantity
        while quantity > 0:
            while position < last and left[position] <= 0:
                position += 1
            part = quantity if position == last else min(quantity, left[position])
            shares[position].append(Movement(one.on, part, one.sched, one.ids))
            left[position] -= part
            quantity -= part
    return shares


def total(movements: Iterable[Movement]) -> Decimal:
    """Sum of quantities."""
    return sum([one.quantity for one in movements], ZERO)


def _lower(arrived: Sequence[Movement], back: Decimal) -> tuple[list[Movement], Decimal]:
    """Take ``back`` off the latest arrivals; also returns what could not be taken off."""
    kept = list(arrived)
    back = max(ZERO, back)
    while back > 0 and kept:
        latest = kept.pop()
        if latest.quantity > back:
            kept.append(Movement(latest.on, latest.quantity - back, latest.sched, latest.ids))
            return kept, ZERO
        back -= latest.quantity
    return kept, back
