"""Numbers written by people: decimal mark decided per column (or sheet), never per cell, never guessed.

Typed ``NUMBER`` cells are exact already and are not read through a locale.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.texts import is_empty_marker, refuse_error_cell
from tierlink.connectors.contract import Cell, CellKind

__all__ = ["DecimalMark", "NumberColumn", "ParsedNumber", "parse_number"]

DecimalMark = Literal[".", ","]
DIGITS_MAX: Final = 30

_MINUS: Final = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "‐": "-", "‑": "-"})
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "٬": "'"})
_SHAPE: Final = re.compile(
    r"""^(?P<before>[^\d.,+()-]{0,12})
        (?P<open>\()?(?P<sign>[+-])?\s*(?P<before2>[€$£¥]?)\s*
        (?P<core>\d(?:[\d.,']|[ ](?=\d{3}(?!\d)))*|[.,]\d+)
        (?P<trail>-)?(?P<close>\))?
        \s*(?P<after>[^\d].{0,24})?$""",
    re.VERBOSE,
)
_CURRENCY: Final = re.compile(
    r"^(?:€|\$|£|¥|元|圆|us\$|rmb|cny|usd|eur|euro|gbp|chf|jpy|hkd|cn¥|人民币)\.?$", re.IGNORECASE
)
_SCIENTIFIC: Final = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$")
_MULTIPLES: Final = {
    "万": Decimal(10_000),
    "萬": Decimal(10_000),
    "千": Decimal(1_000),
    "亿": Decimal(100_000_000),
}


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A value and what stood behind it (``1200 pcs``), money signs left out."""

    value: Decimal
    unit_text: str | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    core: str
    negative: bool
    suffix: str


class NumberColumn:
    """What all values of one column say about its decimal mark; constant memory."""

    def __init__(self, setting: Literal["auto", ".", ","] = "auto") -> None:
        self._setting = setting
        self._proofs: set[DecimalMark] = set()
        self._adopted: DecimalMark | None = None
        self.grouping: DecimalMark | None = None
        """The sign that groups thousands in the language of the sheet; decides only where nothing else does."""

    def observe(self, cell: Cell) -> None:
        """Take one cell into account; cells that are no text or no number say nothing."""
        if cell.kind is CellKind.TEXT and (parts := _take_apart(_normalise(cell.text))) is not None:
            readings = _readings(parts.core)
            if len(readings) == 1 and (proof := next(iter(readings))) is not None:
                self._proofs.add(proof)

    @property
    def mark(self) -> DecimalMark | None:
        """The decimal mark; null when undecided or when the column contradicts itself."""
        if self._setting != "auto":
            return self._setting
        return self.proven or self._adopted

    @property
    def proven(self) -> DecimalMark | None:
        """The mark its own values prove."""
        return next(iter(self._proofs)) if len(self._proofs) == 1 else None

    @property
    def is_contradictory(self) -> bool:
        """Tell whether its values prove both marks."""
        return len(self._proofs) > 1

    def adopt(self, notation: DecimalMark) -> None:
        """Read undecided values as the other columns of the sheet are written."""
        self._adopted = notation


def parse_number(
    cell: Cell, mark: DecimalMark | None, grouping: DecimalMark | None = None
) -> ParsedNumber | None:
    """Read a number; null for an empty marker (``-``, ``n/a``).

    Args:
        cell: the cell.
        mark: the column's decimal mark; null when undecided: then only cells with a single reading are read.
        grouping: without a mark, the sign that may group thousands: ``1,200`` is read with ``,``, ``1.200`` stays held.

    Raises:
        ValueRefusedError: unreadable, a percentage, a date, or (held) two readings.
    """
    refuse_error_cell(cell)
    if cell.kind is CellKind.DATE:
        raise ValueRefusedError("number-is-date", cell.text)
    if cell.kind is CellKind.NUMBER:
        return ParsedNumber(Decimal(cell.text))
    text = _normalise(cell.text)
    if is_empty_marker(text):
        return None
    if text.endswith(("%", "‰")):
        raise ValueRefusedError("number-percent", cell.text)
    parts = None if _SCIENTIFIC.match(text) else _take_apart(text)
    if parts is None or cell.kind is CellKind.BOOLEAN:
        raise ValueRefusedError("number-unreadable", cell.text)
    if mark is None and grouping is not None and _is_grouped(parts.core, grouping):
        mark = "." if grouping == "," else ","
    value = _value_of(parts.core, mark, cell.text)
    suffix = parts.suffix
    if suffix[:1] in _MULTIPLES:
        value *= _MULTIPLES[suffix[0]]
        suffix = suffix[1:].strip()
    unit = None if not suffix or _CURRENCY.match(suffix) else suffix
    return ParsedNumber(-value if parts.negative else value, unit)


@lru_cache(maxsize=8_192)
def _normalise(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS).translate(_APOSTROPHES)
    return " ".join(plain.split())


@lru_cache(maxsize=8_192)
def _take_apart(text: str) -> _Parts | None:
    """Split sign, digits and what stands around them; null when it is not one number."""
    shape = _SHAPE.match(text)
    if shape is None or (shape["open"] is None) != (shape["close"] is None):
        return None
    if sum(character.isdigit() for character in shape["core"]) > DIGITS_MAX:
        return None
    before = shape["before"].strip()
    if before and not _CURRENCY.match(before):
        return None
    suffix = (shape["after"] or "").strip()
    if suffix[:1] in {".", ",", "'", "-", "/", ":", "+"} or "%" in suffix:
        return None
    minus = shape["sign"] == "-" or shape["trail"] == "-" or shape["open"] is not None
    return _Parts(shape["core"], minus, suffix)


@lru_cache(maxsize=8_192)
def _readings(core: str) -> Mapping[DecimalMark | None, Decimal]:
    """Every reading of a numeral by the decimal mark it needs; ``None`` when it has no mark to decide."""
    bare = core.replace(" ", "'")
    if "." not in bare and "," not in bare:
        return {None: Decimal(bare.replace("'", ""))} if _is_grouped(bare, "'") else {}
    found: dict[DecimalMark | None, Decimal] = {}
    marks: tuple[DecimalMark, DecimalMark] = (".", ",")
    for mark in marks:
        whole, _, fraction = bare.partition(mark)
        other = "," if mark == "." else "."
        grouping = other if other in whole else "'"
        if not (fraction == "" or fraction.isdigit()) or not _is_grouped(whole or "0", grouping):
            continue
        found[mark] = Decimal(f"{whole.replace(grouping, '') or '0'}.{fraction or '0'}")
    return found


def _is_grouped(whole: str, grouping: str) -> bool:
    """``1'234'567`` or plain digits; ``0.125`` is no grouping, and neither is ``12.34``."""
    first, *rest = whole.split(grouping)
    if not first.isdigit() or not all(len(group) == 3 and group.isdigit() for group in rest):
        return False
    return not rest or (len(first) <= 3 and not first.startswith("0"))


def _value_of(core: str, mark: DecimalMark | None, found: str) -> Decimal:
    readings = _readings(core)
    if None in readings:
        return readings[None]
    if mark is not None:
        if mark not in readings:
            raise ValueRefusedError("number-unreadable", found, expected=f"decimal mark {mark}")
        return readings[mark]
    if len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    if not readings:
        raise ValueRefusedError("number-unreadable", found)
    both = " / ".join(f"{value:f}" for value in readings.values())
    raise ValueRefusedError("number-ambiguous", found, expected=both, held=True)
