"""Records as Faust hands them on: all that one fetch brought of a partition, as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

__all__ = ["Batch", "BatchScheduler", "SourceRecord"]


class SourceRecord(Protocol):
    """What is read of an aiokafka record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Batch:
    """Records of one partition in order of offset.

    ``is_done`` is set by the agent when the batch's effects are durable. Faust acknowledges whatever an agent
    lets go of, also after an exception; :class:`~tierlink.streaming.faust_private.BatchConsumer` counts only
    batches that are done.
    """

    __slots__ = ("is_done", "partition", "records", "topic")

    def __init__(self, topic: str, partition: int, records: Sequence[SourceRecord]) -> None:
        self.topic = topic
        self.partition = partition
        self.records = records
        self.is_done = False


class _Coalesced:
    """A record to Faust: the last one's place, and all of them as its value."""

    checksum = None
    headers = ()
    key = None
    serialized_key_size = 0
    serialized_value_size = 0

    def __init__(self, records: Sequence[Any]) -> None:
        last = records[-1]
        self.topic: str = last.topic
        self.partition: int = last.partition
        self.offset: int = last.offset
        self.timestamp: int | None = last.timestamp
        self.timestamp_type: int | None = last.timestamp_type
        self.value = Batch(last.topic, last.partition, records)


class BatchScheduler(DefaultSchedulingStrategy):
    """Faust's ``ConsumerScheduler``: each partition's fetched records are one."""

    def __init__(self) -> None:
        """Faust's scheduling has no state."""

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        """Yield one coalesced record per partition that has any."""
        for tp, some in records.items():
            if some:
                yield tp, _Coalesced(some)
