"""Facts for tests, said in one line each: ``book.placed(...)`` goes through real events and real bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tierlink.kpi.facts import Fact, read_fact
from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.on_time import measure
from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy
from tierlink.schemas.deliveries import (
    GoodsReceived,
    GoodsRejected,
    ShipmentDespatched,
    ShipmentStatus,
    ShipmentStatusChanged,
)
from tierlink.schemas.envelope import FactData, fact_event
from tierlink.schemas.orders import LineCancelled, LineChanged, LinePlaced, LinePromised
from tierlink.schemas.records import RecordRetracted
from tierlink.schemas.stock import StockCounted, StockMoved
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity

EMPTY = Ledger({})
CALENDAR_DAYS = OtdPolicy(weekdays=(1, 2, 3, 4, 5, 6, 7))
"""Every day is a working day: the golden lines of lab/otd_same_data.py count calendar days."""


def march(day: int) -> date:
    return date(2026, 3, day)


def fact(
    data: FactData,
    key: str = "k",
    *,
    revision: int = 1,
    at: datetime | None = None,
    source: str = "urn:tierlink:connector:test/a",
    **overrides: Any,
) -> Fact:
    """A fact as a processor reads it: event, bytes, fact."""
    event = fact_event(
        data,
        source=source,
        fact_key=key,
        revision=revision,
        recorded_at=at or datetime(2026, 2, 1, tzinfo=UTC),
        **overrides,
    )
    return read_fact(event.to_bytes())


def retraction(of: Fact, *, revision: int | None = None) -> Fact:
    """Takes ``of`` back, one revision later unless told."""
    return fact(
        RecordRetracted(retracted_type=of.type, reason="cell was emptied"),
        of.factkey,
        revision=revision or int(of.sequence) + 1,
        subject=of.subject,
        partition_key=of.partitionkey,
    )


@dataclass
class OrderBook:
    """Facts of one purchase order, each recorded a day after the one before."""

    facts: list[Fact] = field(default_factory=list)
    now: datetime = datetime(2026, 2, 1, 8, tzinfo=UTC)

    def placed(self, quantity: Any = 100, **named: Any) -> Fact:
        return self._say(LinePlaced, {"asserted_by": Actor.BUYER, **named}, quantity)

    def promised(self, on: date, **named: Any) -> Fact:
        return self._say(LinePromised, {"asserted_by": Actor.SUPPLIER, "promised_on": on, **named})

    def changed(self, **named: Any) -> Fact:
        return self._say(LineChanged, {"asserted_by": Actor.BUYER, **named})

    def cancelled(self, by: Actor, on: date | None = None, **named: Any) -> Fact:
        return self._say(LineCancelled, {"asserted_by": by, "cancelled_on": on, **named})

    def despatched(self, quantity: Any, on: date, **named: Any) -> Fact:
        named = {"asserted_by": Actor.SUPPLIER, "despatched_on": on, **named}
        return self._say(ShipmentDespatched, named, quantity)

    def delivered(self, on: date, quantity: Any = None, **named: Any) -> Fact:
        named = {"asserted_by": Actor.CARRIER, "status_on": on, **named}
        named = {"status": ShipmentStatus.DELIVERED, **named}
        return self._say(ShipmentStatusChanged, named, quantity)

    def received(self, quantity: Any, on: date, **named: Any) -> Fact:
        named = {"asserted_by": Actor.BUYER, "received_on": on, **named}
        return self._say(GoodsReceived, named, quantity)

    def rejected(self, quantity: Any, on: date, **named: Any) -> Fact:
        named = {"asserted_by": Actor.BUYER, "rejected_on": on, **named}
        return self._say(GoodsRejected, named, quantity)

    def _say(self, model: type[FactData], named: dict[str, Any], quantity: Any = None) -> Fact:
        if quantity is not None:
            size = quantity if isinstance(quantity, Quantity) else Quantity(value=quantity)
            named = {"quantity": size, **named}
        unit = named.pop("unit", None)
        if unit:
            named["quantity"] = Quantity(value=named["quantity"].value, unit=unit)
        if isinstance(named.get("item"), str):
            named["item"] = Item(id=named["item"])
        if isinstance(named.get("supplier"), str):
            named["supplier"] = Party(id=named["supplier"])
        named.setdefault("po_line", "10")
        key = named.pop("key", f"k{len(self.facts)}")
        self.now += timedelta(days=1)
        said = fact(model(buyer="ACME", po_no="4500", **named), key, at=named.pop("at", self.now))
        self.facts.append(said)
        return said

    def ledger(self) -> Ledger:
        return merge(EMPTY, self.facts)[0]

    def lines(self, policy: OtdPolicy = DEFAULT_POLICY) -> dict[str, Any]:
        """Measured lines, typed loosely so that tests may write 100 for Decimal(100)."""
        return dict(measure(self.ledger(), policy))

    def line(self, policy: OtdPolicy = DEFAULT_POLICY) -> Any:
        """The only line."""
        [line] = self.lines(policy).values()
        return line


_STOCK = {"holder": Party(id="S1"), "item": Item(id="M1"), "asserted_by": Actor.SUPPLIER}


def counted(quantity: Any, on: date, key: str | None = None, **named: Any) -> Fact:
    return _stock_fact(StockCounted, quantity, {"counted_on": on, **named}, key or f"c{on}")


def moved(direction: str, quantity: Any, on: date, key: str | None = None, **named: Any) -> Fact:
    named = {"moved_on": on, "direction": direction, **named}
    return _stock_fact(StockMoved, quantity, named, key or f"m{on}{direction}")


def _stock_fact(model: type[FactData], quantity: Any, named: dict[str, Any], key: str) -> Fact:
    size = Quantity(value=quantity, unit=named.pop("unit", "H87"))
    cost = named.pop("cost", None)
    if cost:
        named["unit_cost"] = Money(amount=cost[0], currency=cost[1])
    at = named.pop("at", None)
    return fact(model(**{**_STOCK, "quantity": size, **named}), key, at=at)
