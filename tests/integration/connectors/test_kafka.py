"""The same on a real broker: every event arrives, keyed, in order, and a crash adds only copies."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contract.connectors import samples
from contract.connectors.suite import run_process
from tierlink.broker.topics import create_topics, wanted_topics
from tierlink.connectors.errors import RetryLaterError
from tierlink.connectors.intake.faults import FAULT_POINTS
from tierlink.connectors.intake.store import OutboxRecord
from tierlink.connectors.publisher import KafkaPublisher
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.cluster import ClusterSettings
from tierlink.schemas.topics import ALL_TOPICS, DEFAULT_PARTITIONS

pytestmark = pytest.mark.kafka


@pytest.fixture
def prefix(kafka: str) -> str:
    """Topics of this test only."""
    prefix = f"it-{uuid.uuid4().hex[:8]}."
    asyncio.run(create_topics(kafka, wanted_topics(prefix)))
    return prefix


def read_all(kafka: str, prefix: str) -> list[tuple[str, int, bytes, bytes]]:
    """(topic without prefix, partition, key, value) of everything on the canonical topics."""

    async def read() -> list[tuple[str, int, bytes, bytes]]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await asyncio.wait_for(consumer.start(), 30)
        try:
            parts = [
                TopicPartition(topic.full_name(prefix), part)
                for topic in ALL_TOPICS
                for part in range(DEFAULT_PARTITIONS)
            ]
            consumer.assign(parts)
            ends = await asyncio.wait_for(consumer.end_offsets(parts), 30)
            found = []
            for part in parts:
                while await consumer.position(part) < ends[part]:
                    got = await asyncio.wait_for(consumer.getmany(part, timeout_ms=1000), 30)
                    for records in got.values():
                        found += [
                            (one.topic.removeprefix(prefix), one.partition, one.key, one.value)
                            for one in records
                        ]
            return found
        finally:
            await asyncio.wait_for(consumer.stop(), 30)

    return asyncio.run(read())


def story(home: Path, kafka: str, prefix: str, fault: str | None = None) -> None:
    file = home / "in" / samples.LEDGER.name
    file.parent.mkdir(parents=True)
    for version, content in enumerate((samples.LEDGER.bad, samples.LEDGER.corrected)):
        file.write_bytes(content)
        if fault and version == 1:
            died = run_process(
                samples.LEDGER_SETTINGS, home, fault=fault, kafka=kafka, prefix=prefix
            )
            assert died == {"exit": 137}
        run_process(samples.LEDGER_SETTINGS, home, kafka=kafka, prefix=prefix)


def test_events_arrive_on_their_topics_keyed_and_in_order(kafka: str, prefix: str, tmp_path: Path):
    story(tmp_path, kafka, prefix)

    records = read_all(kafka, prefix)
    by_key: dict[bytes, set[int]] = {}
    newest: dict[tuple[str, str], int] = {}
    for topic, partition, key, value in records:
        event = decode_event(value)
        assert key == event.partitionkey.encode()
        by_key.setdefault(topic.encode() + key, set()).add(partition)
        fact = (event.subject, event.factkey)
        if ".intake." not in event.type:
            assert event.revision == newest.get(fact, 0) + 1
            newest[fact] = event.revision
    assert {topic for topic, *_ in records} == {
        "orders.line.v1",
        "deliveries.shipment.v1",
        "intake.file.v1",
        "intake.rejection.v1",
    }
    assert all(len(partitions) == 1 for partitions in by_key.values())


@pytest.mark.timeout(300)
def test_a_killed_feed_leaves_the_same_set_of_events_on_the_broker(kafka: str, tmp_path: Path):
    calm_prefix = f"calm-{uuid.uuid4().hex[:8]}."
    asyncio.run(create_topics(kafka, wanted_topics(calm_prefix)))
    story(tmp_path / "calm", kafka, calm_prefix)
    calm = {(topic, key, value) for topic, _, key, value in read_all(kafka, calm_prefix)}

    for fault in FAULT_POINTS:
        prefix = f"{fault.replace('_', '-')}-{uuid.uuid4().hex[:8]}."
        asyncio.run(create_topics(kafka, wanted_topics(prefix)))
        story(tmp_path / fault, kafka, prefix, fault)
        records = read_all(kafka, prefix)

        assert {(topic, key, value) for topic, _, key, value in records} == calm
        if fault == "after_send_before_mark":
            assert len(records) > len(calm)


def test_a_publisher_finds_the_broker_again_after_it_was_away(kafka: str, prefix: str):
    record = OutboxRecord(1, "id", "orders.line.v1", b"ACME|4500", b"{}")

    async def run() -> None:
        away = KafkaPublisher(ClusterSettings(kafka="127.0.0.1:1", topic_prefix=prefix), "t")
        with pytest.raises(RetryLaterError):
            await away.publish([record])
        away._cluster = ClusterSettings(kafka=kafka, topic_prefix=prefix)
        await away.publish([record])
        await away.close()

    asyncio.run(run())
    assert [(topic, key) for topic, _, key, _ in read_all(kafka, prefix)] == [
        ("orders.line.v1", b"ACME|4500")
    ]
