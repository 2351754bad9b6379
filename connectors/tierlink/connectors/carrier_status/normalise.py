"""Rows of a carrier's list to status facts. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from tierlink.connectors.carrier_status.mapping import SHIPMENT_STATUS, STATUS_WORDS
from tierlink.connectors.carrier_status.settings import CarrierStatusSettings
from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import (
    OrderIdentity,
    OrderNames,
    order_identity,
    read_item,
)
from tierlink.connectors.cells.table import Record, Table
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.contract import Draft, Facts, Ignored
from tierlink.schemas.deliveries import ShipmentStatus, ShipmentStatusChanged
from tierlink.schemas.values import Actor

__all__ = ["ShipmentStatusReader", "split_reference"]

_KNOWN: Final = (
    "picked up/abgeholt/已揽收, in transit/unterwegs/运输中, arrived/angekommen/到达, delivered/zugestellt/已签收, "
    "delayed/verspätet/延误, exception/Ausnahme/异常"
)
_PREFIX: Final = re.compile(
    r"^(?:p\.?\s?o\.?(?:\s*(?:no|nr|number)\.?)?|order(?:\s*no\.?)?|bestellung|bestell-?nr\.?|采购订单|订单号?)\s*[:#：\s]\s*",
    re.IGNORECASE,
)
_PO_AND_LINE: Final = re.compile(
    r"^(?P<po>.*\S)\s*(?:/|\\|#|\s(?:pos\.?|item|line|行|项)\s*)\s*0*(?P<line>\d{1,6})$",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"^(?:19|20)\d\d$")
_STAMP: Final = re.compile(r"^[(\[]?[A-Z]{0,3}\d{0,3}[)\]]?\s*[-:]\s*", re.IGNORECASE)


class ShipmentStatusReader:
    """The status list as a kind of table."""

    kind: SheetKind = SHIPMENT_STATUS

    def __init__(self, settings: CarrierStatusSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        del table
        seen: Counter[tuple[str, str]] = Counter()
        return lambda record: _normalise(record, self._settings, seen)


def split_reference(reference: str, *, has_line: bool) -> tuple[str, str | None]:
    """Take a customer reference apart: ``4500012345/10`` is PO 4500012345, line 10; ``2026/0815`` is one number.

    Args:
        reference: as the carrier prints it.
        has_line: the line is in a column of its own, so the reference is all PO number.
    """
    bare = _PREFIX.sub("", reference).strip() or reference
    both = None if has_line else _PO_AND_LINE.match(bare)
    if both is None or _YEAR.match(both["po"]):
        return bare, None
    return both["po"].rstrip(), both["line"]


def _normalise(
    record: Record, settings: CarrierStatusSettings, seen: Counter[tuple[str, str]]
) -> Facts:
    order = _order(record)
    status = _status(record)
    moment = record.require(record.moment("status_on"), "status_on")
    tracking_no, shipment_id = record.code("tracking_no"), record.code("shipment_id")
    data = ShipmentStatusChanged(
        **order.names,
        asserted_by=Actor.CARRIER,
        shipment_id=shipment_id,
        tracking_no=tracking_no,
        carrier=record.text("carrier") or settings.carrier,
        status=status,
        status_on=moment.day,
        status_at=moment.at,
        estimated_on=record.day("estimated_on"),
        quantity=record.quantity("quantity"),
        location=record.text("location"),
        reason=record.text("reason"),
    )
    when = moment.at.isoformat() if moment.at else moment.day.isoformat()
    base = f"status/{tracking_no or shipment_id or ''}/{status}/{when}"
    seen[data.subject, base] += 1
    ordinal = seen[data.subject, base]
    key = base if ordinal == 1 else f"{base}/{ordinal}"
    return Facts((Draft(key, data.model_copy(update={"lineage": record.lineage()})),))


def _order(record: Record) -> OrderIdentity:
    reference = record.code("po_no")
    if reference is None:
        record.refuse("order-reference-missing", "po_no")
    line = record.line_number("po_line")
    po_no, split_line = split_reference(reference, has_line=line is not None)
    return order_identity(
        OrderNames(
            buyer=record.table.settings.buyer,
            po_no=po_no,
            po_line=line or split_line,
            sched_line=None,
            item=read_item(record),
            supplier=None,
        )
    )


def _status(record: Record) -> ShipmentStatus:
    """Look the whole text up, then without a code in front (``D1 - Delivered``)."""
    text = record.require(record.text("status"), "status")
    for candidate in (text, _STAMP.sub("", text), text.replace("_", " ")):
        found = STATUS_WORDS.get(word_key(candidate))
        if found is not None:
            return found
    return record.refuse("status-unknown", "status", found=text, expected=_KNOWN)
