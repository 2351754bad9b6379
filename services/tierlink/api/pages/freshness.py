"""How old the figures on a page are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from tierlink.api.pages.words import Words
from tierlink.api.reading import Access
from tierlink.store.progress import read_progress

__all__ = ["Freshness", "read_freshness"]


@dataclass(frozen=True)
class Freshness:
    """A sentence, and whether it is a warning."""

    text: str
    is_warning: bool
    as_of: date | None = None
    skipped: int = 0


def read_freshness(session: Session, access: Access, words: Words, as_of: date | None) -> Freshness:
    """How far the read model is behind the topics."""
    progress = read_progress(session)
    now = access.now()
    if progress.checked_at is None or not progress.is_caught_up:
        return Freshness(
            words("catching-up"), is_warning=True, as_of=as_of, skipped=progress.skipped_records
        )
    text, is_warning = _say(progress.checked_at, progress.lag_records or 0, now, access, words)
    return Freshness(text, is_warning, as_of, progress.skipped_records)


def _say(
    checked_at: datetime, lag: int, now: datetime, access: Access, words: Words
) -> tuple[str, bool]:
    ago = words.ago(checked_at, now)
    if (now - checked_at).total_seconds() > access.settings.api_silence_seconds:
        return words("silent", ago=ago), True
    if lag > 0:
        return words("behind", count=words.number(lag), ago=ago), False
    return words("fresh", ago=ago), False
