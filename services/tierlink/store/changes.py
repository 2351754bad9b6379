"""Writing what a batch of records changes, so that writing it twice, or in another order, changes nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tierlink.store.tables import (
    EventRow,
    FileRow,
    ProjectionOffset,
    ReadModel,
    ReadModelTable,
    RejectionRow,
)

__all__ = ["Changes", "write_changes"]

_NEWEST_WINS: dict[type[ReadModelTable], tuple[str, ...]] = {
    EventRow: ("recorded_at",),
    RejectionRow: ("recorded_at",),
    FileRow: ("recorded_at", "event_id"),
}
"""Tables of statements: a row gives way only to one at least as new by these columns."""

_ROWS_AT_ONCE = 500


@dataclass
class Changes:
    """Rows to write and keys to delete, in the order of the records.

    ``by_key`` holds, per table and primary key, the row to store, or None for a deletion: of one key the last counts,
    or for statements the newest.
    """

    by_key: dict[type[ReadModelTable], dict[tuple[Any, ...], dict[str, Any] | None]] = field(
        default_factory=dict
    )
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    def put(self, row: ReadModelTable) -> None:
        """Store a row."""
        table = type(row)
        values = {column.name: getattr(row, column.name) for column in _table(table).columns}
        rows = self.by_key.setdefault(table, {})
        key = tuple(values[column.name] for column in _table(table).primary_key)
        before = rows.get(key)
        newest_by = _NEWEST_WINS.get(table, ())
        if before is None or _rank(before, newest_by) <= _rank(values, newest_by):
            rows[key] = values

    def delete(self, table: type[ReadModelTable], *key: Any) -> None:
        """Delete the row of this primary key, if it is there."""
        self.by_key.setdefault(table, {})[key] = None

    def read_to(self, topic: str, partition: int, next_offset: int) -> None:
        """The records of the partition before ``next_offset`` are in these changes."""
        self.offsets[topic, partition] = next_offset


def write_changes(session: Session, changes: Changes, now: datetime) -> None:
    """Write a batch and its offsets in the session's transaction."""
    for table, rows in changes.by_key.items():
        _delete(session, table, [key for key, values in rows.items() if values is None])
        _upsert(session, table, [values for values in rows.values() if values is not None])
    offsets = [
        {"topic": topic, "partition": partition, "next_offset": offset}
        for (topic, partition), offset in changes.offsets.items()
    ]
    _upsert(session, ProjectionOffset, offsets)
    if any(changes.by_key.values()):
        session.execute(_table(ReadModel).update().values(projected_at=now))


def _table(table: type[ReadModelTable]) -> Table:
    found = table.__table__  # type: ignore[attr-defined]
    assert isinstance(found, Table)
    return found


def _rank(values: dict[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(values[name] for name in columns)


def _delete(session: Session, table: type[ReadModelTable], keys: Iterable[tuple[Any, ...]]) -> None:
    columns = list(_table(table).primary_key)
    for key in keys:
        same = [column == value for column, value in zip(columns, key, strict=True)]
        session.execute(_table(table).delete().where(*same))


def _upsert(session: Session, table: type[ReadModelTable], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    target = _table(table)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    # The two dialects' insert() share on_conflict_do_update but no base class.
    insert: Any = (sqlite.insert if is_sqlite else postgresql.insert)(target)
    keys = [column.name for column in target.primary_key]
    others = [column.name for column in target.columns if column.name not in keys]
    if not others:
        statement = insert.on_conflict_do_nothing(index_elements=keys)
    else:
        statement = insert.on_conflict_do_update(
            index_elements=keys,
            set_={name: insert.excluded[name] for name in others},
            where=_is_newer(target, insert.excluded, _NEWEST_WINS.get(table, ())),
        )
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(statement, list(rows[start : start + _ROWS_AT_ONCE]))


def _is_newer(target: Table, excluded: Any, columns: Sequence[str]) -> ColumnElement[bool] | None:
    """``excluded`` at least as new as what is stored, by the columns in order."""
    if not columns:
        return None
    first, *rest = columns
    newer: ColumnElement[bool] = excluded[first] > target.c[first]
    equal: ColumnElement[bool] = excluded[first] == target.c[first]
    further = _is_newer(target, excluded, rest)
    return or_(newer, equal if further is None else and_(equal, further))
