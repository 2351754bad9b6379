"""Stock facts: a balance is counted, goods move in or out."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from tierlink.schemas.envelope import FactData
from tierlink.schemas.values import Actor, BusinessCode, Item, Money, Party, Quantity, join_key

__all__ = ["Direction", "MovementReason", "StockCounted", "StockFact", "StockMoved"]


class Direction(StrEnum):
    """Sign of a movement, so quantities stay positive."""

    IN = "in"
    OUT = "out"


class MovementReason(StrEnum):
    """Why goods moved. Consumption for turnover is ``issue`` and ``sale``, and ``unknown`` when out."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    SALE = "sale"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    RETURN = "return"
    SCRAP = "scrap"
    UNKNOWN = "unknown"


class StockFact(FactData):
    """What every stock fact names: who holds which item where."""

    holder: Party = Field(description="the firm whose stock it is")
    site: BusinessCode = Field(default="main", description="warehouse or plant")
    item: Item
    asserted_by: Actor

    @property
    def subject(self) -> str:
        """``holder|site|item``."""
        return join_key(self.holder.id, self.site, self.item.id)

    @property
    def partition_key(self) -> str:
        """The same as the subject: one item at one site is one aggregate."""
        return self.subject


class StockCounted(StockFact):
    """Balance at the end of a day, counted or read from a running-balance column. May be negative."""

    event_type: ClassVar[str] = "org.tierlink.stock.counted.v1"
    counted_on: date
    quantity: Quantity
    unit_cost: Money | None = None


class StockMoved(StockFact):
    """Goods came in or went out on a day."""

    event_type: ClassVar[str] = "org.tierlink.stock.moved.v1"
    moved_on: date
    direction: Direction
    quantity: Quantity
    reason: MovementReason = MovementReason.UNKNOWN
    document_no: BusinessCode | None = None
    unit_cost: Money | None = None
