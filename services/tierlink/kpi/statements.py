"""What each canonical fact says, as small structs that msgspec fills straight from topic bytes.

They are a second view of the payload models in ``tierlink.schemas`` with the fields KPIs read; lineage is
left out. They are never looser than the models (a test compares both), and stricter where a hostile
value would cost: padded codes, numbers beyond :data:`INTEGER_DIGITS_MAX` digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Annotated, Any, TypeAlias, get_args, get_type_hints

from msgspec import Meta, Struct

from tierlink.schemas.deliveries import ShipmentStatus
from tierlink.schemas.stock import Direction, MovementReason
from tierlink.schemas.values import Actor, canonical_decimal

__all__ = [
    "Amount",
    "Cancelled",
    "Changed",
    "Counted",
    "Despatched",
    "Item",
    "Money",
    "Moved",
    "OrderStatement",
    "Party",
    "Placed",
    "Promised",
    "Quantity",
    "Received",
    "Rejected",
    "Retracted",
    "Statement",
    "StatusChanged",
    "StockStatement",
    "check_forms",
    "decode_hook",
    "encode_hook",
]

INTEGER_DIGITS_MAX = 15
"""Digits before the point: a quadrillion pieces. ``1E+999999999`` would otherwise be a gigabyte of zeros."""
FRACTION_DIGITS_MAX = 9
_TEXT_MAX = 64


class _Form:
    """What a text must look like; :func:`check_forms` looks, when a fact is read from a topic and not ever after."""

    def __init__(self, name: str, pattern: str) -> None:
        self.name = name
        self.fits = lru_cache(maxsize=16_384)(re.compile(pattern).match)


_CODE = _Form("business code", r"[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s])?\Z")
_UNIT = _Form("unit of measure", r"[A-Z0-9]{2,3}\Z")
_CURRENCY = _Form("currency", r"[A-Z]{3}\Z")

Code = Annotated[str, Meta(min_length=1, max_length=120, extra={"form": _CODE})]
"""A business code: no control characters, no padding (writers strip it)."""
Unit = Annotated[str, Meta(min_length=2, max_length=3, extra={"form": _UNIT})]
Currency = Annotated[str, Meta(min_length=3, max_length=3, extra={"form": _CURRENCY})]
Instant = Annotated[datetime, Meta(tz=True)]


class Amount(Decimal):
    """An exact decimal that came as text or integer; msgspec alone would take binary floats too."""

    __slots__ = ()


def _amount(kind: type, value: Any) -> Any:
    """Let msgspec build an :class:`Amount`, without trailing zeros.

    Raises:
        ValueError: a float or boolean, no number, not finite, or too many digits.
    """
    if kind is not Amount or isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("a decimal travels as text")
    if isinstance(value, str) and len(value) > _TEXT_MAX:
        raise ValueError("too many digits")
    try:
        number = Amount(value)
    except InvalidOperation as error:
        raise ValueError("not a decimal number") from error
    if not number.is_finite():
        raise ValueError("not a finite number")
    if not number:
        return Amount(0)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if number.adjusted() >= INTEGER_DIGITS_MAX or exponent < -FRACTION_DIGITS_MAX:
        raise ValueError("too many digits")
    return Amount(canonical_decimal(number))


decode_hook: Callable[[type, Any], Any] = lru_cache(maxsize=16_384, typed=True)(_amount)
"""For msgspec decoders. The same few numbers come again and again, so each is judged once."""


def encode_hook(value: Any) -> Any:
    """Write an :class:`Amount` as text.

    Raises:
        NotImplementedError: for anything else msgspec does not know.
    """
    if isinstance(value, Amount):
        return canonical_decimal(value)
    raise NotImplementedError(f"encoding {type(value).__name__}")


class Quantity(Struct, frozen=True, gc=False, omit_defaults=True):
    """An amount of goods with its UN/ECE Rec 20 unit."""

    value: Amount
    unit: Unit = "H87"


class Money(Struct, frozen=True, gc=False):
    """An amount in one ISO 4217 currency."""

    amount: Amount
    currency: Currency


class Party(Struct, frozen=True, gc=False, omit_defaults=True):
    """A firm by the buyer's code."""

    id: Code
    name: str | None = None


class Item(Struct, frozen=True, gc=False, omit_defaults=True):
    """A part by the buyer's code."""

    id: Code
    name: str | None = None
    seller_id: Code | None = None


