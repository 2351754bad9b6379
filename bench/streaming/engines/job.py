"""The job of the Python engines: what one event does to its line. Pure; imports msgspec only.

Every engine reads an event with the same typed decoder, which skips lineage, and keeps a line as the same
MessagePack: what differs between their figures is the engine.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from decimal import Decimal

import msgspec
from msgspec import Struct

__all__ = [
    "Event",
    "Line",
    "Outcome",
    "apply",
    "count",
    "decode_event",
    "decode_line",
    "decode_totals",
    "encode",
    "encode_line",
    "outcome",
]

RECEIPT = "org.tierlink.goods.received.v1"


class Party(Struct, gc=False):
    id: str


class Quantity(Struct, gc=False):
    value: Decimal


class Data(Struct, gc=False):
    quantity: Quantity
    supplier: Party | None = None
    requested_on: str = ""
    received_on: str = ""


class Event(Struct, gc=False):
    """What the job reads of a CloudEvent."""

    id: str
    type: str
    subject: str
    factkey: str
    sequence: str
    data: Data


class Placed(Struct, array_like=True, gc=False):
    sequence: str
    id: str
    supplier: str
    quantity: Decimal
    requested_on: str


class Receipt(Struct, array_like=True, gc=False):
    sequence: str
    id: str
    quantity: Decimal
    received_on: str


class Line(Struct, array_like=True):
    """State of a schedule line: the newest order line, and the newest of each receipt by fact key."""

    placed: Placed | None = None
    receipts: dict[str, Receipt] = {}


class Outcome(Struct, gc=False):
    """A line's result, as published."""

    supplier: str
    result: str
    completed_on: str | None
    quantity: Decimal
    received: Decimal


decode_event = msgspec.json.Decoder(Event).decode
_decode_line = msgspec.msgpack.Decoder(Line).decode
encode_line = msgspec.msgpack.Encoder().encode
decode_totals = msgspec.json.Decoder(list[int]).decode
encode = msgspec.json.Encoder().encode

_NOTHING = Decimal(0)


def decode_line(raw: bytes | None) -> Line:
    """Read a stored line; None is one nothing is known of."""
    return Line() if raw is None else _decode_line(raw)


def apply(line: Line, event: Event) -> bool:
    """Take in an event; returns whether it said something new. Any order, any repetition: the same line."""
    said = (event.sequence, event.id)
    data = event.data
    if event.type == RECEIPT:
        known = line.receipts.get(event.factkey)
        if known is not None and said <= (known.sequence, known.id):
            return False
        line.receipts[event.factkey] = Receipt(*said, data.quantity.value, data.received_on)
        return True
    placed = line.placed
    if placed is not None and said <= (placed.sequence, placed.id):
        return False
    supplier = data.supplier.id if data.supplier else ""
    line.placed = Placed(*said, supplier, data.quantity.value, data.requested_on)
    return True


def outcome(line: Line) -> Outcome | None:
    """The line's result as it is now; None while its order line is not known."""
    placed = line.placed
    if placed is None:
        return None
    received, completed_on = _received(line, placed.quantity)
    result = "open"
    if completed_on is not None:
        result = "on_time" if completed_on <= placed.requested_on else "late"
    return Outcome(placed.supplier, result, completed_on, placed.quantity, received)


def _received(line: Line, ordered: Decimal) -> tuple[Decimal, str | None]:
    """All that was received, and the day at whose end it first was as much as ordered."""
    receipts = line.receipts.values()
    if len(receipts) == 1:
        (one,) = receipts
        return one.quantity, one.received_on if one.quantity >= ordered else None
    by_day: dict[str, Decimal] = {}
    for one in receipts:
        by_day[one.received_on] = by_day.get(one.received_on, _NOTHING) + one.quantity
    received, completed_on = _NOTHING, None
    for day in sorted(by_day):
        received += by_day[day]
        if completed_on is None and received >= ordered:
            completed_on = day
    return received, completed_on


def count(
    totals: MutableMapping[str, list[int]], before: Outcome | None, after: Outcome | None
) -> None:
    """Change lines, on time and late of the suppliers concerned, which must be in ``totals``."""
    for one, by in ((before, -1), (after, 1)):
        if one is not None:
            numbers = totals[one.supplier]
            numbers[0] += by
            if one.result != "open":
                numbers[1 if one.result == "on_time" else 2] += by
