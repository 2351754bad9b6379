"""Rows of a purchase order export, one per schedule line, to facts: placed, changed, promised, cancelled. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import OrderIdentity, read_order_identity
from tierlink.connectors.cells.status_words import says_cancelled
from tierlink.connectors.cells.table import Record, Table
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.contract import Absent, Draft, Facts, History, Ignored
from tierlink.connectors.erp_export.mapping import PURCHASE_ORDERS
from tierlink.connectors.erp_export.supplier import read_vendor
from tierlink.schemas.orders import LineCancelled, LineChanged, LinePlaced, LinePromised
from tierlink.schemas.values import Actor, Quantity

__all__ = ["PurchaseOrderReader"]

SAP_BLOCKED: Final = "s"
"""LOEKZ is ``L`` for a deleted item and ``S`` for a blocked one, which is still wanted."""


class PurchaseOrderReader:
    """The purchase order export as a kind of table."""

    kind: SheetKind = PURCHASE_ORDERS

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        del table
        seen: dict[str, tuple[tuple[object, ...], int]] = {}
        return lambda record: _normalise(record, seen)


def _normalise(record: Record, seen: dict[str, tuple[tuple[object, ...], int]]) -> Facts:
    order = read_order_identity(record, read_vendor(record))
    quantity = record.quantity("scheduled_quantity") or record.quantity("quantity")
    quantity = record.require(quantity, "quantity")
    requested_on = record.day("requested_on")
    _refuse_contradiction(record, order, (quantity.value, quantity.unit, requested_on), seen)
    statements: list[Draft | Absent] = [
        Draft("placed", _placed(record, order, quantity, requested_on)),
        Draft("changed", _changed(order, quantity, requested_on), History.CHANGES),
        *_promised(record, order),
        *_cancelled(record, order),
    ]
    lineage = {"lineage": record.lineage()}
    return Facts(
        tuple(
            statement
            if isinstance(statement, Absent)
            else Draft(
                statement.fact_key, statement.data.model_copy(update=lineage), statement.history
            )
            for statement in statements
        )
    )


def _refuse_contradiction(
    record: Record,
    order: OrderIdentity,
    terms: tuple[object, ...],
    seen: dict[str, tuple[tuple[object, ...], int]],
) -> None:
    """Two rows about one schedule line that differ cannot both be its terms."""
    known = seen.setdefault(order.subject, (terms, record.row.number))
    if known[0] != terms:
        record.refuse("row-conflict", "quantity", other=str(known[1]), held=True)


def _placed(
    record: Record, order: OrderIdentity, quantity: Quantity, requested_on: date | None
) -> LinePlaced:
    return LinePlaced(
        **order.names,
        asserted_by=Actor.BUYER,
        quantity=quantity,
        ordered_on=record.day("ordered_on"),
        requested_on=requested_on,
        unit_price=record.money("unit_price", per="price_per"),
        ship_to=record.code("site"),
    )


def _changed(order: OrderIdentity, quantity: Quantity, requested_on: date | None) -> LineChanged:
    """What the buyer may change; the runner publishes it only when it differs from an earlier export."""
    return LineChanged(
        **order.names, asserted_by=Actor.BUYER, quantity=quantity, requested_on=requested_on
    )


def _promised(record: Record, order: OrderIdentity) -> list[Draft]:
    """The buyer's record of the supplier's confirmation."""
    promised_on = record.day("promised_on")
    if promised_on is None:
        return []
    promised = LinePromised(
        **order.names,
        asserted_by=Actor.SUPPLIER,
        promised_on=promised_on,
        quantity=record.quantity("promised_quantity"),
    )
    return [Draft("promised", promised, History.EVERY)]


def _cancelled(record: Record, order: OrderIdentity) -> list[Draft | Absent]:
    if not (record.table.has("cancelled") or record.table.has("status")):
        return []
    mark = record.raw_text("cancelled") or ""
    status = record.text("status")
    by_status = status is not None and says_cancelled(status)
    by_mark = says_cancelled(mark) or (word_key(mark) != SAP_BLOCKED and record.flag("cancelled"))
    if by_mark or by_status:
        why = status if by_status else record.text("cancelled")
        return [
            Draft("cancelled", LineCancelled(**order.names, asserted_by=Actor.BUYER, reason=why))
        ]
    return [order.absent("cancelled", LineCancelled, "the row is not marked as deleted")]
