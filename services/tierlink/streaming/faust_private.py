"""All that is used of Faust beyond its public surface, in one place. A unit test fails when a new Faust changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import faust
from faust.stores.rocksdb import Store
from faust.tables.manager import TableManager
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP
from mode.utils.queues import FlowControlEvent
from rocksdict import Rdict, WriteBatch

__all__ = [
    "BatchConsumer",
    "BatchTransport",
    "PromptTableManager",
    "SteadyFlow",
    "changelog_records_left",
    "committed_offset",
    "partition_db",
    "write_rows",
]


class BatchConsumer(Consumer):
    """Faust's consumer with the acknowledgement of batches.

    Faust acknowledges single offsets and fills the gaps between them with interval trees, which never commit
    again when offset 0 was fetched alone or a compacted topic begins with a hole. Here each partition has one
    agent with concurrency 1, so batches end in order and the last one that is done says all.

    Faust's compiled stream iterator acknowledges without asking this class. Agents hold a reference to each message
    (``incref``), so that it never comes to that, and call :meth:`ack` themselves.
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

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        """Fetch in a thread of our own kind."""
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _should_commit(self, tp: TP, offset: int) -> bool:  # noqa: ARG002 Faust's
        """Whatever was acknowledged since the last time."""
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:  # noqa: ARG002 Faust's
        """Gaps between batches are the batches' own records."""
        await asyncio.sleep(0)


class BatchTransport(Transport):
    """The aiokafka transport with :class:`BatchConsumer`.

    Attributes:
        fetch_wait_seconds: how long the broker may keep a fetch that finds nothing.
    """

    Consumer = BatchConsumer
    fetch_wait_seconds = 0.1


class BatchConsumerThread(AIOKafkaConsumerThread):
    """Faust's consumer thread with fetches that do not wait long, and of active partitions only.

    Faust asks the broker to keep a fetch for 1.5 s until a record comes. aiokafka has one fetch under way per
    broker, for the partitions whose records were all taken when it left; a record in any other waits until it is
    back.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = int(transport.fetch_wait_seconds * 1000)  # noqa: SLF001 Faust gives no setting
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 Faust's
        max_records: int | None = None,
    ) -> Any:
        """Take fetched records of the partitions that are active at that moment, and of no other.

        Faust hands over a set that it empties when it pauses all partitions, as at the end of a recovery, while this
        thread is at work. To aiokafka an empty set means all partitions: it gave out records of the sources, Faust
        threw them away, and where nothing was committed yet it did not go back for them.
        """
        active: Any = _Fetchable(active_partitions)
        return await super()._fetch_records(
            consumer, active, timeout=timeout, max_records=max_records
        )


class _Fetchable:
    """A set of partitions that is true also when it is empty."""

    def __init__(self, partitions: set[TP]) -> None:
        self._partitions = partitions

    def __contains__(self, tp: TP) -> bool:
        return tp in self._partitions


class SteadyFlow(FlowControlEvent):
    """Faust's flow control that keeps what flows already.

    When tables are recovered Faust lets the sources be fetched, goes back to what is committed and then resumes the
    flow, which it resumed for the recovery before; and resuming empties the streams' queues. A batch that was in one
    of them was lost: never handled, and passed over when the next one was acknowledged.
    """

    def resume(self) -> None:
        """Let messages through; those of before the flow was suspended are emptied."""
        if not self.is_active():
            super().resume()


class PromptTableManager(TableManager):
    """Faust's table manager without its second of waiting for tables that are declared late; ours are not."""

    async def on_start(self) -> None:
        """Begin to recover."""
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()


def committed_offset(consumer: Any, tp: TP) -> int:
    """Offset the group read on from when the partition was assigned, or committed since; 0 where it has none."""
    offset: int | None = consumer._committed_offset[tp]  # noqa: SLF001 asking the broker each time would be dear
    return offset or 0


def changelog_records_left(app: faust.App) -> Mapping[TP, int]:
    """Records of each changelog partition that a recovery under way still has to take in."""
    tables: Any = app.tables
    left: Mapping[TP, int] = tables.recovery.active_remaining()
    return left


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
