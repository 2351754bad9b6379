"""Delivery facts: goods leave the supplier, travel, arrive, are received or rejected."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from tierlink.schemas.orders import OrderFact
from tierlink.schemas.values import BusinessCode, Quantity

__all__ = [
    "GoodsReceived",
    "GoodsRejected",
    "ShipmentDespatched",
    "ShipmentStatus",
    "ShipmentStatusChanged",
]


class ShipmentStatus(StrEnum):
    """Transport milestones, in the order they happen; ``exception`` may come at any point."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    EXCEPTION = "exception"


class ShipmentDespatched(OrderFact):
    """Despatch advice for one order line: what left, when (UBL DespatchAdvice, EDIFACT DESADV, X12 856)."""

    event_type: ClassVar[str] = "org.tierlink.shipment.despatched.v1"
    shipment_id: BusinessCode | None = Field(
        default=None, description="delivery note or despatch advice number"
    )
    tracking_no: BusinessCode | None = None
    carrier: str | None = None
    despatched_on: date
    quantity: Quantity
    estimated_on: date | None = Field(default=None, description="expected arrival")


class ShipmentStatusChanged(OrderFact):
    """A milestone on the way (EDIFACT IFTSTA, X12 214). Names the order it carries, as reference fields do."""

    event_type: ClassVar[str] = "org.tierlink.shipment.status_changed.v1"
    shipment_id: BusinessCode | None = None
    tracking_no: BusinessCode | None = None
    carrier: str | None = None
    status: ShipmentStatus
    status_on: date = Field(description="local calendar day of the milestone")
    status_at: AwareDatetime | None = None
    estimated_on: date | None = None
    quantity: Quantity | None = None
    location: str | None = None
    reason: str | None = None


class GoodsReceived(OrderFact):
    """Goods receipt line (UBL ReceiptAdvice, SAP movement 101). A reversal (102) has a negative quantity."""

    event_type: ClassVar[str] = "org.tierlink.goods.received.v1"
    receipt_no: BusinessCode | None = None
    receipt_line: BusinessCode | None = None
    shipment_id: BusinessCode | None = Field(
        default=None, description="delivery note the receipt names"
    )
    received_on: date = Field(
        description="physical arrival: the document date, not the day of entry"
    )
    posted_on: date | None = Field(default=None, description="day of entry in the books")
    quantity: Quantity
    site: BusinessCode | None = None


class GoodsRejected(OrderFact):
    """Received goods refused on inspection or sent back; lowers the accepted quantity."""

    event_type: ClassVar[str] = "org.tierlink.goods.rejected.v1"
    receipt_no: BusinessCode | None = None
    receipt_line: BusinessCode | None = None
    shipment_id: BusinessCode | None = None
    rejected_on: date
    quantity: Quantity
    site: BusinessCode | None = None
    reason: str | None = None
