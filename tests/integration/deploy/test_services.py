"""Every service of docker-compose.yml as a plain process: command, variables, configuration and health check together.

What an engine would add is left out: the image, the container's file system and network names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import tierlink.demo
from conftest import free_port
from unit.deploy.compose import ROOT, load, ours
from unit.store.cluster import any_postgresql

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]

DEADLINE_SECONDS = 120.0
SAMPLES = Path(tierlink.demo.__file__).parent / "samples"


class Machine:
    """Where things are here instead of in containers."""

    def __init__(self, folder: Path, kafka: str, database: str) -> None:
        self.home = folder / "home"
        self.log = folder / "log"
        self.port = free_port()
        self.places = {
            "kafka:9092": kafka,
            "postgresql+psycopg://tierlink@postgres:5432/tierlink": database,
            "/var/lib/tierlink": str(self.home),
            "/etc/tierlink": str(folder),
            "0.0.0.0": "127.0.0.1",
            "127.0.0.1:8080": f"127.0.0.1:{self.port}",
        }
        self.more = {
            "TIERLINK_API_PORT": str(self.port),
            "TIERLINK_TOPIC_PREFIX": f"t{uuid4().hex[:8]}.",
        }
        inbox = folder / "inbox"
        shutil.copytree(SAMPLES, inbox)
        self.home.mkdir()
        self.log.mkdir()
        settings = (ROOT / "deploy" / "tierlink.yaml").read_text(encoding="utf-8")
        (folder / "tierlink.yaml").write_text(
            settings.replace("/inbox", str(inbox)), encoding="utf-8"
        )

    def here(self, text: str) -> str:
        for there, place in self.places.items():
            text = text.replace(there, place)
        return text

    def start(self, name: str, service: dict[str, Any]) -> subprocess.Popen[bytes]:
        own = {key: value for key, value in os.environ.items() if not key.startswith("TIERLINK_")}
        given = {key: self.here(value) for key, value in service["environment"].items()}
        with (self.log / name).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tierlink.cli.main", *service["command"]],
                env={**own, **given, **self.more},
                cwd="/",
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_healthy(self, service: dict[str, Any]) -> bool:
        """Run the service's own health check."""
        _, program, *words = service["healthcheck"]["test"]
        found = sys.executable if program == "python" else program
        done = subprocess.run(
            [found, *map(self.here, words)], capture_output=True, check=False, timeout=30
        )
        return done.returncode == 0

    def said(self, name: str) -> str:
        return f"{name}: {(self.log / name).read_text(errors='replace')[-2000:]}"


@contextmanager
def running(
    machine: Machine, name: str, service: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    process = machine.start(name, service)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def until(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.3)


def test_all_services_become_healthy_measure_and_stop_when_told(kafka: str, tmp_path: Path) -> None:
    services = ours(load())
    with any_postgresql() as database, ExitStack() as stack:
        machine = Machine(tmp_path, kafka, database)
        topics = stack.enter_context(running(machine, "topics", services.pop("topics")))
        assert topics.wait(DEADLINE_SECONDS) == 0, machine.said("topics")
        processes = {
            name: stack.enter_context(running(machine, name, service))
            for name, service in services.items()
        }
        for name, service in services.items():
            until(
                lambda service=service: machine.is_healthy(service),  # type: ignore[misc]
                lambda name=name: machine.said(name),  # type: ignore[misc]
            )
        until(lambda: "Northfield Castings" in page(machine.port), lambda: page(machine.port))
        assert {name: process.poll() for name, process in processes.items()} == dict.fromkeys(
            processes
        )
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(DEADLINE_SECONDS) for name, process in processes.items()}
        assert codes == dict.fromkeys(codes, 0)
        assert not any(machine.is_healthy(service) for name, service in services.items()), (
            "none looks healthy when it has stopped"
        )


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        return str(answer.read().decode())
