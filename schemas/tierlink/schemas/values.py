"""Values that every event is made of: codes, days, decimal quantities, money, parties and items.

Nothing here guesses. A quantity is a decimal *string* with a UN/ECE Recommendation 20 unit code, money
has an ISO 4217 code, a day stays a calendar date, and a business code is text even when it is digits.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

__all__ = [
    "Actor",
    "BusinessCode",
    "CurrencyCode",
    "DecimalText",
    "Item",
    "Model",
    "Money",
    "Party",
    "Quantity",
    "UnitCode",
    "canonical_decimal",
    "day",
    "join_key",
    "split_key",
]


class Model(BaseModel):
    """Base of all contract models: immutable; unknown fields are ignored so that old readers live on."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


def canonical_decimal(value: Decimal) -> str:
    """Write a decimal the one way tierlink writes it: no exponent, no trailing zeros, no ``-0``.

    >>> canonical_decimal(Decimal("1.200E+3"))
    '1200'
    """
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal_from_text(value: Any) -> Any:
    """Refuse binary floats, whose digits nobody wrote; accept text, int and Decimal.

    Raises:
        ValueError: for a float, or for NaN and infinities.
    """
    if isinstance(value, float):
        raise ValueError("a float has no exact digits; pass decimal text")  # noqa: TRY004 pydantic wants ValueError
    try:
        number = Decimal(value) if isinstance(value, str | int) else value
    except InvalidOperation as error:
        raise ValueError(f"not a decimal number: {value!r}") from error
    if isinstance(number, Decimal) and not number.is_finite():
        raise ValueError("a quantity or an amount is finite")
    return number


DecimalText = Annotated[
    Decimal,
    BeforeValidator(_decimal_from_text),
    AfterValidator(lambda number: Decimal(canonical_decimal(number))),
    PlainSerializer(canonical_decimal, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["1200.5"]}),
]
"""A decimal that travels as a string, never as a JSON number."""

BusinessCode = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
"""An identifier as its owner writes it (PO number, item code, site). Text, whatever it looks like."""

UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}$")]
"""UN/ECE Recommendation 20 unit of measure, for example ``H87`` piece or ``KGM`` kilogram."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 currency code."""


class Actor(StrEnum):
    """Whose statement a fact is. KPI rules weigh the buyer's receipt above the supplier's own claim."""

    BUYER = "buyer"
    SUPPLIER = "supplier"
    CARRIER = "carrier"


class Quantity(Model):
    """An amount of goods with its unit."""

    value: DecimalText
    unit: UnitCode = Field(default="H87", description="UN/ECE Rec 20 code; H87 is one piece")


class Money(Model):
    """An amount of money in one currency."""

    amount: DecimalText
    currency: CurrencyCode


class Party(Model):
    """A firm, by the code the buyer gave it; global identifiers are optional aliases, added later."""

    id: BusinessCode
    name: str | None = None


class Item(Model):
    """A part or material, by the buyer's code (``seller_id`` is the supplier's own, when the sheet has it)."""

    id: BusinessCode
    name: str | None = None
    seller_id: BusinessCode | None = None


def day(text: str) -> date:
    """Parse an ISO calendar date (``2026-03-10``)."""
    return date.fromisoformat(text)


def join_key(*parts: str | None) -> str:
    """Join business codes to one key; ``|`` and ``%`` inside a code are escaped, absent is empty.

    >>> join_key("ACME", "45|7", None)
    'ACME|45%7C7|'
    """
    key = "|".join([part or "" for part in parts])
    if "%" not in key and key.count("|") < len(parts):
        return key  # as nearly always
    return "|".join([(part or "").replace("%", "%25").replace("|", "%7C") for part in parts])


def split_key(key: str) -> tuple[str, ...]:
    """Take a key made by :func:`join_key` apart again (absent parts come back as ``""``)."""
    return tuple(part.replace("%7C", "|").replace("%25", "%") for part in key.split("|"))
