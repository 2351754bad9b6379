"""No record stops the projector and none disappears, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from tierlink.projector.batch import is_database_away, write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.topics import FILES, KPI_OTD, ORDERS
from tierlink.store.database import open_writer, rebuild, writing
from tierlink.store.progress import read_offsets, read_progress
from tierlink.store.tables import SkippedRecord
from unit.store.dump import all_rows
from unit.store.seed import NOW, Seed

PREFIX = "p."


def poisoned(seed: Seed) -> list[Record]:
    """The seed with four records among it that no projector can use."""
    file = next(one for one in seed.records if one.topic is FILES)
    assert file.value is not None
    body = json.loads(file.value)
    body["data"] |= {"size_bytes": 10**30, "document": "huge.xlsx"}
    huge = replace(file, partition=1, offset=9000, value=json.dumps(body).encode())
    return [
        *seed.records[:100],
        Record(ORDERS, 1, 0, b"k", b"\x00\xffno event"),
        *seed.records[100:400],
        huge,
        Record(KPI_OTD, 1, 0, None, b"{}"),
        *seed.records[400:],
        Record(ORDERS, 1, 1, b"k", None),
    ]


def test_poison_goes_to_the_skipped_records_and_all_else_is_projected(
    engine: Engine, seed: Seed
) -> None:
    write_batch(engine, PREFIX, seed.records, NOW)
    clean = all_rows(engine)
    rebuild(engine, NOW)
    written = write_batch(engine, PREFIX, poisoned(seed), NOW)
    assert (written.projected, written.skipped) == (len(seed.records), 4)
    rows = all_rows(engine)
    assert len(rows.pop("rm_skipped_record")) == 4
    clean.pop("rm_skipped_record")
    assert rows == clean
    with writing(engine) as session:
        skipped = session.exec(select(SkippedRecord)).all()
        reasons = {(one.topic, one.partition, one.offset): one.reason for one in skipped}
        offsets = read_offsets(session)
        assert read_progress(session).skipped_records == 4
    assert "not JSON" in reasons["p.orders.line.v1", 1, 0]
    assert "refuses" in reasons["p.intake.file.v1", 1, 9000]
    assert reasons["p.orders.line.v1", 1, 1].startswith("no value")
    assert offsets["p.intake.file.v1", 1] == 9001
    assert offsets["p.orders.line.v1", 1] == 2


def test_skipping_twice_is_one_skip(engine: Engine, seed: Seed) -> None:
    write_batch(engine, PREFIX, poisoned(seed), NOW)
    once = all_rows(engine)
    write_batch(engine, PREFIX, poisoned(seed), NOW)
    assert all_rows(engine) == once


def test_the_beginning_of_a_skipped_record_is_kept_readable(engine: Engine) -> None:
    write_batch(engine, PREFIX, [Record(ORDERS, 0, 0, b"k", b"\x00\xff" + b"x" * 10_000)], NOW)
    with writing(engine) as session:
        (skipped,) = session.exec(select(SkippedRecord)).all()
        assert skipped.size_bytes == 10_002
        assert skipped.beginning.endswith("xxx")
        assert r"\xff" in skipped.beginning
        assert len(skipped.beginning) < 600


def test_tables_that_are_gone_are_no_fault_of_the_records(engine: Engine, seed: Seed) -> None:
    with writing(engine) as session:
        session.execute(text("DROP TABLE rm_event"))
    with pytest.raises(SQLAlchemyError) as caught:
        write_batch(engine, PREFIX, seed.records, NOW)
    assert is_database_away(caught.value)
    rebuild(engine, NOW)
    with writing(engine) as session:
        assert read_offsets(session) == {}


def test_a_database_that_is_away_is_told_apart(tmp_path, seed: Seed) -> None:
    engine = open_writer(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    with pytest.raises(SQLAlchemyError) as caught:
        write_batch(engine, PREFIX, seed.records[:1], NOW)
    assert is_database_away(caught.value)
