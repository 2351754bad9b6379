"""A read model on SQLite and on a real PostgreSQL: tests that take ``engine`` or ``filled`` run on both."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def filled_file(seed: Seed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole read model on SQLite, to copy."""
    file = tmp_path_factory.mktemp("filled") / "read-model.db"
    engine = open_writer(f"sqlite:///{file}")
    rebuild(engine, NOW)
    write_batch(engine, "tierlink.", seed.records, NOW)
    engine.dispose()
    return file


@pytest.fixture
def filled(url: str, request: pytest.FixtureRequest, seed: Seed) -> Iterator[Engine]:
    """Tables with the whole seed."""
    engine = open_writer(url)
    if engine.url.get_backend_name() == "sqlite":
        shutil.copy(request.getfixturevalue("filled_file"), str(engine.url.database))
    else:
        rebuild(engine, NOW)
        write_batch(engine, "tierlink.", seed.records, NOW)
    yield engine
    engine.dispose()
