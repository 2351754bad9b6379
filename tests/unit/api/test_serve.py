"""The API as a process: ready when it listens, clean at the end, clear when it cannot begin."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import free_port

pytestmark = pytest.mark.slow

RUN = "import sys; from tierlink.api.serve import run; from tierlink.api.settings import ApiSettings; sys.exit(run(ApiSettings()))"  # noqa: E501


@contextmanager
def api(home: Path, port: int, host: str = "127.0.0.1") -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "TIERLINK_HOME": str(home),
        "TIERLINK_API_PORT": str(port),
        "TIERLINK_API_HOST": host,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def await_ready(process: subprocess.Popen[bytes], file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ready_then_a_clean_end(seeded_home: Path, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "read-model.db").symlink_to(seeded_home / "read-model.db")
    port, ready = free_port(), tmp_path / "run" / "api.ready"
    ready.parent.mkdir()
    ready.write_text("left behind by one that was killed")
    with api(tmp_path, port) as process:
        while ready.exists() and "left" in ready.read_text():
            assert process.poll() is None
            time.sleep(0.05)
        await_ready(process, ready)
        assert ready.read_text().strip() == str(process.pid)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert "Northfield" in answer.read().decode()
        process.send_signal(number)
        assert process.wait(20) == 0
    assert not ready.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_said_in_one_line(tmp_path: Path, host: str) -> None:
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with api(tmp_path, port, host) as process:
            _, err = process.communicate(timeout=60)
            assert process.returncode == 78
    (line,) = err.decode().splitlines()
    assert f"port {port}: the port is in use" in line
    assert "TIERLINK_API_PORT" in line
    assert not (tmp_path / "run" / "api.ready").exists()


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", "::2"])
def test_an_address_that_is_not_ours_is_said(tmp_path: Path, host: str) -> None:
    with api(tmp_path, free_port(), host) as process:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 78
    (line,) = err.decode().splitlines()
    assert "TIERLINK_API_HOST" in line
