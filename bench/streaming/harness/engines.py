"""The engines: how each is made ready and started, and where its answer is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

__all__ = ["ENGINES", "Engine", "Names", "UnavailableError"]

HERE = Path(__file__).resolve().parent.parent
PROJECT = HERE.parent.parent
BUILD = HERE / ".build"
_JAVA_OPTIONS = ("-Xms256m", "-XX:+UseParallelGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
"""The parallel collector: a fifth less processor time than G1 here."""

_STREAMS = {
    "BENCH_STORE": "rocksdb",
    "BENCH_THREADS": "1",
    "BENCH_CACHE_BYTES": "10485760",  # Kafka Streams' own; 100 MB cost a tenth more, in garbage
}


class UnavailableError(Exception):
    """An engine cannot run on this machine. The text says what is missing."""


@dataclass(frozen=True)
class Names:
    """Names of one start of an engine on the cluster."""

    prefix: str
    group: str
    topic: str

    @property
    def output(self) -> str:
        return f"{self.prefix}bench.line"

    @property
    def totals(self) -> str:
        return f"{self.prefix}bench.totals"


TotalsKey = Callable[[bytes], str | None]
"""Supplier that a key of the totals' topic is of, None for another record."""


@dataclass(frozen=True)
class Engine:
    """One way to do the job."""

    name: str
    label: str
    command: Callable[[], Sequence[str]]
    changelogs: Callable[[Names], tuple[str, ...]]
    totals_topic: Callable[[Names], str]
    version: Callable[[], str]
    totals_key: TotalsKey = bytes.decode
    environment: dict[str, str] = field(default_factory=dict)
    note: str = ""
    share: float = 1.0
    """Part of the load it is given, where all of it would take too long."""

    capacity: int = 1_000_000
    """Events a second it is known to stay below: no measure waits for more."""


def _python(script: str) -> list[str]:
    return [sys.executable, str(HERE / "engines" / script)]


def _own_version() -> str:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


# quixstreams: its requirements contradict tierlink's, so it has an environment of its own.


@cache
def _quix_python() -> Path:
    home, wanted = BUILD / "quixstreams", HERE / "engines" / "quix-requirements.txt"
    python, mark = home / "bin" / "python", home / "requirements.txt"
    if mark.exists() and mark.read_bytes() == wanted.read_bytes():
        return python
    shutil.rmtree(home, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(home)], "making an environment for quixstreams")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*install, "-r", str(wanted)], "installing quixstreams")
    shutil.copyfile(wanted, mark)
    return python


def _quix_command() -> list[str]:
    return [str(_quix_python()), str(HERE / "engines" / "quix.py")]


def _quix_version() -> str:
    pins = (HERE / "engines" / "quix-requirements.txt").read_text(encoding="ascii").splitlines()
    return next(pin.partition("==")[2] for pin in pins if pin.startswith("quixstreams=="))


def _quix_changelog(names: Names) -> str:
    return f"changelog__{names.group}--{names.topic}--default"


def _quix_totals_key(key: bytes) -> str | None:
    prefix, _, supplier = key.partition(b"|")
    return str(json.loads(supplier)) if prefix == b"totals" else None


# Kafka Streams: Java, built from source.


@cache
def _java_classes() -> str:
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None:
        missing = " and ".join(
            name for name, found in (("java (17 or newer)", java), ("mvn", maven)) if not found
        )
        raise UnavailableError(f"{missing} not found; on Debian: apt-get install maven")
    target = BUILD / "kafka_streams"
    source = HERE / "kafka_streams"
    build = [maven, "-q", "-B", "-f", str(source / "pom.xml"), f"-Dbuild.folder={target}"]
    _run([*build, "package"], "building the Kafka Streams peer")
    return f"{target / 'peer.jar'}:{target / 'lib'}/*"


def _java_command(heap: str) -> Callable[[], list[str]]:
    def command() -> list[str]:
        classes = _java_classes()
        return ["java", heap, *_JAVA_OPTIONS, "-cp", classes, "tierlink.bench.Peer"]

    return command


def _streams_version() -> str:
    pom = (HERE / "kafka_streams" / "pom.xml").read_text(encoding="utf-8")
    return pom.partition("<kafka.version>")[2].partition("<")[0]


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise UnavailableError(f"{what} failed: {done.stdout[-1500:]}")


def _store_changelogs(*stores: str) -> Callable[[Names], tuple[str, ...]]:
    return lambda names: tuple(f"{names.group}-{store}-changelog" for store in stores)


def _streams(name: str, label: str, heap: str = "-Xmx2g", **environment: str) -> Engine:
    return Engine(
        name=name,
        label=label,
        command=_java_command(heap),
        changelogs=_store_changelogs("lines", "totals"),
        totals_topic=lambda names: f"{names.group}-totals-changelog",
        version=_streams_version,
        environment=_STREAMS | environment,
    )


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            name="ours",
            label="tierlink.streaming",
            command=lambda: _python("ours.py"),
            changelogs=_store_changelogs("lines"),
            totals_topic=lambda names: names.totals,
            version=_own_version,
        ),
        _streams("kafka-streams", "Kafka Streams"),
        _streams("kafka-streams-5s", "Kafka Streams, commit every 5 s", BENCH_COMMIT_MS="5000"),
        _streams(
            "kafka-streams-memory", "Kafka Streams, in memory", "-Xmx6g", BENCH_STORE="memory"
        ),
        _streams("kafka-streams-2-threads", "Kafka Streams, 2 threads", BENCH_THREADS="2"),
        Engine(
            name="quixstreams",
            label="quixstreams",
            command=_quix_command,
            changelogs=lambda names: (_quix_changelog(names),),
            totals_topic=_quix_changelog,
            totals_key=_quix_totals_key,
            version=_quix_version,
        ),
        Engine(
            name="plain-faust",
            label="plain Faust",
            command=lambda: _python("plain_faust.py"),
            changelogs=_store_changelogs("lines", "totals"),
            totals_topic=lambda names: f"{names.group}-totals-changelog",
            version=lambda: version("faust-streaming"),
            share=0.1,
            capacity=10_000,
        ),
    )
}


def environment_of(engine: Engine, told: dict[str, str]) -> dict[str, str]:
    """Environment of an engine's process: ours, the engine's own, and what it is told."""
    return {**os.environ, **told, **engine.environment}
