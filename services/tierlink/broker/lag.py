"""How far consumer groups are behind the ends of their topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["end_offsets", "group_lag"]

T = TypeVar("T")
_CALL_SECONDS = 20.0


@dataclass(frozen=True)
class _Reader:
    consumer: Any
    admin: Any

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Asked of the broker: a consumer without subscription knows no partitions and would answer none."""
        answer = await _limited(self.admin.describe_topics(list(topics)))
        return [
            TopicPartition(entry["topic"], part["partition"])
            for entry in answer
            for part in entry["partitions"]
        ]


async def end_offsets(address: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) to the offset the next record will get. Topics that do not exist are left out.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with _reading(address) as reader:
        places = await reader.partitions(topics)
        ends = await _limited(reader.consumer.end_offsets(places))
    return {(place.topic, place.partition): offset for place, offset in ends.items()}


async def group_lag(address: str, group: str, topics: Iterable[str]) -> int:
    """Records of these topics the group has not committed yet; all there are where it never committed.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with _reading(address) as reader:
        places = await reader.partitions(topics)
        begins = await _limited(reader.consumer.beginning_offsets(places))
        ends = await _limited(reader.consumer.end_offsets(places))
        committed = await _limited(
            reader.admin.list_consumer_group_offsets(group, partitions=places)
        )
    done = {place: stand.offset for place, stand in committed.items() if stand.offset >= 0}
    return sum(max(0, end - done.get(place, begins[place])) for place, end in ends.items())


@asynccontextmanager
async def _reading(address: str) -> AsyncIterator[_Reader]:
    reader = _Reader(
        AIOKafkaConsumer(bootstrap_servers=address, group_id=None),
        AIOKafkaAdminClient(bootstrap_servers=address),
    )
    try:
        await _limited(reader.consumer.start())
        await _limited(reader.admin.start())
        yield reader
    finally:
        await reader.consumer.stop()
        await reader.admin.close()


async def _limited(call: Awaitable[T]) -> T:
    return await asyncio.wait_for(call, _CALL_SECONDS)
