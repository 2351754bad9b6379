"""Whose ledger it is: the folder it lies in, or a column."""

from __future__ import annotations

import re
from typing import Final, Literal

from tierlink.connectors.cells.identifiers import parse_padded_code
from tierlink.connectors.cells.table import Record
from tierlink.connectors.contract import Cell, Document
from tierlink.schemas.values import Party

__all__ = ["read_supplier", "supplier_of_folder"]

_CODE_AND_NAME: Final = re.compile(r"^(\d{3,})[ _\u3000]+\D")


def supplier_of_folder(document: Document) -> str | None:
    """Give the first folder of the document's name: ``100234/ledger.xlsx`` is supplier 100234's.

    A name behind the code is no part of it: ``100234 Huayang Precision``, ``100234_华阳``.
    """
    folder, _, rest = document.name.partition("/")
    if not rest or not folder.strip():
        return None
    code = _CODE_AND_NAME.match(folder.strip())
    return parse_padded_code(Cell(1, code[1] if code else folder))


def read_supplier(record: Record, supplier_from: Literal["folder", "column"]) -> Party:
    """Say which supplier a row is from.

    Raises:
        RowRefusedError: neither folder nor column tells.
    """
    document = record.table.document
    folder = supplier_of_folder(document)
    if supplier_from == "folder" and folder is not None:
        return Party(id=folder)
    code = record.padded_code("supplier")
    if code is None:
        record.refuse("supplier-missing", "supplier", other=document.name.rpartition("/")[2])
    return Party(id=code, name=record.text("supplier_name"))
