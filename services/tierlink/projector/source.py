"""The topics as a stream of batches: all partitions assigned by hand, read from stored offsets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tierlink.projector.rows import PROJECTED, Record
from tierlink.projector.settings import ProjectorSettings

__all__ = ["Partition", "TopicSource", "TopicsMissingError"]

Partition = tuple[str, int]
"""Full topic name and partition number."""

T = TypeVar("T")


class TopicsMissingError(KafkaError):  # type: ignore[misc]
    """Not all topics exist yet; retriable like every other absence of the broker."""


class TopicSource:
    """One connection to the cluster. After any exception it is closed and a new one is made."""

    def __init__(self, settings: ProjectorSettings) -> None:
        self._settings = settings
        self._topics = {topic.full_name(settings.topic_prefix): topic for topic in PROJECTED}
        self._admin: Any = AIOKafkaAdminClient(
            bootstrap_servers=settings.kafka, client_id="tierlink-projector"
        )
        self._consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka,
            client_id="tierlink-projector",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=settings.projector_batch_records,
        )
        self.partitions: set[Partition] = set()

    async def connect(self) -> str | None:
        """Connect and learn the partitions.

        Returns:
            The cluster's id, which is another one when the broker's data was thrown away.

        Raises:
            KafkaError: the broker is away or a topic is missing.
            TimeoutError: no answer in time.
        """
        await self._limited(self._admin.start())
        await self._limited(self._consumer.start())
        cluster = await self._limited(self._admin.describe_cluster())
        self.partitions = await self.find_partitions()
        cluster_id: str | None = cluster.get("cluster_id")
        return cluster_id

    async def find_partitions(self) -> set[Partition]:
        """All partitions of all projected topics as they are now.

        Raises:
            TopicsMissingError: naming those that do not exist.
        """
        answer = await self._limited(self._admin.describe_topics(list(self._topics)))
        found = {
            (entry["topic"], part["partition"]) for entry in answer for part in entry["partitions"]
        }
        missing = sorted(set(self._topics) - {topic for topic, _ in found})
        if missing:
            raise TopicsMissingError(f"topics do not exist yet: {', '.join(missing)}")
        return found

    async def span(self) -> tuple[dict[Partition, int], dict[Partition, int]]:
        """First and next offset of each partition."""
        tps = [TopicPartition(topic, number) for topic, number in sorted(self.partitions)]
        first = await self._limited(self._consumer.beginning_offsets(tps))
        end = await self._limited(self._consumer.end_offsets(tps))
        return (
            {(tp.topic, tp.partition): offset for tp, offset in first.items()},
            {(tp.topic, tp.partition): offset for tp, offset in end.items()},
        )

    def read_from(self, offsets: Mapping[Partition, int]) -> None:
        """Assign every partition and read on at these offsets."""
        tps = {place: TopicPartition(*place) for place in sorted(self.partitions)}
        self._consumer.assign(list(tps.values()))
        for place, tp in tps.items():
            self._consumer.seek(tp, offsets[place])

    async def next_batch(self) -> list[Record]:
        """Records that arrived, none after a short wait. Those of one partition are in order."""
        fetched = await self._limited(
            self._consumer.getmany(
                timeout_ms=self._settings.projector_wait_ms,
                max_records=self._settings.projector_batch_records,
            )
        )
        return [
            Record(self._topics[tp.topic], tp.partition, found.offset, found.key, found.value)
            for tp, records in fetched.items()
            for found in records
        ]

    async def positions(self) -> dict[Partition, int]:
        """Next offset to read of each partition; past the last record also where transaction markers end it."""
        places = {}
        for topic, number in self.partitions:
            tp = TopicPartition(topic, number)
            places[topic, number] = await self._limited(self._consumer.position(tp))
        return places

    async def close(self) -> None:
        """Let go of all connections, within bounds (aiokafka's own close can hang)."""
        for ending in (self._consumer.stop(), self._admin.close()):
            with contextlib.suppress(KafkaError, OSError, TimeoutError, RuntimeError):
                await asyncio.wait_for(ending, 5)

    async def _limited(self, call: Awaitable[T]) -> T:
        return await asyncio.wait_for(call, self._settings.projector_call_seconds)
