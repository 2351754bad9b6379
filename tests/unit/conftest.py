"""A read model on SQLite and on a real PostgreSQL: tests that take ``engine`` or ``filled`` run on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tierlink.projector.batch import write_batch
from tierlink.store.database import open_writer, rebuild
from unit.store.cluster import any_postgresql
from unit.store.seed import NOW, Seed, make_seed


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with any_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def seed() -> Seed:
    return make_seed()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/home/read-model.db"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Tables, empty."""
    engine = open_writer(url)
    rebuild(engine, NOW)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(engine: Engine, seed: Seed) -> Engine:
    """Tables with the whole seed."""
    write_batch(engine, "tierlink.", seed.records, NOW)
    return engine
