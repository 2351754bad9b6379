"""An event field by field: what stands in which cell, and what was understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tierlink.api.pages.words import Words
from tierlink.store.events import StoredEvent

__all__ = ["FieldRow", "field_rows"]


@dataclass(frozen=True)
class FieldRow:
    """One canonical field. ``cell`` is None for a value that is in no cell of the row."""

    field: str
    value: str | None
    cell: str | None
    heading: str | None
    raw: str | None


_PARTS: dict[str, tuple[str, str]] = {
    "item_name": ("item", "name"),
    "seller_item": ("item", "seller_id"),
    "supplier_name": ("supplier", "name"),
    "unit": ("quantity", "unit"),
    "entry_unit": ("quantity", "unit"),
}
"""Fields of a sheet that are parts of a field of the event."""

_AS_QUANTITY = {
    "promised_quantity",
    "scheduled_quantity",
    "despatched_quantity",
    "received_quantity",
    "in_quantity",
    "out_quantity",
    "balance",
    "entry_quantity",
}
_AS_STATUS = {
    "picked_up_on": "status_on",
    "departed_on": "status_on",
    "arrived_on": "status_on",
    "delivered_on": "status_on",
    "dated_on": "status_on",
    "status_clock": "status_at",
    "status_code": "status",
}
"""Columns that each say part of a shipment's status."""

_KINDS_OF_CODE = {"asserted_by": "actor", "status": "status", "unit": "unit", "entry_unit": "unit"}


def field_rows(event: StoredEvent, words: Words) -> list[FieldRow]:
    """All fields, in the order of the cells in the row, then those from elsewhere."""
    data = {name: value for name, value in event.data.items() if name != "lineage"}
    cells: dict[str, dict[str, Any]] = (event.lineage or {}).get("cells", {})
    shown: set[str] = set()
    rows = []
    for field, cell in sorted(cells.items(), key=lambda entry: _column_order(entry[1]["ref"])):
        name, value = _understood(field, data)
        shown.add(name)
        written = _write(name, value, words)
        rows.append(
            FieldRow(
                words.name("field", field), written, cell["ref"], cell.get("header"), cell["raw"]
            )
        )
    rows += [
        FieldRow(words.name("field", name), _write(name, value, words), None, None, None)
        for name, value in data.items()
        if name not in shown
    ]
    return rows


def _understood(field: str, data: dict[str, Any]) -> tuple[str, Any]:
    """Name of the event's field a cell went into, and its value there; None where it went nowhere."""
    if field in _AS_QUANTITY and "quantity" in data:
        return "quantity", data["quantity"]
    if field in _AS_STATUS and "status" in data:
        return _AS_STATUS[field], data.get(_AS_STATUS[field])
    if field == "currency":
        money = data.get("unit_price") or data.get("unit_cost") or {}
        return "currency", money.get("currency")
    if field in _PARTS:
        whole, part = _PARTS[field]
        inside = data.get(whole)
        return field, inside.get(part) if isinstance(inside, dict) else None
    return field, data.get(field)


def _write(name: str, value: Any, words: Words) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return _write_whole(value, words)
    kind = _KINDS_OF_CODE.get(name)
    return words.name(kind, str(value)) if kind else _write_text(name, str(value), words)


def _write_text(name: str, text: str, words: Words) -> str:
    try:
        if name.endswith("_on"):
            return words.day(date.fromisoformat(text))
        if name.endswith("_at"):
            return words.instant(datetime.fromisoformat(text))
    except ValueError:
        pass  # shown as it is
    return text


def _write_whole(value: dict[str, Any], words: Words) -> str:
    if "value" in value:
        return words.quantity(str(value["value"]), value.get("unit"))
    if "amount" in value:
        return words.money(str(value["amount"]), str(value["currency"]))
    return " · ".join(str(part) for part in value.values() if part)


def _column_order(ref: str) -> tuple[int, str]:
    letters = ref.rstrip("0123456789")
    return len(letters), letters
