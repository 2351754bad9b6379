"""Codes such as PO numbers and part numbers: text, repaired where Excel's damage is exactly undoable, else refused."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.texts import clean_text, is_empty_marker, refuse_error_cell
from tierlink.connectors.contract import Cell, CellKind

__all__ = ["parse_code", "parse_line_number", "parse_padded_code"]

EXACT_DIGITS: Final = 15
"""A double holds 15 decimal digits for certain; Excel stores every number as one."""
CODE_CHARACTERS_MAX: Final = 120
SAP_PAD_LENGTH_MIN: Final = 10
"""SAP pads vendor numbers to 10 and material numbers to 18 or 40 digits."""

_PLAIN_CODE: Final = re.compile(r"^(?:[A-Za-z-]{1,20})?\d{1,80}$", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"^(\d)(?:[.,](\d+))?[eE]\+(\d{2,3})$")
_POINT_ZERO: Final = re.compile(r"^(\d+)[.,]0+$")
_FORMULA_TEXT: Final = re.compile(r'^="([^"]*)"$')
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def parse_code(cell: Cell) -> str | None:
    """Read a code as its owner writes it; null for an empty marker.

    ``1001.0`` becomes ``1001`` and ``="00123"`` becomes ``00123``; ``4.5E+09`` has lost digits and is held.

    Raises:
        ValueRefusedError: digits are lost, the code became a date, or it is no code at all.
    """
    refuse_error_cell(cell)
    if cell.kind is CellKind.DATE:
        raise ValueRefusedError("id-became-date", cell.text)
    if cell.kind is CellKind.NUMBER:
        return _from_number(cell.text)
    if _PLAIN_CODE.match(cell.text) and not is_empty_marker(cell.text):
        return cell.text
    text = clean_text(cell.text)
    formula = _FORMULA_TEXT.match(text)
    text = (formula[1] if formula else text.removeprefix("'")).strip()
    if is_empty_marker(text):
        return None
    if point_zero := _POINT_ZERO.match(text):
        return point_zero[1]
    if scientific := _SCIENTIFIC.match(text):
        return _from_scientific(scientific, cell.text)
    if len(text) > CODE_CHARACTERS_MAX or _CONTROL.search(text) or cell.kind is CellKind.BOOLEAN:
        raise ValueRefusedError(
            "id-unusable", cell.text, expected=f"at most {CODE_CHARACTERS_MAX} characters"
        )
    return text


def parse_line_number(cell: Cell) -> str | None:
    """Read a line or schedule line number: ``00010`` and ``10.0`` are line 10.

    Raises:
        ValueRefusedError: as :func:`parse_code`.
    """
    code = parse_code(cell)
    return code if code is None or not _all_digits(code) else code.lstrip("0") or "0"


def parse_padded_code(cell: Cell) -> str | None:
    """Read a vendor or material code: SAP's zero padding (all digits, 10 or more) is taken off.

    Raises:
        ValueRefusedError: as :func:`parse_code`.
    """
    code = parse_code(cell)
    if code is None or not _all_digits(code) or len(code) < SAP_PAD_LENGTH_MIN:
        return code
    return code.lstrip("0") or "0"


def _from_number(text: str) -> str:
    if "." in text or text.startswith("-"):
        raise ValueRefusedError("id-unusable", text, expected="a code")
    if len(text.lstrip("0")) > EXACT_DIGITS:
        raise ValueRefusedError("id-digits-lost", text)
    return text


def _from_scientific(match: re.Match[str], found: str) -> str:
    whole, fraction, exponent = match[1], match[2] or "", int(match[3])
    if len(fraction) < exponent or exponent > CODE_CHARACTERS_MAX:
        raise ValueRefusedError("id-rounded", found, held=True)
    return f"{Decimal(f'{whole}.{fraction or 0}E{exponent}'):f}".partition(".")[0]


def _all_digits(code: str) -> bool:
    return code.isascii() and code.isdigit()
