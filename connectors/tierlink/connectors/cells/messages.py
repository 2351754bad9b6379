"""From a stable code to the sentence a user reads, in every language tierlink speaks.

The only place where a refusal becomes a ``Reason``; value parsers raise ``ValueRefusedError`` and know no place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tierlink.connectors.cells.message_texts import FIELD_LABELS, LANGUAGES, MESSAGES
from tierlink.connectors.errors import UnreadableFileError
from tierlink.schemas.intake import Reason

__all__ = ["ValueRefusedError", "cell_place", "column_letters", "reason", "unreadable"]

FOUND_CHARACTERS_MAX = 120


class ValueRefusedError(ValueError):
    """A value has no single reading. ``held``: ambiguous, a person or a setting can decide; else it is wrong."""

    def __init__(
        self,
        code: str,
        found: str,
        *,
        expected: str | None = None,
        other: str | None = None,
        held: bool = False,
    ) -> None:
        self.code = code
        self.found = found
        self.expected = expected
        self.other = other
        self.held = held
        super().__init__(f"{code}: {found!r}")


def reason(
    code: str,
    *,
    place: str,
    found: str | None = None,
    expected: str | None = None,
    other: str | None = None,
    fields: Sequence[str] = (),
) -> Reason:
    """Build the ``Reason`` of a code.

    Args:
        code: a key of ``MESSAGES``.
        place: file, sheet and cell, as :func:`cell_place` writes it.
        found: what stands there; shortened to 120 characters.
        expected: what would be right.
        other: a second finding (the other row, the other unit).
        fields: canonical fields the sentence names, in the reader's words.

    Raises:
        KeyError: for a code that is not in the catalogue.
    """
    shown = None if found is None else _shorten(found)
    text = {}
    for index, (language, template) in enumerate(zip(LANGUAGES, MESSAGES[code], strict=True)):
        labels = ", ".join(
            FIELD_LABELS[field][index] if field in FIELD_LABELS else field for field in fields
        )
        text[language] = template.format(
            place=place,
            found=shown or "",
            expected=expected or "",
            other=other or "",
            fields=labels,
        )
    return Reason(code=code, found=shown, expected=expected, text=text)


def unreadable(
    code: str,
    *,
    place: str = "",
    found: str | None = None,
    expected: str | None = None,
    held: bool = False,
) -> UnreadableFileError:
    """Build the error a reader raises; the runner knows the file's name, so ``place`` may just be the file."""
    where = place or "file"
    return UnreadableFileError(reason(code, place=where, found=found, expected=expected), held=held)


def cell_place(
    document: str, sheet: str | None, ref: str | int | None = None, header: str | None = None
) -> str:
    """Write where something stands, the same in every language.

    >>> cell_place("100234/ledger.xlsx", "订单", "D14", "数量")
    '100234/ledger.xlsx, 订单!D14 (数量)'
    """
    spot = "!".join(str(part) for part in (sheet, ref) if part is not None)
    place = f"{document}, {spot}" if spot else document
    return f"{place} ({' '.join(header.split())})" if header else place


@lru_cache(maxsize=2_048)
def column_letters(column: int) -> str:
    """Name a column as spreadsheets do: 1 is ``A``, 27 is ``AA``."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= FOUND_CHARACTERS_MAX else flat[: FOUND_CHARACTERS_MAX - 1] + "…"
