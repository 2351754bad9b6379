"""How far consumer groups are behind the ends of their topics."""

from __future__ import annotations

from collections.abc import Iterable

from tierlink.broker.reading import limited, reading

__all__ = ["end_offsets", "group_lag"]


async def end_offsets(address: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) to the offset the next record will get. Topics that do not exist are left out.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with reading(address) as reader:
        places = await reader.partitions(topics)
        ends = await limited(reader.consumer.end_offsets(places))
    return {(place.topic, place.partition): offset for place, offset in ends.items()}


async def group_lag(address: str, group: str, topics: Iterable[str]) -> int:
    """Records of these topics the group has not committed yet; all there are where it never committed.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    async with reading(address) as reader:
        places = await reader.partitions(topics)
        begins = await limited(reader.consumer.beginning_offsets(places))
        ends = await limited(reader.consumer.end_offsets(places))
        committed = await limited(
            reader.admin.list_consumer_group_offsets(group, partitions=places)
        )
    done = {place: stand.offset for place, stand in committed.items() if stand.offset >= 0}
    return sum(max(0, end - done.get(place, begins[place])) for place, end in ends.items())
