"""Keeps what one feed has seen, said and has still to send, in one SQLite file; one process at a time.

SQLAlchemy Core on SQLModel tables: bulk rows go through ``executemany``, the comparison is one join, and a file's
changes are one transaction (WAL, synchronous FULL: what is committed survives a power cut).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, create_engine, delete, event, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import col

from tierlink.connectors.errors import RetryLaterError, StopError
from tierlink.connectors.intake.settle import FileIdentity
from tierlink.connectors.intake.tables import DocumentRow, OutboxRow

__all__ = ["ARCHIVED", "SEALED", "SEEN", "SETTLING", "IntakeStore", "KnownDocument", "OutboxRecord"]

SEEN: Final = "seen"
SETTLING: Final = "settling"
SEALED: Final = "sealed"
ARCHIVED: Final = "archived"
_BUSY_SECONDS: Final = 60.0
_SENT_KEPT: Final = 10_000


@dataclass(frozen=True)
class KnownDocument:
    """What is kept of a document between looks at the folder."""

    name: str
    state: str
    identity: FileIdentity
    sha256: str | None
    sealed_at: datetime | None
    done_sha256: str | None
    done_profile: str | None
    done_version: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """One event to be sent. ``topic`` has no prefix yet."""

    id: int
    event_id: str
    topic: str
    key: bytes
    value: bytes


class IntakeStore:
    """The feed's book-keeping. Calls are short and may come from any thread."""

    def __init__(self, folder: Path, feed: str) -> None:
        """Open the feed's database, creating it, and lock it until :meth:`close`.

        Raises:
            StopError: another process runs this feed, or the folder cannot be written.
        """
        self.feed = feed
        self.path = folder / f"{feed}.db"
        self.staging_path = folder / f"{feed}.staging.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder / f"{feed}.lock", feed)
        except OSError as error:
            raise StopError(
                f"opening the books of feed {feed!r} in {folder}: {error.strerror}"
            ) from error
        self._remove_staging()
        self._engine = create_engine(
            f"sqlite:///{self.path}", poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS}
        )
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._engine, "begin", _begin)
        with self._engine.connect() as connection:
            DocumentRow.metadata.create_all(connection)
            connection.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the database and the lock."""
        self._engine.dispose()
        self._remove_staging()
        os.close(self._lock)

    def documents(self) -> dict[str, KnownDocument]:
        """Every document by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_columns(DocumentRow))).mappings()
            return {row["name"]: _known(row) for row in rows}

    def document(self, name: str) -> KnownDocument | None:
        """One document, if it was ever seen."""
        with self._engine.connect() as connection:
            found = connection.execute(
                select(*_columns(DocumentRow)).where(col(DocumentRow.name) == name)
            ).mappings()
            row = found.first()
            return None if row is None else _known(row)

    def note(self, entries: Sequence[tuple[str, str, str | None]]) -> None:
        """Record (document, state, reason) of files that wait, all in one transaction."""
        if not entries:
            return
        statement = upsert(DocumentRow)
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"state": statement.excluded.state, "reason": statement.excluded.reason},
        )
        with self.writing() as connection:
            connection.execute(
                statement,
                [
                    {"name": name, "state": state, "reason": reason}
                    for name, state, reason in entries
                ],
            )

    def record_sealed(
        self, name: str, identity: FileIdentity, sha256: str, sealed_at: datetime
    ) -> None:
        """From here on a crash is survived: the file is processed from its sealed copy."""
        values: dict[str, Any] = {
            **_identity_values(identity),
            "state": SEALED,
            "reason": None,
            "sha256": sha256,
            "sealed_at": sealed_at.astimezone(UTC).isoformat(),
        }
        with self.writing() as connection:
            statement = upsert(DocumentRow).values(name=name, **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["name"], set_=values)
            )

    def record_again(self, name: str, identity: FileIdentity) -> None:
        """The same content lies there once more: only the file's identity is new."""
        with self.writing() as connection:
            connection.execute(
                update(DocumentRow)
                .where(col(DocumentRow.name) == name)
                .values(**_identity_values(identity), state=col(DocumentRow.verdict), reason=None)
            )
            _archive(connection)

    def backlog(self) -> int:
        """Events not yet with the broker."""
        with self._engine.connect() as connection:
            waiting = select(func.count()).where(col(OutboxRow.published).is_(False))
            return connection.execute(waiting.select_from(OutboxRow)).scalar_one()

    def waiting_events(self, most: int) -> list[OutboxRecord]:
        """The oldest events not yet with the broker, in order."""
        columns = [col(getattr(OutboxRow, name)) for name in OutboxRecord.__slots__]
        query = (
            select(*columns)
            .where(col(OutboxRow.published).is_(False))
            .order_by(col(OutboxRow.id))
            .limit(most)
        )
        with self._engine.connect() as connection:
            return [OutboxRecord(*row) for row in connection.execute(query)]

    def mark_published(self, records: Sequence[OutboxRecord]) -> None:
        """These are acknowledged. They are the oldest ones, so a bound is enough."""
        last = records[-1].id
        with self.writing() as connection:
            connection.execute(
                update(OutboxRow)
                .where(col(OutboxRow.published).is_(False), col(OutboxRow.id) <= last)
                .values(published=True)
            )
            connection.execute(delete(OutboxRow).where(col(OutboxRow.id) <= last - _SENT_KEPT))
            _archive(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; it takes the write lock at its beginning.

        Raises:
            RetryLaterError: the database cannot be written now (disk full, locked by a backup).
        """
        with (
            _retried(),
            self._engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def staging(self) -> Iterator[Connection]:
        """A connection with an empty staging file attached; the file is gone afterwards.

        Raises:
            RetryLaterError: the databases cannot be written now.
        """
        self._remove_staging()
        with _retried(), self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("ATTACH DATABASE ? AS staging", (str(self.staging_path),))
            # Thrown away after a crash, so it need not be safe; memory journal so that batches can be undone.
            raw.execute("PRAGMA staging.journal_mode=MEMORY")
            raw.execute("PRAGMA staging.synchronous=OFF")
            try:
                yield connection
            finally:
                connection.rollback()
        self._remove_staging()

    def _remove_staging(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{self.staging_path}{suffix}").unlink(missing_ok=True)


def _lock(path: Path, feed: str) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise StopError(
            f"starting feed {feed!r}: process {owner} runs it already (lock {path}). Stop that one first."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


@contextmanager
def _retried() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        cause = error.orig if isinstance(error, OperationalError) else error
        raise RetryLaterError(f"the feed's database cannot be written: {cause}") from error


def _set_up(raw: Any, _: object) -> None:
    raw.isolation_level = None  # transactions begin where _begin says, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=FILE", "cache_size=-16000"):
        raw.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _archive(connection: Connection) -> None:
    """Documents all of whose events are with the broker need nothing more."""
    first_waiting = (
        select(func.coalesce(func.min(OutboxRow.id), 2**62))
        .where(col(OutboxRow.published).is_(False))
        .scalar_subquery()
    )
    connection.execute(
        update(DocumentRow)
        .where(
            col(DocumentRow.state) == col(DocumentRow.verdict),
            col(DocumentRow.outbox_last) < first_waiting,
        )
        .values(state=ARCHIVED)
    )


def _columns(table: Any) -> list[Any]:
    return list(table.__table__.columns)


def _identity_values(identity: FileIdentity) -> dict[str, Any]:
    return {
        "size": identity.size,
        "mtime_ns": identity.mtime_ns,
        "ctime_ns": identity.ctime_ns,
        "inode": str(identity.inode),
    }


def _known(row: Any) -> KnownDocument:
    return KnownDocument(
        name=row["name"],
        state=row["state"],
        identity=FileIdentity(row["size"], row["mtime_ns"], row["ctime_ns"], int(row["inode"])),
        sha256=row["sha256"],
        sealed_at=None if row["sealed_at"] is None else datetime.fromisoformat(row["sealed_at"]),
        done_sha256=row["done_sha256"],
        done_profile=row["done_profile"],
        done_version=row["done_version"],
        verdict=row["verdict"],
    )
