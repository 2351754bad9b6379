"""The installation most tests of the processors run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.processors.cluster import Chain
from tierlink.schemas.topics import DEFAULT_PARTITIONS


@pytest.fixture
def partitions() -> int:
    """Of each topic; a module may say otherwise by a fixture of this name."""
    return DEFAULT_PARTITIONS


@pytest.fixture
def chain(kafka: str, tmp_path: Path, partitions: int) -> Iterator[Chain]:
    """Topics of its own on the broker, and no process left of it afterwards."""
    chain = Chain(kafka, tmp_path, partitions=partitions)
    chain.create()
    try:
        yield chain
    finally:
        chain.kill_all()
