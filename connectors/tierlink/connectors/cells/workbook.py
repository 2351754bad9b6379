"""Reads .xlsx and .xlsm row by row with openpyxl's streaming parser; macros never run, links are never followed.

openpyxl's public read-only rows are dense (one far cell yields 17 billion) and cannot tell an empty cell from a formula
nobody calculated, so this subclasses its ``WorkSheetParser``: the same parsing, sparse, and with those two told apart.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from tierlink.connectors.cells.archive import check_workbook_archive
from tierlink.connectors.cells.merged import MergedCells
from tierlink.connectors.cells.messages import unreadable
from tierlink.connectors.contract import Cell, CellKind, Row, SheetStart
from tierlink.connectors.settings import Limits
from tierlink.schemas.values import canonical_decimal

__all__ = ["number_text", "read_workbook"]

_ZERO_MASK: Final = re.compile(r'^(?:\\?|")?(0{2,30})(?:")?$')
_EXCEL_DIGITS: Final = Context(prec=15)
_FORMULA_SHOWN_MAX: Final = 200
_BLOCK_BYTES: Final = 1 << 20
_TAG_BYTES_MAX: Final = 4_096
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref="([A-Z0-9:$]{4,25})"')
MERGED_RANGES_MAX: Final = 100_000
"""Of a sheet with more, none is honoured: its rows are refused for their empty cells instead."""


def read_workbook(path: Path, limits: Limits) -> Iterator[SheetStart | Row]:
    """Yield every worksheet's start and its non-empty rows, in the workbook's order.

    Rows of hidden sheets are marked ``hidden`` like hidden rows. Formula cells give their stored value; one without a
    stored value is an ``ERROR`` cell that begins with ``=``. Cells right of ``limits.columns_max`` are skipped.

    Raises:
        UnreadableFileError: the file is damaged, unsafe, no workbook, or past a limit.
    """
    check_workbook_archive(path, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # style oddities are no concern of the user
            yield from _read(path, limits)
    except MemoryError as error:
        raise unreadable("file-past-limit", found="memory", expected="less", held=True) from error
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        BadZipFile,
        EOFError,
        LookupError,
        OSError,
        ParseError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:  # openpyxl lets any of these out for a malformed part
        raise unreadable("file-damaged", found=f"{type(error).__name__}: {error}") from error


def number_text(value: float, number_format: str = "General") -> str:
    """Write a stored number as the user knows it.

    Whole numbers keep all digits; fractions have 15 significant digits, as Excel shows at most; a mask of zeros
    (``00000``) puts leading zeros back, because it is how spreadsheets hold codes such as 00125.

    >>> number_text(0.1 + 0.2), number_text(4500012345.0), number_text(125, "00000")
    ('0.3', '4500012345', '00125')
    """
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    if exact != exact.to_integral_value():
        exact = _EXCEL_DIGITS.create_decimal(exact)
    text = canonical_decimal(exact)
    mask = _ZERO_MASK.match(number_format)
    return text.zfill(len(mask[1])) if mask and text.isdigit() else text


def _read(path: Path, limits: Limits) -> Iterator[SheetStart | Row]:
    with path.open("rb") as file:
        reader = _BookReader(file)
        reader.read()
        book: Any = reader.wb
        sheets = book.worksheets
        if len(sheets) > limits.sheets_max:
            raise unreadable(
                "file-past-limit",
                found=f"{len(sheets)} sheets",
                expected=f"{limits.sheets_max} sheets",
                held=True,
            )
        for sheet in sheets:
            yield SheetStart(name=sheet.title)
            yield from _rows(book, sheet, limits)


class _ForgivingZip(ZipFile):
    """Finds members as Excel does: whatever the case and the slash. ``archive.py`` has seen that they are distinct."""

    def getinfo(self, name: str) -> ZipInfo:
        wanted = name.casefold()
        for member in self.infolist():
            if member.filename.replace("\\", "/").casefold() == wanted:
                return member
        raise KeyError(f"there is no {name} in the archive")

    def namelist(self) -> list[str]:
        return [member.filename.replace("\\", "/") for member in self.infolist()]


class _BookReader(ExcelReader):
    """Opens what Excel opens: a string table may be announced and missing; document properties are not looked at."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive = _ForgivingZip(file)
        self.valid_files = self.archive.namelist()

    def read_strings(self) -> None:
        with contextlib.suppress(KeyError):
            super().read_strings()

    def read_properties(self) -> None:
        pass

    def read_custom(self) -> None:
        pass


