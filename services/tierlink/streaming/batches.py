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
    timestamp: int | None
    key: bytes | None
    value: bytes | None


class Batch:
    """Records of one partition; those of a topic are in order of offset.

    One fetch brings the records of one topic. What waited together is handled together (:meth:`joined`), and may
    then be of several topics that share the partition's rows.

    ``is_done`` is set by the agent when the effects are durable. Faust acknowledges whatever an agent lets go of,
    also after an exception; :class:`~tierlink.streaming.faust_private.BatchConsumer` counts only batches that
    are done.
    """

    __slots__ = ("is_done", "partition", "records", "topic")

    def __init__(self, topic: str, partition: int, records: Sequence[SourceRecord]) -> None:
        self.topic = topic
        self.partition = partition
        self.records = records
        self.is_done = False

    @classmethod
    def joined(cls, batches: Sequence[Batch]) -> Batch:
        """Several batches of one partition as one, in their order; a single one as it is."""
        if len(batches) == 1:
            return batches[0]
        topics = dict.fromkeys(batch.topic for batch in batches)
        records = [record for batch in batches for record in batch.records]
        return cls(" + ".join(topics), batches[0].partition, records)

    def age(self, now: float) -> float | None:
        """Seconds since the first record was written, by the record's own time; None: it has none.

        Args:
            now: seconds since the epoch.
        """
        written_at = self.records[0].timestamp
        return None if written_at is None else now - written_at / 1000


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
