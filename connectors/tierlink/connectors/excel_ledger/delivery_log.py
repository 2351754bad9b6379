"""Rows of a delivery log, several per order line, to despatch facts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import read_order_identity
from tierlink.connectors.cells.table import Record, Table
from tierlink.connectors.contract import Draft, Facts, Ignored
from tierlink.connectors.excel_ledger.mapping import DELIVERY_LOG
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.excel_ledger.supplier import read_supplier
from tierlink.schemas.deliveries import ShipmentDespatched
from tierlink.schemas.values import Actor

__all__ = ["DeliveryLogReader"]


class DeliveryLogReader:
    """The delivery log as a kind of table."""

    kind: SheetKind = DELIVERY_LOG

    def __init__(self, settings: ExcelLedgerSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        del table
        seen: Counter[tuple[str, str]] = Counter()
        return lambda record: _despatch(record, self._settings, seen)


def _despatch(
    record: Record, settings: ExcelLedgerSettings, seen: Counter[tuple[str, str]]
) -> Facts:
    """Key: the delivery note, else the day; a second row with the same one gets a number."""
    order = read_order_identity(record, read_supplier(record, settings.supplier_from))
    dated = "despatched_on" if record.table.has("despatched_on") else "dated_on"
    despatched_on = record.require(record.day(dated), dated)
    shipment_id = record.code("shipment_id")
    data = ShipmentDespatched(
        **order.names,
        asserted_by=Actor.SUPPLIER,
        shipment_id=shipment_id,
        tracking_no=record.code("tracking_no"),
        carrier=record.text("carrier"),
        despatched_on=despatched_on,
        quantity=record.require(record.quantity("quantity"), "quantity"),
        estimated_on=record.day("estimated_on"),
    )
    base = f"despatched/{shipment_id or despatched_on.isoformat()}"
    seen[order.subject, base] += 1
    ordinal = seen[order.subject, base]
    key = base if shipment_id and ordinal == 1 else f"{base}/{ordinal}"
    return Facts((Draft(key, data.model_copy(update={"lineage": record.lineage()})),))
