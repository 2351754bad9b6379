"""The results of a run: a JSON file, written after every step, so that an interrupted run keeps what it has."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import psutil

from harness.engines import ENGINES, PROJECT
from harness.runs import COMMIT_MS, LINGER_MS
from tierlink.broker.settings import KAFKA_ENDPOINT

__all__ = ["MEASURES", "Results", "machine"]

MEASURES = ("throughput", "latency", "recovery", "rejoin", "growth")


class Results:
    """What was found, by measure and engine."""

    def __init__(self, file: Path, meta: dict[str, Any], *, is_added: bool) -> None:
        """Begin anew, or add to a file that is there already."""
        self.file = file
        self.found: dict[str, Any] = {measure: {} for measure in MEASURES}
        if is_added and file.exists():
            self.found |= msgspec.json.decode(file.read_bytes())
        runs = self.found.setdefault("runs", [])
        runs.append(meta)

    def note(self, measure: str, engine: str, name: str | None, value: dict[str, Any]) -> None:
        """Note one finding: a round without a name is added to those before, a named one replaces its like."""
        if name is None:
            self.found[measure].setdefault(engine, []).append(value)
        else:
            self.found[measure].setdefault(engine, {})[name] = value
        self.save()

    def forget(self, measure: str, engine: str) -> None:
        """Drop what an earlier run found."""
        self.found[measure].pop(engine, None)

    def save(self) -> None:
        """Write the file."""
        raw = msgspec.json.format(msgspec.json.encode(self.found, enc_hook=float), indent=1)
        whole = self.file.with_suffix(".part")
        whole.write_bytes(raw)
        whole.replace(self.file)

    @classmethod
    def read(cls, file: Path) -> dict[str, Any]:
        """What a file holds."""
        found: dict[str, Any] = msgspec.json.decode(file.read_bytes())
        return found


def machine(options: dict[str, Any]) -> dict[str, Any]:
    """Where, when and with what a run is made."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "options": options,
        "commit_ms": COMMIT_MS,
        "linger_ms": LINGER_MS,
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "java": _first_line(["java", "-version"]),
        "broker": KAFKA_ENDPOINT.split("+")[0],
        "load_before": os.getloadavg()[0],
        "versions": {
            **{name: engine.version() for name, engine in ENGINES.items()},
            **{name: version(name) for name in ("aiokafka", "msgspec", "rocksdict")},
        },
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return models[0] if models else platform.processor()


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except OSError:
        return "none"
    return done.stdout.splitlines()[0] if done.stdout else "none"


def _commit() -> str:
    return _first_line(["git", "-C", str(PROJECT), "describe", "--always", "--dirty"])
