"""How far the projector is: offsets, lag and what it could not use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, func, select

from tierlink.store.tables import ProjectionOffset, ReadModel, SkippedRecord

__all__ = ["Progress", "note_progress", "read_cluster", "read_offsets", "read_progress"]


@dataclass(frozen=True)
class Progress:
    """State of the projection.

    Attributes:
        checked_at: when the projector last heard from the broker.
        projected_at: when it last wrote something.
        lag_records: records it knew of and had not read when last checked.
        is_caught_up: whether it has ever read to the end of all topics since the tables were made.
        skipped_records: records it could not use.
    """

    checked_at: datetime | None
    projected_at: datetime | None
    lag_records: int | None
    is_caught_up: bool
    skipped_records: int


def read_progress(session: Session) -> Progress:
    """State of the projection."""
    row = session.exec(select(ReadModel)).one()
    skipped = session.exec(select(func.count()).select_from(SkippedRecord)).one()
    return Progress(
        row.checked_at, row.projected_at, row.lag_records, row.is_caught_up, int(skipped)
    )


def note_progress(
    session: Session, *, checked_at: datetime, lag_records: int | None, is_caught_up: bool
) -> None:
    """Write down that the projector lives and how far it is."""
    row = session.exec(select(ReadModel)).one()
    row.checked_at = checked_at
    row.lag_records = lag_records
    row.is_caught_up = row.is_caught_up or is_caught_up
    session.add(row)


def read_offsets(session: Session) -> dict[tuple[str, int], int]:
    """(topic, partition) to the offset to read next."""
    rows = session.exec(select(ProjectionOffset))
    return {(row.topic, row.partition): row.next_offset for row in rows}


def read_cluster(session: Session) -> str | None:
    """Id of the cluster the rows came from; None before the first contact."""
    return session.exec(select(ReadModel)).one().cluster_id
