"""First half of on-time delivery: facts of purchase orders in, measured lines out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from uuid import uuid4

from tierlink.kpi import on_time
from tierlink.kpi.facts import Fact
from tierlink.kpi.policy import OtdPolicy
from tierlink.processors.days import Clock
from tierlink.processors.events import kpi_record, tombstone
from tierlink.processors.intake import DeadLetters, facts_by_aggregate
from tierlink.processors.rows import LedgerRow, OutputKey, decode_row, encode_row
from tierlink.schemas.kpis import LineMeasured
from tierlink.schemas.topics import LINE_MEASUREMENTS
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import Outgoing, Row, partition_of
from tierlink.streaming.tables import BatchTable

__all__ = ["LineMeasurer", "supplier_partition"]


def supplier_partition(line: LineMeasured, partitions: int) -> int:
    """Where a line's KPIs are: with all others of its supplier, so that one process counts them."""
    return partition_of(line.supplier.id.encode(), partitions)


class LineMeasurer:
    """Keeps a ledger per purchase order; publishes each line whose measurement changes."""

    def __init__(
        self, table: BatchTable, letters: DeadLetters, prefix: str, policy: OtdPolicy, clock: Clock
    ) -> None:
        self._table = table
        self._letters = letters
        self._topic = LINE_MEASUREMENTS.full_name(prefix)
        self._policy = policy
        self._clock = clock
        self._owner = ""

    async def open(self, partition: int) -> None:  # noqa: ARG002 all are taken over alike
        """Take over: what the rows' last owners called for is doubtful from now on."""
        self._owner = uuid4().hex[:16]

    async def close(self, partition: int) -> None:
        """Nothing is kept in memory."""

    async def tick(self, partition: int) -> None:
        """Measurements know no day."""

    async def handle(self, batch: Batch) -> None:
        """Write the ledgers, then publish."""
        groups = await facts_by_aggregate(batch, self._letters)
        if not groups:
            return
        delivery = self._table.delivery
        partitions = await delivery.partitions(self._topic)
        stored = await self._table.get_many(batch.partition, list(groups))
        rows: list[Row] = []
        outputs: list[Outgoing] = []
        for (key, facts), raw in zip(groups.items(), stored, strict=True):
            row, lines = self._step(decode_row(raw), facts, partitions)
            if row is not None:
                rows.append((key, encode_row(row)))
                outputs += self._outputs(row.called_for, lines, partitions)
            await asyncio.sleep(0)
        await self._table.write(batch.partition, rows)
        await delivery.send(outputs)

    def _step(
        self, before: LedgerRow, facts: Iterable[Fact], partitions: int
    ) -> tuple[LedgerRow | None, Mapping[str, LineMeasured | None]]:
        """Returns the new row, None when there is nothing to write or publish, and the lines it calls for."""
        ledger, changes = on_time.step(before.ledger, facts, self._policy)
        doubtful = before.doubtful(self._owner)
        if ledger is before.ledger and not doubtful:
            return None, {}
        called_for = dict.fromkeys(doubtful)
        for line_id, states in changes.items():
            for line in states:
                if line is not None:
                    called_for[line_id, supplier_partition(line, partitions)] = None
        lines: Mapping[str, LineMeasured | None]
        if doubtful:
            lines = on_time.measure(ledger, self._policy)
        else:
            lines = {line_id: after for line_id, (_, after) in changes.items()}
        return LedgerRow(self._owner, tuple(called_for), ledger), lines

    def _outputs(
        self,
        called_for: Iterable[OutputKey],
        lines: Mapping[str, LineMeasured | None],
        partitions: int,
    ) -> Iterable[Outgoing]:
        for line_id, partition in called_for:
            line = lines.get(line_id)
            if line is None or supplier_partition(line, partitions) != partition:
                yield tombstone(topic=self._topic, partition=partition, key=line_id)
            else:
                yield kpi_record(
                    line,
                    processor="on-time",
                    topic=self._topic,
                    partition=partition,
                    key=line_id,
                    at=self._clock(),
                )
