"""Sending records in aiokafka's own batches, and knowing that they arrived."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from tierlink.streaming.metrics import Metrics
from tierlink.streaming.pulse import Pulse

__all__ = ["Delivery", "Outgoing", "Row", "partition_of"]

Row: TypeAlias = tuple[bytes, bytes | None]
"""Key and value; None is a tombstone."""

_POSITIVE = 0x7FFFFFFF
_BATCH_BYTES = 900_000
"""Before they are packed; a broker takes 1,048,588 bytes unless told otherwise."""
_RETRY_SECONDS = 0.3


class Outgoing(NamedTuple):
    """A record to send to a partition that is already chosen."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def partition_of(key: bytes, partitions: int) -> int:
    """Partition that Kafka's default partitioner, in any client, gives a key."""
    return int((murmur2(key) & _POSITIVE) % partitions)


class Delivery:
    """An idempotent producer. Whatever goes wrong is raised; the caller ends the process (rule A3)."""

    def __init__(
        self, kafka: str, client_id: str, seconds: float, pulse: Pulse, metrics: Metrics
    ) -> None:
        """Nothing is connected yet.

        Args:
            kafka: host:port, comma-separated for several.
            client_id: shown in the broker's log.
            seconds: how long records may be under way, a broker's absence included.
            pulse: asked before every request that leaves.
            metrics: counts what arrived.
        """
        self._kafka = kafka
        self._client_id = client_id
        self._seconds = seconds
        self._pulse = pulse
        self._metrics = metrics
        self._producer: Any = None

    async def start(self) -> None:
        """Connect.

        Raises:
            KafkaError: nobody answers.
        """
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=int(self._seconds * 1000),
        )
        _pause_after_failed_updates(self._producer.client)
        _check_before_requests(self._producer.client, self._pulse)
        self._pulse.start()
        await asyncio.wait_for(self._producer.start(), self._seconds)

    async def stop(self, seconds: float = 5.0) -> None:
        """Let go of the connections, within bounds (aiokafka's own stop can hang)."""
        if self._producer is not None:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(self._producer.stop(), seconds)

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(await asyncio.wait_for(self._producer.partitions_for(topic), self._seconds))

    async def send(self, records: Iterable[Outgoing]) -> None:
        """Send records; returns when the broker has them all. Those of one partition stay in order.

        Raises:
            KafkaError: the broker refuses one.
            TimeoutError: they are still under way after the time given.
        """
        began_at = time.monotonic()
        places: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            places.setdefault((record.topic, record.partition), []).append(record)
        await self._arrived([await self._hand_over(some) for some in places.values()])
        seconds = time.monotonic() - began_at
        counts: Counter[str] = Counter()
        for (topic, _), some in places.items():
            counts[topic] += len(some)
        for topic, count in counts.items():
            self._metrics.outputs(topic, count, seconds)

    async def append(self, topic: str, partition: int, rows: Sequence[Row]) -> int:
        """Send rows to one partition; returns the offset of the last when the broker has them all.

        Raises:
            KafkaError: the broker refuses one.
            TimeoutError: they are still under way after the time given.
        """
        records = [Outgoing(topic, partition, key, value) for key, value in rows]
        return (await self._arrived([await self._hand_over(records)]))[-1]

    async def _hand_over(self, records: Sequence[Outgoing]) -> list[tuple[Any, int]]:
        """Fill batches for one partition. Returns (delivery, records) of each."""
        topic, partition = records[0].topic, records[0].partition
        now = time.time_ns() // 1_000_000
        under_way: list[tuple[Any, int]] = []
        batch = self._producer.create_batch()
        for record in records:
            place = {"key": record.key, "value": record.value, "headers": list(record.headers)}
            if batch.append(timestamp=now, **place) is None:
                under_way.append(await self._submit(batch, topic, partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now, **place)
        under_way.append(await self._submit(batch, topic, partition))
        return under_way

    async def _submit(self, batch: Any, topic: str, partition: int) -> tuple[Any, int]:
        batch.close()
        sending = self._producer.send_batch(batch, topic, partition=partition)
        return await asyncio.wait_for(sending, self._seconds), batch.record_count()

    async def _arrived(self, sent: Sequence[Sequence[tuple[Any, int]]]) -> list[int]:
        """Offset of the last record of each sequence."""
        last = []
        for batches in sent:
            for arrival, count in batches:
                place = await asyncio.wait_for(arrival, self._seconds)
                offset = place.offset + count - 1
            last.append(offset)
        return last


def _pause_after_failed_updates(client: Any) -> None:
    """Stop aiokafka from asking for metadata thousands of times a second while records wait for an absent broker."""
    update = client.force_metadata_update

    def patient() -> Any:
        # Asked at once: aiokafka asks again from inside an update that fails, which joins the one under way.
        updating = update()

        async def settled() -> Any:
            is_updated = await updating
            if not is_updated:
                await asyncio.sleep(_RETRY_SECONDS)
            return is_updated

        return asyncio.ensure_future(settled())

    client.force_metadata_update = patient


def _check_before_requests(client: Any, pulse: Pulse) -> None:
    """Ask for the pulse at the last moment: what is queued may have been overtaken while the process was frozen."""
    send = client.send

    async def checked(*args: Any, **kwargs: Any) -> Any:
        pulse.check()
        return await send(*args, **kwargs)

    client.send = checked