class _RowParser(WorkSheetParser):
    """Sees formulas without a stored value, and whether the row is hidden; keeps nothing between rows."""

    row_hidden = False

    def parse_row(self, row: Any) -> Any:
        hidden = row.get("hidden") in {"1", "true"}
        answer = super().parse_row(row)
        self.row_dimensions.clear()  # openpyxl would keep every row's height for ever
        self.row_hidden = hidden
        return answer

    def parse_cell(self, element: Any) -> Any:
        found = super().parse_cell(element)
        if found["value"] is None:
            formula = element.find(FORMULA_TAG)
            if formula is not None:
                found["data_type"] = "e"
                found["value"] = "=" + (formula.text or "")[:_FORMULA_SHOWN_MAX]
        return found


def _rows(book: Any, sheet: Any, limits: Limits) -> Iterator[Row]:
    seen = 0
    sheet_hidden = sheet.sheet_state != "visible"
    formats = _NumberFormats(book)
    merged = MergedCells(_merged_ranges(sheet))
    with sheet._get_source() as source:  # noqa: SLF001 the streaming parser has no public door
        parser = _RowParser(
            source,
            sheet._shared_strings,  # noqa: SLF001
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        last = 0
        for number, entries in parser.parse():
            if number <= last:
                raise unreadable(
                    "file-damaged",
                    place=f"file, {sheet.title}",
                    found=f"row {number} after row {last}",
                )
            last = number
            cells = tuple(
                cell
                for entry in entries
                if entry["column"] <= limits.columns_max
                and (cell := _cell(entry, formats, limits)) is not None
            )
            if not cells:
                continue
            cells = merged.complete(number, cells)
            seen += 1
            if seen > limits.rows_max:
                raise unreadable(
                    "file-past-limit",
                    place=f"file, {sheet.title}",
                    found=f"more than {limits.rows_max} rows",
                    expected=f"{limits.rows_max} rows",
                    held=True,
                )
            yield Row(number=number, cells=cells, hidden=sheet_hidden or parser.row_hidden)


def _merged_ranges(sheet: Any) -> list[str]:
    """The merged ranges of a sheet, which its XML names only after the rows."""
    found: list[str] = []
    rest = b""
    with sheet._get_source() as source:  # noqa: SLF001 the streaming parser has no public door
        while block := source.read(_BLOCK_BYTES):
            text = rest + block
            found += [name.decode("ascii") for name in _MERGED.findall(text)]
            if len(found) > MERGED_RANGES_MAX:
                return []
            rest = text[max(text.rfind(b"<"), len(text) - _TAG_BYTES_MAX) :]
    return found


class _NumberFormats:
    """Number format text by style id, looked up once per style."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, str] = {}

    def of(self, style_id: int) -> str:
        """Give the number format of a cell style; ``General`` when the file names a style it has not."""
        if style_id not in self._known:
            try:
                number_id = self._book._cell_styles[style_id].numFmtId  # noqa: SLF001
                own_formats = self._book._number_formats  # noqa: SLF001
                text = (
                    BUILTIN_FORMATS.get(number_id)
                    if number_id < 164
                    else own_formats[number_id - 164]
                )
            except IndexError:
                text = None
            self._known[style_id] = text or "General"
        return self._known[style_id]


def _cell(  # noqa: PLR0911 one line per type of cell
    entry: dict[str, Any], formats: _NumberFormats, limits: Limits
) -> Cell | None:
    value, column = entry["value"], entry["column"]
    if value is None or value == "":
        return None
    if entry["data_type"] == "e":
        return Cell(column, str(value), CellKind.ERROR)
    if isinstance(value, bool):
        return Cell(column, "TRUE" if value else "FALSE", CellKind.BOOLEAN)
    if isinstance(value, int | float):
        return Cell(column, number_text(value, formats.of(entry["style_id"] or 0)), CellKind.NUMBER)
    if isinstance(value, datetime | date):
        return Cell(column, _day_text(value), CellKind.DATE)
    if isinstance(value, time | timedelta):
        return Cell(column, str(value))
    text = str(value)
    if len(text) > limits.cell_characters_max:
        return Cell(column, text[: limits.cell_characters_max], CellKind.ERROR)
    return Cell(column, text) if text.strip() else None


def _day_text(value: date) -> str:
    if isinstance(value, datetime):
        rounded = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return rounded.date().isoformat() if rounded.time() == time() else rounded.isoformat()
    return value.isoformat()
