"""Purchase order facts: a schedule line is placed, promised, changed or cancelled.

All facts of one purchase order share a partition (key ``buyer|po_no``), so that a ledger row that names
no line can still be matched to it by item (docs/decisions/0002-aggregate.md).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from tierlink.schemas.envelope import FactData
from tierlink.schemas.values import Actor, BusinessCode, Item, Money, Party, Quantity, join_key

__all__ = ["LineCancelled", "LineChanged", "LinePlaced", "LinePromised", "OrderFact"]


class OrderFact(FactData):
    """What every fact about a purchase order names. The join key is the buyer's: (buyer, PO, line, item)."""

    buyer: BusinessCode = Field(description="the tier-1's code")
    po_no: BusinessCode
    po_line: BusinessCode | None = Field(
        default=None, description="null where the source names no line"
    )
    sched_line: BusinessCode | None = Field(
        default=None, description="schedule line, where the source has it"
    )
    item: Item | None = None
    supplier: Party | None = None
    asserted_by: Actor = Field(description="whose books say so")

    @property
    def subject(self) -> str:
        """``buyer|po_no|po_line|sched_line|item`` as far as named."""
        item = self.item.id if self.item and not self.po_line else None
        return join_key(self.buyer, self.po_no, self.po_line, self.sched_line, item)

    @property
    def partition_key(self) -> str:
        """``buyer|po_no``."""
        return join_key(self.buyer, self.po_no)


class LinePlaced(OrderFact):
    """The current terms of an order line, as one side's books show them."""

    event_type: ClassVar[str] = "org.tierlink.purchaseorder.line.placed.v1"
    quantity: Quantity
    ordered_on: date | None = None
    requested_on: date | None = Field(default=None, description="delivery date the buyer asked for")
    unit_price: Money | None = None
    ship_to: BusinessCode | None = Field(default=None, description="destination site")


class LinePromised(OrderFact):
    """A delivery date given by the supplier. Each promise is its own fact; a later one erases none."""

    event_type: ClassVar[str] = "org.tierlink.purchaseorder.line.promised.v1"
    promised_on: date
    quantity: Quantity | None = None
    stated_on: date | None = Field(default=None, description="when the promise was given, if known")


class LineChanged(OrderFact):
    """The buyer changed quantity or requested date after placing. Moves the baseline (domain 6.1)."""

    event_type: ClassVar[str] = "org.tierlink.purchaseorder.line.changed.v1"
    quantity: Quantity | None = None
    requested_on: date | None = None
    changed_on: date | None = None


class LineCancelled(OrderFact):
    """The line will not be delivered any more. ``asserted_by`` is who cancelled."""

    event_type: ClassVar[str] = "org.tierlink.purchaseorder.line.cancelled.v1"
    cancelled_on: date | None = None
    reason: str | None = None
