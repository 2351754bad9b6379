"""One batch at a time, open partitions only, and an end to a process whose agent fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from types import SimpleNamespace

from tierlink.streaming.agents import BatchAgent
from tierlink.streaming.batches import Batch
from unit.streaming.records import record

FAILING = """
import asyncio
from types import SimpleNamespace
from tierlink.streaming.agents import BatchAgent
from tierlink.streaming.batches import Batch

class Fails:
    async def open(self, partition): pass
    async def close(self, partition): pass
    async def tick(self, partition): pass
    async def handle(self, batch): raise KeyError("a mistake of ours")

class Stream:
    async def events(self):
        message = SimpleNamespace(generation_id=1)
        yield SimpleNamespace(value=Batch("t", 0, []), message=message)

async def main():
    agent = BatchAgent("fails", ["t"], Fails(), lambda: 1)
    await agent.open({0})
    async for _ in agent.run(Stream()):
        pass
    print("went on")

asyncio.run(main())
"""


class Diary:
    """Writes down what it is asked; each batch takes a turn of the loop."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def open(self, partition: int) -> None:
        self.said.append(f"open {partition}")

    async def close(self, partition: int) -> None:
        self.said.append(f"close {partition}")

    async def tick(self, partition: int) -> None:
        self.said.append(f"tick {partition}")

    async def handle(self, batch: Batch) -> None:
        self.said.append(f"begin {batch.partition}")
        for _ in range(5):
            await asyncio.sleep(0)
        self.said.append(f"end {batch.partition}")


class Stream:
    """Batches as a Faust stream hands them on."""

    def __init__(self, batches: tuple[Batch, ...], generation: int) -> None:
        self._batches = batches
        self._generation = generation

    async def events(self):
        for batch in self._batches:
            yield SimpleNamespace(
                value=batch, message=SimpleNamespace(generation_id=self._generation)
            )


async def drain(agent: BatchAgent, *batches: Batch, generation: int = 1) -> None:
    async for _ in agent.run(Stream(batches, generation)):
        pass


def batch(partition: int) -> Batch:
    return Batch("t", partition, [record(0, partition=partition)])


def test_an_exception_ends_the_process_and_says_where():
    ended = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 70
    assert "went on" not in ended.stdout
    assert "fails at t[0]" in ended.stderr
    assert "a mistake of ours" in ended.stderr


def test_a_batch_waits_until_its_partition_is_open():
    diary = Diary()
    agent = BatchAgent("a", ["t"], diary, lambda: 1)
    early = batch(1)

    async def run() -> None:
        handling = asyncio.create_task(drain(agent, early))
        await agent.open({0})
        assert not early.is_done
        await agent.close()
        await agent.open({1})
        await handling

    asyncio.run(run())
    assert early.is_done
    assert agent.done == {("t", 1): 1}
    assert diary.said == ["open 0", "close 0", "open 1", "begin 1", "end 1"]


def test_a_batch_from_before_a_rebalance_is_left_to_the_owner():
    diary, generation = Diary(), [1]
    agent = BatchAgent("a", ["t"], diary, lambda: generation[0])
    waiting, late = batch(0), batch(0)

    async def run() -> None:
        handling = asyncio.create_task(drain(agent, waiting))
        await asyncio.sleep(0)
        generation[0] = 2
        await agent.open({0})
        await handling
        await drain(agent, late)

    asyncio.run(run())
    assert (waiting.is_done, late.is_done) == (False, False)
    assert diary.said == ["open 0"]


def test_closing_and_ticking_wait_for_the_batch_that_is_handled():
    diary = Diary()
    agent = BatchAgent("a", ["t"], diary, lambda: 1)

    async def run() -> None:
        await agent.open({0})
        handling = asyncio.create_task(drain(agent, batch(0)))
        await asyncio.sleep(0)
        await asyncio.gather(agent.tick(), agent.close(), handling)
        await agent.tick()

    asyncio.run(run())
    assert diary.said == ["open 0", "begin 0", "end 0", "tick 0", "close 0"]
