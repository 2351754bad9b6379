"""The broker that all engines share, its topics, and what is asked of it while they run."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from harness.load import Record
from tierlink.broker.embedded import EmbeddedBroker
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import wanted_topics

__all__ = ["CODEC", "COMPACT", "KEEP", "PARTITIONER", "QUIET", "Cluster", "embedded"]

_CALL_SECONDS = 30.0
_FULL_SECONDS = 0.05
_LEADER_SECONDS = 0.2
_TRIES = 50
PARTITIONER = "murmur2_random"
"""Java's and aiokafka's."""

CODEC = "zstd"
"""What tierlink's connectors pack events with."""

QUIET = {"log_level": 2}
"""librdkafka's log would run into the progress shown; what matters comes as an exception."""

_LEADERLESS = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)

COMPACT = wanted_topics("", [("changelog", 1)])[-1].config
"""What tierlink gives changelogs; every engine's have it."""

KEEP = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
"""What tierlink gives topics of facts."""


@contextlib.contextmanager
def embedded(home: Path) -> Iterator[EmbeddedBroker]:
    """tierlink's own broker on free ports, in a folder."""
    port = _free_port()
    settings = BrokerSettings(port=port, controller_port=_free_port(port), heap_mb=512)
    broker = EmbeddedBroker(home, settings)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _free_port(taken: int = 0) -> int:
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port != taken:
                return port


class Cluster:
    """A Kafka at an address."""

    def __init__(self, address: str, pid: int | None = None) -> None:
        """Connect.

        Args:
            address: host:port.
            pid: the broker's process, where it is ours to measure.
        """
        self.address = address
        self.pid = pid
        self._admin = AdminClient({"bootstrap.servers": address, **QUIET})

    def create(self, topics: Mapping[str, Mapping[str, str]], partitions: int) -> None:
        """Create topics, name to configuration."""
        new = [
            NewTopic(name, num_partitions=partitions, replication_factor=1, config=dict(config))
            for name, config in topics.items()
        ]
        for created in self._admin.create_topics(new, request_timeout=_CALL_SECONDS).values():
            created.result(_CALL_SECONDS)

    def delete(self, topics: Iterable[str]) -> None:
        """Delete topics, those that do not exist included."""
        for deleted in self._admin.delete_topics(list(topics)).values():
            with contextlib.suppress(KafkaException):
                deleted.result(_CALL_SECONDS)

    def produce(self, topic: str, records: Iterable[Record], flush_seconds: float = 120) -> int:
        """Send records under the partitioner of Java's client; returns how many the broker has."""
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                failures.append(error)

        producer = Producer(
            {
                "bootstrap.servers": self.address,
                "partitioner": PARTITIONER,
                "linger.ms": 20,
                "batch.size": 1_000_000,
                "compression.type": CODEC,
                "queue.buffering.max.messages": 200_000,
                "enable.idempotence": True,
                **QUIET,
            }
        )
        count = 0
        for key, value in records:
            while True:
                try:
                    producer.produce(topic, value, key, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(_FULL_SECONDS)
            count += 1
            if count % 1000 == 0:
                producer.poll(0)
        if producer.flush(flush_seconds) or failures:
            raise RuntimeError(f"the load could not be produced to {topic}: {failures[:1]}")
        return count

    def ends(self, topics: Mapping[str, int]) -> dict[tuple[str, int], int]:
        """Offset after the last record of each partition. Topics with how many partitions they have."""
        wanted = {
            TopicPartition(topic, number): OffsetSpec.latest()
            for topic, partitions in topics.items()
            for number in range(partitions)
        }
        for attempt in range(_TRIES):
            found = self._admin.list_offsets(wanted, request_timeout=_CALL_SECONDS)
            try:
                return {
                    (place.topic, place.partition): result.result(_CALL_SECONDS).offset
                    for place, result in found.items()
                }
            except KafkaException as error:  # a topic created a moment ago has no leader yet
                if error.args[0].code() not in _LEADERLESS or attempt == _TRIES - 1:
                    raise
            time.sleep(_LEADER_SECONDS)
        raise AssertionError

    def end(self, topic: str, partitions: int) -> int:
        """Records ever appended to a topic."""
        return sum(self.ends({topic: partitions}).values())

    def committed(self, group: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
        """Offsets a group has committed in these topics; none when it does not exist yet."""
        asked = [ConsumerGroupTopicPartitions(group)]
        answer = self._admin.list_consumer_group_offsets(asked, request_timeout=_CALL_SECONDS)
        wanted = set(topics)
        try:
            found = answer[group].result(_CALL_SECONDS)
        except KafkaException:
            return {}
        return {
            (place.topic, place.partition): place.offset
            for place in found.topic_partitions or []
            if place.topic in wanted and place.offset >= 0
        }

    def read(self, topic: str, partitions: int) -> Iterator[Message]:
        """All records of a topic up to its end as it is now."""
        ends = self.ends({topic: partitions})
        left = {number for (_, number), end in ends.items() if end > 0}
        consumer = self.consumer(dict.fromkeys(ends, 0))
        try:
            while left:
                for message in consumer.consume(10_000, timeout=1.0):
                    yield message
                    place = message.topic(), message.partition()
                    if message.offset() + 1 >= ends[place]:
                        left.discard(message.partition())
        finally:
            consumer.close()

    def consumer(self, places: Mapping[tuple[str, int], int]) -> Consumer:
        """A consumer without a group, at these offsets."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.address,
                "group.id": "bench-reader",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                **QUIET,
            }
        )
        consumer.assign(
            [TopicPartition(topic, number, offset) for (topic, number), offset in places.items()]
        )
        return consumer
