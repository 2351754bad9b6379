"""The partition of a key is the one every Kafka client chooses."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from tierlink.streaming import delivery
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


class AbsentBroker:
    """aiokafka's client while no broker answers: a failing update asks for another one from inside."""

    def __init__(self) -> None:
        self.updates = 0
        self._under_way: asyncio.Future[bool] | None = None

    def force_metadata_update(self) -> asyncio.Future[bool]:
        if self._under_way is None:
            self._under_way = asyncio.get_running_loop().create_future()
            self.updates += 1
            asyncio.get_running_loop().call_soon(self._fail)
        return asyncio.shield(self._under_way)

    def _fail(self) -> None:
        self.force_metadata_update()
        assert self._under_way is not None
        self._under_way.set_result(False)
        self._under_way = None


def test_an_absent_broker_is_not_asked_without_pause(monkeypatch: pytest.MonkeyPatch):
    pauses = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    async def run() -> int:
        client = AbsentBroker()
        delivery._pause_after_failed_updates(client)
        monkeypatch.setattr("tierlink.streaming.delivery.asyncio.sleep", note)
        for _ in range(3):  # as aiokafka's sender does while records wait
            assert not await client.force_metadata_update()
        for _ in range(20):
            await sleep(0)
        return client.updates

    assert asyncio.run(run()) == 3
    assert len(pauses) >= 3
    assert min(pauses) > 0.1
