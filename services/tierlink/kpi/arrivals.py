"""When goods of a PO line arrived, and on whose word (domain 6.1, actual A).

The basis is chosen for the whole group, for one unit of measure:

- RECEIPT: the buyer has booked any receipt. Day: the receipt's own, or an earlier carrier delivery of the
  shipment it names (goods are there before they are booked).
- CARRIER: else, despatched quantities whose shipment a carrier (or the buyer's dock) reports delivered.
- SUPPLIER: else, receipts claimed by anyone but the buyer.

A delivered status with a quantity of its own delivers that quantity. One without delivers the despatches it
shares a number with, whichever side calls it shipment or tracking number; one that shares none but is about this
group delivers the group's despatches when they are all of one shipment. Of several such statuses the earliest
counts.

Negative receipts of the basis and rejections lower what was accepted. With receipts as basis only the
buyer's rejections count, else the buyer's if any, else everyone's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from tierlink.kpi.facts import Fact
from tierlink.kpi.matching import Group, OrderFact, Said
from tierlink.kpi.statements import Despatched, Received, Rejected, StatusChanged
from tierlink.schemas.deliveries import ShipmentStatus
from tierlink.schemas.kpis import ActualBasis
from tierlink.schemas.values import Actor

__all__ = ["Deliveries", "Movement", "Shipments", "deliveries_of"]

_DESPATCH_WORD = (Actor.SUPPLIER, Actor.CARRIER, Actor.BUYER)
"""Whose despatch advices count, when two sides' books show the same shipment."""


class Movement(Struct, frozen=True, gc=False):
    """A positive quantity that arrived, left or was taken back on a day.

    Attributes:
        sched: the schedule line it is for; None when it is for whichever needs it.
        ids: the events that say so.
    """

    on: date
    quantity: Decimal
    sched: str | None
    ids: tuple[str, ...]


class Deliveries(Struct, frozen=True, gc=False):
    """What happened to a group's goods in one unit, in order of day."""

    basis: ActualBasis
    arrived: tuple[Movement, ...]
    taken_back: tuple[Movement, ...]
    despatched: tuple[Movement, ...]


Reference: TypeAlias = str
"""A shipment or tracking number. One side's shipment is the other's tracking number: a bill of lading is both."""


def _references(says: Despatched | StatusChanged) -> list[Reference]:
    return [number for number in (says.shipment_id, says.tracking_no) if number is not None]


def _is_delivery(says: object) -> bool:
    return (
        isinstance(says, StatusChanged)
        and says.status is ShipmentStatus.DELIVERED
        and says.asserted_by is not Actor.SUPPLIER
    )


@dataclass(slots=True)
class Shipments:
    """Delivered statuses and shipment numbers of a whole order: carriers name the shipment, not the line."""

    delivered: dict[Reference, tuple[date, str]] = field(default_factory=dict)
    """Earliest delivery of a shipment or tracking number, without a quantity: day, event id."""
    tracking_of: dict[str, set[str]] = field(default_factory=dict)
    """Tracking numbers that despatch advices give a shipment."""
    known: set[Reference] = field(default_factory=set)
    """Numbers on any despatch advice of the order."""

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Shipments:
        """Index the despatch advices and delivered statuses of all facts of an order, matched or not."""
        shipments = cls()
        for fact in facts:
            says = fact.data
            if isinstance(says, Despatched):
                shipments.known.update(_references(says))
                if says.shipment_id and says.tracking_no:
                    shipments.tracking_of.setdefault(says.shipment_id, set()).add(says.tracking_no)
            elif isinstance(says, StatusChanged) and _is_delivery(says) and says.quantity is None:
                for reference in _references(says):
                    seen = shipments.delivered.get(reference)
                    report = (says.status_on, fact.id)
                    shipments.delivered[reference] = min(seen, report) if seen else report
        return shipments

    def knows(self, says: object) -> bool:
        """Whether a status is about goods of a despatch advice, even when it names no line."""
        if not isinstance(says, StatusChanged):
            return False
        return not self.known.isdisjoint(_references(says))

    def delivery_of(self, references: Iterable[Reference]) -> tuple[date, str] | None:
        """Earliest delivery under any of these numbers."""
        known = (self.delivered.get(reference) for reference in references)
        return min((report for report in known if report), default=None)

    def delivery_of_receipt(self, says: Received) -> tuple[date, str] | None:
        """Delivery of the shipment a receipt names."""
        number = says.shipment_id
        if number is None:
            return None
        return self.delivery_of([number, *sorted(self.tracking_of.get(number, ()))])


