"""Inventory turnover: facts of an item's stock in, turnover by month out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import uuid4

import msgspec
from msgspec import Raw

from tierlink.kpi import ledger
from tierlink.kpi.facts import Fact
from tierlink.kpi.results import InventoryTurnover
from tierlink.kpi.turnover import turnover
from tierlink.processors.days import AsOf, Clock
from tierlink.processors.events import Mark, Statement, tombstone
from tierlink.processors.intake import DeadLetters, FactProcessor
from tierlink.processors.rows import RowCodec, StockRow
from tierlink.schemas.topics import KPI_TURNOVER
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.tables import BatchTable

__all__ = ["Stocktaker"]

_LOG = logging.getLogger(__name__)
_BREATH = 50
_SEND_AT_ONCE = 2000
_ROWS = RowCodec(StockRow)


class Stocktaker(FactProcessor[StockRow]):
    """Keeps a ledger per holder, site and item; publishes each period whose turnover changes."""

    def __init__(
        self, table: BatchTable, letters: DeadLetters, prefix: str, as_of: AsOf, clock: Clock
    ) -> None:
        super().__init__(table, letters)
        self._topic = KPI_TURNOVER.full_name(prefix)
        self._as_of = as_of
        self._clock = clock
        self._owner = ""

    async def open(self, partition: int) -> None:
        """Take over: what the rows' last owners called for is doubtful; a day may have passed."""
        self._owner = uuid4().hex[:16]
        await self._as_of.load(partition, self.table)
        await self.tick(partition)

    async def tick(self, partition: int) -> None:
        """On a new day reckon every period anew; publish those whose turnover changes by it."""
        if not self._as_of.is_over(partition):
            return
        today = self._as_of.today()
        lasts = await self._as_of.begin_move(partition, today, self.table)
        changed, count = list[Outgoing](), 0
        for number, (key, raw) in enumerate(self.table.scan(partition)):
            if not key.startswith(b"\x00"):
                facts = ledger.decode(self.load(raw).facts)
                after = turnover(facts, today)
                names = {
                    name: None
                    for before in (turnover(facts, day) for day in lasts)
                    for name in before.keys() | after.keys()
                    if not _says_the_same(before.get(name), after.get(name))
                }
                said = {name: Statement.of(one) for name, one in after.items() if name in names}
                changed += self._outputs(partition, names, said)
                count += len(names)
            if len(changed) >= _SEND_AT_ONCE:
                await self.table.delivery.send(changed)
                changed.clear()
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        await self.table.delivery.send(changed)
        await self._as_of.end_move(partition, today, self.table)
        _LOG.info("partition %d as of %s: %d periods changed", partition, today, count)

    def load(self, raw: bytes | None) -> StockRow:
        """Read a row."""
        return _ROWS.decode(raw)

    def dump(self, state: StockRow) -> bytes:
        """Write a row."""
        return _ROWS.encode(state)

    def marks(self, partition: int) -> Sequence[Row]:
        """The day, before the first rows."""
        return self._as_of.mark(partition)

    def step_batch(
        self,
        partition: int,
        states: Mapping[bytes, StockRow],
        events: Mapping[bytes, Sequence[Fact]],
    ) -> tuple[Mapping[bytes, StockRow], Iterable[Outgoing]]:
        """Take facts into their ledgers, and publish the periods they change."""
        rows: dict[bytes, StockRow] = {}
        outputs: list[Outgoing] = []
        as_of = self._as_of.of(partition)
        for key, facts in events.items():
            before = states[key]
            stepped = _step(before, facts, self._owner, as_of)
            if stepped is not None:
                rows[key], said = stepped
                outputs += self._outputs(partition, rows[key].called_for, said)
        return rows, outputs

    def _outputs(
        self, partition: int, called_for: Iterable[str], said: Mapping[str, Statement]
    ) -> Iterable[Outgoing]:
        at = self._clock()
        for name in called_for:
            statement = said.get(name)
            if statement is None:
                yield tombstone(topic=self._topic, partition=partition, key=name)
            else:
                yield statement.record(
                    processor="turnover",
                    topic=self._topic,
                    partition=partition,
                    key=name,
                    at=at,
                )


def _step(
    before: StockRow, facts: Iterable[Fact], owner: str, as_of: date
) -> tuple[StockRow, Mapping[str, Statement]] | None:
    """Returns the new row and the periods it calls for; None when there is nothing to write or publish."""
    known = ledger.decode(before.facts)
    merged, is_changed = ledger.merge(known, facts)
    doubtful = before.doubtful(owner)
    if not is_changed and not doubtful:
        return None
    day = as_of.isoformat()
    was = before.periods if before.day == day else _marks(_said(turnover(known, as_of)))
    said = _said(turnover(merged, as_of))
    now = _marks(said)
    names = [name for name in sorted(was.keys() | now.keys()) if was.get(name) != now.get(name)]
    called_for = tuple(dict.fromkeys([*doubtful, *names]))
    return StockRow(owner, called_for, day, Raw(ledger.encode(merged)), now), said


def _said(periods: Mapping[str, InventoryTurnover]) -> dict[str, Statement]:
    return {name: Statement.of(one) for name, one in periods.items()}


def _marks(said: Mapping[str, Statement]) -> dict[str, Mark]:
    return {name: statement.mark for name, statement in said.items()}


def _says_the_same(before: InventoryTurnover | None, after: InventoryTurnover | None) -> bool:
    """Whether only the day it is said on differs."""
    if before is None or after is None:
        return before is after
    return msgspec.structs.replace(before, as_of=after.as_of) == after
