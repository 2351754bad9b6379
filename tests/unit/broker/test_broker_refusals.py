"""What keeps the embedded broker from starting, and the sentence its user reads. No Java is started here."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conftest import free_port
from tierlink.broker.distribution import find_java
from tierlink.broker.embedded import EmbeddedBroker, new_cluster_id
from tierlink.broker.errors import BrokerError, DiskFullError, JavaMissingError, PortInUseError
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import Wanted, wanted_topics
from tierlink.schemas.topics import ALL_TOPICS


def broker(home: Path, **settings: object) -> EmbeddedBroker:
    """As a user sets it up: by the environment's names."""
    ports = {"port": free_port(), "controller_port": free_port()}
    return EmbeddedBroker(home, BrokerSettings.model_validate({**ports, **settings}))


def test_a_cluster_id_is_never_taken_for_an_option():
    found = [new_cluster_id() for _ in range(2000)]
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", one) for one in found)


def java_children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.name() == "java"}


@pytest.fixture(autouse=True)
def _no_java_is_started() -> Iterator[None]:
    before = java_children()
    yield
    assert java_children() <= before


@pytest.mark.parametrize(
    ("setting", "variable"),
    [("port", "TIERLINK_BROKER_PORT"), ("controller_port", "TIERLINK_BROKER_CONTROLLER_PORT")],
)
def test_a_port_in_use_is_named_with_its_owner_and_the_remedy(
    tmp_path: Path, setting: str, variable: str
) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        (tmp_path / "kafka").mkdir()
        with pytest.raises(PortInUseError) as got:
            broker(tmp_path, free_mb_needed=0, **{setting: port}).launch()
    said = str(got.value)
    assert f"port {port}" in said
    assert f"process {os.getpid()}" in said
    assert f"set {variable} to a free port" in said
    assert got.value.port == port


def test_too_little_disk_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(
        DiskFullError, match=r"MB free for .*, 999999999999 MB needed.*TIERLINK_HOME"
    ):
        broker(tmp_path, free_mb_needed=999_999_999_999).start()


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "kafka").write_text("a file where the folder should be")
    with pytest.raises(BrokerError, match=r"data folder .* cannot be written .*TIERLINK_HOME"):
        broker(tmp_path, free_mb_needed=0).start()


def test_a_data_folder_on_a_file_system_without_writing() -> None:
    """/proc refuses even root, who runs the tests in a container."""
    with pytest.raises(BrokerError, match="cannot be written"):
        broker(Path("/proc"), free_mb_needed=0).start()


def test_a_java_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JavaMissingError, match=r"tried .*no-java .*TIERLINK_JAVA") as got:
        broker(tmp_path, free_mb_needed=0, TIERLINK_JAVA=tmp_path / "no-java").start()
    assert "TIERLINK_KAFKA=host:port" in str(got.value)


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22", "16.0.2"])
def test_a_java_that_is_too_old(tmp_path: Path, version: str) -> None:
    java = fake_java(tmp_path, version)
    with pytest.raises(JavaMissingError, match=re.escape(str(java))):
        find_java(java)


@pytest.mark.parametrize("version", ["17.0.10", "25", "26-ea"])
def test_a_java_that_will_do(tmp_path: Path, version: str) -> None:
    java = fake_java(tmp_path, version)
    assert find_java(java) == java


def test_a_relative_java_stays_found_from_the_brokers_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = fake_java(tmp_path, "21")
    monkeypatch.chdir(tmp_path)
    assert find_java(Path(java.name)) == java


def test_a_bare_name_is_looked_for_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = fake_java(tmp_path, "21")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_java(Path(java.name)) == java


def test_every_topic_is_wanted_once_and_facts_are_kept_for_ever() -> None:
    wanted = wanted_topics("t.", [("app-table-changelog", 7)], 3)
    assert len({topic.name for topic in wanted}) == len(wanted) == len(ALL_TOPICS) + 1
    by_name = {topic.name: topic for topic in wanted}
    assert by_name["t.orders.line.v1"].config["retention.ms"] == "-1"
    assert by_name["t.orders.line.v1"].config["cleanup.policy"] == "delete"
    assert by_name["t.kpi.otd.v1"].config["cleanup.policy"] == "compact"
    assert by_name["app-table-changelog"] == Wanted(
        "app-table-changelog", 7, by_name["t.kpi.otd.v1"].config
    )
    assert {topic.partitions for topic in wanted} == {3, 7}


def fake_java(folder: Path, version: str) -> Path:
    """A program that only answers ``-version``, as Java does: on standard error."""
    java = folder / "java-of-tests"
    java.write_text(
        "#!/bin/sh\necho 'Picked up JAVA_TOOL_OPTIONS: -Dx=y' >&2\n"
        f"echo 'openjdk version \"{version}\" 2026-01-01' >&2\n"
    )
    java.chmod(0o755)
    return java
