"""How far consumer groups are behind the ends of their topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["end_offsets", "group_lag"]

T = TypeVar("T")
_CALL_SECONDS = 20.0


async def end_offsets(address: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) to the offset the next record will get. Topics that do not exist are left out.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with _reader(address) as consumer:
        ends = await _ends(consumer, topics)
    return {(place.topic, place.partition): offset for place, offset in ends.items()}


async def group_lag(address: str, group: str, topics: Iterable[str]) -> int:
    """Records of these topics the group has not committed yet; all there are where it never committed.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with _reader(address) as consumer:
        ends = await _ends(consumer, topics)
        begins = await _limited(consumer.beginning_offsets(list(ends)))
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await _limited(admin.start())
    try:
        committed = await _limited(admin.list_consumer_group_offsets(group, partitions=list(ends)))
    finally:
        await admin.close()
    lag = 0
    for place, end in ends.items():
        stand = committed.get(place)
        done = stand.offset if stand is not None and stand.offset >= 0 else begins[place]
        lag += max(0, end - done)
    return lag


async def _ends(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> dict[TopicPartition, int]:
    places = [
        TopicPartition(topic, number)
        for topic in topics
        for number in consumer.partitions_for_topic(topic) or ()
    ]
    return dict(await _limited(consumer.end_offsets(places))) if places else {}


@asynccontextmanager
async def _reader(address: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=None)
    await _limited(consumer.start())
    try:
        await _limited(consumer.topics())
        yield consumer
    finally:
        await consumer.stop()


async def _limited(call: Awaitable[T]) -> T:
    return await asyncio.wait_for(call, _CALL_SECONDS)
