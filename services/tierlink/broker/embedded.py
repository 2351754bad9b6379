"""A real Apache Kafka, KRaft mode, one node, as a child process bound to this machine's loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import psutil

from tierlink.broker.distribution import class_path, find_java
from tierlink.broker.errors import BrokerDiedError, BrokerError, DiskFullError, PortInUseError
from tierlink.broker.settings import BrokerSettings
from tierlink.supervisor.children import die_with_parent
from tierlink.supervisor.service import ChildProcess

__all__ = ["EmbeddedBroker", "new_cluster_id", "require_free_port"]

_FORMAT_SECONDS = 120
_LOGS = "logs"
_PROPERTIES_FILE = "server.properties"
# Paths are relative to the process's own folder: a home folder with a comma, a backslash or Chinese characters in
# its name would not survive a properties file.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
# One node: internal topics cannot be replicated.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Every topic is created ahead with its own settings (rule R5).
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.segment.bytes=67108864
num.network.threads=2
num.io.threads=4
"""

# Java opens paths in the locale's encoding; in the plain C locale a Chinese folder could not be opened.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"} if sys.platform == "linux" else {}
_JAVA_OPTIONS = (
    "-Xms96m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss",
)


class EmbeddedBroker(ChildProcess):
    """The broker of one home folder. ``start`` returns when clients can connect; ``stop`` leaves nothing behind."""

    def __init__(self, home: Path, settings: BrokerSettings) -> None:
        self.home = (home / "kafka").resolve()
        self.settings = settings
        super().__init__([], self.home / "kafka.log", _ENVIRONMENT)
        self.folder = self.home

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.settings.port}"

    def prepare(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Fetch, write settings and format the data folder, where not done already.

        Raises:
            BrokerError: with what to do about it.
        """
        self._write_properties()
        self._require_disk()
        tell("resolving Kafka and Java")
        java, jars = find_java(self.settings.java), class_path()
        run = [str(java), *_JAVA_OPTIONS, "-cp", jars]
        if not (self.home / _LOGS / "meta.properties").exists():
            tell("formatting the data folder")
            cluster = new_cluster_id()
            # A format that was interrupted leaves files without meta.properties: it is simply done again.
            done = self._java_main(
                run,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                cluster,
                "-c",
                _PROPERTIES_FILE,
                "--standalone",
            )
            if done.returncode:
                raise BrokerDiedError(
                    "could not format its data folder", str(self.log), done.stdout[-2000:]
                )

        self.command = [
            *run[:1],
            f"-Xmx{self.settings.heap_mb}m",
            *run[1:],
            "kafka.Kafka",
            _PROPERTIES_FILE,
        ]

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start the process and wait until it takes connections.

        Raises:
            BrokerError: port in use, disk full, or the process ended.
        """
        self.prepare(tell)
        tell("starting Kafka")
        self.launch()
        try:
            self._await_listening()
        except BaseException:  # also Ctrl-C: nobody else knows of the process yet
            self.stop()
            raise

    def launch(self) -> None:
        """Start the prepared process without waiting.

        Raises:
            BrokerError: a port is in use, or the disk is full.
        """
        self._require_disk()
        self.require_ports()
        super().launch()

    def require_ports(self) -> None:
        """Check that both ports are free.

        Raises:
            BrokerError: one is not.
        """
        require_free_port(self.settings.port, "Kafka broker", "TIERLINK_BROKER_PORT")
        require_free_port(
            self.settings.controller_port, "Kafka controller", "TIERLINK_BROKER_CONTROLLER_PORT"
        )

    def answers(self) -> bool:
        """Whether clients can connect."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.settings.port), timeout=1),
        ):
            return True
        return False

    def _write_properties(self) -> None:
        text = _PROPERTIES.format(
            port=self.settings.port, controller_port=self.settings.controller_port, logs=_LOGS
        )
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            (self.home / _PROPERTIES_FILE).write_text(text, encoding="ascii")
        except OSError as error:
            raise BrokerError(
                f"the data folder {self.home} cannot be written ({error.strerror}). "
                "Give this user the right to, or set TIERLINK_HOME to another folder."
            ) from error

    def _java_main(self, run: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 our own command line
                [*run, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, **self.environment},
                cwd=self.home,
                timeout=_FORMAT_SECONDS,
                check=False,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        except subprocess.TimeoutExpired as error:
            raise BrokerError(
                f"formatting {self.home} took longer than {_FORMAT_SECONDS} s; is the disk or the machine overloaded?"
            ) from error

    def _require_disk(self) -> None:
        free_mb = shutil.disk_usage(self.home).free // 1_000_000
        if free_mb < self.settings.free_mb_needed:
            raise DiskFullError(str(self.home), free_mb, self.settings.free_mb_needed)

    def _await_listening(self) -> None:
        deadline = time.monotonic() + self.settings.ready_seconds
        while time.monotonic() < deadline:
            if (code := self.exit_code()) is not None:
                raise BrokerDiedError(f"ended with code {code}", str(self.log), self.tail())
            if self.is_ready():
                return
            time.sleep(0.1)
        raise BrokerDiedError(
            f"did not answer within {self.settings.ready_seconds:.0f} s", str(self.log), self.tail()
        )


def new_cluster_id() -> str:
    """A random id as Kafka writes them: never with a leading dash, which its tools take for an option."""
    while True:
        found = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not found.startswith("-"):
            return found


def require_free_port(port: int, what: str, variable: str) -> None:
    """Check that nobody listens on a local port.

    Raises:
        PortInUseError: somebody does; names the program where the system tells.
        BrokerError: the port cannot be bound for another reason.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Like servers do: a port in TIME_WAIT is free, one that is listened on is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise BrokerError(
                f"port {port} for the {what} may not be used here ({error}); set {variable}."
            ) from error
        except OSError as error:
            raise PortInUseError(port, what, variable, _listener(port)) from error


def _listener(port: int) -> str | None:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == psutil.CONN_LISTEN
            ):
                return (
                    f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
                    if connection.pid
                    else None
                )
    return None
