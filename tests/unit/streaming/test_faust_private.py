"""The parts of Faust used beyond its public surface are those that were read and tested."""

from __future__ import annotations

import hashlib
import inspect
from importlib.metadata import version

import pytest
from faust.stores.rocksdb import Store
from faust.tables.base import Collection
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer

from tierlink.streaming.faust_private import BatchConsumer

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
