"""Cells merged over several rows: the value counts for each of them, as the reader of the sheet sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from tierlink.connectors.contract import Cell

__all__ = ["MergedCells"]

_RANGE: Final = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$")


class MergedCells:
    """Hands the value of a merged cell down to the rows below; keeps only values still in use."""

    def __init__(self, ranges: Iterable[str]) -> None:
        """Take the sheet's merged ranges (``A4:A6``); those within one row, and nonsense, are left out."""
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for text in ranges:
            found = _RANGE.match(text)
            if found and int(found[4]) > int(found[2]):
                start = (_column(found[1]), int(found[4]))
                self._starts.setdefault(int(found[2]), []).append(start)
        self._open: dict[int, tuple[int, Cell]] = {}

    def complete(self, number: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """Add to a row the values that merged cells above lend it. Rows must come in order."""
        if not self._starts and not self._open:
            return cells
        self._open = {at: lent for at, lent in self._open.items() if lent[0] >= number}
        own = {cell.column: cell for cell in cells}
        missing = [lent for at, (_, lent) in self._open.items() if at not in own]
        for column, last in self._starts.pop(number, ()):
            if column in own:
                lent = replace(own[column], merged_from=number)
                self._open[column] = (last, lent)
        return tuple(sorted((*cells, *missing), key=lambda cell: cell.column)) if missing else cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
