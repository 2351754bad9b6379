"""From batches to a processor: one at a time, only for partitions that are open, and acknowledged only when done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from tierlink.streaming.batches import Batch
from tierlink.streaming.ending import end_process

__all__ = ["BatchAgent", "Processor"]


class Processor(Protocol):
    """What one agent does. Any exception ends the process; unreadable records are the processor's to lay aside."""

    async def open(self, partition: int) -> None:
        """Begin with a partition whose tables are recovered: rebuild what is derived."""

    async def close(self, partition: int) -> None:
        """Forget a partition that another process has now, or that is opened anew."""

    async def handle(self, batch: Batch) -> None:
        """Take in records; returns when outputs and rows are delivered."""

    async def tick(self, partition: int) -> None:
        """Look at the clock: called every minute or so for each open partition."""


class BatchAgent:
    """Runs a processor. A lock keeps batches, openings and ticks apart.

    Attributes:
        done: (topic, partition) to the offset after the last record handled since the partitions were opened.
        handled_at: monotonic time of the last progress.
    """

    def __init__(
        self, name: str, topics: Sequence[str], processor: Processor, generation: Callable[[], int]
    ) -> None:
        """Nothing is open yet.

        Args:
            name: for the log.
            topics: full names.
            processor: does the work.
            generation: number of the current assignment of partitions.
        """
        self.name = name
        self.topics = tuple(topics)
        self.handled_at = 0.0
        self.done: dict[tuple[str, int], int] = {}
        self._processor = processor
        self._open: set[int] = set()
        self._generation = generation
        self._turn = asyncio.Condition()

    async def open(self, partitions: set[int]) -> None:
        """Open partitions after recovery."""
        async with self._turn:
            for partition in sorted(partitions):
                await self._processor.open(partition)
                self._open.add(partition)
            self.handled_at = time.monotonic()
            self._turn.notify_all()

    async def close(self) -> None:
        """Close all partitions, after the batch that is being handled."""
        async with self._turn:
            self.done.clear()
            while self._open:
                await self._processor.close(self._open.pop())
            self._turn.notify_all()

    async def tick(self) -> None:
        """Tick every open partition."""
        for partition in sorted(self._open):
            async with self._turn:
                if partition in self._open:
                    await self._processor.tick(partition)

    async def run(self, stream: Any) -> AsyncIterator[None]:
        """Body of the Faust agent."""
        async for event in stream.events():
            batch: Batch = event.value
            try:
                await self._take(batch, event.message.generation_id)
            except Exception as error:  # noqa: BLE001 Faust would go on
                end_process(f"agent {self.name} at {batch.topic}[{batch.partition}]", error)
            yield

    async def _take(self, batch: Batch, generation: int) -> None:
        """Handle a batch as soon as its partition is open; one from before a rebalance is read again by the owner."""
        async with self._turn:
            while generation == self._generation():
                if batch.partition in self._open:
                    await self._processor.handle(batch)
                    batch.is_done = True
                    self.done[batch.topic, batch.partition] = batch.records[-1].offset + 1
                    self.handled_at = time.monotonic()
                    return
                await self._turn.wait()
