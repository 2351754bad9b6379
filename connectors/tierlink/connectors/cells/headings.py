"""From a column's heading to a canonical field: exact synonyms first, then pieces, then without filler words; no fuzz.

Fuzzy matching takes Menge for Mengeneinheit (research/ingestion.md finding 6): a heading nobody listed stays unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final

from tierlink.connectors.cells.units import is_unit, parse_unit

__all__ = ["Column", "ColumnMatch", "ColumnValues", "SheetKind", "heading_key", "match_columns"]

WHOLE: Final = 4
PIECE: Final = 3
TRIMMED: Final = 2
GENERIC: Final = 1

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PIECES: Final = re.compile(r"[\n\r/|()\[\]（）【】]+")
_SCRIPTS: Final = re.compile(r"[\u3400-\u9fff]+(?:\s+[\u3400-\u9fff]+)*|[^\u3400-\u9fff]+")
_FILLERS: Final = frozenset(
    {"the", "of", "our", "your", "unser", "unsere", "ihr", "ihre", "in", "a", "an", "sap", "erp", "laut", "gem",
     "gemaess", "lt", "as", "per"}
)  # fmt: skip
_CHINESE_FILLERS: Final = re.compile("贵司|我司|我方|贵方|本公司|客户|甲方|乙方|必填|填写|选填")
_CURRENCIES: Final = {
    "cny": "CNY", "rmb": "CNY", "人民币": "CNY", "eur": "EUR", "euro": "EUR", "€": "EUR", "usd": "USD", "us$": "USD",
    "gbp": "GBP", "chf": "CHF", "jpy": "JPY", "hkd": "HKD", "krw": "KRW", "pln": "PLN", "czk": "CZK", "inr": "INR",
}  # fmt: skip
HEADING_CHARACTERS_MAX: Final = 80


class ColumnValues(Enum):
    """What stands below a heading."""

    DAYS = "days"
    NUMBERS = "numbers"
    UNCLEAR = "unclear"
    """Numbers that may be Excel's day numbers as well as quantities."""


@dataclass(frozen=True)
class SheetKind:
    """One kind of table and the headings its columns may have.

    Attributes:
        name: as reported in ``SheetMapping.kind``.
        synonyms: canonical field to headings, separated by ``;``.
        generic: headings with several meanings, to the fields they may be, best first. A column gets the first that
            no clearer heading claims, if that leaves no doubt (see :func:`match_columns`).
        required: alternatives; the sheet is of this kind when every field of one of them is there.
        keys: fields that a data row fills; a row without any is a note or a total.
        unrelated: headings known to be none of ours, separated by ``;``.
        by_value: headings such as ``Geliefert`` that stand above days in one ledger and above quantities in another,
            to the two fields (day, quantity); the cells below decide.
        beside: a field to the one a line number right of it belongs to: ``Item`` after ``Mat. Doc.`` is not the
            order's item.
        done: a field that says when something was done, to the one that says when it is due and to those that only
            what was done has: ``Lieferdatum`` beside ``Liefertermin`` and a delivered quantity (see
            :func:`_settle_done`).
        counts_rows: people number the rows of such a table under ``Item``; only right of the order number is it the
            order's line.
    """

    name: str
    synonyms: Mapping[str, str]
    generic: Mapping[str, tuple[str, ...]]
    required: tuple[frozenset[str], ...]
    keys: tuple[str, ...]
    unrelated: str = ""
    by_value: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    counts_rows: bool = False

    @cached_property
    def fields_by_heading(self) -> dict[str, str]:
        """Heading key to field."""
        return {
            heading_key(word): name
            for name, words in self.synonyms.items()
            for word in words.split(";")
            if word.strip()
        }

    @cached_property
    def generic_by_heading(self) -> dict[str, tuple[str, ...]]:
        """Heading key to the fields it may be."""
        return {heading_key(word): names for word, names in self.generic.items()}

    @cached_property
    def by_value_heading(self) -> dict[str, tuple[str, str]]:
        """Heading key to the day field and the quantity field it may be."""
        return {
            heading_key(word): names
            for words, names in self.by_value.items()
            for word in words.split(";")
        }

    @cached_property
    def unrelated_headings(self) -> frozenset[str]:
        """Keys of headings that are none of ours."""
        return frozenset(heading_key(word) for word in self.unrelated.split(";"))

    def missing(self, found: frozenset[str]) -> frozenset[str]:
        """The fewest fields that would have to be there too; empty when the sheet is of this kind."""
        return min(
            (alternative - found for alternative in self.required),
            key=lambda left: (len(left), sorted(left)),
        )


