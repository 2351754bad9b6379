"""Finds the table in a sheet: which row is the header, which kind of table it opens, and where another one begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from tierlink.connectors.cells.dates import is_serial
from tierlink.connectors.cells.headings import (
    ColumnMatch,
    ColumnValues,
    SheetKind,
    heading_key,
    match_columns,
)
from tierlink.connectors.cells.texts import is_empty_marker, word_key
from tierlink.connectors.cells.units import is_unit
from tierlink.connectors.contract import Cell, CellKind, Row

__all__ = [
    "HEADER_SEARCH_ROWS",
    "Layout",
    "NearMiss",
    "classify_row",
    "find_layout",
    "is_number_field",
    "is_other_header",
]

HEADER_SEARCH_ROWS: Final = 40
_VALUES_LOOKED_AT: Final = 20
_NUMBER_CHARACTERS: Final = 20
_VITAL: Final = frozenset(
    {"po_no", "po_line", "sched_line", "item", "unit", "movement_type", "cancelled", "status"}
)
"""Of codes, those without which a row would be read as something else; see :func:`_is_vital`."""
_SPARE: Final = frozenset({"ordered_on", "estimated_on", "posted_on"})
"""Days that say little when they are missing."""
_STATEMENT: Final = re.compile(r"[:：]\s*\S")
_RULES: Final = re.compile(r"^[-=_*.·+|\s]{2,}$")
_TOTAL: Final = re.compile(
    r"^(?:本[页月日周]|当[页月日]|上页)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总|总数)(?:数量|金额)?$"
    r"|^(?:grand |sub[- ]?|page )?totals?(?: qty| quantity| amount)?$|^sub[- ]?total.{0,30}$|^sum$|^\*{1,5}$"
    r"|^(?:zwischen|gesamt|end|teil)?-?summen?$|^gesamt(?:menge|betrag|ergebnis)?$|^(?:zwischen)?ergebnis$|^insgesamt$"
    r"|^(?:zwischen|gesamt|end|teil)?-?summe\s.{1,30}$"
    r"|^(?:total|summe|小计|合计|总计)\s*[:\-]?\s*[\d.,' ]+$"
)
_PLAIN_NUMBER: Final = re.compile(
    r"^[-+]?\d{1,3}(?:[.,' ]?\d{3})*(?:[.,]\d+)?\s*(?P<unit>[^\W\d_]{1,6}\.?)?$"
)


@dataclass(frozen=True)
class Layout:
    """Where the header is and what its columns mean. ``header_rows`` has one or two row numbers."""

    kind: SheetKind
    header_rows: tuple[int, ...]
    match: ColumnMatch
    headings: dict[int, str]

    @cached_property
    def heading_keys(self) -> dict[int, frozenset[str]]:
        """Column to the keys that are a heading there: its own, and in other languages its field's."""
        keys = {index: {heading_key(text)} for index, text in self.headings.items()}
        columns = {name: column.index for name, column in self.match.columns.items()}
        for key, field in self.kind.fields_by_heading.items():
            if field in columns:
                keys[columns[field]].add(key)
        for several in (self.kind.generic_by_heading, self.kind.by_value_heading):
            for key, fields in several.items():
                for field in columns.keys() & set(fields):
                    keys[columns[field]].add(key)
        return {index: frozenset(found - {""}) for index, found in keys.items()}

    @cached_property
    def digit_columns(self) -> frozenset[int]:
        """Columns that have a heading with a digit (``Name 1``)."""
        return frozenset(
            index
            for index, keys in self.heading_keys.items()
            if any(character.isdigit() for key in keys for character in key)
        )

    @cached_property
    def read_columns(self) -> dict[str, int]:
        """Field to column, of the fields that make a row data: numbers and days."""
        return {
            name: column.index
            for name, column in self.match.columns.items()
            if is_number_field(name) or name.endswith("_on")
        }

    @cached_property
    def sum_columns(self) -> frozenset[int]:
        """Columns that a sum fills: of numbers, and of what they are counted in."""
        return frozenset(
            column.index
            for name, column in self.match.columns.items()
            if is_number_field(name) or name in {"unit", "currency"}
        )

    @cached_property
    def key_columns(self) -> tuple[int, ...]:
        """Columns of the fields that a data row fills."""
        columns = self.match.columns
        return tuple(columns[key].index for key in self.kind.keys if key in columns)


