"""One batch at a time, open partitions only, and an end to a process whose agent fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from tierlink.streaming.agents import BatchAgent
from tierlink.streaming.batches import Batch
from unit.streaming.records import record

FAILING = """
import asyncio
from tierlink.streaming.agents import BatchAgent
from tierlink.streaming.batches import Batch

class Fails:
    async def open(self, partition): pass
    async def close(self, partition): pass
    async def tick(self, partition): pass
    async def handle(self, batch): raise KeyError("a mistake of ours")

async def stream():
    yield Batch("t", 0, [])

async def main():
    agent = BatchAgent("fails", ["t"], Fails())
    await agent.open({0})
    async for _ in agent.run(stream()):
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


async def stream_of(*batches: Batch):
    for batch in batches:
        yield batch


async def drain(agent: BatchAgent, *batches: Batch) -> None:
    async for _ in agent.run(stream_of(*batches)):
        pass


def test_an_exception_ends_the_process_and_says_where():
    ended = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 70
    assert "went on" not in ended.stdout
    assert "fails at t[0]" in ended.stderr
    assert "a mistake of ours" in ended.stderr


def test_only_batches_of_open_partitions_are_done():
    diary = Diary()
    agent = BatchAgent("a", ["t"], diary)
    mine, left_over = Batch("t", 0, [record(0)]), Batch("t", 1, [record(0, partition=1)])

    async def run() -> None:
        await agent.open({0})
        await drain(agent, mine, left_over)

    asyncio.run(run())
    assert (mine.is_done, left_over.is_done) == (True, False)
    assert diary.said == ["open 0", "begin 0", "end 0"]


def test_closing_and_ticking_wait_for_the_batch_that_is_handled():
    diary = Diary()
    agent = BatchAgent("a", ["t"], diary)

    async def run() -> None:
        await agent.open({0})
        handling = asyncio.create_task(drain(agent, Batch("t", 0, [])))
        await asyncio.sleep(0)
        await asyncio.gather(agent.tick(), agent.close(), handling)
        await agent.tick()

    asyncio.run(run())
    assert diary.said == ["open 0", "begin 0", "end 0", "tick 0", "close 0"]
