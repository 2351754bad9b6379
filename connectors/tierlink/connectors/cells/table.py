"""A sheet that was understood, and its rows as records of typed values with the cells they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import NoReturn, TypeVar

from tierlink.connectors.cells.dates import DateColumn, Moment, parse_moment
from tierlink.connectors.cells.identifiers import parse_code, parse_line_number, parse_padded_code
from tierlink.connectors.cells.layout import Layout, classify_row, is_number_field
from tierlink.connectors.cells.messages import ValueRefusedError, cell_place, column_letters, reason
from tierlink.connectors.cells.money import parse_currency
from tierlink.connectors.cells.numbers import NumberColumn, ParsedNumber, parse_number
from tierlink.connectors.cells.texts import (
    clean_text,
    is_empty_marker,
    parse_flag,
    refuse_error_cell,
)
from tierlink.connectors.cells.units import is_unit, parse_unit
from tierlink.connectors.contract import Cell, Document, Refused, Row, Sheet
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.envelope import CellRef, Lineage
from tierlink.schemas.values import Money, Quantity

__all__ = ["Record", "RowRefusedError", "Table", "cell_refs"]

T = TypeVar("T")
RAW_CHARACTERS_MAX = 500
_PRICE_DIGITS = Context(prec=18)


class RowRefusedError(Exception):
    """A row cannot be used; carries what is handed on."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.reason.code)


@dataclass(frozen=True)
class Table:
    """Everything the rows of a sheet share."""

    sheet: Sheet
    document: Document
    settings: FeedSettings
    layout: Layout
    version: str
    numbers: dict[str, NumberColumn] = field(default_factory=dict)
    dates: dict[str, DateColumn] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    other_table: int | None = None

    def has(self, name: str) -> bool:
        """Tell whether a field has a column."""
        return name in self.layout.match.columns

    def records(self) -> Iterator[Record]:
        """Go through the data rows (once more), for surveys that a row alone cannot answer."""
        for row in self.sheet.rows():
            if self.is_in_other(row):
                return
            if row.number > self.layout.header_rows[-1] and classify_row(row, self.layout) is None:
                yield Record(row, self)

    def is_in_other(self, row: Row) -> bool:
        """Tell whether a row stands in the second table of the sheet."""
        return self.other_table is not None and row.number >= self.other_table

    def place(self, ref: str | int | None = None, header: str | None = None) -> str:
        """Write where something stands in this sheet."""
        return cell_place(self.document.name, self.sheet.name, ref, header)


