"""A processor as pure functions, and the shell that runs them on a table.

What a processor does with a batch is ``step_batch(partition, states, events) -> (states, outputs)``. It knows no
Kafka, no table and no clock; the shell reads and groups the records, fetches the states, keeps the new ones and sends
the outputs, each awaited, in the order that survives a crash between any two of them.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from tierlink.streaming.batches import Batch, SourceRecord
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.tables import BatchTable

__all__ = ["Letters", "RefusedRecordError", "StepProcessor"]

S = TypeVar("S")
E = TypeVar("E")

_LOG = logging.getLogger(__name__)
ROW_BYTES_MAX = 1_000_000
"""A row is a changelog record, and Kafka's own limit of one is 1,048,588 bytes."""
OUTPUT_BYTES_MAX = 1_000_000
"""The same limit holds for what is published."""


class RefusedRecordError(ValueError):
    """The record cannot be taken in, now or ever. ``reason`` goes with it to the dead letters."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Letters(Protocol):
    """Where refused records go."""

    async def send(self, refused: list[tuple[SourceRecord, str]]) -> None:
        """Lay records aside with the reasons; returns when they have arrived."""


class StepProcessor(ABC, Generic[S, E]):
    """Shell of a processor with one table. ``S`` is the state under a key, ``E`` what a record says.

    A record that cannot be read, makes the step fail or its row too large is laid aside with the reason; everything
    else goes on as if it had not been there.

    Attributes:
        outputs_first: False: rows, then outputs; the rows say which outputs may be missing after a crash. True:
            outputs, then rows; right where each record's outputs follow from that record and its key's state alone,
            so that a batch that is read again publishes the same keys.
        output_bytes_max: records that would have to publish a larger value are laid aside.
    """

    outputs_first: ClassVar[bool] = False
    output_bytes_max: ClassVar[int] = OUTPUT_BYTES_MAX

    def __init__(self, table: BatchTable, letters: Letters) -> None:
        self.table = table
        self._letters = letters

    @abstractmethod
    def read(self, record: SourceRecord) -> tuple[bytes, E]:
        """Key of the state a record is about, and what it says.

        Raises:
            RefusedRecordError: it is none of ours.
        """

    @abstractmethod
    def load(self, raw: bytes | None) -> S:
        """State of a stored row; None where there is no row."""

    @abstractmethod
    def dump(self, state: S) -> bytes | None:
        """Row of a state; None for no row."""

    @abstractmethod
    def step_batch(
        self, partition: int, states: Mapping[bytes, S], events: Mapping[bytes, Sequence[E]]
    ) -> tuple[Mapping[bytes, S], Iterable[Outgoing]]:
        """Take in what records say.

        Args:
            partition: all keys are of it.
            states: one for each key of ``events``.
            events: what is said under each key, in the order of the log.

        Returns:
            The states that changed, and what to publish.

        Raises:
            Exception: nothing was taken in, and what this object remembers is as it was. It is called again with
                each key by itself, and with each record of a key that fails, to find the one at fault.
        """

    def marks(self, partition: int) -> Sequence[Row]:  # noqa: ARG002 for subclasses
        """Rows to be written along with the next batch of a partition, besides those of states."""
        return ()

    async def open(self, partition: int) -> None:
        """Begin with a partition: nothing to rebuild, unless a subclass says so."""

    async def close(self, partition: int) -> None:
        """Forget a partition: nothing is kept in memory, unless a subclass says so."""

    async def tick(self, partition: int) -> None:
        """Look at the clock: nothing depends on it, unless a subclass says so."""

    async def handle(self, batch: Batch) -> None:
        """Read, step, keep, publish; returns when all of it is delivered."""
        events, refused = self._read(batch.records)
        if refused:
            await self._letters.send(refused)
        if not events:
            return
        stored = await self.table.get_many(batch.partition, list(events))
        rows = dict(zip(events, stored, strict=True))
        try:
            done = self._step(batch.partition, rows, events)
        except _StepError as error:
            _LOG.warning("a step of %d keys fails, going one by one: %s", len(events), error)
            await self._one_by_one(batch, rows, events)
        else:
            await self._deliver(batch.partition, *done)

    async def _one_by_one(
        self, batch: Batch, rows: Mapping[bytes, bytes | None], events: Mapping[bytes, Sequence[E]]
    ) -> None:
        """Take each key by itself, and each record of a key that fails: only the record at fault is laid aside."""
        failing = set()
        for key, some in events.items():
            try:
                done = self._step(batch.partition, {key: rows[key]}, {key: some})
            except _StepError:
                failing.add(key)
            else:
                await self._deliver(batch.partition, *done)
        for record in batch.records:
            try:
                key, event = self.read(record)
            except RefusedRecordError:
                continue  # laid aside already
            if key in failing:
                await self._take_one(batch.partition, key, record, event)

    async def _take_one(self, partition: int, key: bytes, record: SourceRecord, event: E) -> None:
        (raw,) = await self.table.get_many(partition, [key])
        try:
            done = self._step(partition, {key: raw}, {key: [event]})
        except _StepError as error:
            await self._letters.send([(record, str(error))])
        else:
            await self._deliver(partition, *done)

    async def _deliver(self, partition: int, rows: list[Row], outputs: list[Outgoing]) -> None:
        if not rows and not outputs:
            return
        if self.outputs_first:
            await self.table.delivery.send(outputs)
        await self.table.write(partition, [*self.marks(partition), *rows])
        if not self.outputs_first:
            await self.table.delivery.send(outputs)

    def _read(
        self, records: Sequence[SourceRecord]
    ) -> tuple[dict[bytes, list[E]], list[tuple[SourceRecord, str]]]:
        events: dict[bytes, list[E]] = {}
        refused: list[tuple[SourceRecord, str]] = []
        read = self.read
        for record in records:
            try:
                key, event = read(record)
            except RefusedRecordError as error:
                refused.append((record, error.reason))
                continue
            some = events.get(key)
            if some is None:
                events[key] = [event]
            else:
                some.append(event)
        return events, refused

    def _step(
        self,
        partition: int,
        rows: Mapping[bytes, bytes | None],
        events: Mapping[bytes, Sequence[E]],
    ) -> tuple[list[Row], list[Outgoing]]:
        """Rows to keep and outputs to send.

        Raises:
            _StepError: nothing is to be kept or sent.
        """
        began_at = time.perf_counter()
        try:
            states = {key: self.load(raw) for key, raw in rows.items()}
            changed, outputs = self.step_batch(partition, states, events)
            kept = [(key, self._row(key, state)) for key, state in changed.items()]
            sent = list(outputs)
            self._check_outputs(sent)
        except RefusedRecordError as error:
            raise _StepError(error.reason) from error
        except Exception as error:
            raise _StepError(f"{type(error).__name__}: {error}") from error
        self.table.metrics.step(self.table.name, time.perf_counter() - began_at)
        return kept, sent

    def _check_outputs(self, outputs: Sequence[Outgoing]) -> None:
        largest = max((len(one.value or b"") for one in outputs), default=0)
        if largest > self.output_bytes_max:
            raise RefusedRecordError(
                f"with it a result would have {largest} bytes, {self.output_bytes_max} are possible"
            )

    def _row(self, key: bytes, state: S) -> bytes | None:
        raw = self.dump(state)
        size = len(raw or b"") + len(key)
        if size > ROW_BYTES_MAX:
            raise RefusedRecordError(
                f"with it the row would have {size} bytes, {ROW_BYTES_MAX} are possible"
            )
        return raw


class _StepError(Exception):
    """A step raised; the text is the reason for a dead letter."""
