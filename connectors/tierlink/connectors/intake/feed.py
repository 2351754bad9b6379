"""The blocking side of one feed: looks at the folder, seals, processes, resumes; all in one worker thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tierlink.connectors.contract import Document
from tierlink.connectors.errors import RetryLaterError, UnreadableFileError
from tierlink.connectors.intake.faults import die_here
from tierlink.connectors.intake.processing import (
    UNSEALED_SHA256,
    Workshop,
    is_taken,
    process_document,
    refuse_document,
)
from tierlink.connectors.intake.reading import Stopped
from tierlink.connectors.intake.seal import IncompleteFileError, SealedFile, seal, sealed_path
from tierlink.connectors.intake.store import KnownDocument
from tierlink.connectors.intake.taking import WaitingRoom, is_current, unfinished
from tierlink.connectors.intake.watch import Found, scan
from tierlink.schemas.intake import FileProcessed

__all__ = ["BACKLOG_MAX", "FeedIntake"]

logger = logging.getLogger(__name__)

BACKLOG_MAX: Final = 50_000
"""No further file is taken while so many events wait for the broker."""
LOOK_SECONDS: Final = 0.05


@dataclass
class FeedIntake:
    """The blocking side of one feed; its methods run in worker threads, one at a time.

    ``ready_file`` is touched at every look at the folder: an old one means that the feed is stuck.
    """

    workshop: Workshop
    folder: Path
    vault: Path
    now: Callable[[], datetime]
    ready_file: Path | None = None

    def __post_init__(self) -> None:
        self.settings = self.workshop.settings
        self.store = self.workshop.store
        how = self.workshop.read_as
        known = self.store.documents().values()
        current = {one.name: one.identity for one in known if is_current(one, how)}
        self._room = WaitingRoom(self.settings.settle_seconds, current)
        self._unfinished = {one.name: one for one in unfinished(known)}
        self._folder_missing = False
        self._held_back = False

    def resume(self) -> None:
        """Finish what a stopped or killed process had sealed; what cannot be finished now is tried again next time."""
        for left in list(self._unfinished.values()):
            assert left.sha256 is not None
            assert left.sealed_at is not None
            copy = sealed_path(self.vault, left.sha256)
            document = Document(left.name, left.sha256, left.identity.size, left.sealed_at, copy)
            try:
                if copy.is_file():  # else the original, if it is still there, is sealed again
                    self._process(document, left)
            except Stopped:
                return
            except RetryLaterError as error:
                logger.warning(
                    "feed=%s document=%r not yet: %s", self.settings.name, left.name, error.reason
                )
                continue
            del self._unfinished[left.name]

    def look(self) -> list[Found]:
        """Look at the folder; answer which files are ready."""
        if self.ready_file:
            self.ready_file.parent.mkdir(parents=True, exist_ok=True)
            self.ready_file.touch()
        try:
            files = scan(self.folder)
        except OSError as error:
            if not self._folder_missing:
                logger.warning(
                    "feed=%s folder %s cannot be read (%s); waiting for it",
                    self.settings.name,
                    self.folder,
                    error.strerror,
                )
            self._folder_missing = True
            return []
        if self._folder_missing:
            logger.info("feed=%s folder %s is back", self.settings.name, self.folder)
            self._folder_missing = False
        ready = self._room.look(files, time.monotonic())
        with suppress(RetryLaterError):  # only said, not needed; taking a file says it aloud
            self.store.note(self._room.news())
        return ready

    def take(self, file: Found) -> None:
        """Seal one file and process it; whatever is wrong with it is its verdict, not our end."""
        try:
            self._take(file)
        except Stopped:
            return
        except RetryLaterError as error:
            self._room.postpone(
                file.document,
                time.monotonic(),
                error.reason,
                incomplete=isinstance(error, IncompleteFileError),
            )
            logger.info(
                "feed=%s document=%r not yet: %s", self.settings.name, file.document, error.reason
            )
            with suppress(RetryLaterError):
                self.store.note(self._room.news())

    def is_clear(self) -> bool:
        """Tell whether the broker keeps up, so that another file may be taken."""
        backlog = self.store.backlog()
        if backlog > BACKLOG_MAX and not self._held_back:
            logger.warning(
                "feed=%s %d events wait for Kafka; no file is taken until they are sent",
                self.settings.name,
                backlog,
            )
        self._held_back = backlog > BACKLOG_MAX
        return not self._held_back

    def is_idle(self) -> bool:
        """Tell whether no file is on its way."""
        return self._room.waiting() == 0 and not self._held_back

    def pause_seconds(self, scan_seconds: float) -> float:
        """How long to wait for the next look: shorter while something settles, longer on a slow share."""
        pause = self.settings.poll_seconds
        if self._room.waiting():
            pause = min(pause, max(self.settings.settle_seconds / 2, LOOK_SECONDS))
        return max(pause, 5 * scan_seconds)

    def _take(self, file: Found) -> None:
        settings = self.settings
        overdue = self._room.is_overdue(file.document, time.monotonic())
        try:
            sealed = seal(
                file.path,
                self.vault,
                document=file.document,
                bytes_max=settings.limits.file_bytes_max,
                must_be_complete=not overdue and is_taken(self.workshop.connector, file.document),
                owner=settings.name,
            )
        except UnreadableFileError as error:
            self._refuse_unread(file, error)
            return
        if sealed.identity != file.identity:
            raise RetryLaterError("the file changed before it was copied")
        known = self.store.document(file.document)
        if (
            known
            and known.done_sha256 == sealed.sha256
            and is_current(known, self.workshop.read_as)
        ):
            self.store.record_again(file.document, sealed.identity)
            self._room.finish(file.document, file.identity)
            logger.info("feed=%s document=%r same content again", settings.name, file.document)
            return
        document = self._record(file, sealed)
        self._unfinished.pop(file.document, None)
        self._process(document, file)

    def _record(self, file: Found, sealed: SealedFile) -> Document:
        sealed_at = self.now()
        self.store.record_sealed(file.document, sealed.identity, sealed.sha256, sealed_at)
        die_here("after_seal")
        return Document(file.document, sealed.sha256, sealed.size_bytes, sealed_at, sealed.path)

    def _refuse_unread(self, file: Found, error: UnreadableFileError) -> None:
        """A link, a pipe or a giant: refused without a sealed copy."""
        at = self.now()
        self.store.record_sealed(file.document, file.identity, UNSEALED_SHA256, at)
        document = Document(file.document, UNSEALED_SHA256, file.identity.size, at, file.path)
        processed = refuse_document(self.workshop, document, error.reason, held=error.held)
        self._room.finish(file.document, file.identity)
        _tell(processed, 0.0)

    def _process(self, document: Document, of: Found | KnownDocument) -> None:
        began = time.monotonic()
        processed = process_document(self.workshop, document)
        self._room.finish(document.name, of.identity)
        _tell(processed, time.monotonic() - began)


def _tell(processed: FileProcessed, seconds: float) -> None:
    rows = processed.rows
    logger.info(
        "feed=%s document=%r verdict=%s rows=%d published=%d unchanged=%d held=%d rejected=%d ignored=%d "
        "events=%d vanished=%d reason=%s seconds=%.1f",
        processed.feed,
        processed.document,
        processed.verdict.value,
        rows.seen,
        rows.published,
        rows.unchanged,
        rows.held,
        rows.rejected,
        sum(rows.ignored.values()),
        processed.events,
        processed.vanished,
        processed.reason.code if processed.reason else "-",
        seconds,
    )
