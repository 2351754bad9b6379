"""Canonical events by id and by what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlmodel import Session, col, select

from tierlink.store.tables import EventRow

__all__ = ["StoredEvent", "find_event", "find_events", "list_events_about"]

_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class StoredEvent:
    """An event as it stood on its topic. ``file_id`` names the file it came from, ``body`` is the whole CloudEvent."""

    id: str
    type: str
    subject: str
    source: str
    recorded_at: datetime
    file_id: str | None
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The payload."""
        payload: dict[str, Any] = self.body["data"]
        return payload

    @property
    def lineage(self) -> dict[str, Any] | None:
        """File, sheet, row and cells; None for a fact from no file."""
        return self.data.get("lineage")


def find_event(session: Session, event_id: str) -> StoredEvent | None:
    """One event."""
    row = session.get(EventRow, event_id)
    return _stored(row) if row else None


def find_events(session: Session, ids: Sequence[str]) -> list[StoredEvent]:
    """The events of these ids that are there, oldest recorded first."""
    found: list[EventRow] = []
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        found += session.exec(select(EventRow).where(col(EventRow.id).in_(some)))
    return [_stored(row) for row in sorted(found, key=lambda row: (row.recorded_at, row.id))]


def list_events_about(session: Session, subject: str, limit: int) -> list[StoredEvent]:
    """Events with exactly this subject, oldest recorded first."""
    about = select(EventRow).where(EventRow.subject == subject)
    ordered = about.order_by(col(EventRow.recorded_at), col(EventRow.id)).limit(limit)
    return [_stored(row) for row in session.exec(ordered)]


def _stored(row: EventRow) -> StoredEvent:
    return StoredEvent(
        id=row.id,
        type=row.type,
        subject=row.subject,
        source=row.source,
        recorded_at=row.recorded_at,
        file_id=row.file_id,
        body=from_json(row.body),
    )