@dataclass(frozen=True)
class Column:
    """A column whose meaning is known. ``unit`` and ``currency`` are what its heading says in passing."""

    index: int
    heading: str
    unit: str | None = None
    currency: str | None = None


@dataclass(frozen=True)
class ColumnMatch:
    """Columns by field; fields that two columns claim with equal right; headings nobody knows."""

    columns: dict[str, Column]
    contested: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def heading_key(text: str) -> str:
    """Reduce a heading to what matters: letters and digits, lower case, umlauts spelt out, ``#`` as ``no``.

    >>> heading_key("P.O. No."), heading_key("Bestell-Nr."), heading_key("PO #"), heading_key("ＰＯ　号")
    ('pono', 'bestellnr', 'pono', 'po号')
    """
    return "".join(_words(text))


def match_columns(
    headings: Mapping[int, Sequence[str]],
    kind: SheetKind,
    below: Mapping[int, ColumnValues] | None = None,
    filled: Sequence[frozenset[int]] = (),
) -> ColumnMatch:
    """Give each field at most one column.

    A heading with several meanings gets a field only when the clear headings leave it exactly one, or its first one:
    two such headings for one field are contested, and ``Delivery Date`` beside ``Requested`` could be promised as well
    as despatched, so it stays unknown.

    Args:
        headings: 1-based column to the readings of its heading, best first (two-row headers have two).
        kind: the kind of table to try.
        below: what stands below each heading, for headings whose meaning depends on it.
        filled: the columns that each row below fills.
    """
    claims: dict[str, list[tuple[int, int]]] = {}
    generic: list[tuple[int, tuple[str, ...]]] = []
    for index, readings in headings.items():
        strength, fields = _best_reading(readings, kind, (below or {}).get(index))
        if strength == GENERIC:
            generic.append((index, fields))
        elif strength:
            claims.setdefault(fields[0], []).append((strength, index))
    _settle_neighbours(claims, generic, kind)
    _settle_done(claims, generic, kind, filled)
    columns: dict[str, Column] = {}
    contested: dict[str, tuple[str, ...]] = {}
    for name, claimants in claims.items():
        claimants.sort(key=lambda claim: (-claim[0], claim[1]))
        if len(claimants) > 1 and claimants[0][0] == claimants[1][0]:
            contested[name] = tuple(headings[index][0] for _, index in claimants)
        else:
            columns[name] = _column(claimants[0][1], headings)
    if kind.counts_rows:
        _drop_row_counters(claims, generic)
    for name, indexes in _generic_claims(generic, frozenset(claims)).items():
        if len(indexes) > 1:
            contested[name] = tuple(headings[index][0] for index in indexes)
        else:
            columns[name] = _column(indexes[0], headings)
    used = {column.index for column in columns.values()}
    unknown = tuple(readings[0] for index, readings in headings.items() if index not in used)
    return ColumnMatch(columns, contested, unknown)


def _generic_claims(
    generic: Sequence[tuple[int, tuple[str, ...]]], clear: frozenset[str]
) -> dict[str, list[int]]:
    """Which columns with a heading of several meanings want which field."""
    wanted: dict[str, list[int]] = {}
    for index, fields in generic:
        free = [name for name in fields if name not in clear]
        if free and (free[0] == fields[0] or len(free) == 1):
            wanted.setdefault(free[0], []).append(index)
    return wanted


def _drop_row_counters(
    claims: Mapping[str, list[tuple[int, int]]], generic: list[tuple[int, tuple[str, ...]]]
) -> None:
    """Leave a column that is a part or a line no chance to be a line unless it follows the order number."""
    orders = {index for _, index in claims.get("po_no", ())}
    orders |= {index for index, fields in generic if "po_no" in fields}
    generic[:] = [
        (index, fields)
        if index - 1 in orders or "po_line" not in fields
        else (index, tuple(name for name in fields if name != "po_line"))
        for index, fields in generic
    ]


def _settle_neighbours(
    claims: dict[str, list[tuple[int, int]]],
    generic: list[tuple[int, tuple[str, ...]]],
    kind: SheetKind,
) -> None:
    """Give a line number to the document number on its left."""
    for document, line in kind.beside.items():
        if line in claims or len(claims.get(document, ())) != 1:
            continue
        right = claims[document][0][1] + 1
        for index, fields in generic:
            if index == right and "po_line" in fields:
                generic.remove((index, fields))
                claims[line] = [(WHOLE, right)]
                break
        else:
            lines = claims.get("po_line", [])
            if len(lines) > 1 and any(index == right for _, index in lines):
                claims["po_line"] = [claim for claim in lines if claim[1] != right]
                claims[line] = [(WHOLE, right)]


