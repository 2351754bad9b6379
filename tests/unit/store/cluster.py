"""A private PostgreSQL of the system's own packages, in a temporary folder, reached through a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def _as_postgres(*command: object) -> None:
    """Run as a user PostgreSQL agrees to run as: it refuses root."""
    start = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*start, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60
    )


@contextmanager
def any_postgresql() -> Iterator[str]:
    """Address of the server named in TIERLINK_TEST_POSTGRES, else of a private one. Skips where there is neither."""
    given = os.environ.get("TIERLINK_TEST_POSTGRES")
    if given:
        yield given
    elif BIN is None:
        pytest.skip("no PostgreSQL: install it, or name a server in TIERLINK_TEST_POSTGRES")
    else:
        with private_postgresql() as url:
            yield url


@contextmanager
def private_postgresql() -> Iterator[str]:
    """Start a server of its own and give the SQLAlchemy address of its database."""
    assert BIN is not None
    folder = Path(tempfile.mkdtemp(prefix="tierlink-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        _as_postgres(
            BIN / "initdb", "-D", data, "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8", "-N",
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _as_postgres(BIN / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _as_postgres(BIN / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
