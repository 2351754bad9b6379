"""What was agreed for a schedule line: quantity, dates, the baseline it is measured against (domain 6.1).

Rules, all of them pure functions of the facts:

- Terms come from placed facts, the buyer's before the supplier's, the newest first, each term from the
  first fact that has it.
- Promises are ordered by recorded time, then the day they were given if stated, then (sequence, id).
- Only the buyer's own books can move the baseline: a changed fact asserted by anyone else is ignored.
- Baseline: the first promise (FIRST_PROMISE). After the buyer's latest change of the requested date: the
  first promise recorded later than that change, else the changed date (BUYER_CHANGE). Without promise or
  change the requested date (REQUESTED), else none.
- A changed quantity holds when the change was made no later than the line was due, is in the line's unit
  and was recorded no earlier than the placed terms (an order export shows changed terms as well).
- A cancellation or change takes effect on the day it states, else on the day it was recorded (UTC).
- The first cancellation in effect names who cancelled. A carrier cannot cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from tierlink.kpi.ledger import said_at
from tierlink.kpi.matching import Group, OrderFact, Said, by_preference
from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.statements import (
    Cancelled,
    Changed,
    Item,
    Money,
    OrderStatement,
    Party,
    Placed,
    Promised,
)
from tierlink.schemas.kpis import BaselineBasis
from tierlink.schemas.values import Actor

__all__ = ["UNKNOWN_SUPPLIER", "Terms", "terms_of"]

UNKNOWN_SUPPLIER = Party("(unknown)")
"""Stands where no fact of a line names a supplier, so that the line is seen and not lost."""


class Terms(Struct, frozen=True, gc=False):
    """Terms of one schedule line. ``deciding`` are the facts they come from."""

    buyer: str
    po_no: str
    po_line: str | None
    sched_line: str | None
    item: Item | None
    supplier: Party
    quantity: Decimal
    unit: str
    unit_price: Money | None
    ordered_on: date | None
    requested_on: date | None
    first_promised_on: date | None
    last_promised_on: date | None
    baseline_on: date | None
    baseline_basis: BaselineBasis
    window_from: date | None
    window_to: date | None
    cancelled_by: str | None
    cancelled_on: date | None
    deciding: tuple[OrderFact[Any], ...]


def terms_of(group: Group, sched: str | None, policy: OtdPolicy) -> Terms:
    """Read the terms of one schedule line of a group."""
    said = group.concerning(sched)
    placed = by_preference(said.of(Placed))
    says = [entry.says for entry in placed]
    promises = sorted(said.of(Promised), key=_given_at)
    changes = said.of(Changed)
    moved = _latest_move(changes)
    baseline_on, basis = _baseline(says, promises, moved)
    window_to = baseline_on and policy.calendar.add(baseline_on, policy.late_days)
    quantity, unit, sized_by = _quantity(group, placed, changes, window_to)
    cancel = _first_cancel(said.of(Cancelled))
    deciding = (*placed, *promises, *sized_by)
    if moved is not None:
        deciding = (*deciding, moved)
    if cancel is not None:
        deciding = (*deciding, cancel[1])
    return Terms(
        buyer=says[0].buyer,
        po_no=says[0].po_no,
        po_line=group.key[1] if group.key[0] == "line" else None,
        sched_line=sched,
        item=_item(says),
        supplier=_supplier(says, said),
        quantity=quantity,
        unit=unit,
        unit_price=next((one.unit_price for one in says if one.unit_price), None),
        ordered_on=next((one.ordered_on for one in says if one.ordered_on), None),
        requested_on=_requested(says, moved),
        first_promised_on=promises[0].says.promised_on if promises else None,
        last_promised_on=promises[-1].says.promised_on if promises else None,
        baseline_on=baseline_on,
        baseline_basis=basis,
        window_from=baseline_on and policy.calendar.add(baseline_on, -policy.early_days),
        window_to=window_to,
        cancelled_by=cancel[1].says.asserted_by.value if cancel else None,
        cancelled_on=cancel[0] if cancel else None,
        deciding=deciding,
    )


def _given_at(entry: OrderFact[Promised]) -> tuple[object, ...]:
    """Sort key of promises, the first given first."""
    return (entry.fact.recordedtime, entry.says.stated_on or date.max, *said_at(entry.fact)[1:])


def _latest_move(changes: Sequence[OrderFact[Changed]]) -> OrderFact[Changed] | None:
    """The buyer's newest change of the requested date."""
    for entry in reversed(changes):
        if entry.says.requested_on is not None and entry.says.asserted_by is Actor.BUYER:
            return entry
    return None