@dataclass(frozen=True)
class NearMiss:
    """A header that lacks required columns, or has two that claim the same field."""

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

    Of two different tables it is the upper one. A header in which two columns claim the same number, day or code is
    no layout: dropping both would lose what the sheet says.

    Returns:
        The layout; what comes close to one; or null when nothing in the sheet looks like a table of these kinds.
    """
    fitting: list[tuple[tuple[int, int, int], Layout]] = []
    close: list[tuple[tuple[int, int], NearMiss]] = []
    for layout, rank in _candidates(rows[: HEADER_SEARCH_ROWS + 1], kinds):
        known = len(layout.match.columns)
        doubtful = [name for name in layout.match.contested if _is_vital(name)]
        missing = layout.kind.missing(frozenset(layout.match.columns))
        if not missing:
            fitting.append(((-known - len(doubtful), len(layout.header_rows), rank), layout))
        elif _looks_like_table(layout):
            close.append(((len(missing), -known), NearMiss(layout, tuple(sorted(missing)))))
    if fitting:
        best = min(fitting, key=lambda entry: entry[0])[1]
        above = [entry for entry in fitting if _is_above(entry[1], best)]
        if above:
            best = min(above, key=lambda entry: (entry[1].header_rows[0], entry[0]))[1]
        doubtful = sorted(name for name in best.match.contested if _is_vital(name))
        return NearMiss(best, tuple(doubtful)) if doubtful else best
    return min(close, key=lambda entry: entry[0])[1] if close else None


def classify_row(row: Row, layout: Layout) -> str | None:
    """Say why a row below the header is no data (``header``, ``total``, ``note``, ``blank``); null for data."""
    own = [cell for cell in row.cells if cell.merged_from is None]
    texts = [cell for cell in own if cell.kind is CellKind.TEXT]
    if len(texts) == len(own) and all(_RULES.match(cell.text) for cell in texts):
        return "blank"
    if len(texts) * 2 >= len(own) and _is_repeated_header(texts, len(own), layout):
        return "header"
    if any(_is_total(cell.text) for cell in texts[:3]) and not _has_all_keys(row, layout):
        return "total"
    if _is_bare_sum(row, own, layout):
        return "total"
    return "note" if _is_note(row, layout) else None


def is_other_header(row: Row, layout: Layout, kinds: Sequence[SheetKind]) -> bool:
    """Tell whether a row below the header opens another table, with other columns."""
    texts = {cell.column: (cell.text,) for cell in row.cells if cell.kind is CellKind.TEXT}
    if len(texts) < 3 or len(texts) != len(row.cells):
        return False
    if any(text[:1].isdigit() for (text,) in texts.values()):
        return False
    for kind in kinds:
        match = match_columns(texts, kind)
        if len(match.columns) >= 3 and not kind.missing(frozenset(match.columns)):
            return not _same_columns(match, layout.match)
    return False
    return False


def _same_columns(one: ColumnMatch, other: ColumnMatch) -> bool:
    """The same table's header again, perhaps in another language: what both name stands in the same columns."""
    common = one.columns.keys() & other.columns.keys()
    alike = all(one.columns[name].index == other.columns[name].index for name in common)
    return alike and 2 * len(common) >= min(len(one.columns), len(other.columns))


def _is_above(layout: Layout, best: Layout) -> bool:
    gap = best.header_rows[0] - layout.header_rows[-1]
    return gap > 1 and not _same_columns(layout.match, best.match)


def _is_vital(field: str) -> bool:
    """Fields that must not be dropped for doubt: what is left would be read as something else."""
    if field.endswith("_on"):
        return field not in _SPARE
    return field in _VITAL or field in {"quantity", "balance"} or field.endswith("_quantity")


@lru_cache(maxsize=65_536)
def _is_total(text: str) -> bool:
    return _TOTAL.match(word_key(text)) is not None


def _is_repeated_header(texts: Sequence[Cell], filled: int, layout: Layout) -> bool:
    """At least two headings again, and no more other cells than headings."""
    maybe = [cell for cell in texts if not _cannot_be_heading(cell, layout)]
    if 2 * len(maybe) < filled or len(maybe) < 2:
        return False
    repeated, misses = 0, filled - len(maybe)
    for cell in maybe:
        if heading_key(cell.text) in layout.heading_keys.get(cell.column, ()):
            repeated += 1
        else:
            misses += 1
            if 2 * misses > filled:
                return False
    return repeated >= 2


def _cannot_be_heading(cell: Cell, layout: Layout) -> bool:
    """Hardly a heading has a digit at either end and nearly every value has: the keys of those need not be made."""
    number = cell.text[-1:].isdigit() or cell.text[:1].isdigit()
    return number and cell.column not in layout.digit_columns


