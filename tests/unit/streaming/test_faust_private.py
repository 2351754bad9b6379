"""The parts of Faust used beyond its public surface are those that were read and tested."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from contextlib import nullcontext
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher
from faust.stores.rocksdb import Store
from faust.tables.base import Collection
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP
from mode.utils.queues import FlowControlEvent, FlowControlQueue

from tierlink.streaming.faust_private import BatchConsumer, BatchConsumerThread, SteadyFlow

READ = {
    # what BatchConsumer overrides, and who calls it
    Consumer.ack: "5fcf41cf45153475",
    Consumer._new_offset: "1d2c7ea89a7ad4f1",
    Consumer._add_gap: "4df2573ded7c1c2c",
    Consumer._filter_committable_offsets: "dc5e9baf5d994485",
    Consumer._should_commit: "5ce941793947ad42",
    Consumer.perform_seek: "0e8c130ff4b0afd8",
    Consumer._drain_messages: "44a2500309e83c63",
    Consumer.on_partitions_revoked: "d04b7ae72c6fc206",
    # what BatchTable relies on: one RocksDB per partition, with the changelog offset beside the rows
    Store._db_for_partition: "cb7e67d5f9efc4bc",
    Store.persisted_offset: "6f2e502fb86043a1",
    Store.apply_changelog_batch: "ea3344d369fc4ab5",
    Collection.apply_changelog_batch: "b980a78d3ae9b1e8",
    Recovery.flush_buffers: "6fa9c17f1071018c",
    Recovery.on_recovery_completed: "6ef567acf072e46d",
    # which partitions are fetched
    AIOKafkaConsumerThread._fetch_records: "39a2c6c79fc1455a",
    Consumer.getmany: "4b168d84882a70d6",
    Fetcher.fetched_records: "be4348896b9b66af",
    # what SteadyFlow overrides
    FlowControlEvent.resume: "4dcdc1253fd0dcb4",
}


def test_faust_and_aiokafka_are_the_versions_that_were_read():
    assert (version("faust-streaming"), version("aiokafka")) == ("0.15.3", "0.14.0"), (
        "pins moved: read faust_private.py against the new versions, run the kill tests, renew the hashes"
    )


@pytest.mark.parametrize("function", READ, ids=lambda function: function.__qualname__)
def test_the_code_relied_on_is_unchanged(function):
    found = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]
    assert found == READ[function], f"{function.__qualname__} has changed in Faust: read it again"


@pytest.mark.parametrize("name", ["ack", "_new_offset", "_should_commit", "_add_gap"])
def test_overrides_have_the_signature_of_what_they_override(name):
    mine, theirs = (
        list(inspect.signature(getattr(one, name)).parameters) for one in (BatchConsumer, Consumer)
    )
    assert mine == theirs


def test_resuming_what_flows_loses_nothing_and_resuming_what_was_suspended_begins_anew():
    async def left_in_a_queue() -> list[int]:
        flow = SteadyFlow()
        queue: Any = FlowControlQueue(flow_control=flow, clear_on_resume=True)
        left = []
        flow.resume()
        for change in ((), (flow.resume,), (flow.suspend, flow.resume)):
            queue.put_nowait("a batch")
            for one in change:
                one()
            left.append(queue.qsize())
        return left

    assert asyncio.run(left_in_a_queue()) == [1, 2, 0]


@pytest.mark.parametrize("active", [set(), {TP("facts", 1)}])
def test_only_active_partitions_are_fetched_also_when_there_are_none(active: set[TP]):
    """To aiokafka an empty set of partitions means all."""
    asked: list[Any] = []

    class AiokafkaFetcher:
        _closed = False
        _subscriptions = SimpleNamespace(fetch_context=nullcontext)

        async def fetched_records(self, partitions: Any, **_: Any) -> dict[Any, Any]:
            asked.append(partitions)
            return {}

    thread: Any = object.__new__(BatchConsumerThread)
    thread.consumer = SimpleNamespace(flow_active=True)
    consumer = SimpleNamespace(_fetcher=AiokafkaFetcher(), _closed=False)
    asyncio.run(BatchConsumerThread._fetch_records(thread, consumer, active))

    assert bool(asked[0])
    assert (TP("facts", 1) in asked[0]) == bool(active)
    assert TP("facts", 2) not in asked[0]
