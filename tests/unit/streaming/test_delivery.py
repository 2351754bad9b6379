"""The partition of a key is the one every Kafka client chooses."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from tierlink.streaming.delivery import partition_of

# org.apache.kafka.common.utils.UtilsTest.testMurmur2
KAFKAS_OWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", KAFKAS_OWN)
@pytest.mark.parametrize("partitions", [1, 4, 7, 1000])
def test_it_is_kafkas_hash(key: bytes, partitions: int):
    assert partition_of(key, partitions) == (KAFKAS_OWN[key] & 0x7FFFFFFF) % partitions


@given(st.binary(min_size=1, max_size=60), st.integers(1, 64))
def test_it_is_what_the_connectors_client_chooses(key: bytes, partitions: int):
    every = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, every, every)
