"""Takes one document from its sealed copy to the outbox: read in the sandbox, understand, compare, commit."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Final

from tierlink.connectors.contract import Connector, Document, Facts, Refused
from tierlink.connectors.errors import UnreadableFileError
from tierlink.connectors.intake.accounting import verdict_of
from tierlink.connectors.intake.events import EventMaker
from tierlink.connectors.intake.faults import die_here
from tierlink.connectors.intake.reading import (
    SANDBOX_PROGRAM,
    Sealed,
    Stopped,
    read_in_sandbox,
)
from tierlink.connectors.intake.reasons import file_reason
from tierlink.connectors.intake.staging import Comparison, FinishedAs, Staging, stage_document
from tierlink.connectors.intake.store import IntakeStore
from tierlink.connectors.intake.understanding import Finding, Understanding, understand
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.intake import FileProcessed, Reason, RowCounts, SheetMapping, Verdict

__all__ = [
    "UNSEALED_SHA256",
    "Workshop",
    "is_taken",
    "process_document",
    "refuse_document",
    "require_taken",
    "suffix_of",
    "sweep_spool",
]

logger = logging.getLogger(__name__)

UNSEALED_SHA256: Final = hashlib.sha256(b"").hexdigest()
"""Stands for the content of a file that could not be sealed (a link, a pipe, too big): nothing was read."""

_PROGRESS_SECONDS: Final = 5.0
_STOP_ROWS: Final = 500
_NOT_PROFILE: Final = frozenset({"folder", "poll_seconds", "settle_seconds"})


@dataclass(frozen=True)
class Workshop:
    """What processing needs besides the document, the same for all documents of a feed."""

    store: IntakeStore
    connector: Connector
    settings: FeedSettings
    spool: Path
    """Folder for the rows of the file being read; emptied after each."""
    is_stopped: Callable[[], bool] = lambda: False
    program: Sequence[str] = SANDBOX_PROGRAM

    @property
    def read_as(self) -> FinishedAs:
        """The settings and the program that decide how a file is understood."""
        profile = self.settings.model_dump_json(exclude=set(_NOT_PROFILE))
        return FinishedAs(hashlib.sha256(profile.encode()).hexdigest(), version("tierlink"))


def process_document(workshop: Workshop, document: Document) -> FileProcessed:
    """Process one sealed version of a document and put its events into the outbox, all of them or none.

    Blocks; needs no Kafka. ``store.record_sealed`` must have been called for this version. Done again after a crash it
    gives the same events.

    Raises:
        Stopped: the service is ending; nothing of the file was kept.
    """
    settings = workshop.settings
    sealed = Sealed(document.name, document.sealed_copy, suffix_of(document.name))
    workshop.spool.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{settings.name}.", dir=workshop.spool) as spool:
        try:
            require_taken(workshop.connector, document.name)
            sheets = read_in_sandbox(
                sealed,
                settings,
                Path(spool),
                is_stopped=workshop.is_stopped,
                program=workshop.program,
            )
            die_here("after_read")
            maker = EventMaker(settings.kind, settings.name, document)
            with stage_document(workshop.store, maker) as staging:
                into = Understanding()
                found = understand(workshop.connector, sheets, document, into)
                return _Work(workshop, document, maker, staging, into).do(found)
        except UnreadableFileError as error:
            if error.__cause__ is not None:
                logger.exception("going through %r failed", document.name)
            return refuse_document(workshop, document, error.reason, held=error.held)


def refuse_document(
    workshop: Workshop, document: Document, reason: Reason, *, held: bool = False
) -> FileProcessed:
    """Record and publish that nothing was taken from a document."""
    maker = EventMaker(workshop.settings.kind, workshop.settings.name, document)
    verdict = Verdict.HELD if held else Verdict.REJECTED
    with stage_document(workshop.store, maker) as staging:
        processed = _outcome(workshop, document, verdict, RowCounts(seen=0), reason=reason)
        return _commit(staging, workshop, lambda _: processed)


def sweep_spool(spool: Path, feed: str) -> None:
    """Remove rows that a killed process left; only this feed's, whose lock the caller holds."""
    for left in spool.glob(f"{feed}.*"):
        shutil.rmtree(left, ignore_errors=True)


