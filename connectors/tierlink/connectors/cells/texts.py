"""Plain text of a cell: cleaning, markers that mean empty, yes and no, and cells that hold an error."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.contract import Cell, CellKind

__all__ = [
    "clean_text",
    "is_empty_marker",
    "is_not_yet_known",
    "parse_flag",
    "refuse_error_cell",
    "word_key",
]

_EMPTY: Final = frozenset(
    {"", "-", "--", "---", "/", "\\", ".", "n/a", "na", "n.a.", "n/v", "none", "null", "nil", "#n/a", "k.a.", "ka",
     "entfällt", "keine", "无", "没有", "空", "暂无", "?"}
)  # fmt: skip
_NOT_YET: Final = frozenset(
    {
        "tbd",
        "tba",
        "tbc",
        "open",
        "pending",
        "offen",
        "unbekannt",
        "folgt",
        "待定",
        "未定",
        "待确认",
        "待通知",
        "未知",
    }
)
_YES: Final = frozenset(
    {"x", "xx", "y", "yes", "ja", "j", "true", "wahr", "1", "是", "有", "√", "✓", "✔", "✗", "l"}
)
_NO: Final = frozenset(
    {"n", "no", "nein", "false", "falsch", "0", "否", "open", "offen", "aktiv", "active"}
)
_DASHES: Final = str.maketrans({"−": "-", "–": "-", "—": "-", "―": "-", "ー": "-"})
_MARKER_CHARACTERS: Final = 32
_CELL_CHARACTERS: Final = 32_767


@lru_cache(maxsize=8_192)
def clean_text(text: str) -> str:
    """One line of text without full-width forms and stray blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=8_192)
def word_key(text: str) -> str:
    """Text for looking a word up: clean, lower case, dashes alike, closing punctuation dropped."""
    return clean_text(text).casefold().translate(_DASHES).strip(" :;,!。")


def is_empty_marker(text: str) -> bool:
    """Tell whether people write this to say that there is nothing."""
    return len(text) < _MARKER_CHARACTERS and word_key(text) in _EMPTY


def is_not_yet_known(text: str) -> bool:
    """Tell whether this says "to be decided"."""
    return len(text) < _MARKER_CHARACTERS and word_key(text) in _NOT_YET


def parse_flag(cell: Cell) -> bool:
    """Read a yes/no mark; empty markers mean no.

    Raises:
        ValueRefusedError: neither.
    """
    refuse_error_cell(cell)
    key = word_key(cell.text)
    if key in _EMPTY or key in _NO:
        return False
    if key in _YES:
        return True
    raise ValueRefusedError("flag-unknown", cell.text, expected="x, yes, 是, ja")


def refuse_error_cell(cell: Cell) -> None:
    """Refuse ``#REF!``, a formula without a value, and text past the limit.

    Raises:
        ValueRefusedError: the cell is one of these.
    """
    if cell.kind is not CellKind.ERROR:
        return
    if cell.text.startswith("="):
        raise ValueRefusedError("cell-formula-not-calculated", cell.text)
    if not cell.text.startswith("#"):
        raise ValueRefusedError("cell-too-long", cell.text, expected=str(_CELL_CHARACTERS))
    raise ValueRefusedError("cell-error-value", cell.text)
