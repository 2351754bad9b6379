"""Goes through a file's sheets with the connector's interpreter and says of each row what it is. No files, no store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tierlink.connectors.contract import (
    Connector,
    Document,
    Facts,
    Ignored,
    Refused,
    Row,
    RowOutcome,
    Sheet,
)
from tierlink.connectors.errors import ConnectorError, UnreadableFileError
from tierlink.connectors.intake.accounting import Tally
from tierlink.connectors.intake.reasons import NEEDED, file_reason
from tierlink.schemas.intake import Reason, SheetMapping

__all__ = ["Finding", "SheetRefusal", "Understanding", "understand"]

_HEADING_ROWS: Final = 20
_SHOWN_CHARACTERS: Final = 60
_SHOWN_HEADINGS: Final = 12


@dataclass(frozen=True)
class Finding:
    """One row that states facts or was refused, with its sheet."""

    sheet: str | None
    outcome: RowOutcome


@dataclass(frozen=True)
class SheetRefusal:
    """A sheet that could not be used. ``row`` is where its headings most likely stand."""

    sheet: str | None
    row: int
    rows: int
    reason: Reason


@dataclass
class Understanding:
    """Filled while :func:`understand` runs; complete when it has ended."""

    tally: Tally = field(default_factory=Tally)
    mappings: list[SheetMapping] = field(default_factory=list)
    refusals: list[SheetRefusal] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)

    def failure(self, document: Document, kind: str) -> Reason | None:
        """Why the whole file is rejected, or None if at least one sheet was understood."""
        if self.mappings:
            return None
        if self.refusals:
            return self.refusals[0].reason
        if self.tally.seen == 0:
            return file_reason("file-without-rows", document.name)
        return file_reason(
            "no-sheet-understood",
            document.name,
            found="; ".join(self.headings) or "-",
            expected=NEEDED.get(kind, "headings"),
        )


def understand(
    connector: Connector,
    sheets: Sequence[Sheet],
    document: Document,
    into: Understanding,
) -> Iterator[Finding]:
    """Interpret every sheet; yield rows with facts and refused rows, count all.

    Raises:
        UnreadableFileError: the interpreter failed or lost count (held): one odd file must not end the service.
    """
    try:
        for sheet in sheets:
            yield from _sheet(connector, _CountedSheet(sheet), document, into)
    except (ConnectorError, GeneratorExit):
        raise
    except Exception as error:
        raise _FailedError(document, error) from error


class _FailedError(UnreadableFileError):
    """A fault of ours, not of the file; the cause is logged by the caller."""

    def __init__(self, document: Document, error: Exception) -> None:
        super().__init__(
            file_reason("interpreter-failed", document.name, found=type(error).__name__), held=True
        )


class _CountedSheet:
    """Counts the rows of a sheet whenever somebody goes through all of them."""

    def __init__(self, sheet: Sheet) -> None:
        self._rows = sheet.rows
        self.name = sheet.name
        self.counted: int | None = None

    def rows(self) -> Iterator[Row]:
        count = 0
        for row in self._rows():
            count += 1
            yield row
        self.counted = count

    def count(self) -> int:
        if self.counted is None:
            for _ in self.rows():
                pass
        return self.counted or 0


def _sheet(
    connector: Connector, counted: _CountedSheet, document: Document, into: Understanding
) -> Iterator[Finding]:
    sheet = Sheet(counted.name, counted.rows)
    interpretation = connector.interpret(sheet, document)
    if interpretation.refusal is not None:
        rows = counted.count()
        row = _likely_header(sheet.rows())
        into.tally.rejected += rows
        into.refusals.append(
            SheetRefusal(sheet.name, row.number if row else 1, rows, interpretation.refusal)
        )
        return
    if interpretation.mapping is not None:
        into.mappings.append(interpretation.mapping)
    elif (likely := _likely_header(sheet.rows())) is not None:
        into.headings.append(_headings(sheet.name, likely))
    before = into.tally.seen
    yield from _outcomes(sheet.name, interpretation.outcomes, into.tally)
    told = into.tally.seen - before
    if told != counted.count():
        raise ValueError(f"sheet {sheet.name!r}: {told} outcomes for {counted.count()} rows")


def _outcomes(sheet: str | None, outcomes: Iterable[RowOutcome], tally: Tally) -> Iterator[Finding]:
    for outcome in outcomes:
        match outcome.outcome:
            case Ignored(why):
                tally.ignored[why] += 1
                continue
            case Refused(held=True):
                tally.held += 1
            case Refused():
                tally.rejected += 1
            case Facts():
                tally.stated += 1
        yield Finding(sheet, outcome)


def _likely_header(rows: Iterator[Row]) -> Row | None:
    """The widest of the first rows: headings name every column, titles and notes fill one or two."""
    widest: Row | None = None
    for _, row in zip(range(_HEADING_ROWS), rows, strict=False):
        if widest is None or len(row.cells) > len(widest.cells):
            widest = row
    return widest


def _headings(sheet: str | None, row: Row) -> str:
    texts = [" ".join(cell.text.split())[:_SHOWN_CHARACTERS] for cell in row.cells]
    listed = ", ".join(texts[:_SHOWN_HEADINGS]) + (", …" if len(texts) > _SHOWN_HEADINGS else "")
    return f"{sheet}: {listed}" if sheet else listed
