"""Writing a batch of records and where to read on, in one transaction. No record stops it and none disappears."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlmodel import Session

from tierlink.projector.rows import Record, UnusableRecordError, project_record
from tierlink.store.changes import Changes, write_changes
from tierlink.store.database import writing
from tierlink.store.tables import SkippedRecord

__all__ = ["Written", "is_database_away", "write_batch"]

_LOG = logging.getLogger(__name__)
_BEGINNING_BYTES = 500


@dataclass(frozen=True)
class Written:
    """What became of a batch: ``projected + skipped`` records."""

    projected: int
    skipped: int


def write_batch(engine: Engine, prefix: str, records: Sequence[Record], now: datetime) -> Written:
    """Project records and store their offsets.

    Where the database refuses a value (an integer no column holds), the batch is written record by record and the
    refused one goes to the skipped records.

    Args:
        engine: from ``open_writer``.
        prefix: of topic names, for the stored offsets.
        records: of each partition in order of offset.
        now: written as the time of projection.

    Raises:
        SQLAlchemyError: the database is away; nothing was written.
    """
    changes, skipped = _project(prefix, records, now)
    try:
        with writing(engine) as session:
            write_changes(session, changes, now)
    except (SQLAlchemyError, OverflowError) as error:
        if is_database_away(error):
            raise
        _LOG.warning("the database refuses a value in a batch of %d records", len(records))
        skipped = _write_singly(engine, prefix, records, now)
    return Written(len(records) - skipped, skipped)


def is_database_away(error: BaseException) -> bool:
    """Whether waiting can help, because the statement itself is not at fault."""
    if not isinstance(error, DBAPIError) or isinstance(error, DataError):
        return isinstance(error, SQLAlchemyError) and not isinstance(error, StatementError)
    return (
        error.connection_invalidated
        or isinstance(error, OperationalError | InterfaceError)
        or type(error.orig).__name__ in {"ReadOnlySqlTransaction", "UndefinedTable"}
    )


def _project(prefix: str, records: Sequence[Record], now: datetime) -> tuple[Changes, int]:
    changes, skipped = Changes(), 0
    for record in records:
        try:
            project_record(changes, record)
        except UnusableRecordError as error:
            skipped += 1
            changes.put(_skip(prefix, record, error.reason, now))
        changes.read_to(record.topic.full_name(prefix), record.partition, record.offset + 1)
    return changes, skipped


def _write_singly(engine: Engine, prefix: str, records: Sequence[Record], now: datetime) -> int:
    skipped = 0
    with writing(engine) as session:
        for record in records:
            changes, unusable = _project(prefix, [record], now)
            skipped += unusable
            try:
                with session.begin_nested():
                    write_changes(session, changes, now)
            except (SQLAlchemyError, OverflowError) as error:
                if is_database_away(error):
                    raise
                skipped += 1
                _write_skip(session, prefix, record, error, now)
    return skipped


def _write_skip(
    session: Session, prefix: str, record: Record, error: Exception, now: datetime
) -> None:
    cause = getattr(error, "orig", None) or error
    changes = Changes()
    changes.put(_skip(prefix, record, f"the database refuses it: {str(cause)[:300]}", now))
    changes.read_to(record.topic.full_name(prefix), record.partition, record.offset + 1)
    write_changes(session, changes, now)


def _skip(prefix: str, record: Record, reason: str, now: datetime) -> SkippedRecord:
    topic = record.topic.full_name(prefix)
    _LOG.warning("skipping %s[%d]@%d: %s", topic, record.partition, record.offset, reason)
    value = record.value or b""
    return SkippedRecord(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        skipped_at=now,
        reason=reason,
        size_bytes=len(value),
        beginning=value[:_BEGINNING_BYTES].decode(errors="backslashreplace"),
    )
