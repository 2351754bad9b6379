"""From batches to a processor: one at a time per partition, only while it is open, acknowledged only when done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from tierlink.streaming.batches import Batch
from tierlink.streaming.ending import end_process
from tierlink.streaming.lanes import Lane
from tierlink.streaming.metrics import Metrics

__all__ = ["BatchAgent", "Processor"]


class Processor(Protocol):
    """What one agent does. Any exception ends the process; unreadable records are the processor's to lay aside.

    Calls for one partition never overlap; those for different partitions may, wherever one waits.
    """

    async def open(self, partition: int) -> None:
        """Begin with a partition whose tables are recovered: rebuild what is derived."""

    async def close(self, partition: int) -> None:
        """Forget a partition that another process has now, or that is opened anew."""

    async def handle(self, batch: Batch) -> None:
        """Take in records; returns when outputs and rows are delivered."""

    async def tick(self, partition: int) -> None:
        """Look at the clock: called every minute or so for each open partition."""


class Assignment(Protocol):
    """What an agent asks of the consumer."""

    def generation(self) -> int:
        """Number of the current assignment of partitions."""

    def ack(self, message: Any) -> None:
        """Let a message's offset be committed."""


class BatchAgent:
    """Runs a processor, each partition in a lane of its own.

    Attributes:
        done: (topic, partition) to the offset after the last record handled since the partitions were opened.
        handled_at: monotonic time of the last progress.
    """

    def __init__(
        self,
        name: str,
        topics: Sequence[str],
        processor: Processor,
        assignment: Assignment,
        records_max: int,
        metrics: Metrics,
    ) -> None:
        """Nothing is open yet.

        Args:
            name: for the log.
            topics: full names.
            processor: does the work.
            assignment: the consumer.
            records_max: records of a partition that may wait, and be handled at once.
            metrics: counts batches.
        """
        self.name = name
        self.topics = tuple(topics)
        self.handled_at = 0.0
        self.done: dict[tuple[str, int], int] = {}
        self._processor = processor
        self._assignment = assignment
        self._records_max = records_max
        self._metrics = metrics
        self._lanes: dict[int, Lane] = {}
        self._workers: list[asyncio.Task[None]] = []

    async def open(self, partitions: set[int]) -> None:
        """Open partitions after recovery."""
        for partition in sorted(partitions):
            lane = self._lane(partition)
            async with lane.turn:
                await self._processor.open(partition)
                await lane.open()
        self.handled_at = time.monotonic()

    async def close(self) -> None:
        """Close all partitions, each after the batch that is being handled."""
        for partition, lane in sorted(self._lanes.items()):
            was_open = lane.is_open
            await lane.close()
            async with lane.turn:
                if was_open:
                    await self._processor.close(partition)
        self.done.clear()

    async def tick(self) -> None:
        """Tick every open partition."""
        for partition, lane in sorted(self._lanes.items()):
            async with lane.turn:
                if lane.is_open:
                    await self._processor.tick(partition)

    async def run(self, stream: Any) -> AsyncIterator[None]:
        """Body of the Faust agent: hands batches over and goes on reading."""
        async for event in stream.events():
            event.message.incref()  # or Faust would acknowledge it as soon as the next one is asked for
            await self._lane(event.message.partition).put(event.message)
            yield

    def _lane(self, partition: int) -> Lane:
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane(self._records_max)
            self._workers.append(asyncio.create_task(self._work(lane)))
        return lane

    async def _work(self, lane: Lane) -> None:
        """Handle what comes into a lane, for as long as the process lives."""
        while True:
            messages = await lane.take()
            try:
                async with lane.turn:
                    await self._handle(lane, messages)
            except Exception as error:  # noqa: BLE001 a lane that stops would stop in silence
                batch = messages[0].value
                end_process(f"agent {self.name} at {batch.topic}[{batch.partition}]", error)

    async def _handle(self, lane: Lane, messages: list[Any]) -> None:
        """Handle messages, but those from before a rebalance: the owner reads them again."""
        generation = self._assignment.generation()
        fresh = [message for message in messages if message.generation_id == generation]
        if not fresh or not lane.is_open:
            return
        began_at = time.monotonic()
        joined = Batch.joined([message.value for message in fresh])
        await self._processor.handle(joined)
        self.handled_at = time.monotonic()
        for message in fresh:
            batch: Batch = message.value
            batch.is_done = True
            self.done[batch.topic, batch.partition] = batch.records[-1].offset + 1
            self._assignment.ack(message)
            self._metrics.handled(self.name, batch.topic, len(batch.records))
        self._metrics.batch(
            self.name, len(joined.records), self.handled_at - began_at, joined.age(time.time())
        )
