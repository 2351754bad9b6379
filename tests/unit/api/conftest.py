"""The application on a seeded read model, called in process."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tierlink.api.app import create_app
from tierlink.api.settings import ApiSettings
from tierlink.projector.batch import write_batch
from tierlink.store.database import open_writer, rebuild, writing
from tierlink.store.progress import note_progress
from unit.api.client import Client
from unit.store.seed import NOW, Seed

LATER = NOW + timedelta(seconds=5)


def client_of(home: Path, **settings: object) -> Client:
    """On the read model in this home folder, at a fixed time."""
    return Client(create_app(ApiSettings(home=home, **settings), now=lambda: LATER))  # type: ignore[arg-type]


def writer_of(home: Path) -> Engine:
    """For tests that change the read model under the application."""
    return open_writer(f"sqlite:///{home.resolve()}/read-model.db")


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Path:
    """Nobody writes here: shared by all tests that only read."""
    home = tmp_path_factory.mktemp("seeded")
    fill(home, seed)
    return home


def fill(home: Path, seed: Seed) -> None:
    engine = writer_of(home)
    rebuild(engine, NOW)
    write_batch(engine, "tierlink.", seed.records, NOW)
    with writing(engine) as session:
        note_progress(session, checked_at=NOW, lag_records=0, is_caught_up=True)
    engine.dispose()


@pytest.fixture(scope="session")
def client(seeded_home: Path) -> Client:
    return client_of(seeded_home)


@pytest.fixture
def home(tmp_path: Path, seeded_home: Path) -> Path:
    """A read model of this test's own."""
    shutil.copy(seeded_home / "read-model.db", tmp_path)
    return tmp_path
