"""KPI events: what the processors publish. They are contracts like the facts they come from.

Rates are decimal strings from 0 to 1, rounded to six places; an empty denominator gives null, never 0 or 1.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from tierlink.schemas.envelope import Data
from tierlink.schemas.values import BusinessCode, DecimalText, Item, Money, Party

__all__ = [
    "ActualBasis",
    "BaselineBasis",
    "InventoryTurnoverPublished",
    "LineAssessed",
    "LineMeasured",
    "LineState",
    "OnTimeDeliveryPublished",
    "TurnoverBasis",
]


class LineState(StrEnum):
    """State of a schedule line (research domain 6.3)."""

    PENDING = "pending"
    ON_TIME = "on_time"
    EARLY = "early"
    SHORT = "short"
    LATE = "late"
    OVERDUE = "overdue"
    OVER = "over"
    CANCELLED_BUYER = "cancelled_buyer"
    CANCELLED_SUPPLIER = "cancelled_supplier"
    UNDATED = "undated"


class BaselineBasis(StrEnum):
    """Which date the line is measured against."""

    FIRST_PROMISE = "first_promise"
    BUYER_CHANGE = "buyer_change"
    REQUESTED = "requested"
    NONE = "none"


class ActualBasis(StrEnum):
    """Whose statement dates the arrival; receipt before carrier before the supplier's own claim."""

    RECEIPT = "receipt"
    CARRIER = "carrier"
    SUPPLIER = "supplier"
    NONE = "none"


class TurnoverBasis(StrEnum):
    """Turns by value where every balance and flow has a cost in one currency, else by quantity."""

    VALUE = "value"
    QUANTITY = "quantity"


class LineMeasured(Data):
    """What is known of one schedule line, free of the clock: the same facts always give the same measurement."""

    event_type: ClassVar[str] = "org.tierlink.kpi.line.measured.v1"
    line_id: str = Field(description="buyer|po_no|po_line|sched_line|item")
    buyer: BusinessCode
    supplier: Party
    po_no: BusinessCode
    po_line: BusinessCode | None = None
    sched_line: BusinessCode | None = None
    item: Item | None = None
    quantity: DecimalText
    unit: str
    unit_price: Money | None = None
    ordered_on: date | None = None
    requested_on: date | None = None
    first_promised_on: date | None = None
    last_promised_on: date | None = None
    baseline_on: date | None = None
    baseline_basis: BaselineBasis
    window_from: date | None = Field(default=None, description="baseline less the early tolerance")
    window_to: date | None = Field(
        default=None, description="baseline plus the late tolerance; the line is due after it"
    )
    received_quantity: DecimalText = Field(description="accepted so far: received less rejected")
    by_due_quantity: DecimalText = Field(description="accepted on or before window_to")
    in_window_quantity: DecimalText = Field(description="accepted from window_from to window_to")
    despatched_quantity: DecimalText
    last_arrived_on: date | None = None
    completed_on: date | None = Field(default=None, description="day the full quantity was there")
    actual_basis: ActualBasis
    cancelled_by: str | None = Field(default=None, description="buyer or supplier")
    cancelled_on: date | None = None
    evidence: list[str] = Field(
        default_factory=list, description="ids of the events that decided it"
    )
    policy_id: str


class LineAssessed(LineMeasured):
    """A measured line judged as of a day."""

    event_type: ClassVar[str] = "org.tierlink.kpi.line.assessed.v1"
    as_of: date
    state: LineState
    is_due: bool = Field(description="counts in the denominator")
    is_not_late: bool | None = Field(default=None, description="OTD-L: all there by window_to")
    is_in_window: bool | None = Field(
        default=None, description="OTD-W: all there inside the window"
    )
    is_in_full: bool | None = Field(
        default=None, description="OTIF: in the window and no more than ordered"
    )
    late_by_days: int | None = Field(
        default=None,
        description="calendar days from window_to to completion, or to as_of while open",
    )


class OnTimeDeliveryPublished(Data):
    """On-time delivery of a supplier, or of one of its parts, in a calendar month or over all (``all``)."""

    event_type: ClassVar[str] = "org.tierlink.kpi.on_time_delivery.published.v1"
    supplier: Party
    item: Item | None = Field(default=None, description="null: all parts")
    period: str = Field(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2])|all)$")
    as_of: date
    policy_id: str
    lines: int = Field(ge=0, description="all schedule lines of the period, due or not")
    due: int = Field(ge=0, description="n, the denominator")
    not_late: int = Field(ge=0)
    in_window: int = Field(ge=0)
    in_full: int = Field(ge=0)
    overdue: int = Field(ge=0, description="due, open and past the window")
    undated: int = Field(ge=0, description="no date to measure against; outside the denominator")
    otd: DecimalText | None = Field(
        default=None, description="OTD-L = not_late / due, the headline"
    )
    otd_low: DecimalText | None = Field(default=None, description="Wilson 95 % interval of otd")
    otd_high: DecimalText | None = None
    otd_window: DecimalText | None = Field(default=None, description="OTD-W = in_window / due")
    otif: DecimalText | None = Field(default=None, description="in_full / due")
    coverage: DecimalText | None = Field(default=None, description="dated / all lines")


class InventoryTurnoverPublished(Data):
    """Inventory turnover of one item at one site in a calendar month (or ``all``)."""

    event_type: ClassVar[str] = "org.tierlink.kpi.inventory_turnover.published.v1"
    holder: Party
    site: BusinessCode
    item: Item
    period: str = Field(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2])|all)$")
    as_of: date
    period_days: int = Field(
        ge=0,
        description="days measured; fewer than the month's while it runs or before the first fact",
    )
    basis: TurnoverBasis
    unit: str = Field(description="Rec 20 unit, or ISO 4217 currency when basis is value")
    averaging: str = Field(default="time_weighted", description="mean of end-of-day balances")
    opening: DecimalText = Field(description="quantity at the start of the period")
    closing: DecimalText = Field(description="quantity at its end")
    inflow: DecimalText = Field(description="quantity in")
    outflow: DecimalText = Field(description="quantity out")
    unexplained: DecimalText = Field(
        description="sum over days of counted less reckoned balance: the ledger identity's gap"
    )
    average_balance: DecimalText
    flow: DecimalText = Field(description="consumption in the basis: issues and sales")
    turns: DecimalText | None = Field(
        default=None, description="annualised: flow / average_balance x 365 / period_days"
    )
    turnover_days: DecimalText | None = Field(
        default=None, description="365 / turns; null when nothing moved"
    )
    note: str | None = Field(default=None, description="no_movement, no_stock or negative_stock")
