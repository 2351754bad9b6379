"""The projector against a real broker: killed at any point, the rows are those of an undisturbed run."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import Engine, func, select

from tierlink.broker.topics import create_topics, wanted_topics
from tierlink.projector.batch import write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.topics import DEFAULT_PARTITIONS, KPI_LINES, KPI_OTD, ORDERS
from tierlink.store.database import (  # fmt: skip
    ReadModelUnavailableError,
    open_reader,
    open_writer,
    reading,
    rebuild,
)
from tierlink.store.progress import Progress, read_progress
from tierlink.store.tables import ReadModelTable
from unit.store.cluster import any_postgresql
from unit.store.dump import all_rows
from unit.store.seed import NOW, Seed, make_seed

pytestmark = pytest.mark.kafka

RUN = "import logging, sys; logging.basicConfig(); from tierlink.projector.main import run; from tierlink.projector.settings import ProjectorSettings; sys.exit(run(ProjectorSettings()))"  # noqa: E501
WITHOUT = frozenset({"topic", "partition", "offset", "skipped_at"})
"""Prefix, places and times of this run; the rest of the rows does not depend on them."""


@pytest.fixture(scope="module")
def seed() -> Seed:
    return make_seed()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with any_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/read-model.db"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def prefix(kafka: str) -> str:
    prefix = f"rm-{uuid.uuid4().hex[:8]}."
    asyncio.run(create_topics(kafka, wanted_topics(prefix)))
    return prefix


def publish(kafka: str, prefix: str, records: list[Record]) -> None:
    """In order; the key chooses the partition."""

    async def send() -> None:
        producer: Any = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        await producer.start()
        try:
            sent = [
                await producer.send(record.topic.full_name(prefix), record.value, key=record.key)
                for record in records
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    asyncio.run(send())


@contextmanager
def projector(
    kafka: str, prefix: str, url: str, home: Path, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "TIERLINK_KAFKA": kafka,
        "TIERLINK_TOPIC_PREFIX": prefix,
        "TIERLINK_DATABASE_URL": url,
        "TIERLINK_HOME": str(home),
        **more,
    }
    process = subprocess.Popen([sys.executable, "-c", RUN], env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def progress_of(url: str) -> Progress | None:
    reader = open_reader(url)
    try:
        with reading(reader) as session:
            return read_progress(session)
    except ReadModelUnavailableError:
        return None
    finally:
        reader.dispose()


def await_that(process: subprocess.Popen[bytes], holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not holds():
        assert process.poll() is None, "the projector ended by itself"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def row_count(url: str) -> int:
    """Rows there are; 0 also while they are being made anew."""
    reader = open_reader(url)
    try:
        with reading(reader) as session:
            counts = [
                session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in ReadModelTable.metadata.sorted_tables
            ]
            return sum(counts)
    except ReadModelUnavailableError:
        return 0
    finally:
        reader.dispose()


def has_rows_or_is_done(url: str, wanted: int, done: Path) -> bool:
    return done.exists() or row_count(url) >= wanted


def rows_of(url: str) -> dict[str, list[Any]]:
    engine = open_writer(url)
    try:
        return all_rows(engine, without=WITHOUT)
    finally:
        engine.dispose()


def expected_rows(records: list[Record], folder: Path) -> dict[str, list[Any]]:
    """Written directly, without broker and without trouble."""
    engine: Engine = open_writer(f"sqlite:///{folder}/expected.db")
    rebuild(engine, NOW)
    write_batch(engine, "p.", records, NOW)
    rows = all_rows(engine, without=WITHOUT)
    engine.dispose()
    return rows


def with_hostile(seed: Seed) -> list[Record]:
    """The seed, with poison, tombstones and values that come back after one."""
    lines = [one for one in seed.records if one.topic is KPI_LINES]
    otd = [one for one in seed.records if one.topic is KPI_OTD]
    gone, back = lines[:5], lines[3:5]
    return [
        *seed.records[:200],
        Record(ORDERS, 0, 900, b"ACME|poison", b"\xff not an event"),
        *seed.records[200:],
        *[Record(KPI_LINES, 0, 901 + n, one.key, None) for n, one in enumerate(gone)],
        *[Record(KPI_LINES, 0, 911 + n, one.key, one.value) for n, one in enumerate(back)],
        Record(KPI_OTD, 0, 920, otd[0].key, None),
        Record(KPI_OTD, 0, 921, b"no|kpi|all", b"{}"),
    ]


def test_killed_at_any_point_the_rows_are_the_same(
    kafka: str, prefix: str, url: str, seed: Seed, tmp_path: Path
) -> None:
    records = with_hostile(seed)
    expected = expected_rows(records, tmp_path)
    source, kills = random.Random(11), 0
    half = len(records) // 2
    publish(kafka, prefix, records[:half])
    small = {"TIERLINK_PROJECTOR_BATCH_RECORDS": "20"}
    done = tmp_path / "run" / "projector.ready"
    for attempt in range(8):
        if attempt == 4:
            publish(kafka, prefix, records[half:])
        wanted = row_count(url) + source.randint(1, 120)
        with projector(kafka, prefix, url, tmp_path, **small) as process:
            await_that(process, partial(has_rows_or_is_done, url, wanted, done))
            process.send_signal(signal.SIGKILL)
            process.wait(20)
            kills += 1
            done.unlink(missing_ok=True)
    assert kills == 8
    with projector(kafka, prefix, url, tmp_path) as process:
        await_that(process, (tmp_path / "run" / "projector.ready").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not (tmp_path / "run" / "projector.ready").exists()
    assert rows_of(url) == expected
    progress = progress_of(url)
    assert progress is not None
    assert (progress.is_caught_up, progress.lag_records, progress.skipped_records) == (True, 0, 2)


def test_what_is_published_later_appears_and_lag_is_told(
    kafka: str, prefix: str, seed: Seed, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/read-model.db"
    with projector(kafka, prefix, url, tmp_path) as process:
        await_that(process, (tmp_path / "run" / "projector.ready").exists)
        publish(kafka, prefix, seed.records)
        expected = expected_rows(seed.records, tmp_path)
        await_that(process, lambda: rows_of(url) == expected)
        await_that(
            process, lambda: (found := progress_of(url)) is not None and found.lag_records == 0
        )


def test_topics_made_anew_are_projected_anew(
    kafka: str, prefix: str, seed: Seed, tmp_path: Path
) -> None:
    """Somebody threw the broker's data away: rows of records that are no more must not stay."""
    url = f"sqlite:///{tmp_path}/read-model.db"
    ready = tmp_path / "run" / "projector.ready"
    publish(kafka, prefix, seed.records)
    with projector(kafka, prefix, url, tmp_path) as process:
        await_that(process, ready.exists)
    names = [topic.name for topic in wanted_topics(prefix)]

    async def remove() -> None:
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        try:
            await admin.delete_topics(names)
            while set(names) & set(await admin.list_topics()):  # noqa: ASYNC110 nobody calls back
                await asyncio.sleep(0.1)
        finally:
            await admin.close()

    asyncio.run(remove())
    asyncio.run(create_topics(kafka, wanted_topics(prefix)))
    few = seed.records[:40]
    publish(kafka, prefix, few)
    ready.unlink(missing_ok=True)
    with projector(kafka, prefix, url, tmp_path) as process:
        await_that(process, ready.exists)
    assert rows_of(url) == expected_rows(few, tmp_path)


def test_it_waits_for_topics_that_do_not_exist_yet(kafka: str, seed: Seed, tmp_path: Path) -> None:
    prefix, url = f"rm-{uuid.uuid4().hex[:8]}.", f"sqlite:///{tmp_path}/read-model.db"
    with projector(
        kafka, prefix, url, tmp_path, TIERLINK_PROJECTOR_RETRY_SECONDS_MAX="1"
    ) as process:
        asyncio.run(create_topics(kafka, wanted_topics(prefix, partitions=DEFAULT_PARTITIONS)))
        publish(kafka, prefix, seed.records[:10])
        await_that(process, (tmp_path / "run" / "projector.ready").exists)
    assert rows_of(url) == expected_rows(seed.records[:10], tmp_path)