def require_taken(connector: Connector, document: str) -> None:
    """Refuse what the connector's reader is not meant for.

    Raises:
        UnreadableFileError: the name has another ending.
    """
    if not is_taken(connector, document):
        suffix = suffix_of(document)
        expected = ", ".join(connector.suffixes)
        raise UnreadableFileError(
            file_reason("file-type-not-taken", document, found=suffix or "-", expected=expected)
        )


def is_taken(connector: Connector, document: str) -> bool:
    """Tell by the name's ending whether the connector's reader is meant for a document."""
    return suffix_of(document) in connector.suffixes


def suffix_of(document: str) -> str:
    """The name's ending, lower case with the dot."""
    return PurePosixPath(document).suffix.lower()


@dataclass
class _Work:
    """One file on the bench."""

    workshop: Workshop
    document: Document
    maker: EventMaker
    staging: Staging
    into: Understanding
    told_at: float = 0.0

    def do(self, findings: Iterator[Finding]) -> FileProcessed:
        self.told_at = time.monotonic()
        for finding in findings:
            self._take(finding)
        failure = self.into.failure(self.document, self.workshop.settings.kind)
        if failure is not None:
            self.staging.drop()
            if len(self.into.refusals) > 1:  # the file's reason is only the first one's
                self._refuse_sheets()
            rows = self.into.tally.close(published=0, unchanged=0)
            return self._finish(Verdict.REJECTED, rows, Comparison(0, 0, 0), failure)
        self._refuse_sheets()
        compared = self.staging.compare(self._tick)
        rows = self.into.tally.close(
            published=compared.published_rows, unchanged=compared.unchanged_rows
        )
        verdict = verdict_of(rows)
        reason = None
        if verdict in {Verdict.REJECTED, Verdict.HELD}:
            refused = str(rows.rejected + rows.held)
            reason = file_reason("no-row-usable", self.document.name, found=refused)
        return self._finish(verdict, rows, compared, reason)

    def _take(self, finding: Finding) -> None:
        match finding.outcome.outcome:
            case Facts() as facts:
                self.staging.add_facts(facts)
            case Refused() as refused:
                self.staging.add_event(
                    self.maker.refused_row(finding.sheet, finding.outcome, refused)
                )
        if self.into.tally.seen % _STOP_ROWS == 0:
            self._tick()

    def _refuse_sheets(self) -> None:
        """Tell of each sheet that could not be used."""
        for refusal in self.into.refusals:
            event = self.maker.refused_sheet(refusal.sheet, refusal.row, refusal.reason)
            self.staging.add_event(event)

    def _tick(self) -> None:
        if self.workshop.is_stopped():
            raise Stopped("the service is ending")
        now = time.monotonic()
        if now - self.told_at >= _PROGRESS_SECONDS:
            self.told_at = now
            logger.info(
                "feed=%s document=%r under way: %d rows so far",
                self.workshop.settings.name,
                self.document.name,
                self.into.tally.seen,
            )

    def _finish(
        self, verdict: Verdict, rows: RowCounts, compared: Comparison, reason: Reason | None
    ) -> FileProcessed:
        def finish(vanished: int) -> FileProcessed:
            return _outcome(
                self.workshop,
                self.document,
                verdict,
                rows,
                events=compared.events,
                # A file that was not understood says nothing about what is gone from it.
                vanished=vanished if self.into.mappings else 0,
                sheets=self.into.mappings,
                reason=reason,
            )

        return _commit(self.staging, self.workshop, finish)


def _commit(
    staging: Staging, workshop: Workshop, finish: Callable[[int], FileProcessed]
) -> FileProcessed:
    processed = staging.commit(
        finish, workshop.read_as, before_commit=lambda: die_here("before_commit")
    )
    die_here("after_commit")
    return processed


def _outcome(
    workshop: Workshop,
    document: Document,
    verdict: Verdict,
    rows: RowCounts,
    *,
    events: int = 0,
    vanished: int = 0,
    sheets: Sequence[SheetMapping] = (),
    reason: Reason | None = None,
) -> FileProcessed:
    return FileProcessed.model_validate(
        {
            "connector": workshop.settings.kind,
            "feed": workshop.settings.name,
            "document": document.name,
            "file_sha256": document.sha256,
            "size_bytes": document.size_bytes,
            "sealed_at": document.sealed_at,
            "verdict": verdict,
            "rows": rows,
            "events": events,
            "vanished": vanished,
            "sheets": list(sheets),
            "reason": reason,
        }
    )
