"""On-time delivery of schedule lines: from a purchase order's facts to measured lines, and the step between.

``measure`` knows no clock: the same facts always give the same measurement. :func:`assess`
(:mod:`tierlink.kpi.assessment`) judges a measured line as of a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from tierlink.kpi.allocation import share, share_out, total
from tierlink.kpi.arrivals import Deliveries, Movement, Shipments, deliveries_of
from tierlink.kpi.assessment import assess
from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Ledger, live_facts, merge
from tierlink.kpi.matching import Group, match
from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.rates import exactly, plain
from tierlink.kpi.results import LineMeasured
from tierlink.kpi.terms import Terms, terms_of
from tierlink.schemas.kpis import ActualBasis
from tierlink.schemas.values import join_key

__all__ = ["LineChanges", "assess", "measure", "measure_groups", "step", "unmatched_facts"]

LineChanges: TypeAlias = dict[str, tuple[LineMeasured | None, LineMeasured | None]]
"""line_id to (before, after); None where the line does not exist."""

EVIDENCE_MAX = 200
"""Event ids named on a line: its terms first, then its arrivals. A page shows no more, and a record has a limit."""


def step(ledger: Ledger, facts: Iterable[Fact], policy: OtdPolicy) -> tuple[Ledger, LineChanges]:
    """Take facts into one purchase order.

    Returns:
        The new ledger, and only those lines whose measurement is not what it was, by line_id.
    """
    merged, changed = merge(ledger, facts)
    if not changed:
        return ledger, {}
    before = measure(ledger, policy)
    after = measure(merged, policy)
    return merged, {
        line_id: (before.get(line_id), after.get(line_id))
        for line_id in sorted(before.keys() | after.keys())
        if before.get(line_id) != after.get(line_id)
    }


def measure(ledger: Ledger, policy: OtdPolicy) -> dict[str, LineMeasured]:
    """Measure every schedule line of one purchase order, by line_id, sorted."""
    facts = live_facts(ledger)
    return measure_groups(match(facts).groups, Shipments.of(facts), policy)


def measure_groups(
    groups: Iterable[Group], shipments: Shipments, policy: OtdPolicy
) -> dict[str, LineMeasured]:
    """Measure the schedule lines of some PO lines, each by itself; ``shipments`` are the whole order's."""
    with exactly():
        lines = [line for group in groups for line in _measure_group(group, shipments, policy)]
    return {line.line_id: line for line in sorted(lines, key=lambda line: line.line_id)}


def unmatched_facts(ledger: Ledger) -> tuple[Fact, ...]:
    """Facts of the order that fit no line, or several: kept aside, in the order they were recorded.

    A status that names only a shipment has its place by the despatch advice.
    """
    facts = live_facts(ledger)
    shipments = Shipments.of(facts)
    return tuple(fact for fact in match(facts).unmatched if not shipments.knows(fact.data))


def _measure_group(group: Group, shipments: Shipments, policy: OtdPolicy) -> list[LineMeasured]:
    """Measure the schedule lines of a PO line; each unit of measure by itself."""
    every = [terms_of(group, sched, policy) for sched in group.scheds]
    measured = []
    for unit in sorted({terms.unit for terms in every}):
        lines = sorted((terms for terms in every if terms.unit == unit), key=_fifo)
        goods = deliveries_of(group, unit, shipments)
        sizes = [(terms.sched_line, terms.quantity) for terms in lines]
        shares = share(sizes, goods.arrived, goods.taken_back)
        sent = _despatched(lines, goods)
        for terms, arrived, despatched in zip(lines, shares, sent, strict=True):
            measured.append(_line(terms, goods, arrived, despatched, policy))
    return measured


def _fifo(terms: Terms) -> tuple[bool, str, str]:
    """Order in which lines are filled: by baseline, undated last."""
    on = terms.baseline_on
    return (on is None, on.isoformat() if on else "", terms.sched_line or "")


def _despatched(lines: Sequence[Terms], goods: Deliveries) -> list[Decimal]:
    """Quantity that left for each line; what names none is shared like arrivals."""
    if len(lines) == 1:
        whose = (lines[0].sched_line, None)
        return [total([one for one in goods.despatched if one.sched in whose])]
    named = [
        total([one for one in goods.despatched if one.sched == terms.sched_line]) for terms in lines
    ]
    open_quantities = [
        max(Decimal(0), terms.quantity - sent) for terms, sent in zip(lines, named, strict=True)
    ]
    rest = share_out(open_quantities, [one for one in goods.despatched if one.sched is None])
    return [sent + total(extra) for sent, extra in zip(named, rest, strict=True)]


def _line(
    terms: Terms,
    goods: Deliveries,
    arrived: Sequence[Movement],
    despatched: Decimal,
    policy: OtdPolicy,
) -> LineMeasured:
    opens, closes = terms.window_from, terms.window_to
    by_due = [one for one in arrived if closes is not None and one.on <= closes]
    in_window = [one for one in by_due if opens is not None and one.on >= opens]
    unnumbered_item = terms.item.id if terms.item and terms.po_line is None else None
    return LineMeasured(
        line_id=join_key(
            terms.buyer, terms.po_no, terms.po_line, terms.sched_line, unnumbered_item
        ),
        buyer=terms.buyer,
        supplier=terms.supplier,
        po_no=terms.po_no,
        po_line=terms.po_line,
        sched_line=terms.sched_line,
        item=terms.item,
        quantity=plain(terms.quantity),
        unit=terms.unit,
        unit_price=terms.unit_price,
        ordered_on=terms.ordered_on,
        requested_on=terms.requested_on,
        first_promised_on=terms.first_promised_on,
        last_promised_on=terms.last_promised_on,
        baseline_on=terms.baseline_on,
        baseline_basis=terms.baseline_basis,
        window_from=opens,
        window_to=closes,
        received_quantity=plain(total(arrived)),
        by_due_quantity=plain(total(by_due)),
        in_window_quantity=plain(total(in_window)),
        despatched_quantity=plain(despatched),
        last_arrived_on=arrived[-1].on if arrived else None,
        completed_on=_completed_on(arrived, policy.enough(terms.quantity)),
        actual_basis=_basis(goods, arrived),
        cancelled_by=terms.cancelled_by,
        cancelled_on=terms.cancelled_on,
        evidence=_evidence(terms, arrived, goods.taken_back),
        policy_id=policy.policy_id,
    )


def _basis(goods: Deliveries, arrived: Sequence[Movement]) -> ActualBasis:
    """The buyer's books decide even where they say that nothing is left of what came."""
    if arrived or goods.basis is ActualBasis.RECEIPT:
        return goods.basis
    return ActualBasis.NONE


def _completed_on(arrived: Sequence[Movement], enough: Decimal) -> date | None:
    """Day the accepted quantity first was enough."""
    there = Decimal(0)
    for one in arrived:
        there += one.quantity
        if there >= enough:
            return one.on
    return None


def _evidence(
    terms: Terms, arrived: Sequence[Movement], taken_back: Sequence[Movement]
) -> list[str]:
    """Ids of the events that decided the line, each once."""
    ids = [entry.fact.id for entry in terms.deciding]
    ids += [name for one in arrived for name in one.ids]
    ids += [name for one in taken_back if one.sched in (None, terms.sched_line) for name in one.ids]
    return list(dict.fromkeys(ids))[:EVIDENCE_MAX]
