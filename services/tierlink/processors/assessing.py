"""Second half of on-time delivery: measured lines in, lines judged as of a day and totals per supplier out.

Outputs are sent before the rows: a batch that is read again passes through every state it passed through before,
because records of a key are taken one by one, so it publishes at least the same keys.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, TypeAlias

import msgspec

from tierlink.kpi.assessment import assess, judge
from tierlink.kpi.facts import Envelope
from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.results import (
    LineAssessed,
    LineMeasured,
    OnTimeDelivery,
    decode_line,
    encode_line,
)
from tierlink.kpi.rollup import Entry, Tally, TallyKey, entry_of
from tierlink.kpi.statements import check_forms, decode_hook
from tierlink.processors.days import AsOf, Clock
from tierlink.processors.events import MEASUREMENT_BYTES_MAX, kpi_record, tombstone
from tierlink.processors.intake import DeadLetters
from tierlink.schemas.catalogue import UnreadableEventError
from tierlink.schemas.topics import KPI_LINES, KPI_OTD
from tierlink.streaming.batches import SourceRecord
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.stepping import RefusedRecordError, StepProcessor
from tierlink.streaming.tables import BatchTable

__all__ = ["LineAssessor", "read_measurement"]

_LOG = logging.getLogger(__name__)
_BREATH = 200
"""Lines between two turns of the event loop."""
_SEND_AT_ONCE = 2000

Line: TypeAlias = LineMeasured | None
"""A measured line; None where there is no such line any more."""


class _Measurement(Envelope, frozen=True, kw_only=True):
    """The event of a measured line."""

    type: Literal["org.tierlink.kpi.line.measured.v1"]
    data: LineMeasured  # type: ignore[assignment] # read in one go


_decode = msgspec.json.Decoder(_Measurement, dec_hook=decode_hook).decode


def read_measurement(record: SourceRecord) -> Line:
    """The line a record measures; None when it says that there is no such line.

    Raises:
        UnreadableEventError: anything else.
    """
    if not record.key:
        raise UnreadableEventError("no key")
    if record.value is None:
        return None
    if len(record.value) > MEASUREMENT_BYTES_MAX:
        raise UnreadableEventError(f"larger than {MEASUREMENT_BYTES_MAX} bytes")
    try:
        line = _decode(record.value).data
        check_forms(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError(str(error)[:300]) from error
    if line.line_id.encode() != record.key:
        raise UnreadableEventError("the record key is not the line_id")
    return line


class LineAssessor(StepProcessor[Line, Line]):
    """Keeps the latest measurement per line; counts totals in memory, anew from the rows at every opening."""

    outputs_first = True

    def __init__(
        self,
        table: BatchTable,
        letters: DeadLetters,
        prefix: str,
        policy: OtdPolicy,
        as_of: AsOf,
        clock: Clock,
    ) -> None:
        super().__init__(table, letters)
        self._lines_topic = KPI_LINES.full_name(prefix)
        self._totals_topic = KPI_OTD.full_name(prefix)
        self._policy = policy
        self._as_of = as_of
        self._clock = clock
        self._tallies: dict[int, Tally] = {}

    async def open(self, partition: int) -> None:
        """Count the totals from the rows and publish them all: who had the partition may not have come to it."""
        await self._as_of.load(partition, self.table)
        if self._as_of.is_over(partition):
            await self._judge_anew(partition)
            return
        tally, as_of = Tally(), self._as_of.of(partition)
        async for line in self._measured(partition):
            tally.move(None, self._entry(line, as_of))
        self._tallies[partition] = tally
        await self._publish_totals(partition, as_of)

    async def close(self, partition: int) -> None:
        """Drop the totals."""
        self._tallies.pop(partition, None)

    async def tick(self, partition: int) -> None:
        """On a new day judge every line anew."""
        if self._as_of.is_over(partition):
            await self._judge_anew(partition)

    def read(self, record: SourceRecord) -> tuple[bytes, Line]:
        """Read a measurement; it is kept under the record's key.

        Raises:
            RefusedRecordError: it is none.
        """
        try:
            return record.key or b"", read_measurement(record)
        except UnreadableEventError as error:
            raise RefusedRecordError(error.reason) from error

    def load(self, raw: bytes | None) -> Line:
        """Read a row."""
        return None if raw is None else decode_line(raw)

    def dump(self, state: Line) -> bytes | None:
        """Write a row."""
        return None if state is None else encode_line(state)

    def marks(self, partition: int) -> Sequence[Row]:
        """The day, before the first rows."""
        return self._as_of.mark(partition)

    def step_batch(
        self, partition: int, states: Mapping[bytes, Line], events: Mapping[bytes, Sequence[Line]]
    ) -> tuple[Mapping[bytes, Line], Iterable[Outgoing]]:
        """Judge lines, and publish them and the totals they change."""
        as_of = self._as_of.of(partition)
        moves: list[tuple[Entry | None, Entry | None]] = []
        judged: dict[str, LineAssessed | None] = {}
        for key, lines in events.items():
            before = self._entry(states[key], as_of)
            for line in lines:
                assessed = self._assess(line, as_of)
                after = None if assessed is None else entry_of(assessed, assessed)
                moves.append((before, after))
                before = after
            judged[key.decode()] = assessed
        touched = self._tallies[partition].apply(moves)
        outputs = [
            *self._outputs(self._lines_topic, partition, judged),
            *self._outputs(self._totals_topic, partition, self._totals(partition, touched, as_of)),
        ]
        return {key: lines[-1] for key, lines in events.items()}, outputs

    async def _judge_anew(self, partition: int) -> None:
        """Move to today: publish the lines whose judgement changes by it, and all totals."""
        today = self._as_of.today()
        lasts = await self._as_of.begin_move(partition, today, self.table)
        tally, count = Tally(), 0
        changed: dict[str, LineAssessed] = {}
        async for line in self._measured(partition):
            after = assess(line, today, self._policy)
            tally.add(after)
            befores = (assess(line, day, self._policy) for day in lasts)
            if any(msgspec.structs.replace(before, as_of=today) != after for before in befores):
                count += 1
                changed[line.line_id] = after
            if len(changed) >= _SEND_AT_ONCE:
                await self._send(self._lines_topic, partition, changed)
                changed.clear()
        await self._send(self._lines_topic, partition, changed)
        self._tallies[partition] = tally
        await self._publish_totals(partition, today)
        await self._as_of.end_move(partition, today, self.table)
        _LOG.info("partition %d as of %s: %d lines changed", partition, today, count)

    async def _measured(self, partition: int) -> AsyncIterator[LineMeasured]:
        for number, (key, raw) in enumerate(self.table.scan(partition)):
            if not key.startswith(b"\x00"):
                yield decode_line(raw)
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    def _entry(self, line: Line, as_of: date) -> Entry | None:
        return None if line is None else entry_of(line, judge(line, as_of, self._policy))

    def _assess(self, line: Line, as_of: date) -> LineAssessed | None:
        return None if line is None else assess(line, as_of, self._policy)

    async def _publish_totals(self, partition: int, as_of: date) -> None:
        keys = self._tallies[partition].totals()
        await self._send(self._totals_topic, partition, self._totals(partition, keys, as_of))

    def _totals(
        self, partition: int, keys: Iterable[TallyKey], as_of: date
    ) -> dict[str, OnTimeDelivery | None]:
        tally, policy_id = self._tallies[partition], self._policy.policy_id
        return {key.text: tally.published(key, as_of, policy_id) for key in keys}

    async def _send(
        self,
        topic: str,
        partition: int,
        results: Mapping[str, OnTimeDelivery | LineAssessed | None],
    ) -> None:
        await self.table.delivery.send(self._outputs(topic, partition, results))

    def _outputs(
        self,
        topic: str,
        partition: int,
        results: Mapping[str, OnTimeDelivery | LineAssessed | None],
    ) -> Iterable[Outgoing]:
        at = self._clock()
        for key, result in results.items():
            if result is None:
                yield tombstone(topic=topic, partition=partition, key=key)
            else:
                yield kpi_record(
                    result, processor="on-time", topic=topic, partition=partition, key=key, at=at
                )