def deliveries_of(group: Group, unit: str, shipments: Shipments) -> Deliveries:
    """Gather a group's goods movements in one unit."""
    said = group.said
    receipts = [entry for entry in said.of(Received) if _is_in(entry.says, unit)]
    booked = [entry for entry in receipts if entry.says.asserted_by is Actor.BUYER]
    despatches = _despatches(said, unit)
    if booked:
        basis, arrived = ActualBasis.RECEIPT, _received(booked, shipments)
    else:
        basis, arrived = ActualBasis.CARRIER, _delivered(said, unit, despatches, shipments)
        if not arrived:
            basis, arrived = ActualBasis.SUPPLIER, _received(receipts, None)
    reversed_ = _reversed(booked or receipts) if basis is not ActualBasis.CARRIER else []
    if not arrived and not reversed_:
        basis = ActualBasis.NONE
    return Deliveries(
        basis,
        _in_order(arrived),
        _in_order(reversed_ + _rejected(said, unit, only_buyer=bool(booked))),
        _in_order(
            [
                Movement(one.says.despatched_on, one.says.quantity.value, one.sched, (one.fact.id,))
                for one in despatches
            ]
        ),
    )


def _is_in(says: Received | Rejected | Despatched, unit: str) -> bool:
    return says.quantity.unit == unit and says.quantity.value != 0


def _in_order(movements: list[Movement]) -> tuple[Movement, ...]:
    if len(movements) > 1:
        movements.sort(key=lambda movement: (movement.on, movement.ids))
    return tuple(movements)


def _received(
    receipts: Iterable[OrderFact[Received]], shipments: Shipments | None
) -> list[Movement]:
    arrived = []
    for entry in receipts:
        says = entry.says
        ids: tuple[str, ...] = (entry.fact.id,)
        if says.quantity.value <= 0:
            continue
        on = says.received_on
        report = shipments.delivery_of_receipt(says) if shipments else None
        if report is not None and report[0] < on:
            on, ids = report[0], (*ids, report[1])
        arrived.append(Movement(on, says.quantity.value, entry.sched, ids))
    return arrived


def _reversed(receipts: Iterable[OrderFact[Received]]) -> list[Movement]:
    return [
        Movement(entry.says.received_on, -entry.says.quantity.value, entry.sched, (entry.fact.id,))
        for entry in receipts
        if entry.says.quantity.value < 0
    ]


def _rejected(said: Said, unit: str, *, only_buyer: bool) -> list[Movement]:
    """Rejections; a negative one takes a rejection back."""
    every = [entry for entry in said.of(Rejected) if _is_in(entry.says, unit)]
    counted = [entry for entry in every if entry.says.asserted_by is Actor.BUYER]
    if not counted and not only_buyer:
        counted = every
    return [
        Movement(entry.says.rejected_on, entry.says.quantity.value, entry.sched, (entry.fact.id,))
        for entry in counted
    ]


def _despatches(said: Said, unit: str) -> list[OrderFact[Despatched]]:
    """Despatch advices of the side that knows best: the supplier, else the carrier, else the buyer."""
    every = [entry for entry in said.of(Despatched) if _is_in(entry.says, unit)]
    for actor in _DESPATCH_WORD if every else ():
        chosen = [
            entry
            for entry in every
            if entry.says.asserted_by is actor and entry.says.quantity.value > 0
        ]
        if chosen:
            return chosen
    return []


def _delivered(
    said: Said, unit: str, despatches: list[OrderFact[Despatched]], shipments: Shipments
) -> list[Movement]:
    arrived: list[Movement] = []
    counted: set[Reference] = set()
    loose: list[tuple[date, str]] = []
    for status in said.of(StatusChanged):
        told = status.says
        if not _is_delivery(told):
            continue
        if told.quantity is None:
            if not shipments.knows(told):
                loose.append((told.status_on, status.fact.id))
        elif told.quantity.unit == unit and told.quantity.value > 0:
            counted.update(_references(told))
            only = (status.fact.id,)
            arrived.append(Movement(told.status_on, told.quantity.value, status.sched, only))
    parcels = {(entry.says.shipment_id, entry.says.tracking_no) for entry in despatches}
    loose_report = min(loose, default=None) if len(parcels) == 1 else None
    for entry in despatches:
        references = _references(entry.says)
        report = shipments.delivery_of(references) or loose_report
        if report is None or counted.intersection(references):
            continue
        ids = (entry.fact.id, report[1])
        arrived.append(Movement(report[0], entry.says.quantity.value, entry.sched, ids))
    return arrived
