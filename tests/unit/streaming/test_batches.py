"""One record per partition to Faust, and an acknowledgement that counts only when the work is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from tierlink.streaming.app import StreamApp, StreamConfig
from tierlink.streaming.batches import Batch, BatchScheduler
from tierlink.streaming.faust_private import BatchConsumer
from unit.streaming.records import record

PLACE = TP("t", 0)


@pytest.fixture
def consumer(tmp_path: Path) -> BatchConsumer:
    """Faust's real consumer of an app that is not started."""
    config = StreamConfig("a", "0", "127.0.0.1:1", tmp_path / "faust", tmp_path / "ready")
    faust_app = StreamApp(config).faust
    consumer = faust_app.consumer
    assert isinstance(consumer, BatchConsumer)
    conductor: Any = faust_app.topics
    conductor._acking_topics.add(PLACE.topic)
    return consumer


def handed_on(consumer: BatchConsumer, *offsets: int):
    """A message as Faust makes it of what the scheduler yields."""
    ((place, raw),) = BatchScheduler().iterate({PLACE: [record(offset) for offset in offsets]})
    return consumer._to_message(place, raw)


def test_what_was_fetched_of_a_partition_is_one(consumer):
    other = TP("t", 1)
    fetched = {PLACE: [record(4), record(7)], other: [], TP("u", 0): [record(1, topic="u")]}

    found = dict(BatchScheduler().iterate(fetched))

    assert list(found) == [PLACE, TP("u", 0)]
    assert (found[PLACE].offset, found[PLACE].topic, found[PLACE].partition) == (7, "t", 0)
    batch = found[PLACE].value
    assert isinstance(batch, Batch)
    assert [one.offset for one in batch.records] == [4, 7]


def test_offsets_are_committed_behind_what_is_done(consumer):
    first, second = handed_on(consumer, 0), handed_on(consumer, 1, 5, 9)
    for message in (first, second):
        message.value.is_done = True

    assert consumer.ack(first)
    assert consumer._filter_committable_offsets([PLACE]) == {PLACE: 1}
    assert consumer._filter_committable_offsets([PLACE]) == {}
    assert consumer.ack(second)
    assert consumer._filter_committable_offsets([PLACE]) == {PLACE: 10}


def test_what_a_rebalance_refused_to_commit_is_committed_when_it_is_read_again(consumer):
    consumer._committed_offset[PLACE] = 10  # Faust notes it before it knows
    again = handed_on(consumer, 5, 9)
    again.value.is_done = True

    assert consumer.ack(again)
    assert consumer._filter_committable_offsets([PLACE]) == {PLACE: 10}


def test_a_batch_that_is_not_done_is_not_acknowledged(consumer):
    message = handed_on(consumer, 0, 1)

    assert not consumer.ack(message)
    assert consumer._filter_committable_offsets([PLACE]) == {}


def test_a_batch_from_before_a_rebalance_is_not_acknowledged(consumer):
    message = handed_on(consumer, 0, 1)
    message.value.is_done = True
    consumer.app.consumer_generation_id += 1

    assert not consumer.ack(message)
    assert consumer._filter_committable_offsets([PLACE]) == {}
