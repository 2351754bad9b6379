"""A changelogged table read and written per partition and batch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import faust
from faust.stores.rocksdb import Store

from tierlink.streaming.delivery import Delivery, Row
from tierlink.streaming.ending import end_process
from tierlink.streaming.faust_private import partition_db, write_rows
from tierlink.streaming.metrics import Metrics
from tierlink.streaming.state import StateOptions

__all__ = ["BatchTable", "changelog_name"]


def changelog_name(app_id: str, table: str) -> str:
    """Name Faust gives the changelog of a table; to be created ahead with the partitions of its source, compacted."""
    return f"{app_id}-{table}-changelog"


class BatchTable(faust.Table[bytes, bytes]):
    """Faust's ``Table`` setting. Keys and values are bytes; the item access of a Faust table is not for use.

    The changelog is written first and its delivery awaited; the rows follow with the changelog offset they reach
    to, in one RocksDB write. A process that ends in between finds the rows in the changelog.
    """

    delivery: Delivery
    metrics: Metrics
    state_options: StateOptions

    async def on_start(self) -> None:
        """Set RocksDB's options before the first database is opened."""
        store: Any = self.data
        store.rocksdb_options = self.state_options
        await super().on_start()

    async def get_many(self, partition: int, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows of a partition, None where there is none."""
        found: Any = partition_db(self, partition).get(list(keys))
        return list(found)

    async def write(self, partition: int, items: Sequence[Row]) -> None:
        """Write rows, None deletes; returns when changelog and store have them.

        Raises:
            KafkaError: the changelog refuses them; the rows are as they were, unless in the changelog's part
                that was accepted.
            TimeoutError: the broker is away for too long.
        """
        if not items:
            return
        began_at = time.monotonic()
        offset = await self.delivery.append(self.changelog_topic_name, partition, items)
        size = sum(len(key) + len(value or b"") for key, value in items)
        self.metrics.changelog(self.name, len(items), size, time.monotonic() - began_at)
        write_rows(self, partition, list(items), offset)

    def scan(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition, by key."""
        rows: Iterator[Any] = partition_db(self, partition).items()
        for key, value in rows:
            if key != Store.offset_key:
                yield key, value

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take in recovered changelog records. Faust would log an error and go on with a table that lacks them."""
        try:
            for event in batch:
                message = event.message
                rows = [(record.key, record.value) for record in message.value.records]
                write_rows(self, message.partition, rows, message.offset)
        except Exception as error:  # noqa: BLE001 the process ends
            end_process(f"recovering table {self.name}", error)
