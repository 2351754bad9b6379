"""From topic bytes to facts: the first step of every processor, and the only place that judges a record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tierlink.kpi.statements import (
    Cancelled,
    Changed,
    Counted,
    Despatched,
    Instant,
    Moved,
    OrderStatement,
    Placed,
    Promised,
    Received,
    Rejected,
    Retracted,
    Statement,
    StatusChanged,
    check_forms,
    decode_hook,
)
from tierlink.schemas import deliveries, orders, records, stock
from tierlink.schemas.values import join_key

__all__ = ["TYPES", "Envelope", "Fact", "UnreadableFactError", "family_of", "read_fact"]

BYTES_MAX = 1_048_576
"""Kafka's own default limit of a record; nothing larger can be a fact."""
FIRST_STOCK_DAY = date(1970, 1, 1)
"""Turnover is published for every month from the first fact; a year 0001 would be 24,000 months."""

RETRACTED_TYPE = records.RecordRetracted.event_type
_STATEMENTS: dict[str, type[Statement]] = {
    orders.LinePlaced.event_type: Placed,
    orders.LinePromised.event_type: Promised,
    orders.LineChanged.event_type: Changed,
    orders.LineCancelled.event_type: Cancelled,
    deliveries.ShipmentDespatched.event_type: Despatched,
    deliveries.ShipmentStatusChanged.event_type: StatusChanged,
    deliveries.GoodsReceived.event_type: Received,
    deliveries.GoodsRejected.event_type: Rejected,
    stock.StockCounted.event_type: Counted,
    stock.StockMoved.event_type: Moved,
}

TYPES = (RETRACTED_TYPE, *_STATEMENTS)
"""Every type there is. Stored facts name theirs by its place here, so a new one goes to the end of ``_STATEMENTS``."""

_Text = Annotated[str, Meta(min_length=1)]


class UnreadableFactError(ValueError):
    """The record is no canonical fact. ``reason`` is short enough for a dead letter's header."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"reading fact: {reason}")


class Fact(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One statement of fact, or its retraction (``data`` is None).

    Attributes:
        family: type of the statement without its version; for a retraction, of what it takes back.
            With ``subject`` and ``factkey`` it is the fact's address.
        recordedtime: in UTC.
        sequence: revision, ten digits, so that text order is number order.
    """

    id: str
    type: str
    family: str
    source: str
    subject: str
    partitionkey: str
    factkey: str
    sequence: str
    recordedtime: datetime
    data: Statement | None = None


class Envelope(Struct, frozen=True, gc=False, kw_only=True):
    """CloudEvents attributes, checked as ``tierlink.schemas.envelope.Event`` checks them."""

    id: _Text
    source: Annotated[str, Meta(pattern=r"^urn:tierlink:")]
    type: str
    subject: _Text
    recordedtime: Instant
    partitionkey: _Text
    factkey: _Text
    sequence: Annotated[str, Meta(pattern=r"^[0-9]{10}\Z")]
    data: msgspec.Raw
    time: Instant | None = None
    specversion: Annotated[str, Meta(pattern=r"^1\.0\Z")] = "1.0"
    datacontenttype: Annotated[str, Meta(pattern=r"^application/json\Z")] = "application/json"


_read_envelope = msgspec.json.Decoder(Envelope)
_read_statement: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(model, dec_hook=decode_hook) for kind, model in _STATEMENTS.items()
}
_read_retraction = msgspec.json.Decoder(Retracted)


def read_fact(raw: bytes) -> Fact:
    """Read one record value. Unknown fields are ignored, so that newer writers can add some.

    Args:
        raw: structured-mode CloudEvents JSON.

    Raises:
        UnreadableFactError: no JSON, no fact type, fields that do not fit, or a partition key that is
            not the payload's: such a fact would be counted in an order or stock it does not belong to.
    """
    if len(raw) > BYTES_MAX:
        raise UnreadableFactError(f"larger than {BYTES_MAX} bytes")
    try:
        return _fact(_read_envelope.decode(raw))
    except UnreadableFactError:
        raise
    except RecursionError as error:
        raise UnreadableFactError("nested too deeply") from error
    except OverflowError as error:
        raise UnreadableFactError("an instant outside the calendar") from error
    except ValueError as error:  # msgspec's errors and undecodable text are ValueErrors
        raise UnreadableFactError(str(error)[:300]) from error


def _fact(envelope: Envelope) -> Fact:
    kind = envelope.type
    if kind == RETRACTED_TYPE:
        retracted = _read_retraction.decode(envelope.data).retracted_type
        return _wrap(envelope, family_of(retracted), None)
    decoder = _read_statement.get(kind)
    if decoder is None:
        raise UnreadableFactError(f"unknown type {kind[:120]!r}")
    statement = decoder.decode(envelope.data)
    check_forms(statement)
    if envelope.partitionkey != _aggregate(statement):
        raise UnreadableFactError("partitionkey is not the payload's")
    return _wrap(envelope, family_of(kind), statement)


def _wrap(envelope: Envelope, family: str, statement: Statement | None) -> Fact:
    return Fact(
        id=envelope.id,
        type=envelope.type,
        family=family,
        source=envelope.source,
        subject=envelope.subject,
        partitionkey=envelope.partitionkey,
        factkey=envelope.factkey,
        sequence=envelope.sequence,
        recordedtime=envelope.recordedtime.astimezone(UTC),
        data=statement,
    )


def family_of(kind: str) -> str:
    """Type without its version: ``org.tierlink.stock.counted.v1`` and a later ``v2`` are statements of one family."""
    return _FAMILIES.get(kind) or kind.rpartition(".v")[0] or kind


_FAMILIES = {kind: kind.rpartition(".v")[0] for kind in _STATEMENTS}


def _aggregate(statement: Statement) -> str:
    """Name the order or stock position a statement belongs to, as its model's ``partition_key`` does."""
    if isinstance(statement, OrderStatement):
        return join_key(statement.buyer, statement.po_no)
    day = statement.counted_on if isinstance(statement, Counted) else statement.moved_on
    if day < FIRST_STOCK_DAY:
        raise UnreadableFactError(f"stock dated {day}, before {FIRST_STOCK_DAY}")
    return join_key(statement.holder.id, statement.site, statement.item.id)
