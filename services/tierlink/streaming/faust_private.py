"""All that is used of Faust beyond its public surface, in one place. A unit test fails when a new Faust changes it."""

from __future__ import annotations

import asyncio
from typing import Any

import faust
from faust.stores.rocksdb import Store
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from rocksdict import Rdict, WriteBatch

__all__ = ["BatchConsumer", "BatchTransport", "committed_offset", "partition_db", "write_rows"]


class BatchConsumer(Consumer):
    """Faust's consumer with the acknowledgement of batches.

    Faust acknowledges single offsets and fills the gaps between them with interval trees, which never commit
    again when offset 0 was fetched alone or a compacted topic begins with a hole. Here each partition has one
    agent with concurrency 1, so batches end in order and the last one that is done says all.
    """

    def ack(self, message: Any) -> bool:
        """Count a batch whose effects are durable, unless its partition was handed on meanwhile.

        Faust's own looks at the offset it believes committed; it believes so even when a rebalance refused the
        commit, and would then never commit what is read again.
        """
        if message.generation_id != self.app.consumer_generation_id or not message.value.is_done:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        self._acked[message.tp].append(message.offset)
        return True

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        newest: int = max(acked)
        acked.clear()
        return newest + 1

    def _should_commit(self, tp: TP, offset: int) -> bool:  # noqa: ARG002 Faust's
        """Whatever was acknowledged since the last time."""
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:  # noqa: ARG002 Faust's
        """Gaps between batches are the batches' own records."""
        await asyncio.sleep(0)


class BatchTransport(Transport):
    """The aiokafka transport with :class:`BatchConsumer`."""

    Consumer = BatchConsumer


def committed_offset(consumer: Any, tp: TP) -> int:
    """Offset the group read on from when the partition was assigned, or committed since; 0 where it has none."""
    offset: int | None = consumer._committed_offset[tp]  # noqa: SLF001 asking the broker each time would be dear
    return offset or 0


def partition_db(table: faust.Table[Any, Any], partition: int) -> Rdict:
    """Open RocksDB of a table's partition."""
    store: Any = table.data
    db: Rdict = store._db_for_partition(partition)  # noqa: SLF001 there is no public way to a partition
    return db


def write_rows(
    table: faust.Table[Any, Any],
    partition: int,
    items: list[tuple[bytes, bytes | None]],
    changelog_offset: int,
) -> None:
    """Write rows (None deletes) and the changelog offset they reach to, all or nothing."""
    batch = WriteBatch(raw_mode=True)
    for key, value in items:
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    batch.put(Store.offset_key, str(changelog_offset).encode())
    partition_db(table, partition).write(batch)
