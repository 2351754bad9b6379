"""Opening the read model, on SQLite or PostgreSQL, to write (projector) or only to read (API)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, event, inspect
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session, create_engine

from tierlink.store.tables import SCHEMA_VERSION, TABLE_PREFIX, ReadModel, ReadModelTable

__all__ = [
    "ReadModelUnavailableError",
    "open_reader",
    "open_writer",
    "prepare",
    "reading",
    "reading_once",
    "rebuild",
    "writing",
]

_BUSY_SECONDS = 15


class ReadModelUnavailableError(Exception):
    """The database cannot be reached, or the projector has not made this version's tables yet."""


def open_writer(url: str) -> Engine:
    """Open for the projector, the only writer. Connects on first use.

    Args:
        url: SQLAlchemy address; the folder of an SQLite file is made.
    """
    return _open(url, writes=True)


def open_reader(url: str) -> Engine:
    """Open for the API. The database itself refuses writes on these connections. Connects on first use."""
    return _open(url, writes=False)


def prepare(engine: Engine, now: datetime) -> bool:
    """Make the tables, or make them anew where they are of another version.

    Returns:
        Whether the read model is new, so that projecting starts at the first offset.
    """
    with Session(engine) as session:
        if _version(session) == SCHEMA_VERSION:
            return False
    rebuild(engine, now)
    return True


def rebuild(engine: Engine, now: datetime, cluster_id: str | None = None) -> None:
    """Drop every table of the read model and make them empty, in one transaction."""
    with engine.begin() as connection:
        _drop_all(connection)
        ReadModelTable.metadata.create_all(connection)
        row = ReadModel(schema_version=SCHEMA_VERSION, cluster_id=cluster_id, created_at=now)
        with Session(connection) as session:
            session.add(row)
            session.flush()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction, committed at the end of the block, undone by an exception."""
    with Session(engine) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent view of the read model for as long as the block lasts.

    Raises:
        ReadModelUnavailableError: no database, or tables of another version.
    """
    try:
        with Session(engine) as session:
            if _version(session) != SCHEMA_VERSION:
                raise ReadModelUnavailableError("the read model is not built yet")
            yield session
    except DBAPIError as error:
        if _is_absence(error):
            raise ReadModelUnavailableError("the database does not answer") from error
        raise


@contextmanager
def reading_once(url: str) -> Iterator[Session]:
    """Open, read as :func:`reading` does, and let go: for a command that looks once.

    Raises:
        ReadModelUnavailableError: no database, or tables of another version.
    """
    engine = open_reader(url)
    try:
        with reading(engine) as session:
            yield session
    finally:
        engine.dispose()


def _is_absence(error: DBAPIError) -> bool:
    """Whether the database is away, busy, or just being rebuilt, rather than the statement being wrong."""
    return (
        error.connection_invalidated
        or isinstance(error, OperationalError | InterfaceError)
        or type(error.orig).__name__ == "UndefinedTable"
    )


def _version(session: Session) -> int | None:
    """Version of the tables; None where there are none."""
    if not inspect(session.connection()).has_table(ReadModel.__tablename__):
        return None
    # Only this column: the other columns may differ in another version.
    row = session.connection().exec_driver_sql("SELECT schema_version FROM rm_read_model").first()
    return int(row[0]) if row else None


def _drop_all(connection: Connection) -> None:
    names = [
        name for name in inspect(connection).get_table_names() if name.startswith(TABLE_PREFIX)
    ]
    found = MetaData()
    found.reflect(connection, only=names)
    found.drop_all(connection)


def _open(url: str, *, writes: bool) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        options: dict[str, Any] = {"connect_timeout": 5, "application_name": "tierlink"}
        if not writes:
            options["options"] = "-c default_transaction_read_only=on"
        level = "READ COMMITTED" if writes else "REPEATABLE READ"
        return create_engine(
            address, pool_pre_ping=True, isolation_level=level, connect_args=options
        )
    if writes and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}
    )
    _teach_sqlite(engine, writes=writes, file=address.database)
    return engine


def _teach_sqlite(engine: Engine, *, writes: bool, file: str | None) -> None:
    """Real transactions (pysqlite begins none for a SELECT or DDL), WAL, and read-only readers."""

    @event.listens_for(engine, "do_connect")
    def _no_empty_file(*_: object) -> None:
        if not writes and file and not Path(file).exists():
            raise ReadModelUnavailableError("the read model is not built yet")

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
