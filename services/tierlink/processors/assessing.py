"""Second half of on-time delivery: measured lines in, lines judged as of a day and totals per supplier out.

Outputs are sent before the rows: a batch that is read again passes through every state it passed through before,
because records of a key are taken one by one, so it publishes at least the same keys.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from datetime import date

from tierlink.kpi.on_time import assess
from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.rollup import Tally, TallyKey
from tierlink.processors.days import AsOf, Clock
from tierlink.processors.events import kpi_record, tombstone
from tierlink.processors.intake import DeadLetters
from tierlink.schemas.catalogue import UnreadableEventError, decode_event
from tierlink.schemas.kpis import LineAssessed, LineMeasured, OnTimeDeliveryPublished
from tierlink.schemas.topics import KPI_LINES, KPI_OTD
from tierlink.streaming.batches import Batch, SourceRecord
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.tables import BatchTable

__all__ = ["LineAssessor", "read_measurement"]

_LOG = logging.getLogger(__name__)
_BREATH = 200
"""Lines between two turns of the event loop."""
_SEND_AT_ONCE = 2000


def read_measurement(record: SourceRecord) -> LineMeasured | None:
    """The line a record measures; None when it says that there is no such line.

    Raises:
        UnreadableEventError: anything else.
    """
    if not record.key:
        raise UnreadableEventError("no key")
    if record.value is None:
        return None
    data = decode_event(record.value).data
    if type(data) is not LineMeasured:
        raise UnreadableEventError("no measured line")
    if data.line_id.encode() != record.key:
        raise UnreadableEventError("the record key is not the line_id")
    return data


class LineAssessor:
    """Keeps the latest measurement per line; counts totals in memory, anew from the rows at every opening."""

    def __init__(
        self,
        table: BatchTable,
        letters: DeadLetters,
        prefix: str,
        policy: OtdPolicy,
        as_of: AsOf,
        clock: Clock,
    ) -> None:
        self._table = table
        self._letters = letters
        self._lines_topic = KPI_LINES.full_name(prefix)
        self._totals_topic = KPI_OTD.full_name(prefix)
        self._policy = policy
        self._as_of = as_of
        self._clock = clock
        self._tallies: dict[int, Tally] = {}

    async def open(self, partition: int) -> None:
        """Count the totals from the rows and publish them all: who had the partition may not have come to it."""
        await self._as_of.load(partition, self._table)
        if self._as_of.is_over(partition):
            await self._judge_anew(partition)
            return
        tally = Tally()
        async for line in self._measured(partition):
            tally.add(self._assess(line, partition))
        self._tallies[partition] = tally
        await self._publish_totals(partition, tally.totals())

    async def close(self, partition: int) -> None:
        """Drop the totals."""
        self._tallies.pop(partition, None)

    async def tick(self, partition: int) -> None:
        """On a new day judge every line anew."""
        if self._as_of.is_over(partition):
            await self._judge_anew(partition)

    async def handle(self, batch: Batch) -> None:
        """Judge lines, publish them and the totals they change, then keep their measurements."""
        partition, tally = batch.partition, self._tallies[batch.partition]
        readable = await self._readable(batch)
        keys = list(dict.fromkeys(record.key or b"" for record, _ in readable))
        if not keys:
            return
        stored = await self._table.get_many(partition, keys)
        values = dict(zip(keys, stored, strict=True))
        current = {
            key: self._assess(_line(raw), partition) if raw else None for key, raw in values.items()
        }
        touched: dict[TallyKey, None] = {}
        for number, (record, line) in enumerate(readable):
            key = record.key or b""
            before = current[key]
            after = self._assess(line, partition) if line else None
            if before is not None:
                touched |= dict.fromkeys(tally.remove(before))
            if after is not None:
                touched |= dict.fromkeys(tally.add(after))
            current[key], values[key] = after, record.value
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        lines = [self._line_record(partition, key, line) for key, line in current.items()]
        totals = [self._total_record(partition, tally, key) for key in touched]
        await self._table.delivery.send([*lines, *totals])
        rows: list[Row] = [*self._as_of.mark(partition), *values.items()]
        await self._table.write(partition, rows)

    async def _readable(self, batch: Batch) -> list[tuple[SourceRecord, LineMeasured | None]]:
        readable, refused = [], []
        for number, record in enumerate(batch.records):
            try:
                readable.append((record, read_measurement(record)))
            except UnreadableEventError as error:
                refused.append((record, error.reason))
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        await self._letters.send(refused)
        return readable

    async def _judge_anew(self, partition: int) -> None:
        """Move to today: publish the lines whose judgement changes by it, and all totals."""
        today = self._as_of.today()
        lasts = await self._as_of.begin_move(partition, today, self._table)
        tally, changed, count = Tally(), list[Outgoing](), 0
        async for line in self._measured(partition):
            after = assess(line, today, self._policy)
            tally.add(after)
            befores = (assess(line, day, self._policy) for day in lasts)
            if any(before.model_copy(update={"as_of": today}) != after for before in befores):
                count += 1
                changed.append(self._line_record(partition, line.line_id.encode(), after))
            if len(changed) >= _SEND_AT_ONCE:
                await self._table.delivery.send(changed)
                changed.clear()
        await self._table.delivery.send(changed)
        self._tallies[partition] = tally
        await self._publish_totals(partition, tally.totals(), today)
        await self._as_of.end_move(partition, today, self._table)
        _LOG.info("partition %d as of %s: %d lines changed", partition, today, count)

    async def _measured(self, partition: int) -> AsyncIterator[LineMeasured]:
        for number, (key, raw) in enumerate(self._table.scan(partition)):
            if not key.startswith(b"\x00"):
                yield _line(raw)
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    def _assess(self, line: LineMeasured, partition: int) -> LineAssessed:
        return assess(line, self._as_of.of(partition), self._policy)

    async def _publish_totals(
        self, partition: int, keys: Iterable[TallyKey], as_of: date | None = None
    ) -> None:
        tally = self._tallies[partition]
        await self._table.delivery.send(
            self._total_record(partition, tally, key, as_of) for key in keys
        )

    def _line_record(self, partition: int, key: bytes, line: LineAssessed | None) -> Outgoing:
        return self._record(self._lines_topic, partition, key.decode(), line)

    def _total_record(
        self, partition: int, tally: Tally, key: TallyKey, as_of: date | None = None
    ) -> Outgoing:
        day = as_of or self._as_of.of(partition)
        total = tally.published(key, day, self._policy.policy_id)
        return self._record(self._totals_topic, partition, key.text, total)

    def _record(
        self,
        topic: str,
        partition: int,
        key: str,
        data: LineAssessed | OnTimeDeliveryPublished | None,
    ) -> Outgoing:
        if data is None:
            return tombstone(topic=topic, partition=partition, key=key)
        return kpi_record(
            data,
            processor="on-time",
            topic=topic,
            partition=partition,
            key=key,
            at=self._clock(),
        )


def _line(raw: bytes) -> LineMeasured:
    """A stored row: the measurement's event as it came."""
    line: LineMeasured = decode_event(raw).data
    return line
