"""Rows of a goods receipt export to facts: received, reversed (negative), rejected. Pure.

SAP movement types: 101 receipt, 103 receipt into blocked stock, 105 its release; 102, 104, 106 their reversals;
122, 124, 161 returns to the vendor. Where a line has a 103, its 105 and 106 are no second receipt and are ignored.
A purchase order history (EKBE) also has invoices and other documents (VGABE 2, BEWTP Q): they move no goods.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import OrderIdentity, read_order_identity
from tierlink.connectors.cells.table import Record, RowRefusedError, Table
from tierlink.connectors.cells.texts import word_key
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
GOODS_RECEIPT_CATEGORIES: Final = frozenset({"1", "e"})
"""VGABE 1 and BEWTP E."""
_CREDIT: Final = frozenset({"h", "c", "cr", "credit", "haben", "贷", "贷方", "-"})
_DEBIT: Final = frozenset({"s", "d", "dr", "debit", "soll", "借", "借方", "+"})
_WORDS: Final = {
    **dict.fromkeys(
        ("gr", "receipt", "goods receipt", "received", "in", "we", "wareneingang", "eingang", "zugang", "收货", "入库",
         "采购入库", "采购收货"),
        "101",
    ),
    **dict.fromkeys(
        ("reversal", "gr reversal", "cancellation", "reversed", "storno", "stornierung", "冲销", "收货冲销", "取消"),
        "102",
    ),
    **dict.fromkeys(
        ("return", "return to vendor", "returned", "rejected", "rücklieferung", "retoure", "退货", "采购退货"),
        "122",
    ),
}  # fmt: skip
_EXAMPLES: Final = (
    "receipt, reversal, return, 收货, 冲销, 退货, Wareneingang, Storno, Rücklieferung"
)
_SAP_TYPE: Final = re.compile(r"^(\d{3})(?:\D.*)?$")
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
        if not _is_goods_receipt(record):
            return Ignored("no goods receipt")
        movement = _movement_type(record)
        if movement is not None and movement not in RECEIPTS | REVERSALS | REJECTIONS:
            return Ignored(f"movement type {movement[:10]}")
        if movement in RELEASES and _line(record) in self._blocked:
            return Ignored(f"movement type {movement} (received by 103 already)")
        order = read_order_identity(record, read_vendor(record))
        quantity = _quantity(record)
        data: GoodsReceived | GoodsRejected
        if movement in REJECTIONS:
            data, noun = _rejected(record, order, quantity), "rejected"
        else:
            data, noun = (
                _received(record, order, quantity, reversal=_is_reversal(record, movement)),
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


def _is_goods_receipt(record: Record) -> bool:
    category = record.text("history_category")
    return category is None or word_key(category) in GOODS_RECEIPT_CATEGORIES


def _movement_type(record: Record) -> str | None:
    """SAP's three digits, also where a text follows them or a word stands for them; null without such a column."""
    said = record.code("movement_type")
    if said is None:
        if record.table.has("movement_type"):
            record.refuse("cell-missing", "movement_type")
        return None
    if sap := _SAP_TYPE.match(said):
        return sap[1]
    if (known := _WORDS.get(word_key(said))) is None:
        record.refuse("movement-unknown", "movement_type", found=said, expected=_EXAMPLES)
    return known


def _quantity(record: Record) -> Quantity:
    """The quantity with the unit that belongs to it: SAP lists two pairs, in base unit and in unit of entry."""
    table = record.table
    entered = table.has("entry_quantity") and not (
        table.has("quantity") and (table.has("unit") or not table.has("entry_unit"))
    )
    name, unit = ("entry_quantity", "entry_unit") if entered else ("quantity", "unit")
    if not table.has(unit):
        unit = "entry_unit" if table.has("entry_unit") else "unit"
    return record.require(record.quantity(name, signed=True, unit=unit), name)


def _is_reversal(record: Record, movement: str | None) -> bool:
    """By movement type; without one by the credit mark."""
    if movement is not None:
        return movement in REVERSALS
    mark = record.text("debit_credit")
    if mark is None:
        return False
    if word_key(mark) in _CREDIT:
        return True
    if word_key(mark) not in _DEBIT:
        record.refuse("flag-unknown", "debit_credit", found=mark, expected="S, H")
    return False


def _line(record: Record) -> _Line:
    return record.code("po_no"), record.line_number("po_line"), record.padded_code("item")


def _blocked_lines(table: Table) -> set[_Line]:
    lines: set[_Line] = set()
    for record in table.records():
        try:
            if _movement_type(record) == INTO_BLOCKED:
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