class Record:
    """One data row. Each getter parses a field, remembers its cell for the lineage, and refuses on bad values."""

    def __init__(self, row: Row, table: Table) -> None:
        self.row = row
        self.table = table
        self._cells = {cell.column: cell for cell in row.cells}
        self._used: dict[str, Cell] = {}

    def code(self, name: str) -> str | None:
        """Read a code as it stands (PO numbers, delivery notes)."""
        return self._read(name, parse_code)

    def padded_code(self, name: str) -> str | None:
        """Read a vendor or material code, SAP's zero padding taken off."""
        return self._read(name, parse_padded_code)

    def line_number(self, name: str) -> str | None:
        """Read a line number without leading zeros."""
        return self._read(name, parse_line_number)

    def flag(self, name: str) -> bool:
        """Read a yes/no mark; no column or an empty cell is no."""
        return self._read(name, parse_flag) or False

    def day(self, name: str) -> date | None:
        """Read a calendar day."""
        moment = self.moment(name)
        return None if moment is None else moment.day

    def moment(self, name: str, clock: str | None = None) -> Moment | None:
        """Read a day and, where the source has clock time and zone, the instant.

        Args:
            name: the field with the day.
            clock: time and zone from columns of their own, for a cell that has only the day.
        """
        return self._read(name, lambda cell: parse_moment(cell, self.table.dates[name], clock))

    def text(self, name: str) -> str | None:
        """Read free text; null for empty markers."""

        def clean(cell: Cell) -> str | None:
            refuse_error_cell(cell)
            return None if is_empty_marker(cell.text) else clean_text(cell.text)

        return self._read(name, clean)

    def number(self, name: str) -> ParsedNumber | None:
        """Read a number with whatever unit text stands behind it."""

        def parse(cell: Cell) -> ParsedNumber | None:
            column = self.table.numbers[name]
            return parse_number(cell, column.mark, column.grouping)

        return self._read(name, parse)

    def quantity(self, name: str, *, signed: bool = False, unit: str = "unit") -> Quantity | None:
        """Read a quantity; its unit is the cell's, the ``unit`` column's, the heading's or the feed's default."""
        number = self.number(name)
        if number is None:
            return None
        if number.value < 0 and not signed:
            self.refuse("quantity-negative", name, found=self.raw_text(name))
        return Quantity(value=number.value, unit=self._unit(name, unit, number.unit_text))

    def money(self, name: str, per: str | None = None) -> Money | None:
        """Read a price per one unit; null when the row has no price or no currency.

        Args:
            name: the price field.
            per: field of the quantity the price is for (SAP's PEINH), 1 where empty.
        """
        number = self.number(name)
        if number is None or (currency := self._currency(name)) is None:
            return None
        base = self.number(per) if per else None
        if base is not None and base.value <= 0:
            self.refuse("number-unreadable", per, found=self.raw_text(per or name))
        divisor = base.value if base is not None else Decimal(1)
        return Money(amount=_PRICE_DIGITS.divide(number.value, divisor), currency=currency)

    def require(self, value: T | None, name: str) -> T:
        """Insist on a value that was just read."""
        if value is None:
            self.refuse("cell-missing", name, fields=(name,))
        return value

    def refuse(
        self,
        code: str,
        name: str | None = None,
        *,
        found: str | None = None,
        expected: str | None = None,
        other: str | None = None,
        fields: tuple[str, ...] = (),
        held: bool = False,
    ) -> NoReturn:
        """Refuse the row, blaming the cell of a field when one is named.

        Raises:
            RowRefusedError: always.
        """
        column = self.table.layout.match.columns.get(name) if name else None
        ref = f"{column_letters(column.index)}{self.row.number}" if column else self.row.number
        sentence = reason(
            code,
            place=self.table.place(ref, column.heading if column else None),
            found=found,
            expected=expected,
            other=other,
            fields=fields or ((name,) if name else ()),
        )
        raise RowRefusedError(Refused(sentence, column.index if column else None, name, held))

    def is_filled(self, name: str) -> bool:
        """Tell whether a field's cell says anything, even if it cannot be read."""
        cell = self._cell(name)
        return cell is not None and not is_empty_marker(cell.text)

    def raw_text(self, name: str) -> str | None:
        """The text of a field's cell as it stands."""
        cell = self._cell(name)
        return None if cell is None else cell.text

    def merged_from(self, name: str) -> int | None:
        """The row in which the merged cell begins that covers a field's place."""
        column = self.table.layout.match.columns.get(name)
        cell = self._cells.get(column.index) if column else None
        return None if cell is None else cell.merged_from

    def lineage(self) -> Lineage:
        """Say where the values read so far came from."""
        columns = self.table.layout.match.columns
        return Lineage(
            document=self.table.document.name,
            file_sha256=self.table.document.sha256,
            sheet=self.table.sheet.name,
            row=self.row.number,
            cells={
                name: _cell_ref(cell, self.row.number, columns[name].heading)
                for name, cell in self._used.items()
            },
            mapping=self.table.version,
        )

    def _cell(self, name: str) -> Cell | None:
        """A field's cell. A merged cell counts for each of its rows, but never as a number: 100 over two is not 200."""
        column = self.table.layout.match.columns.get(name)
        cell = self._cells.get(column.index) if column else None
        if cell is None or (cell.merged_from is not None and is_number_field(name)):
            return None
        return cell

    def _read(self, name: str, parse: Callable[[Cell], T | None]) -> T | None:
        cell = self._cell(name)
        if cell is None:
            return None
        self._used[name] = cell
        try:
            return parse(cell)
        except ValueRefusedError as error:
            self.refuse(
                error.code,
                name,
                found=error.found,
                expected=error.expected,
                other=error.other,
                held=error.held,
            )

    def _unit(self, name: str, unit: str, in_cell: str | None) -> str:
        said = self.text(unit) if self.table.has(unit) else None
        try:
            own = parse_unit(in_cell) if in_cell else None
            column = parse_unit(said) if said else None
        except ValueRefusedError as error:
            blamed = name if in_cell and not is_unit(in_cell) else unit
            self.refuse(error.code, blamed, found=error.found, expected=error.expected)
        if own and column and own != column:
            self.refuse("unit-conflict", name, found=in_cell, other=said)
        hint = self.table.layout.match.columns[name].unit
        return own or column or hint or self.table.settings.unit

    def _currency(self, name: str) -> str | None:
        said = self.text("currency") if self.table.has("currency") else None
        hint = self.table.layout.match.columns[name].currency
        fallback = hint or self.table.settings.currency
        try:
            return parse_currency(said) if said else fallback
        except ValueRefusedError as error:
            if fallback is not None:
                return fallback
            self.refuse(error.code, "currency", found=error.found)


def cell_refs(row: Row, headings: dict[int, str]) -> dict[str, CellRef]:
    """Give a whole row as found, by heading, or by column letter where there is none or it occurs twice."""
    refs: dict[str, CellRef] = {}
    for cell in row.cells:
        heading = " ".join(headings.get(cell.column, "").split())
        letters = column_letters(cell.column)
        name = (
            heading
            if heading and heading not in refs
            else f"{heading} ({letters})"
            if heading
            else letters
        )
        refs[name] = _cell_ref(cell, row.number, heading or None)
    return refs


def _cell_ref(cell: Cell, row: int, heading: str | None) -> CellRef:
    return CellRef(
        ref=f"{column_letters(cell.column)}{cell.merged_from or row}",
        raw=cell.text[:RAW_CHARACTERS_MAX],
        header=heading,
    )