def _requested(says: list[Placed], moved: OrderFact[Changed] | None) -> date | None:
    if moved is not None:
        return moved.says.requested_on
    return next((one.requested_on for one in says if one.requested_on), None)


def _baseline(
    says: list[Placed],
    promises: Sequence[OrderFact[Promised]],
    moved: OrderFact[Changed] | None,
) -> tuple[date | None, BaselineBasis]:
    if moved is not None:
        promises = [e for e in promises if e.fact.recordedtime > moved.fact.recordedtime]
    if promises:
        return promises[0].says.promised_on, BaselineBasis.FIRST_PROMISE
    requested = _requested(says, moved)
    if requested is None:
        return None, BaselineBasis.NONE
    return requested, BaselineBasis.BUYER_CHANGE if moved else BaselineBasis.REQUESTED


def _quantity(
    group: Group,
    placed: Sequence[OrderFact[Placed]],
    changes: Sequence[OrderFact[Changed]],
    window_to: date | None,
) -> tuple[Decimal, str, list[OrderFact[Changed]]]:
    """Ordered quantity, its unit, and the change that set it, if one did."""
    ordered = next(entry for entry in placed if group.is_exact(entry))
    size = ordered.says.quantity
    for entry in reversed(changes):
        quantity = entry.says.quantity
        if quantity is None or quantity.unit != size.unit:
            continue
        if entry.says.asserted_by is not Actor.BUYER or not group.is_exact(entry):
            continue
        if entry.fact.recordedtime < ordered.fact.recordedtime:
            break
        if window_to is None or _effective(entry, entry.says.changed_on) <= window_to:
            return quantity.value, size.unit, [entry]
    return size.value, size.unit, []


def _first_cancel(
    cancels: Sequence[OrderFact[Cancelled]],
) -> tuple[date, OrderFact[Cancelled]] | None:
    dated = [
        (_effective(entry, entry.says.cancelled_on), entry)
        for entry in cancels
        if entry.says.asserted_by is not Actor.CARRIER
    ]
    return min(dated, key=lambda cancel: cancel[0], default=None)


def _effective(entry: OrderFact[OrderStatement], stated_on: date | None) -> date:
    return stated_on or entry.fact.recordedtime.date()


def _item(says: list[Placed]) -> Item | None:
    """The line's item: the preferred code, with a name from whoever gives one for that code."""
    items = [one.item for one in says if one.item]
    if not items:
        return None
    if len(items) == 1 and items[0].name:
        return items[0]
    same = [item for item in items if item.id == items[0].id]
    return Item(
        items[0].id,
        next((item.name for item in same if item.name), None),
        next((item.seller_id for item in same if item.seller_id), None),
    )


def _supplier(says: list[Placed], said: Said) -> Party:
    """The line's supplier: from the order, else from the first other fact that names one."""
    parties = [one.supplier for one in says if one.supplier]
    if parties and parties[0].name:
        return parties[0]
    parties += [entry.says.supplier for entry in said.entries if entry.says.supplier]
    if not parties:
        return UNKNOWN_SUPPLIER
    same = [party for party in parties if party.id == parties[0].id]
    return Party(parties[0].id, next((party.name for party in same if party.name), None))
