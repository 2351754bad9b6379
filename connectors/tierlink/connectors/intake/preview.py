"""Shows what a file would become, with nothing stored and nothing published."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tierlink.connectors.contract import Absent, Connector, Document, Draft, Facts, Refused
from tierlink.connectors.errors import UnreadableFileError
from tierlink.connectors.intake.processing import require_taken, suffix_of
from tierlink.connectors.intake.reading import SANDBOX_PROGRAM, Sealed, read_in_sandbox
from tierlink.connectors.intake.seal import seal
from tierlink.connectors.intake.understanding import Finding, Understanding, understand
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.intake import Reason, RowCounts, SheetMapping

__all__ = ["Preview", "RefusedRow", "preview_file"]

SHOWN_MAX: Final = 20


@dataclass(frozen=True)
class RefusedRow:
    """A row, or a sheet at its heading row, that would not be published."""

    sheet: str | None
    row: int
    held: bool
    reason: Reason


@dataclass(frozen=True)
class Preview:
    """What a file would become.

    Attributes:
        document: name the file would have in the feed.
        mappings: how each sheet was understood.
        drafts: the first statements, as the file makes them; which of them are news is not known here.
        refused: the first refused rows and sheets.
        rows: all rows; those with facts count as published, as they would be the first time.
        statements: how many statements there are in all.
        reason: why nothing at all would be taken, or None.
    """

    document: str
    mappings: tuple[SheetMapping, ...]
    drafts: tuple[Draft | Absent, ...]
    refused: tuple[RefusedRow, ...]
    rows: RowCounts
    statements: int = 0
    reason: Reason | None = None


def preview_file(
    connector: Connector,
    settings: FeedSettings,
    path: Path,
    document: str,
    program: Sequence[str] = SANDBOX_PROGRAM,
    shown: int = SHOWN_MAX,
) -> Preview:
    """Read a file as the feed would.

    Args:
        connector: of the feed's kind.
        settings: of the feed.
        path: the file, anywhere.
        document: the name it would have in the watched folder (``100234/ledger.xlsx``).
        program: command of the reading child.
        shown: most drafts and most refusals to give back.

    Raises:
        RetryLaterError: the file is not complete, or cannot be opened.
    """
    suffix = suffix_of(document)
    try:
        require_taken(connector, document)
        with tempfile.TemporaryDirectory(prefix="tierlink-preview-") as place:
            sealed = seal(
                path,
                Path(place),
                document=document,
                bytes_max=settings.limits.file_bytes_max,
            )
            spool = Path(place) / "spool"
            spool.mkdir()
            sheets = read_in_sandbox(
                Sealed(document, sealed.path, suffix), settings, spool, program=program
            )
            of = Document(
                document, sealed.sha256, sealed.size_bytes, datetime.now(UTC), sealed.path
            )
            into = Understanding()
            collected = _Collected(document, shown)
            for finding in understand(connector, sheets, of, into):
                collected.take(finding)
            return collected.preview(into, into.failure(of, settings.kind))
    except UnreadableFileError as error:
        return Preview(document, (), (), (), RowCounts(seen=0), reason=error.reason)


class _Collected:
    def __init__(self, document: str, shown: int) -> None:
        self._document = document
        self._shown = shown
        self._drafts: list[Draft | Absent] = []
        self._refused: list[RefusedRow] = []
        self._statements = 0

    def take(self, finding: Finding) -> None:
        match finding.outcome.outcome:
            case Facts(drafts):
                self._statements += len(drafts)
                self._drafts += drafts[: max(0, self._shown - len(self._drafts))]
            case Refused() as refused if len(self._refused) < self._shown:
                self._refused.append(
                    RefusedRow(finding.sheet, finding.outcome.row, refused.held, refused.reason)
                )

    def preview(self, into: Understanding, failure: Reason | None) -> Preview:
        sheets = [
            RefusedRow(one.sheet, one.row, held=False, reason=one.reason) for one in into.refusals
        ]
        return Preview(
            document=self._document,
            mappings=tuple(into.mappings),
            drafts=tuple(self._drafts),
            refused=(*sheets, *self._refused),
            rows=into.tally.close(published=into.tally.stated, unchanged=0),
            statements=self._statements,
            reason=failure,
        )
