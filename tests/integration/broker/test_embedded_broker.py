"""The real broker as a child process: it keeps what it took, and it leaves nothing behind when it cannot start."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from conftest import free_port
from tierlink.broker.embedded import EmbeddedBroker
from tierlink.broker.errors import BrokerDiedError, BrokerError, BrokerUnreachableError
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import Wanted, await_broker, create_topics, wanted_topics

pytestmark = pytest.mark.kafka
DEADLINE_SECONDS = 60.0


def settings(**more: float) -> BrokerSettings:
    return BrokerSettings(port=free_port(), controller_port=free_port(), free_mb_needed=100, **more)  # type: ignore[arg-type]


def java_processes(folder: Path) -> list[int]:
    """Kafka processes whose working folder is below the given one."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.name() == "java" and Path(process.cwd()).is_relative_to(folder):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


@contextmanager
def running(home: Path, of: BrokerSettings) -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker(home, of)
    broker.start()
    try:
        asyncio.run(await_broker(broker.address))
        yield broker
    finally:
        broker.stop()


async def send(address: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=1)
    finally:
        await producer.stop()


async def receive(address: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 1)])
        async with asyncio.timeout(DEADLINE_SECONDS):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


def test_kill_9_keeps_topics_and_records_also_with_other_ports(tmp_path: Path) -> None:
    """The home folder has a name that neither a properties file nor a plain C locale could hold."""
    home = tmp_path / "家, a b\\c"
    values = [f"record {number}".encode() for number in range(50)]
    wanted = wanted_topics("t.", partitions=2)
    with running(home, settings()) as broker:
        created = asyncio.run(create_topics(broker.address, wanted))
        assert len(created) == len(wanted)
        asyncio.run(send(broker.address, "t.orders.line.v1", values))
        assert broker.process is not None
        broker.process.send_signal(signal.SIGKILL)
        broker.process.wait(DEADLINE_SECONDS)
        assert broker.exit_code() == -signal.SIGKILL
    with running(home, settings()) as broker:
        assert asyncio.run(create_topics(broker.address, wanted)) == []
        got = asyncio.run(receive(broker.address, "t.orders.line.v1", len(values)))
    assert got == values
    assert java_processes(tmp_path) == []


def test_kill_9_of_its_parent_ends_the_broker(tmp_path: Path) -> None:
    program = (
        "import signal, sys; from pathlib import Path\n"
        "from tierlink.broker.embedded import EmbeddedBroker\n"
        "from tierlink.broker.settings import BrokerSettings\n"
        "EmbeddedBroker(Path(sys.argv[1]), BrokerSettings()).start()\n"
        "print('started', flush=True); signal.pause()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "TIERLINK_BROKER_PORT": str(free_port()),
            "TIERLINK_BROKER_CONTROLLER_PORT": str(free_port()),
            "TIERLINK_BROKER_FREE_MB_NEEDED": "100",
        },
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        assert len(java_processes(tmp_path)) == 1
        parent.kill()
    until(lambda: java_processes(tmp_path) == [], "the broker is gone")


def test_a_damaged_data_folder_is_said_with_the_end_of_the_log(tmp_path: Path) -> None:
    with running(tmp_path, settings()) as broker:
        marker = broker.home / "logs" / "meta.properties"
    marker.write_text("version=1\nnode.id=77\n")
    with pytest.raises(BrokerDiedError, match="ended with code 1") as got:
        EmbeddedBroker(tmp_path, settings()).start()
    assert "meta.properties" in got.value.tail or "node.id" in got.value.tail.lower()
    assert str(broker.log) in str(got.value)
    assert java_processes(tmp_path) == []


def test_a_data_folder_that_cannot_be_formatted(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "logs").write_text("a file where the folder should be")
    with pytest.raises(BrokerDiedError, match="could not format its data folder") as got:
        EmbeddedBroker(tmp_path, settings()).start()
    assert got.value.tail
    assert java_processes(tmp_path) == []


def test_a_broker_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(BrokerDiedError, match="did not answer within 0 s"):
        EmbeddedBroker(tmp_path, settings(ready_seconds=0.001)).start()
    assert java_processes(tmp_path) == []


def test_topics_are_created_once_and_wrong_ones_are_named(kafka: str) -> None:
    prefix = f"t{uuid4().hex[:8]}."
    wanted = wanted_topics(prefix, [(f"{prefix}app-changelog", 4)])
    created = asyncio.run(create_topics(kafka, wanted))
    assert created == [topic.name for topic in wanted]
    assert asyncio.run(create_topics(kafka, wanted)) == []
    with pytest.raises(BrokerError, match=rf"{prefix}orders.line.v1 has 4 partitions, 3 wanted"):
        asyncio.run(create_topics(kafka, wanted_topics(prefix, partitions=3)))


def test_two_that_create_the_same_topics_at_once_both_succeed(kafka: str) -> None:
    prefix = f"t{uuid4().hex[:8]}."

    async def both() -> list[list[str]]:
        wanted = wanted_topics(prefix)
        return list(await asyncio.gather(*(create_topics(kafka, wanted) for _ in range(2))))

    first, second = asyncio.run(both())
    assert sorted(first + second) == sorted(topic.name for topic in wanted_topics(prefix))


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("orders.line.v1", {"retention.ms": "604800000"}),
        ("orders.line.v1", {"cleanup.policy": "compact", "retention.ms": "-1"}),
        ("kpi.otd.v1", {"cleanup.policy": "compact,delete"}),
    ],
)
def test_a_topic_made_by_hand_that_would_lose_facts_is_refused(
    kafka: str, name: str, config: dict[str, str]
) -> None:
    prefix = f"t{uuid4().hex[:8]}."

    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(f"{prefix}{name}", 4, 1, topic_configs=config)])
        finally:
            await admin.close()

    asyncio.run(make())
    with pytest.raises(BrokerError, match=rf"{prefix}{name} has .*facts would be lost"):
        asyncio.run(create_topics(kafka, wanted_topics(prefix)))


def test_a_topic_the_broker_refuses_is_named(kafka: str) -> None:
    with pytest.raises(BrokerError, match="creating topic no/such name: InvalidTopicError"):
        asyncio.run(create_topics(kafka, [Wanted("no/such name", 1)]))


def test_an_address_where_nobody_answers() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerUnreachableError, match=f"{address}.*Is TIERLINK_KAFKA right"):
        asyncio.run(create_topics(address, wanted_topics("t.")))
    with pytest.raises(BrokerUnreachableError, match=address):
        asyncio.run(await_broker(address, seconds=0.5))


def test_an_address_that_is_none() -> None:
    with pytest.raises(BrokerError, match="TIERLINK_KAFKA is 'here:there', no host:port"):
        asyncio.run(await_broker("here:there", seconds=0.5))
