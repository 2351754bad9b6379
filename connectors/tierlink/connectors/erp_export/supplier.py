"""The vendor an ERP row names."""

from __future__ import annotations

from tierlink.connectors.cells.table import Record
from tierlink.schemas.values import Party

__all__ = ["read_vendor"]


def read_vendor(record: Record) -> Party | None:
    """Read vendor code and name; null where the export has no vendor column or the cell is empty.

    SAP shows ``100234 Huayang Precision`` in some list columns: then the leading digits are the code.
    """
    code = record.padded_code("supplier")
    if code is None:
        return None
    head, _, tail = code.partition(" ")
    if head.isdigit() and tail.strip():
        return Party(id=head.lstrip("0") or "0", name=tail.strip())
    return Party(id=code, name=record.text("supplier_name"))