def _settle_done(
    claims: dict[str, list[tuple[int, int]]],
    generic: list[tuple[int, tuple[str, ...]]],
    kind: SheetKind,
    filled: Sequence[frozenset[int]],
) -> None:
    """Give a day of several meanings to what was done, where the columns beside leave it no other.

    Another column says when it is due, a column beside has what only a done thing has, and no row has the day
    without that: a planned day would stand there before.
    """
    for name, (due, proofs) in kind.done.items():
        able = [(index, fields) for index, fields in generic if name in fields]
        due_elsewhere = due in claims or any(
            due in fields and name not in fields for _, fields in generic
        )
        shown = {index for proof in proofs for _, index in claims.get(proof, ())}
        if name in claims or len(able) != 1 or not due_elsewhere or not shown:
            continue
        index = able[0][0]
        if all(index not in row or not shown.isdisjoint(row) for row in filled):
            generic.remove(able[0])
            claims[name] = [(WHOLE, index)]


def _words(text: str) -> list[str]:
    plain = (
        unicodedata.normalize("NFKC", text[: HEADING_CHARACTERS_MAX * 2])
        .casefold()
        .translate(_UMLAUTS)
    )
    return re.findall(r"[^\W_]+", plain.replace("#", " no "))


def _column(index: int, headings: Mapping[int, Sequence[str]]) -> Column:
    heading = headings[index][0]
    unit = next((parse_unit(piece) for piece in _asides(heading) if is_unit(piece)), None)
    words = [*_words(heading), *(sign for sign in ("€", "us$") if sign in heading.casefold())]
    currency = next((_CURRENCIES[word] for word in words if word in _CURRENCIES), None)
    return Column(index, " ".join(heading.split()), unit, currency)


def _asides(heading: str) -> list[str]:
    """What a heading says behind its name: ``数量(PCS)``, ``Menge / Stk``, ``Menge in kg``."""
    pieces = [piece.strip() for piece in _PIECES.split(heading) if piece.strip()][1:]
    words = heading.split()
    return pieces + ([words[-1]] if len(words) > 2 and words[-2].casefold() == "in" else [])


def _best_reading(
    readings: Sequence[str], kind: SheetKind, below: ColumnValues | None
) -> tuple[int, tuple[str, ...]]:
    best: tuple[int, tuple[str, ...]] = (0, ())
    for text in readings:
        found = _read_by_value(text, kind, below) or _read_heading(text, kind)
        if found[0] > best[0]:
            best = found
    return best


def _read_by_value(
    text: str, kind: SheetKind, below: ColumnValues | None
) -> tuple[int, tuple[str, ...]] | None:
    names = kind.by_value_heading.get(heading_key(text)) if kind.by_value else None
    if names is None:
        return None
    match below:
        case ColumnValues.NUMBERS:
            return WHOLE, (names[1],)
        case ColumnValues.UNCLEAR:
            return 0, ()
        case _:
            return WHOLE, (names[0],)


def _read_heading(  # noqa: PLR0911 a ladder of readings, best first
    text: str, kind: SheetKind
) -> tuple[int, tuple[str, ...]]:
    whole = heading_key(text)
    if not whole or len(text) > HEADING_CHARACTERS_MAX or whole in kind.unrelated_headings:
        return 0, ()
    if whole in kind.fields_by_heading:
        return WHOLE, (kind.fields_by_heading[whole],)
    if whole in kind.generic_by_heading:
        return GENERIC, kind.generic_by_heading[whole]
    pieces = [heading_key(piece) for piece in _PIECES.split(text)]
    scripts = [heading_key(run) for run in _SCRIPTS.findall(text)]
    for strength, keys in ((PIECE, pieces), (PIECE, scripts), (TRIMMED, [_without_fillers(text)])):
        fields = {kind.fields_by_heading[key] for key in keys if key in kind.fields_by_heading}
        if len(fields) == 1:
            return strength, (fields.pop(),)
        if fields:
            return 0, ()
    for key in (*pieces, *scripts, _without_fillers(text)):
        if key in kind.generic_by_heading:
            return GENERIC, kind.generic_by_heading[key]
    return 0, ()


def _without_fillers(text: str) -> str:
    words = _words(_CHINESE_FILLERS.sub("", text))
    kept = [word for word in words if word not in _FILLERS]
    while len(kept) > 1 and (is_unit(kept[-1]) or kept[-1] in _CURRENCIES):
        kept.pop()
    return "".join(kept)
