"""Understands a sheet in passes: header and column profiles first, then each row to facts, a refusal or a reason.

Pure and lazy: rows are gone through again instead of being kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from tierlink.connectors.cells.dates import DateColumn
from tierlink.connectors.cells.evidence import agree
from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.languages import grouping_sign
from tierlink.connectors.cells.layout import (
    HEADER_SEARCH_ROWS,
    Layout,
    NearMiss,
    classify_row,
    find_layout,
    is_number_field,
    is_other_header,
)
from tierlink.connectors.cells.messages import cell_place, reason
from tierlink.connectors.cells.numbers import NumberColumn
from tierlink.connectors.cells.table import Record, RowRefusedError, Table, cell_refs
from tierlink.connectors.contract import (
    Document,
    Facts,
    Ignored,
    Interpretation,
    Refused,
    Row,
    RowOutcome,
    Sheet,
)
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.intake import Reason, SheetMapping

__all__ = ["RowNormaliser", "TableReader", "interpret_table"]

RowNormaliser = Callable[[Record], Facts | Ignored]
"""Turns a record into facts, or says why it is none; refuses by ``RowRefusedError``."""


class TableReader(Protocol):
    """One kind of table of a connector."""

    @property
    def kind(self) -> SheetKind:
        """The headings."""
        ...

    def begin(self, table: Table) -> RowNormaliser:
        """Prepare for a sheet (it may go through ``table.records()``) and return what reads its rows.

        Raises:
            RowRefusedError: the sheet as a whole cannot be used.
        """
        ...


@dataclass(frozen=True)
class _Profile:
    layout: Layout | NearMiss | None
    numbers: dict[str, NumberColumn]
    dates: dict[str, DateColumn]
    titles: tuple[str, ...] = ()
    all_hidden: bool = False
    other_table: int | None = None
    """Row of the heading of a second table, if the sheet has one."""


def interpret_table(
    sheet: Sheet,
    document: Document,
    settings: FeedSettings,
    readers: Sequence[TableReader],
    version: str,
    *,
    one_hand: bool = False,
) -> Interpretation:
    """Understand one sheet.

    Args:
        sheet: gone through two or three times.
        document: where the sheet is from; its sealing day bounds two-digit years.
        settings: decimal mark, date order, defaults.
        readers: the kinds of table to look for; of equal matches the first wins.
        version: names these rules in every event's lineage.
        one_hand: a program wrote the list, so all its dates have one order; people copy columns from elsewhere. How it
            writes numbers is set by its user, whatever language its headings have.
    """
    profile = _profile(sheet, document, settings, [reader.kind for reader in readers])
    if one_hand:
        agree(list(profile.dates.values()))
    else:
        _group_as_headings_do(profile)
    layout = profile.layout
    if profile.all_hidden or layout is None:
        why = "hidden" if profile.all_hidden else "note"
        return Interpretation(
            None, None, (RowOutcome(row.number, Ignored(why)) for row in sheet.rows())
        )
    if isinstance(layout, NearMiss):
        return Interpretation(None, _missing(layout, sheet, document), ())
    table = Table(
        sheet,
        document,
        settings,
        layout,
        version,
        profile.numbers,
        profile.dates,
        profile.titles,
        profile.other_table,
    )
    reader = next(reader for reader in readers if reader.kind is layout.kind)
    mapping = _mapping(table)
    try:
        normalise = reader.begin(table)
    except RowRefusedError as error:
        return Interpretation(None, error.refused.reason, ())
    return Interpretation(mapping, None, _outcomes(table, normalise))


def _profile(
    sheet: Sheet, document: Document, settings: FeedSettings, kinds: Sequence[SheetKind]
) -> _Profile:
    rows = iter(sheet.rows())
    first = list(itertools.islice(rows, HEADER_SEARCH_ROWS + 1))
    found = find_layout(first, kinds)
    if found is None or isinstance(found, NearMiss):
        hidden = bool(first) and all(row.hidden for row in itertools.chain(first, rows))
        return _Profile(found, {}, {}, all_hidden=hidden)
    near = document.sealed_at.date()
    columns = found.match.columns
    numbers = {
        name: NumberColumn(settings.decimal_mark) for name in columns if is_number_field(name)
    }
    dates = {
        name: DateColumn(settings.date_order, near) for name in columns if name.endswith("_on")
    }
    observers = {
        columns[name].index: profile
        for profile_of in (numbers, dates)
        for name, profile in profile_of.items()
    }
    visible = False
    titles: list[str] = []
    other_table: int | None = None
    for row in itertools.chain(first, rows):
        visible = visible or not row.hidden
        if row.number < found.header_rows[0]:
            titles += [cell.text for cell in row.cells]
        elif row.number > found.header_rows[-1] and other_table is None:
            why = classify_row(row, found)
            if why != "header" and is_other_header(row, found, kinds):
                other_table = row.number
            elif why is None:
                _observe(row, observers)
    agree(list(numbers.values()))
    return _Profile(found, numbers, dates, tuple(titles), not visible, other_table)


def _group_as_headings_do(profile: _Profile) -> None:
    """Last of all evidence on thousands: the language of the headings, where no number of the sheet proves a mark."""
    numbers = profile.numbers.values()
    if not isinstance(profile.layout, Layout) or any(
        column.mark is not None or column.is_contradictory for column in numbers
    ):
        return
    known = [column.heading for column in profile.layout.match.columns.values()]
    grouping = grouping_sign(known)
    for column in numbers:
        column.grouping = grouping


def _observe(row: Row, observers: dict[int, NumberColumn | DateColumn]) -> None:
    for cell in row.cells:
        observer = observers.get(cell.column)
        if observer is not None:
            observer.observe(cell)


def _outcomes(table: Table, normalise: RowNormaliser) -> Iterator[RowOutcome]:
    for row in table.sheet.rows():
        outcome = _outcome(row, table, normalise)
        raw = cell_refs(row, table.layout.headings) if isinstance(outcome, Refused) else {}
        yield RowOutcome(row.number, outcome, raw)


def _outcome(row: Row, table: Table, normalise: RowNormaliser) -> Facts | Refused | Ignored:
    header = table.layout.header_rows
    if row.number <= header[-1]:
        return Ignored("header" if row.number in header else "title")
    if table.is_in_other(row):
        return _refuse_other_table(row, table)
    why = classify_row(row, table.layout)
    if why is not None:
        return Ignored(why)
    try:
        return normalise(Record(row, table))
    except RowRefusedError as error:
        return error.refused
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = table.place(row.number)
        return Refused(
            reason("id-unusable", place=where, found=str(first["input"]), expected=first["msg"])
        )


def _refuse_other_table(row: Row, table: Table) -> Refused | Ignored:
    """Below a second heading the columns mean something else; nothing there is read as if they did not."""
    if row.number == table.other_table:
        return Ignored("header")
    heading = str(table.other_table)
    return Refused(reason("second-table", place=table.place(row.number), other=heading))


def _mapping(table: Table) -> SheetMapping:
    match = table.layout.match
    columns = {name: column.heading for name, column in match.columns.items()}
    unknown = [" ".join(heading.split()) for heading in match.unknown if heading.strip()]
    for price in ("unit_price", "unit_cost"):
        column = match.columns.get(price)
        if column and not (table.has("currency") or column.currency or table.settings.currency):
            unknown.append(f"{columns.pop(price)} (no currency)")
    return SheetMapping(
        sheet=table.sheet.name,
        kind=table.layout.kind.name,
        header_row=table.layout.header_rows[-1],
        columns=columns,
        unknown_columns=unknown,
    )


def _missing(miss: NearMiss, sheet: Sheet, document: Document) -> Reason:
    place = cell_place(document.name, sheet.name, miss.layout.header_rows[-1])
    contested = {
        name: miss.layout.match.contested[name]
        for name in miss.missing
        if name in miss.layout.match.contested
    }
    if contested:
        found = _listed(heading for headings in contested.values() for heading in headings)
        return reason("columns-ambiguous", place=place, found=found, fields=tuple(contested))
    found = _listed(miss.layout.headings.values())
    return reason(
        "columns-missing",
        place=place,
        found=found,
        expected=miss.layout.kind.name,
        fields=miss.missing,
    )


def _listed(headings: Iterable[str]) -> str:
    return ", ".join(f"{' '.join(heading.split())}" for heading in headings)