# The tags tell statements apart in stored state. On the topic the envelope's type does, and the odd field
# name keeps them from meeting a payload field.
class OrderStatement(
    Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag_field="~"
):
    """What every statement about a purchase order names."""

    buyer: Code
    po_no: Code
    po_line: Code | None = None
    sched_line: Code | None = None
    item: Item | None = None
    supplier: Party | None = None
    asserted_by: Actor


class Placed(OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="placed"):
    """Terms of a line."""

    quantity: Quantity
    ordered_on: date | None = None
    requested_on: date | None = None
    unit_price: Money | None = None
    ship_to: Code | None = None


class Promised(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="promised"
):
    """A promised date."""

    promised_on: date
    quantity: Quantity | None = None
    stated_on: date | None = None


class Changed(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="changed"
):
    """A change by the buyer."""

    quantity: Quantity | None = None
    requested_on: date | None = None
    changed_on: date | None = None


class Cancelled(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="cancelled"
):
    """A cancellation."""

    cancelled_on: date | None = None
    reason: str | None = None


class Despatched(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="despatched"
):
    """Goods left."""

    shipment_id: Code | None = None
    tracking_no: Code | None = None
    carrier: str | None = None
    despatched_on: date
    quantity: Quantity
    estimated_on: date | None = None


class StatusChanged(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="status"
):
    """A transport milestone."""

    shipment_id: Code | None = None
    tracking_no: Code | None = None
    carrier: str | None = None
    status: ShipmentStatus
    status_on: date
    status_at: Instant | None = None
    estimated_on: date | None = None
    quantity: Quantity | None = None
    location: str | None = None
    reason: str | None = None


class Received(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="received"
):
    """Goods receipt; a reversal is negative."""

    receipt_no: Code | None = None
    receipt_line: Code | None = None
    shipment_id: Code | None = None
    received_on: date
    posted_on: date | None = None
    quantity: Quantity
    site: Code | None = None


class Rejected(
    OrderStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="rejected"
):
    """Received goods refused."""

    receipt_no: Code | None = None
    receipt_line: Code | None = None
    shipment_id: Code | None = None
    rejected_on: date
    quantity: Quantity
    site: Code | None = None
    reason: str | None = None


class StockStatement(
    Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag_field="~"
):
    """What every statement about stock names."""

    holder: Party
    site: Code = "main"
    item: Item
    asserted_by: Actor


class Counted(
    StockStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="counted"
):
    """Balance at the end of a day."""

    counted_on: date
    quantity: Quantity
    unit_cost: Money | None = None


class Moved(StockStatement, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag="moved"):
    """Goods in or out on a day."""

    moved_on: date
    direction: Direction
    quantity: Quantity
    reason: MovementReason = MovementReason.UNKNOWN
    document_no: Code | None = None
    unit_cost: Money | None = None


class Retracted(Struct, frozen=True, gc=False):
    """The statement is taken back."""

    retracted_type: str
    reason: str


Statement: TypeAlias = (
    Placed
    | Promised
    | Changed
    | Cancelled
    | Despatched
    | StatusChanged
    | Received
    | Rejected
    | Counted
    | Moved
)
"""Everything a fact can say."""


_Fields: TypeAlias = list[tuple[str, _Form]]


def _forms(kind: type) -> _Fields:
    """Fields of a struct that have a form, read off its annotations."""
    return [
        (name, meta.extra["form"])
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for part in (hint, *get_args(hint))
        for meta in getattr(part, "__metadata__", ())
        if isinstance(meta, Meta) and meta.extra
    ]


def _inner_forms(kind: type) -> list[tuple[str, _Fields]]:
    """The same of the structs in its fields."""
    return [
        (name, forms)
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for part in (hint, *get_args(hint))
        if isinstance(part, type) and (forms := _forms(part))
    ]


@cache
def _forms_in(kind: type) -> tuple[_Fields, list[tuple[str, _Fields]]]:
    """Fields of a struct and of the structs in it."""
    return _forms(kind), _inner_forms(kind)


def check_forms(struct: Struct) -> None:
    """Refuse a struct with a code, unit or currency that its model would refuse.

    The forms are no patterns of msgspec's because rows are read many times for each time a fact is.

    Raises:
        ValueError: which, and what stood there.
    """
    forms, inner_forms = _forms_in(type(struct))
    _check(struct, forms)
    for name, its_forms in inner_forms:
        inner = getattr(struct, name)
        if inner is not None:
            _check(inner, its_forms)


def _check(struct: Struct, forms: _Fields) -> None:
    for name, form in forms:
        text = getattr(struct, name)
        if text is not None and not form.fits(text):
            raise ValueError(f"no {form.name}: {text[:_TEXT_MAX]!r}")
