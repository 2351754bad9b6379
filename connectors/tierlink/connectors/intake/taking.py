"""Decides which files of the watched folder are taken now: settled, new to us, in order of their last change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tierlink.connectors.intake.settle import (
    FileIdentity,
    Observation,
    Ready,
    Waiting,
    back_off,
    remember,
    settle,
)
from tierlink.connectors.intake.staging import FinishedAs
from tierlink.connectors.intake.store import SEALED, SEEN, SETTLING, KnownDocument
from tierlink.connectors.intake.watch import Found
from tierlink.schemas.intake import Verdict

__all__ = ["INCOMPLETE_SECONDS", "WaitingRoom", "is_current", "unfinished"]

INCOMPLETE_SECONDS: Final = 60.0
"""An incomplete file that has not changed for this long is given to the reader, so that its sender hears what is wrong.
It is taken again when it changes, however much later."""

_SETTLED_FOR_GOOD: Final = frozenset({Verdict.PUBLISHED, Verdict.UNCHANGED})


@dataclass
class _Guest:
    history: tuple[Observation, ...] = ()
    tries: int = 0
    not_before: float = 0.0
    told: tuple[str, str | None] | None = None
    incomplete_since: float | None = None
    identity: FileIdentity | None = None


@dataclass
class WaitingRoom:
    """Files of one folder on their way to be taken. All times are seconds of one monotonic clock.

    Attributes:
        settle_seconds: from the feed's settings.
        done: documents that need nothing while their identity is this.
    """

    settle_seconds: float
    done: dict[str, FileIdentity] = field(default_factory=dict)
    _guests: dict[str, _Guest] = field(default_factory=dict)
    _news: list[tuple[str, str, str | None]] = field(default_factory=list)

    def look(self, files: Iterable[Found], now: float) -> list[Found]:
        """Take in what lies in the folder; answer which files are ready, in the order given."""
        ready = []
        present = set()
        for file in files:
            present.add(file.document)
            if self.done.get(file.document) == file.identity:
                self._guests.pop(file.document, None)
                continue
            if self._is_ready(file, now):
                ready.append(file)
        for gone in self._guests.keys() - present:
            del self._guests[gone]
        return ready

    def postpone(self, document: str, now: float, reason: str, *, incomplete: bool) -> None:
        """It could not be taken after all; look again after a growing pause, for ever."""
        guest = self._guests.setdefault(document, _Guest())
        guest.tries += 1
        guest.not_before = now + back_off(guest.tries)
        if incomplete and guest.incomplete_since is None:
            guest.incomplete_since = now
        self._tell(document, guest, SETTLING, reason)

    def is_overdue(self, document: str, now: float) -> bool:
        """Tell whether an unchanged file has been incomplete for so long that its sender must hear of it."""
        guest = self._guests.get(document)
        since = guest.incomplete_since if guest else None
        return since is not None and now - since >= INCOMPLETE_SECONDS

    def finish(self, document: str, identity: FileIdentity) -> None:
        """It was taken in this version."""
        self.done[document] = identity
        self._guests.pop(document, None)

    def waiting(self) -> int:
        """How many files are on their way."""
        return len(self._guests)

    def news(self) -> list[tuple[str, str, str | None]]:
        """(document, state, reason) of files whose state changed since the last call."""
        news, self._news = self._news, []
        return news

    def _is_ready(self, file: Found, now: float) -> bool:
        guest = self._guests.setdefault(file.document, _Guest())
        if guest.identity != file.identity:
            guest.identity = file.identity
            guest.tries, guest.not_before, guest.incomplete_since = 0, 0.0, None
        seen = Observation(now, file.identity, file.locked)
        guest.history = remember(guest.history, seen)
        match settle(guest.history, now, settle_seconds=self.settle_seconds):
            case Waiting(reason):
                state = SEEN if len(guest.history) < 2 else SETTLING
                self._tell(file.document, guest, state, reason)
                return False
            case Ready():
                return now >= guest.not_before

    def _tell(self, document: str, guest: _Guest, state: str, reason: str | None) -> None:
        kind = (state, None if reason is None else reason.partition(":")[0])
        if guest.told != kind:
            guest.told = kind
            self._news.append((document, state, reason))


def is_current(document: KnownDocument, how: FinishedAs) -> bool:
    """Tell whether a finished document need not be read again as long as its bytes are the same.

    Other settings may read it differently. Another version of tierlink may understand what this one refused.
    """
    if document.verdict is None or document.done_profile != how.profile:
        return False
    return document.verdict in _SETTLED_FOR_GOOD or document.done_version == how.version


def unfinished(documents: Iterable[KnownDocument]) -> Iterator[KnownDocument]:
    """Sealed versions that a stopped or killed process left."""
    return (one for one in documents if one.state == SEALED and one.sha256 and one.sealed_at)
