"""A running ``tierlink demo`` in a subprocess, with ports and a home folder of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from conftest import free_port

TIERLINK = (sys.executable, "-m", "tierlink.cli.main")
AS_OF = "2026-11-25"


class Demo:
    """One home folder; ``start`` and ``stop`` as often as a test likes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.api_port = free_port()
        self.broker_port = free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TIERLINK_")},
            "TIERLINK_HOME": str(home),
            "TIERLINK_API_PORT": str(self.api_port),
            "TIERLINK_BROKER_PORT": str(self.broker_port),
            "TIERLINK_BROKER_CONTROLLER_PORT": str(free_port()),
            "TIERLINK_BROKER_FREE_MB_NEEDED": "200",
            "TIERLINK_AS_OF": AS_OF,
            "COLUMNS": "200",
        }
        self.output = home.with_suffix(".out")
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start ``tierlink demo`` without waiting."""
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*TIERLINK, "demo", *arguments],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )
        return self.process

    def start(self) -> str:
        """Start and wait for the address of the page; returns what was printed."""
        process = self.launch()
        wait_for(lambda: "page: http" in self.text() or process.poll() is not None, 180)
        assert process.poll() is None, self.text()
        return self.text()

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop as the user would; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(60)

    def children(self) -> dict[str, psutil.Process]:
        """The services by name: ``kafka``, ``api``, ``project``, ``on-time``, ``erp`` ..."""
        assert self.process is not None
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            if words and words[-1] != "demo":  # a copy of the supervisor that has not begun yet
                found["kafka" if "kafka.Kafka" in words else words[-1]] = child
        return found

    def kill(self, name: str) -> None:
        """``kill -9`` one service and wait until another of its name runs."""
        old = self.children()[name]
        os.kill(old.pid, signal.SIGKILL)
        wait_for(lambda: name in self.children() and self.children()[name].pid != old.pid, 60)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another ``tierlink`` command on the same home folder."""
        return subprocess.run(
            [*TIERLINK, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def kpis(self) -> list[dict[str, Any]]:
        """What ``tierlink kpi show --json`` prints."""
        done = self.run("kpi", "show", "--json")
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


def processes_in(home: Path) -> list[str]:
    """Command lines of processes whose command or environment names the home folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            place = process.environ().get("TIERLINK_HOME", "")
        except psutil.Error:
            continue
        if process.pid != os.getpid() and (place == str(home) or str(home) in " ".join(words)):
            found.append(" ".join(words))
    return found


def addresses(text: str) -> list[str]:
    return re.findall(r"http://[\d.]+:\d+/", text)
