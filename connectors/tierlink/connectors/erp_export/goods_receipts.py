"""Rows of a goods receipt export to facts: received, reversed (negative), rejected. Pure.

SAP movement types: 101 receipt, 103 receipt into blocked stock, 105 its release; 102, 104, 106 their reversals;
122, 124, 161 returns to the vendor. Where a line has a 103, its 105 and 106 are no second receipt and are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import OrderIdentity, read_order_identity
from tierlink.connectors.cells.table import Record, RowRefusedError, Table
from tierlink.connectors.contract import Draft, Facts, Ignored
from tierlink.connectors.erp_export.mapping import GOODS_RECEIPTS
from tierlink.connectors.erp_export.supplier import read_vendor
from tierlink.schemas.deliveries import GoodsReceived, GoodsRejected
from tierlink.schemas.values import Actor, Quantity

__all__ = ["GoodsReceiptReader"]

RECEIPTS: Final = frozenset({"101", "103", "105"})
REVERSALS: Final = frozenset({"102", "104", "106"})
REJECTIONS: Final = frozenset({"122", "124", "161"})
INTO_BLOCKED: Final = "103"
RELEASES: Final = frozenset({"105", "106"})
_Line = tuple[str | None, str | None, str | None]


class GoodsReceiptReader:
    """The goods receipt export as a kind of table."""

    kind: SheetKind = GOODS_RECEIPTS

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet: a first pass finds lines received into blocked stock, lest their release counts twice."""
        blocked = frozenset(_blocked_lines(table)) if table.has("movement_type") else frozenset()
        return _ReceiptRows(blocked).normalise


class _ReceiptRows:
    """Rows of one export; numbers receipts that have no document."""

    def __init__(self, blocked: frozenset[_Line]) -> None:
        self._blocked = blocked
        self._seen: Counter[tuple[str, str]] = Counter()

    def normalise(self, record: Record) -> Facts | Ignored:
        """Read one row."""
        movement = record.code("movement_type")
        if movement is not None and movement not in RECEIPTS | REVERSALS | REJECTIONS:
            return Ignored(f"movement type {movement[:10]}")
        if movement in RELEASES and _line(record) in self._blocked:
            return Ignored(f"movement type {movement} (received by 103 already)")
        order = read_order_identity(record, read_vendor(record))
        quantity = record.require(record.quantity("quantity", signed=True), "quantity")
        data: GoodsReceived | GoodsRejected
        if movement in REJECTIONS:
            data, noun = _rejected(record, order, quantity), "rejected"
        else:
            data, noun = (
                _received(record, order, quantity, reversal=movement in REVERSALS),
                "receipt",
            )
        key = self._fact_key(record, noun, data)
        return Facts((Draft(key, data.model_copy(update={"lineage": record.lineage()})),))

    def _fact_key(self, record: Record, noun: str, data: GoodsReceived | GoodsRejected) -> str:
        """By document, year and line; without a document by day, numbered."""
        day = data.received_on if isinstance(data, GoodsReceived) else data.rejected_on
        document = (data.receipt_no, record.code("receipt_year"), data.receipt_line)
        named = data.receipt_no is not None
        base = "/".join([noun, *(part or "" for part in document)]) if named else f"{noun}/{day}"
        self._seen[data.subject, base] += 1
        ordinal = self._seen[data.subject, base]
        return base if named and ordinal == 1 else f"{base}/{ordinal}"


def _line(record: Record) -> _Line:
    return record.code("po_no"), record.line_number("po_line"), record.padded_code("item")


def _blocked_lines(table: Table) -> set[_Line]:
    lines: set[_Line] = set()
    for record in table.records():
        try:
            if record.code("movement_type") == INTO_BLOCKED:
                lines.add(_line(record))
        except RowRefusedError:
            continue
    return lines


def _received(
    record: Record, order: OrderIdentity, quantity: Quantity, *, reversal: bool
) -> GoodsReceived:
    """The document date is the day of arrival; the posting date stands in where there is none."""
    posted_on = record.day("posted_on")
    received_on = record.day("received_on") or posted_on
    value = -abs(quantity.value) if reversal else quantity.value
    return GoodsReceived(
        **order.names,
        asserted_by=Actor.BUYER,
        receipt_no=record.code("receipt_no"),
        receipt_line=record.line_number("receipt_line"),
        shipment_id=record.code("shipment_id"),
        received_on=record.require(received_on, _date_field(record)),
        posted_on=posted_on,
        quantity=Quantity(value=value, unit=quantity.unit),
        site=record.code("site") or record.code("storage"),
    )


def _rejected(record: Record, order: OrderIdentity, quantity: Quantity) -> GoodsRejected:
    rejected_on = record.day("received_on") or record.day("posted_on")
    return GoodsRejected(
        **order.names,
        asserted_by=Actor.BUYER,
        receipt_no=record.code("receipt_no"),
        receipt_line=record.line_number("receipt_line"),
        shipment_id=record.code("shipment_id"),
        rejected_on=record.require(rejected_on, _date_field(record)),
        quantity=Quantity(value=abs(quantity.value), unit=quantity.unit),
        site=record.code("site") or record.code("storage"),
        reason=record.text("reason"),
    )


def _date_field(record: Record) -> str:
    return "received_on" if record.table.has("received_on") else "posted_on"
