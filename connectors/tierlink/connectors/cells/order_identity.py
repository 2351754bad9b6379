"""The order a row is about, with whatever names it: shared by every table that mentions purchase orders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypedDict

from tierlink.connectors.cells.table import Record
from tierlink.connectors.contract import Absent
from tierlink.schemas.orders import LineCancelled, OrderFact
from tierlink.schemas.values import Actor, Item, Party

__all__ = ["OrderIdentity", "OrderNames", "order_identity", "read_item", "read_order_identity"]


_ORDER_AND_LINE: Final = re.compile(r"^(\d{10})\s*/\s*0*(\d{1,5})$", re.ASCII)
"""SAP's ten digits and a slash only: other houses have slashes and dashes in their numbers."""


class OrderNames(TypedDict):
    """The fields of ``OrderFact`` that say which order."""

    buyer: str
    po_no: str
    po_line: str | None
    sched_line: str | None
    item: Item | None
    supplier: Party | None


@dataclass(frozen=True)
class OrderIdentity:
    """Which order, and the keys that follow from it."""

    names: OrderNames
    subject: str
    partition_key: str

    def absent(self, fact_key: str, kind: type[OrderFact], why: str) -> Absent:
        """Say that a fact about this order is not so."""
        return Absent(fact_key, kind, self.subject, self.partition_key, why)


def read_item(record: Record) -> Item | None:
    """Read the part; its name alone is no code, so without a code there is no item."""
    code = record.padded_code("item")
    if code is None:
        return None
    return Item(id=code, name=record.text("item_name"), seller_id=record.padded_code("seller_item"))


def read_order_identity(record: Record, supplier: Party | None) -> OrderIdentity:
    """Read PO number, line, schedule line and part; ``4500012345/10`` in one cell is number and line.

    Raises:
        RowRefusedError: no PO number, or a damaged code.
    """
    po_no, po_line = record.require(record.code("po_no"), "po_no"), record.line_number("po_line")
    together = _ORDER_AND_LINE.match(po_no) if po_line is None else None
    if together is not None:
        po_no, po_line = together[1], together[2]
    return order_identity(
        OrderNames(
            buyer=record.table.settings.buyer,
            po_no=po_no,
            po_line=po_line,
            sched_line=record.line_number("sched_line"),
            item=read_item(record),
            supplier=supplier,
        )
    )


def order_identity(names: OrderNames) -> OrderIdentity:
    """Work out the keys of an order; the schemas alone know how.

    Nothing is validated here: the facts that will carry these names are.
    """
    fact = LineCancelled.model_construct(asserted_by=Actor.BUYER, **names)
    return OrderIdentity(names, fact.subject, fact.partition_key)