def _is_bare_sum(row: Row, own: Sequence[Cell], layout: Layout) -> bool:
    """Numbers below the columns of quantities and prices, with units perhaps, and nothing that says of what."""
    filled = {cell.column for cell in row.cells}
    return filled.isdisjoint(layout.key_columns) and all(
        cell.column in layout.sum_columns for cell in own
    )


def _has_all_keys(row: Row, layout: Layout) -> bool:
    filled = {cell.column: cell.text for cell in row.cells}
    return all(index in filled and not _is_total(filled[index]) for index in layout.key_columns)


def _is_note(row: Row, layout: Layout) -> bool:
    """Signatures, remarks and legends: no quantity, no date, and nothing that could be a key."""
    filled = {cell.column: cell.text for cell in row.cells if cell.merged_from is None}
    if any(index in filled for index in layout.read_columns.values()):
        return False
    return all(_is_prose(filled[index]) for index in layout.key_columns if index in filled)


def _is_prose(text: str) -> bool:
    return (
        len(text) > 60
        or "：" in text
        or ": " in text
        or not any(character.isdigit() for character in text)
    )


def _candidates(rows: Sequence[Row], kinds: Sequence[SheetKind]) -> Iterable[tuple[Layout, int]]:
    for position, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        own = _own_texts(row)
        below = rows[position + 1] if position + 1 < len(rows) else None
        if below is not None and below.number != row.number + 1:
            below = None
        readings = (
            ({column: (text,) for column, text in own.items()}, (row.number,)),
            (_two_row_headings(row, below), (row.number, row.number + 1)),
        )
        for headings, numbers in readings:
            if len(headings) < 2:
                continue
            below_them = rows[position + len(numbers) :]
            values = _values_below(below_them, headings)
            filled = _filled_together(below_them)
            shown = {index: texts[0] for index, texts in headings.items()}
            for rank, kind in enumerate(kinds):
                match = match_columns(headings, kind, values, filled)
                if len(match.columns) + len(match.contested) >= 2:
                    yield Layout(kind, numbers, match, shown), rank


def _own_texts(row: Row) -> dict[int, str]:
    return {
        cell.column: cell.text
        for cell in row.cells
        if cell.kind is CellKind.TEXT and cell.merged_from is None
    }


def _filled_together(rows: Sequence[Row]) -> list[frozenset[int]]:
    """Which columns each of the first rows fills."""
    return [
        frozenset(cell.column for cell in row.cells if not is_empty_marker(cell.text))
        for row in rows
    ]


def _values_below(rows: Sequence[Row], headings: Iterable[int]) -> dict[int, ColumnValues]:
    """What the first cells below each heading are; columns that hold nothing, or both kinds, are left out."""
    cells: dict[int, list[Cell]] = {index: [] for index in headings}
    for row in rows[:_VALUES_LOOKED_AT]:
        for cell in row.cells:
            if cell.column in cells:
                cells[cell.column].append(cell)
    return {index: kind for index, found in cells.items() if (kind := _kind_of_values(found))}


def _kind_of_values(cells: Sequence[Cell]) -> ColumnValues | None:
    numbers = [cell.text for cell in cells if _is_plain_number(cell)]
    if not numbers or any(cell.kind is CellKind.DATE for cell in cells):
        return None
    if any(text != "0" and not is_serial(text) for text in numbers):
        return ColumnValues.NUMBERS
    return ColumnValues.UNCLEAR if any(is_serial(text) for text in numbers) else None


def _is_plain_number(cell: Cell) -> bool:
    """A number as a person counts: ``1.200`` and ``5 Stk`` are, ``3.5.26`` and ``20260503`` are not."""
    if len(cell.text) > _NUMBER_CHARACTERS or cell.kind not in {CellKind.NUMBER, CellKind.TEXT}:
        return False
    number = _PLAIN_NUMBER.match(cell.text.strip())
    if number is None or re.fullmatch(r"(?:19|20)\d{6}", cell.text.strip()):
        return False
    return number["unit"] is None or is_unit(number["unit"])


def _two_row_headings(top: Row, below: Row | None) -> dict[int, tuple[str, ...]]:
    """Join a group heading (入库) with the headings below it (数量, 单价); only when the lower row is all text."""
    if below is None or any(cell.kind is not CellKind.TEXT for cell in (*top.cells, *below.cells)):
        return {}
    upper, lower = _own_texts(top), _own_texts(below)
    if len(upper) < 2 or any(_STATEMENT.search(text) for text in upper.values()):
        return {}  # a title, or 盘点日期：2026-11-20, which says something itself
    if len(lower) < 2 or any(
        any(character.isdigit() for character in text) for text in lower.values()
    ):
        return {}
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
