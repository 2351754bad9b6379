"""Rows of an order ledger, one per order line, to facts: placed, promised, despatched, received, cancelled. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import OrderIdentity, read_order_identity
from tierlink.connectors.cells.status_words import says_cancelled
from tierlink.connectors.cells.table import Record, Table
from tierlink.connectors.contract import Absent, Draft, Facts, History, Ignored
from tierlink.connectors.excel_ledger.mapping import ORDER_LEDGER
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.excel_ledger.supplier import read_supplier
from tierlink.schemas.deliveries import GoodsReceived, ShipmentDespatched
from tierlink.schemas.envelope import FactData
from tierlink.schemas.orders import LineCancelled, LinePlaced, LinePromised
from tierlink.schemas.values import Actor, Quantity

__all__ = ["OrderLedgerReader"]

_Line = tuple[Decimal, str, date | None, int]
"""Quantity, unit and requested day of an order line, and the row that said so first; flat, as there may be many."""
_SAYS_SO: Final = ("quantity", "promised_on", "despatched_on", "received_on")


class OrderLedgerReader:
    """The order ledger as a kind of table."""

    kind: SheetKind = ORDER_LEDGER

    def __init__(self, settings: ExcelLedgerSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        return _OrderRows(table, self._settings).normalise


class _OrderRows:
    """Rows of one sheet; remembers which order lines it has seen, to tell part shipments from contradictions."""

    def __init__(self, table: Table, settings: ExcelLedgerSettings) -> None:
        self._table = table
        self._settings = settings
        self._lines: dict[str, _Line] = {}
        self._ordinals: defaultdict[str, int] = defaultdict(int)

    def normalise(self, record: Record) -> Facts:
        """Read one row."""
        order = read_order_identity(record, read_supplier(record, self._settings.supplier_from))
        ordinal = self._ordinals[order.subject] + 1
        quantity = record.quantity("quantity") or self._merged_quantity(record, order)
        statements: list[Draft | Absent | None] = [
            self._placed(record, order, quantity),
            _promised(record, order),
            *_despatched(record, order, quantity, ordinal),
            *_received(record, order, quantity, ordinal),
            *_cancelled(record, order),
        ]
        said = [statement for statement in statements if statement is not None]
        if not any(isinstance(statement, Draft) for statement in said):
            missing = tuple(name for name in _SAYS_SO if self._table.has(name))
            record.refuse("row-says-nothing", missing[0] if missing else None, fields=missing)
        self._ordinals[order.subject] = ordinal
        lineage = record.lineage()
        return Facts(tuple(_traced(statement, {"lineage": lineage}) for statement in said))

    def _merged_quantity(self, record: Record, order: OrderIdentity) -> Quantity | None:
        """The ordered quantity in a cell merged over the shipments of one order line: the same for each of them."""
        known = self._lines.get(order.subject)
        if known is None or record.merged_from("quantity") != known[3]:
            return None
        return Quantity(value=known[0], unit=known[1])

    def _placed(
        self, record: Record, order: OrderIdentity, quantity: Quantity | None
    ) -> Draft | None:
        ordered_on, requested_on = record.day("ordered_on"), record.day("requested_on")
        if quantity is None:
            if self._table.has("quantity") and not record.is_filled("promised_on"):
                record.refuse("cell-missing", "quantity", fields=("quantity",))
            return None
        placed = LinePlaced(
            **order.names,
            asserted_by=Actor.SUPPLIER,
            quantity=quantity,
            ordered_on=ordered_on,
            requested_on=requested_on,
            unit_price=record.money("unit_price", per="price_per"),
            ship_to=record.code("site"),
        )
        terms = (quantity.value, quantity.unit, requested_on)
        known = self._lines.setdefault(order.subject, (*terms, record.row.number))
        if known[:3] != terms:
            record.refuse("row-conflict", "quantity", other=str(known[3]), held=True)
        return Draft("placed", placed)


def _promised(record: Record, order: OrderIdentity) -> Draft | None:
    promised_on = record.day("promised_on")
    if promised_on is None:
        return None
    promised = LinePromised(
        **order.names,
        asserted_by=Actor.SUPPLIER,
        promised_on=promised_on,
        quantity=record.quantity("promised_quantity"),
    )
    return Draft("promised", promised, History.EVERY)


def _despatched(
    record: Record, order: OrderIdentity, ordered: Quantity | None, ordinal: int
) -> list[Draft | Absent]:
    """A shipped quantity needs its day; a day without a quantity means the whole line was sent."""
    if not record.table.has("despatched_on"):
        return []
    key = f"despatched/{ordinal}"
    despatched_on, quantity = record.day("despatched_on"), record.quantity("despatched_quantity")
    if despatched_on is None:
        if quantity is not None and quantity.value > 0:
            record.refuse("cell-missing", "despatched_on", fields=("despatched_on",))
        return [order.absent(key, ShipmentDespatched, "the ship date is empty")]
    quantity = quantity or ordered
    if quantity is None:
        record.refuse("cell-missing", "quantity", fields=("despatched_quantity", "quantity"))
    despatched = ShipmentDespatched(
        **order.names,
        asserted_by=Actor.SUPPLIER,
        shipment_id=record.code("shipment_id"),
        tracking_no=record.code("tracking_no"),
        carrier=record.text("carrier"),
        despatched_on=despatched_on,
        quantity=quantity,
        estimated_on=record.day("estimated_on"),
    )
    return [Draft(key, despatched)]


def _received(
    record: Record, order: OrderIdentity, ordered: Quantity | None, ordinal: int
) -> list[Draft | Absent]:
    """The supplier's own claim of arrival; the quantity is what arrived, else what was sent, else what was ordered."""
    if not record.table.has("received_on"):
        return []
    key = f"received/{ordinal}"
    received_on, quantity = record.day("received_on"), record.quantity("received_quantity")
    if received_on is None:
        if quantity is not None and quantity.value > 0:
            record.refuse("cell-missing", "received_on", fields=("received_on",))
        return [order.absent(key, GoodsReceived, "the receipt date is empty")]
    quantity = quantity or record.quantity("despatched_quantity") or ordered
    if quantity is None:
        record.refuse("cell-missing", "quantity", fields=("received_quantity", "quantity"))
    received = GoodsReceived(
        **order.names,
        asserted_by=Actor.SUPPLIER,
        shipment_id=record.code("shipment_id"),
        received_on=received_on,
        quantity=quantity,
        site=record.code("site"),
    )
    return [Draft(key, received)]


def _cancelled(record: Record, order: OrderIdentity) -> list[Draft | Absent]:
    table = record.table
    if not (table.has("cancelled") or table.has("status")):
        return []
    status = record.text("status")
    by_status = status is not None and says_cancelled(status)
    if says_cancelled(record.raw_text("cancelled") or "") or record.flag("cancelled") or by_status:
        cancelled = LineCancelled(
            **order.names,
            asserted_by=Actor.SUPPLIER,
            reason=status if by_status else record.text("cancelled"),
        )
        return [Draft("cancelled", cancelled)]
    return [order.absent("cancelled", LineCancelled, "the row is not marked as cancelled")]


def _traced(statement: Draft | Absent, lineage: dict[str, object]) -> Draft | Absent:
    if isinstance(statement, Absent):
        return statement
    data: FactData = statement.data.model_copy(update=lineage)
    return Draft(statement.fact_key, data, statement.history)
