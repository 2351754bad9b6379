"""What the core finds, as small structs that msgspec writes straight to topic bytes and reads back.

They are a second view of the KPI models in ``tierlink.schemas.kpis``, field for field (a test compares both). A
decimal is a ``Decimal`` without trailing zeros (``rates.plain``), so that equal results are equal bytes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from tierlink.kpi.statements import Code, Item, Money, Party, decode_hook, encode_hook
from tierlink.schemas import kpis
from tierlink.schemas.kpis import ActualBasis, BaselineBasis, LineState, TurnoverBasis
from tierlink.schemas.values import canonical_decimal

__all__ = [
    "InventoryTurnover",
    "LineAssessed",
    "LineMeasured",
    "OnTimeDelivery",
    "Result",
    "decode_line",
    "encode",
    "encode_line",
]


class Result(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Base of what is published. Fields with a default are left out where they have it: it means absent."""

    event_type: ClassVar[str]


class LineMeasured(Result, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``kpis.LineMeasured``: what is known of one schedule line, free of the clock."""

    event_type: ClassVar[str] = kpis.LineMeasured.event_type
    line_id: str
    buyer: Code
    supplier: Party
    po_no: Code
    po_line: Code | None = None
    sched_line: Code | None = None
    item: Item | None = None
    quantity: Decimal
    unit: str
    unit_price: Money | None = None
    ordered_on: date | None = None
    requested_on: date | None = None
    first_promised_on: date | None = None
    last_promised_on: date | None = None
    baseline_on: date | None = None
    baseline_basis: BaselineBasis
    window_from: date | None = None
    window_to: date | None = None
    received_quantity: Decimal
    by_due_quantity: Decimal
    in_window_quantity: Decimal
    despatched_quantity: Decimal
    last_arrived_on: date | None = None
    completed_on: date | None = None
    actual_basis: ActualBasis
    cancelled_by: str | None = None
    cancelled_on: date | None = None
    evidence: list[str]
    policy_id: str


class LineAssessed(LineMeasured, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``kpis.LineAssessed``: a measured line judged as of a day."""

    event_type: ClassVar[str] = kpis.LineAssessed.event_type
    as_of: date
    state: LineState
    is_due: bool
    is_not_late: bool | None = None
    is_in_window: bool | None = None
    is_in_full: bool | None = None
    late_by_days: int | None = None


class OnTimeDelivery(Result, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``kpis.OnTimeDeliveryPublished``: a supplier's lines, or those of one part, in a month or over all."""

    event_type: ClassVar[str] = kpis.OnTimeDeliveryPublished.event_type
    supplier: Party
    item: Item | None = None
    period: str
    as_of: date
    policy_id: str
    lines: int
    due: int
    not_late: int
    in_window: int
    in_full: int
    overdue: int
    undated: int
    otd: Decimal | None = None
    otd_low: Decimal | None = None
    otd_high: Decimal | None = None
    otd_window: Decimal | None = None
    otif: Decimal | None = None
    coverage: Decimal | None = None


class InventoryTurnover(Result, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``kpis.InventoryTurnoverPublished``: one item at one site in a month or over all."""

    event_type: ClassVar[str] = kpis.InventoryTurnoverPublished.event_type
    holder: Party
    site: Code
    item: Item
    period: str
    as_of: date
    period_days: int
    basis: TurnoverBasis
    unit: str
    averaging: str
    opening: Decimal
    closing: Decimal
    inflow: Decimal
    outflow: Decimal
    unexplained: Decimal
    average_balance: Decimal
    flow: Decimal
    turns: Decimal | None = None
    turnover_days: Decimal | None = None
    note: str | None = None


_encoder = msgspec.json.Encoder(order="sorted", enc_hook=encode_hook)


def encode(result: Result) -> bytes:
    """JSON with sorted keys and without absent fields: what the models call canonical."""
    raw = _encoder.encode(result)
    return _encoder.encode(_spelt_out(result)) if b"E-" in raw else raw


class _StoredLine(LineMeasured, frozen=True, gc=False, kw_only=True, array_like=True):
    """A measured line in a table: its fields in order, without their names."""


_store = msgspec.msgpack.Encoder(enc_hook=encode_hook).encode
_load = msgspec.msgpack.Decoder(_StoredLine, dec_hook=decode_hook).decode


def encode_line(line: LineMeasured) -> bytes:
    """Write a measured line for a table."""
    return _store(astuple(line))


def decode_line(raw: bytes) -> LineMeasured:
    """Read what :func:`encode_line` wrote."""
    return _load(raw)


def _spelt_out(result: Result) -> Any:
    """Fields with decimals as text: Python writes those below a millionth as ``1E-7``."""
    body = msgspec.to_builtins(result, builtin_types=(Decimal,), enc_hook=encode_hook)
    return {
        name: canonical_decimal(value) if isinstance(value, Decimal) else value
        for name, value in body.items()
    }
