"""Looking into topics from outside any consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["Reader", "limited", "reading"]

T = TypeVar("T")
_CALL_SECONDS = 20.0


@dataclass(frozen=True)
class Reader:
    """A connection."""

    consumer: Any
    admin: Any

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Asked of the broker: a consumer without subscription knows no partitions and would answer none."""
        answer = await limited(self.admin.describe_topics(list(topics)))
        return [
            TopicPartition(entry["topic"], part["partition"])
            for entry in answer
            for part in entry["partitions"]
        ]


@asynccontextmanager
async def reading(address: str) -> AsyncIterator[Reader]:
    """Connect for as long as the block lasts.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    reader = Reader(
        AIOKafkaConsumer(bootstrap_servers=address, group_id=None),
        AIOKafkaAdminClient(bootstrap_servers=address),
    )
    try:
        await limited(reader.consumer.start())
        await limited(reader.admin.start())
        yield reader
    finally:
        await reader.consumer.stop()
        await reader.admin.close()


async def limited(call: Awaitable[T]) -> T:
    """Result of a call to the broker, within bounds.

    Raises:
        TimeoutError: it takes too long.
    """
    return await asyncio.wait_for(call, _CALL_SECONDS)
