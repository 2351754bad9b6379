"""Opening, versions, and readers that cannot write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from tierlink.store.database import (
    ReadModelUnavailableError,
    open_reader,
    open_writer,
    prepare,
    reading,
    rebuild,
    writing,
)
from tierlink.store.progress import note_progress, read_cluster, read_offsets, read_progress
from tierlink.store.suppliers import list_suppliers, read_board
from tierlink.store.tables import OtdRow, ReadModel
from unit.store.seed import NOW


@pytest.fixture
def reader(url: str, engine: Engine):
    opened = open_reader(url)
    yield opened
    opened.dispose()


def test_a_reader_sees_what_was_written(filled: Engine, url: str) -> None:
    reader = open_reader(url)
    with reading(reader) as session:
        assert read_board(session).suppliers == 5
    reader.dispose()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM rm_line", "UPDATE rm_read_model SET schema_version = 9", "DROP TABLE rm_line"],
)
def test_the_database_refuses_a_reader_that_writes(reader: Engine, statement: str) -> None:
    with reading(reader) as session, pytest.raises(DBAPIError):
        session.execute(text(statement))
    with reading(reader) as session:
        assert read_board(session).lines == 0


def test_without_a_database_nothing_is_made_by_reading(tmp_path: Path) -> None:
    file = tmp_path / "none" / "read-model.db"
    reader = open_reader(f"sqlite:///{file}")
    with pytest.raises(ReadModelUnavailableError, match="not built"), reading(reader):
        pass
    assert not file.parent.exists()


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    reader = open_reader(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    with pytest.raises(ReadModelUnavailableError, match="does not answer"), reading(reader):
        pass


def test_an_empty_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "read-model.db"
    file.touch()
    reader = open_reader(f"sqlite:///{file}")
    with pytest.raises(ReadModelUnavailableError, match="not built"), reading(reader):
        pass


def test_tables_of_another_version_are_made_anew(filled: Engine, url: str) -> None:
    assert not prepare(filled, NOW)
    with writing(filled) as session:
        session.execute(text("UPDATE rm_read_model SET schema_version = 0"))
        session.execute(text("CREATE TABLE rm_of_long_ago (id INTEGER)"))
        session.execute(text("ALTER TABLE rm_line ADD COLUMN of_long_ago INTEGER"))
    reader = open_reader(url)
    with pytest.raises(ReadModelUnavailableError), reading(reader):
        pass
    assert prepare(filled, NOW)
    with reading(reader) as session:
        assert read_board(session).lines == 0
        assert read_offsets(session) == {}
        tables = session.connection().dialect.get_table_names(session.connection())
    assert "rm_of_long_ago" not in tables
    reader.dispose()


def test_a_rebuild_leaves_foreign_tables_alone(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(text("DROP TABLE IF EXISTS of_somebody_else"))
        session.execute(text("CREATE TABLE of_somebody_else (id INTEGER)"))
    rebuild(engine, NOW, "cluster-1")
    with writing(engine) as session:
        assert session.execute(text("SELECT count(*) FROM of_somebody_else")).scalar() == 0
        assert read_cluster(session) == "cluster-1"
        session.execute(text("DROP TABLE of_somebody_else"))


def test_reading_is_one_view_while_somebody_writes(filled: Engine, url: str) -> None:
    reader = open_reader(url)
    with reading(reader) as session:
        before = [row.id for row in list_suppliers(session).rows]
        with writing(filled) as other:
            other.execute(text("DELETE FROM rm_supplier_otd"))
        assert [row.id for row in list_suppliers(session).rows] == before
    with reading(reader) as session:
        assert list_suppliers(session).rows == []
    reader.dispose()


def test_progress_is_noted_and_once_caught_up_stays_so(engine: Engine) -> None:
    with writing(engine) as session:
        assert read_progress(session).checked_at is None
        note_progress(session, checked_at=NOW, lag_records=5, is_caught_up=True)
    with writing(engine) as session:
        note_progress(
            session, checked_at=NOW + timedelta(seconds=1), lag_records=7, is_caught_up=False
        )
    with writing(engine) as session:
        progress = read_progress(session)
    assert (progress.lag_records, progress.is_caught_up) == (7, True)
    assert progress.checked_at == NOW + timedelta(seconds=1)


def test_values_come_back_exactly(engine: Engine) -> None:
    instant = datetime(2026, 11, 24, 17, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with writing(engine) as session:
        session.exec(select(ReadModel)).one().checked_at = instant
        row = OtdRow(
            key="a\x00b",
            supplier_id="é|%/",
            item_id="",
            period="all",
            as_of=NOW.date(),
            policy_id="p",
            otd=Decimal("0.333333"),
        )
        session.add(row)
    with writing(engine) as session:
        found = session.exec(select(OtdRow)).one()
        assert found.otd == Decimal("0.333333")
        assert found.key == "a\ufffdb"
        checked_at = session.exec(select(ReadModel)).one().checked_at
    assert checked_at == instant
    assert checked_at is not None
    assert checked_at.tzinfo is UTC


def test_an_instant_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="no time zone"), writing(engine) as session:
        session.exec(select(ReadModel)).one().checked_at = NOW.replace(tzinfo=None)


def test_the_writer_makes_the_folder(tmp_path: Path) -> None:
    engine = open_writer(f"sqlite:///{tmp_path}/a/b/read-model.db")
    assert prepare(engine, NOW)
    assert (tmp_path / "a/b/read-model.db").exists()
    engine.dispose()


@pytest.mark.postgres
def test_a_database_that_ends_a_reader_is_an_absence(postgresql: str) -> None:
    """A deadlock with a rebuild, a restart of the server: a page then asks again instead of failing."""
    reader = open_reader(postgresql)
    writer = open_writer(postgresql)
    rebuild(writer, NOW)

    def read_and_be_ended() -> None:
        with reading(reader) as session:
            own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with writer.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
            read_board(session)

    with pytest.raises(ReadModelUnavailableError, match="does not answer"):
        read_and_be_ended()
    with reading(reader) as session:
        assert read_board(session).suppliers == 0
    reader.dispose()
    writer.dispose()


@pytest.mark.postgres
def test_a_reader_that_would_wait_for_ever_is_an_absence(postgresql: str) -> None:
    writer = open_writer(postgresql)
    rebuild(writer, NOW)
    reader = open_reader(postgresql)

    def read_locked() -> None:
        with writer.begin() as connection, reading(reader) as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            connection.execute(text("LOCK TABLE rm_file IN ACCESS EXCLUSIVE MODE"))
            read_board(session)

    with pytest.raises(ReadModelUnavailableError, match="does not answer"):
        read_locked()
    reader.dispose()
    writer.dispose()
