"""Inventory turnover: facts of an item's stock in, turnover by month out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from uuid import uuid4

from tierlink.kpi import turnover
from tierlink.kpi.facts import Fact
from tierlink.processors.days import AsOf, Clock
from tierlink.processors.events import kpi_record, tombstone
from tierlink.processors.intake import DeadLetters, facts_by_aggregate
from tierlink.processors.rows import LedgerRow, OutputKey, decode_row, encode_row
from tierlink.schemas.kpis import InventoryTurnoverPublished
from tierlink.schemas.topics import KPI_TURNOVER
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.tables import BatchTable

__all__ = ["Stocktaker"]

_LOG = logging.getLogger(__name__)
_BREATH = 50
_SEND_AT_ONCE = 2000

Periods = Mapping[str, InventoryTurnoverPublished | None]


class Stocktaker:
    """Keeps a ledger per holder, site and item; publishes each period whose turnover changes."""

    def __init__(
        self, table: BatchTable, letters: DeadLetters, prefix: str, as_of: AsOf, clock: Clock
    ) -> None:
        self._table = table
        self._letters = letters
        self._topic = KPI_TURNOVER.full_name(prefix)
        self._as_of = as_of
        self._clock = clock
        self._owner = ""

    async def open(self, partition: int) -> None:
        """Take over: what the rows' last owners called for is doubtful; a day may have passed."""
        self._owner = uuid4().hex[:16]
        await self._as_of.load(partition, self._table)
        await self.tick(partition)

    async def close(self, partition: int) -> None:
        """Nothing is kept in memory."""

    async def tick(self, partition: int) -> None:
        """On a new day reckon every period anew; publish those whose turnover changes by it."""
        if not self._as_of.is_over(partition):
            return
        today = self._as_of.today()
        lasts = await self._as_of.begin_move(partition, today, self._table)
        changed, count = list[Outgoing](), 0
        for number, (key, raw) in enumerate(self._table.scan(partition)):
            if not key.startswith(b"\x00"):
                ledger = decode_row(raw).ledger
                after = turnover.turnover(ledger, today)
                names = {
                    (name, partition)
                    for before in (turnover.turnover(ledger, day) for day in lasts)
                    for name in before.keys() | after.keys()
                    if not _says_the_same(before.get(name), after.get(name))
                }
                changed += self._outputs(names, after)
                count += len(names)
            if len(changed) >= _SEND_AT_ONCE:
                await self._table.delivery.send(changed)
                changed.clear()
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        await self._table.delivery.send(changed)
        await self._as_of.end_move(partition, today, self._table)
        _LOG.info("partition %d as of %s: %d periods changed", partition, today, count)

    async def handle(self, batch: Batch) -> None:
        """Write the ledgers, then publish."""
        groups = await facts_by_aggregate(batch, self._letters)
        if not groups:
            return
        stored = await self._table.get_many(batch.partition, list(groups))
        rows: list[Row] = self._as_of.mark(batch.partition)
        outputs: list[Outgoing] = []
        for (key, facts), raw in zip(groups.items(), stored, strict=True):
            row, periods = self._step(decode_row(raw), facts, batch.partition)
            if row is not None:
                rows.append((key, encode_row(row)))
                outputs += self._outputs(row.called_for, periods)
            await asyncio.sleep(0)
        await self._table.write(batch.partition, rows)
        await self._table.delivery.send(outputs)

    def _step(
        self, before: LedgerRow, facts: Iterable[Fact], partition: int
    ) -> tuple[LedgerRow | None, Periods]:
        """Returns the new row, None when there is nothing to write or publish, and the periods it calls for."""
        as_of = self._as_of.of(partition)
        ledger, changes = turnover.step(before.ledger, facts, as_of)
        doubtful = before.doubtful(self._owner)
        if ledger is before.ledger and not doubtful:
            return None, {}
        called_for = dict.fromkeys([*doubtful, *((name, partition) for name in changes)])
        periods: Periods
        if doubtful:
            periods = turnover.turnover(ledger, as_of)
        else:
            periods = {name: after for name, (_, after) in changes.items()}
        return LedgerRow(self._owner, tuple(called_for), ledger), periods

    def _outputs(self, called_for: Iterable[OutputKey], periods: Periods) -> Iterable[Outgoing]:
        for name, partition in called_for:
            period = periods.get(name)
            if period is None:
                yield tombstone(topic=self._topic, partition=partition, key=name)
            else:
                yield kpi_record(
                    period,
                    processor="turnover",
                    topic=self._topic,
                    partition=partition,
                    key=name,
                    at=self._clock(),
                )


def _says_the_same(
    before: InventoryTurnoverPublished | None, after: InventoryTurnoverPublished | None
) -> bool:
    """Whether only the day it is said on differs."""
    if before is None or after is None:
        return before is after
    return before.model_copy(update={"as_of": after.as_of}) == after
