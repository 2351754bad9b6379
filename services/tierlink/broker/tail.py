"""The newest records of a topic, and how many it has got lately."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from tierlink.broker.reading import limited, reading

__all__ = ["arrived", "newest"]

_POLL_MS = 500
_SILENCE_SECONDS = 20.0


async def arrived(address: str, topic: str, since: datetime) -> tuple[int, int]:
    """How many records a topic holds, and how many of them are not older than ``since``; 0 where it does not exist.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with reading(address) as reader:
        places = await reader.partitions([topic])
        if not places:
            return 0, 0
        begins = await limited(reader.consumer.beginning_offsets(places))
        ends = await limited(reader.consumer.end_offsets(places))
        moment = int(since.timestamp() * 1000)
        firsts = await limited(reader.consumer.offsets_for_times(dict.fromkeys(places, moment)))
    total = sum(ends[place] - begins[place] for place in places)
    recent = sum(ends[place] - first.offset for place, first in firsts.items() if first)
    return total, recent


async def newest(address: str, topic: str, count: int) -> AsyncIterator[Any]:
    """The last ``count`` aiokafka records of each partition, partition by partition in no order.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with reading(address) as reader:
        places = await reader.partitions([topic])
        consumer = reader.consumer
        begins = await limited(consumer.beginning_offsets(places))
        ends = await limited(consumer.end_offsets(places))
        unread = {place for place in places if ends[place] > begins[place]}
        consumer.assign(unread)
        for place in unread:
            consumer.seek(place, max(begins[place], ends[place] - count))
        heard_at = time.monotonic()
        while unread:
            fetched = await limited(consumer.getmany(*unread, timeout_ms=_POLL_MS))
            for records in fetched.values():
                for record in records:
                    yield record
                heard_at = time.monotonic()
            for place in list(unread):
                if await limited(consumer.position(place)) >= ends[place]:
                    unread.remove(place)
            if time.monotonic() - heard_at > _SILENCE_SECONDS:
                raise TimeoutError(f"reading {topic}: nothing came for {_SILENCE_SECONDS:.0f} s")
