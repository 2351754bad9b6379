"""One batch at a time per partition, open partitions only, and an end to a process whose agent fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from tierlink.streaming.agents import BatchAgent
from tierlink.streaming.batches import Batch
from tierlink.streaming.metrics import Metrics
from unit.streaming.records import record

METRICS = Metrics("test", "0", Path())

FAILING = """
import asyncio
from types import SimpleNamespace
from tierlink.streaming.agents import BatchAgent
from pathlib import Path
from tierlink.streaming.batches import Batch
from tierlink.streaming.metrics import Metrics

class Record:
    offset = 0
    timestamp = None

class Fails:
    async def open(self, partition): pass
    async def close(self, partition): pass
    async def tick(self, partition): pass
    async def handle(self, batch): raise KeyError("a mistake of ours")

class Stream:
    async def events(self):
        message = SimpleNamespace(
            generation_id=1, partition=0, value=Batch("t", 0, [Record()]), incref=lambda: None
        )
        yield SimpleNamespace(message=message)

class One:
    def generation(self): return 1
    def ack(self, message): print("acknowledged")

async def main():
    agent = BatchAgent("fails", ["t"], Fails(), One(), 10, Metrics("t", "0", Path()))
    await agent.open({0})
    async for _ in agent.run(Stream()):
        pass
    await asyncio.sleep(5)
    print("went on")

asyncio.run(main())
"""


class Generation:
    """A consumer of which only the generation matters."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.acked: list[Batch] = []

    def generation(self) -> int:
        return self.number

    def ack(self, message) -> None:
        self.acked.append(message.value)


class Diary:
    """Writes down what it is asked; each batch takes a turn of the loop."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def open(self, partition: int) -> None:
        self.said.append(f"open {partition}")

    async def close(self, partition: int) -> None:
        self.said.append(f"close {partition}")

    async def tick(self, partition: int) -> None:
        self.said.append(f"tick {partition}")

    async def handle(self, batch: Batch) -> None:
        self.said.append(f"begin {batch.partition}")
        await self.may_go_on.wait()
        await turns()
        self.said.append(f"end {batch.partition} {[one.offset for one in batch.records]}")


class Stream:
    """Batches as a Faust stream hands them on."""

    def __init__(self, batches: tuple[Batch, ...], generation: int) -> None:
        self._batches = batches
        self._generation = generation

    async def events(self):
        for batch in self._batches:
            yield SimpleNamespace(
                message=SimpleNamespace(
                    generation_id=self._generation,
                    partition=batch.partition,
                    value=batch,
                    incref=lambda: None,
                )
            )


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def drain(agent: BatchAgent, *batches: Batch, generation: int = 1) -> None:
    async for _ in agent.run(Stream(batches, generation)):
        pass


def batch(partition: int, *offsets: int) -> Batch:
    return Batch(
        "t", partition, [record(offset, partition=partition) for offset in offsets or (0,)]
    )


def test_an_exception_ends_the_process_and_says_where():
    ended = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 70
    assert "went on" not in ended.stdout
    assert "acknowledged" not in ended.stdout
    assert "fails at t[0]" in ended.stderr
    assert "a mistake of ours" in ended.stderr


def test_a_batch_waits_until_its_partition_is_open_and_is_acknowledged_then():
    async def run() -> None:
        diary, consumer = Diary(), Generation()
        agent = BatchAgent("a", ["t"], diary, consumer, 100, METRICS)
        early = batch(1)
        await drain(agent, early)
        await agent.open({0})
        await turns()
        assert not early.is_done
        await agent.close()
        await agent.open({1})
        await turns(40)

        assert early.is_done
        assert consumer.acked == [early]
        assert agent.done == {("t", 1): 1}
        assert diary.said == ["open 0", "close 0", "open 1", "begin 1", "end 1 [0]"]

    asyncio.run(run())


def test_a_batch_from_before_a_rebalance_is_left_to_the_owner():
    async def run() -> None:
        diary, consumer = Diary(), Generation()
        agent = BatchAgent("a", ["t"], diary, consumer, 100, METRICS)
        waiting, late = batch(0), batch(0)
        await drain(agent, waiting)
        consumer.number = 2
        await agent.open({0})
        await drain(agent, late)
        await turns()

        assert (waiting.is_done, late.is_done) == (False, False)
        assert consumer.acked == []
        assert diary.said == ["open 0"]

    asyncio.run(run())


def test_closing_and_ticking_wait_for_the_batch_that_is_handled():
    async def run() -> None:
        diary = Diary()
        agent = BatchAgent("a", ["t"], diary, Generation(), 100, METRICS)
        await agent.open({0})
        await drain(agent, batch(0))
        await turns(3)
        await agent.tick()
        await drain(agent, batch(0, 1))
        await turns(3)
        await agent.close()
        await agent.tick()
        assert diary.said == [
            *("open 0", "begin 0", "end 0 [0]", "tick 0"),
            *("begin 0", "end 0 [1]", "close 0"),
        ]

    asyncio.run(run())


def test_partitions_do_not_wait_for_each_other():
    async def run() -> None:
        diary = Diary()
        agent = BatchAgent("a", ["t"], diary, Generation(), 100, METRICS)
        await agent.open({0, 1})
        diary.may_go_on.clear()
        await drain(agent, batch(0), batch(1))
        await turns()
        assert diary.said[-2:] == ["begin 0", "begin 1"]

    asyncio.run(run())


def test_batches_that_waited_are_handled_together_up_to_the_limit():
    async def run() -> None:
        diary, consumer = Diary(), Generation()
        agent = BatchAgent("a", ["t"], diary, consumer, 3, METRICS)
        await agent.open({0})
        diary.may_go_on.clear()
        batches = [batch(0, number) for number in range(7)]
        reading = asyncio.create_task(drain(agent, *batches))
        await turns()
        assert not reading.done(), "a full lane holds up reading"
        diary.may_go_on.set()
        await reading
        await turns(90)

        ends = [said for said in diary.said if said.startswith("end")]
        assert ends == ["end 0 [0, 1, 2]", "end 0 [3, 4, 5]", "end 0 [6]"]
        assert consumer.acked == batches
        assert agent.done == {("t", 0): 7}

    asyncio.run(run())


def test_a_full_lane_that_is_closed_does_not_hold_up_the_others():
    async def run() -> None:
        diary = Diary()
        agent = BatchAgent("a", ["t"], diary, Generation(), 1, METRICS)
        await agent.open({0, 1})
        diary.may_go_on.clear()
        reading = asyncio.create_task(drain(agent, batch(0), batch(0), batch(0), batch(1)))
        await turns()
        assert not reading.done()
        closing = asyncio.create_task(agent.close())
        await turns()
        assert reading.done()
        diary.may_go_on.set()
        await closing

    asyncio.run(run())
