"""Finds the table in a sheet: which row is the header, and which kind of table it opens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tierlink.connectors.cells.headings import ColumnMatch, SheetKind, heading_key, match_columns
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.contract import Cell, CellKind, Row

__all__ = [
    "HEADER_SEARCH_ROWS",
    "Layout",
    "NearMiss",
    "classify_row",
    "find_layout",
    "is_number_field",
]

HEADER_SEARCH_ROWS: Final = 40
_RULES: Final = re.compile(r"^[-=_*.·+|\s]{2,}$")
_TOTAL: Final = re.compile(
    r"^(?:本[页月日周]|当[页月日]|上页)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总|总数)(?:数量|金额)?$"
    r"|^(?:grand |sub[- ]?|page )?totals?(?: qty| quantity| amount)?$|^sub[- ]?total.{0,30}$|^sum$"
    r"|^(?:zwischen|gesamt|end|teil)?-?summen?$|^gesamt(?:menge|betrag|ergebnis)?$|^(?:zwischen)?ergebnis$|^insgesamt$"
    r"|^(?:total|summe|小计|合计|总计)\s*[:\-]?\s*[\d.,' ]+$"
)


@dataclass(frozen=True)
class Layout:
    """Where the header is and what its columns mean. ``header_rows`` has one or two row numbers."""

    kind: SheetKind
    header_rows: tuple[int, ...]
    match: ColumnMatch
    headings: dict[int, str]

    def cell(self, row: Row, field: str) -> Cell | None:
        """Give a row's cell of a field; null where the field has no column or the cell is empty."""
        column = self.match.columns.get(field)
        if column is None:
            return None
        return next((cell for cell in row.cells if cell.column == column.index), None)


@dataclass(frozen=True)
class NearMiss:
    """A header that lacks required columns, or has two that claim the same required field."""

    layout: Layout
    missing: tuple[str, ...]


def is_number_field(field: str) -> bool:
    """Tell whether a field's values are numbers; fields ending in ``_on`` are dates, all others text."""
    return field in {
        "quantity",
        "balance",
        "unit_price",
        "unit_cost",
        "price_per",
    } or field.endswith("_quantity")


def find_layout(rows: Sequence[Row], kinds: Sequence[SheetKind]) -> Layout | NearMiss | None:
    """Choose the header among the first rows; of several the one with most known columns, then the first kind.

    Returns:
        The layout; what comes close to one; or null when nothing in the sheet looks like a table of these kinds.
    """
    fitting: list[tuple[tuple[int, int, int], Layout]] = []
    close: list[tuple[tuple[int, int], NearMiss]] = []
    for layout, rank in _candidates(rows[:HEADER_SEARCH_ROWS], kinds):
        known = len(layout.match.columns)
        missing = layout.kind.missing(frozenset(layout.match.columns))
        if not missing:
            fitting.append(((-known, len(layout.header_rows), rank), layout))
        elif _looks_like_table(layout):
            close.append(((len(missing), -known), NearMiss(layout, tuple(sorted(missing)))))
    if fitting:
        return min(fitting, key=lambda entry: entry[0])[1]
    return min(close, key=lambda entry: entry[0])[1] if close else None


def classify_row(row: Row, layout: Layout) -> str | None:
    """Say why a row below the header is no data (``header``, ``total``, ``note``, ``blank``); null for data."""
    texts = [(cell.column, cell.text) for cell in row.cells if cell.kind is CellKind.TEXT]
    if len(texts) == len(row.cells) and all(_RULES.match(text) for _, text in texts):
        return "blank"
    repeated = sum(_is_heading(text, layout, column) for column, text in texts)
    if repeated >= 2 and repeated * 2 >= len(row.cells):
        return "header"
    if (
        texts
        and any(_TOTAL.match(word_key(text)) for _, text in texts[:3])
        and not _has_all_keys(row, layout)
    ):
        return "total"
    return "note" if _is_note(row, layout) else None


def _is_heading(text: str, layout: Layout, column: int) -> bool:
    """The column's own heading again, or the same in another language below it."""
    key = heading_key(text)
    if not key:
        return False
    if key == heading_key(layout.headings.get(column, "")):
        return True
    field = layout.kind.fields_by_heading.get(key)
    known = layout.match.columns.get(field) if field else None
    return known is not None and known.index == column


def _has_all_keys(row: Row, layout: Layout) -> bool:
    keys = [layout.cell(row, key) for key in layout.kind.keys if key in layout.match.columns]
    return all(cell is not None and not _TOTAL.match(word_key(cell.text)) for cell in keys)


def _is_note(row: Row, layout: Layout) -> bool:
    """Signatures, remarks and legends: no quantity, no date, and nothing that could be a key."""
    for field in layout.match.columns:
        cell = layout.cell(row, field)
        if cell is not None and (is_number_field(field) or field.endswith("_on")):
            return False
    keys = [cell.text for key in layout.kind.keys if (cell := layout.cell(row, key)) is not None]
    return all(_is_prose(text) for text in keys)


def _is_prose(text: str) -> bool:
    return (
        len(text) > 60
        or "：" in text
        or ": " in text
        or not any(character.isdigit() for character in text)
    )


def _candidates(rows: Sequence[Row], kinds: Sequence[SheetKind]) -> Iterable[tuple[Layout, int]]:
    for position, row in enumerate(rows):
        single = {cell.column: (cell.text,) for cell in row.cells if cell.kind is CellKind.TEXT}
        below = rows[position + 1] if position + 1 < len(rows) else None
        double = (
            _two_row_headings(row, below)
            if below is not None and below.number == row.number + 1
            else {}
        )
        for rank, kind in enumerate(kinds):
            for headings, numbers in (
                (single, (row.number,)),
                (double, (row.number, row.number + 1)),
            ):
                if len(headings) < 2:
                    continue
                match = match_columns(headings, kind)
                if len(match.columns) + len(match.contested) >= 2:
                    yield (
                        Layout(
                            kind,
                            numbers,
                            match,
                            {index: texts[0] for index, texts in headings.items()},
                        ),
                        rank,
                    )


def _two_row_headings(top: Row, below: Row) -> dict[int, tuple[str, ...]]:
    """Join a group heading (入库) with the headings below it (数量, 单价); only when the lower row is all text."""
    if len(below.cells) < 2 or any(
        cell.kind is not CellKind.TEXT for cell in (*top.cells, *below.cells)
    ):
        return {}
    if any(any(character.isdigit() for character in cell.text) for cell in below.cells):
        return {}
    upper = {cell.column: cell.text for cell in top.cells}
    lower = {cell.column: cell.text for cell in below.cells}
    repeats = Counter(lower.values())
    headings: dict[int, tuple[str, ...]] = {}
    group = ""
    for index in range(1, max(*upper, *lower) + 1):
        group = upper.get(index, group)
        if index in lower:
            own = lower[index]
            alone = (own,) if repeats[own] == 1 else ()
            headings[index] = (f"{group} {own}", *alone) if group else (own,)
        elif index in upper:
            headings[index] = (upper[index],)
    return headings


def _looks_like_table(layout: Layout) -> bool:
    """Two known columns may be chance; an order number with anything, or three with a quantity, are not."""
    known = set(layout.match.columns) | set(layout.match.contested)
    if "po_no" in known:
        return len(known) >= 2
    return len(known) >= 3 and any(is_number_field(field) for field in known)
