"""Fixtures shared by all tests: one real broker for the whole run, whoever provides it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tierlink.broker.embedded import EmbeddedBroker
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import await_broker


def free_port() -> int:
    """A TCP port nobody listens on at this moment.

    Below those the system hands out to clients: a client knocking at a server that restarts on such a port can
    be connected to itself, and then holds it.
    """
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _docker_answers() -> bool:
    import docker.errors

    try:
        docker.from_env(timeout=3).ping()
    except docker.errors.DockerException:
        return False
    return True


def _container() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs

    port = free_port()
    container = (
        DockerContainer("apache/kafka:4.3.1")
        .with_bind_ports(9092, port)
        .with_env("KAFKA_NODE_ID", "1")
        .with_env("KAFKA_PROCESS_ROLES", "broker,controller")
        .with_env("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
        .with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://127.0.0.1:{port}")
        .with_env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .with_env(
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"
        )
        .with_env("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
        .with_env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    )
    with container:
        wait_for_logs(container, "Kafka Server started", timeout=90)
        yield f"127.0.0.1:{port}"


def _embedded(folder: Path) -> Iterator[str]:
    broker = EmbeddedBroker(
        folder, BrokerSettings(port=free_port(), controller_port=free_port(), free_mb_needed=200)
    )
    broker.start()
    try:
        yield broker.address
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Kafka: TIERLINK_KAFKA, else a container where Docker answers, else the embedded one."""
    given = os.environ.get("TIERLINK_KAFKA")
    if given:
        yield given
        return
    source = _container() if _docker_answers() else _embedded(tmp_path_factory.mktemp("broker"))
    for address in source:
        asyncio.run(await_broker(address))
        yield address
