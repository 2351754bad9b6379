"""Named places in a worker at which it kills or freezes itself: after a record came, before its row is stored...

``TEST_DIE_AT=stored:3`` kills the process with SIGKILL when it passes the place ``stored`` for the third time.
``TEST_DIE_AFTER_MS`` lets it wait there for so long first, so that what it handed over may have left it, in part or
whole. With ``TEST_DIE_BY=SIGSTOP`` it is frozen there, and goes on from there when it is woken.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from tierlink.kpi import ledger
from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Ledger
from tierlink.processors.days import AsOf
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import Delivery
from tierlink.streaming.faust_private import BatchConsumer
from tierlink.streaming.lanes import Lane
from tierlink.streaming.stepping import StepProcessor
from tierlink.streaming.tables import BatchTable
from tierlink.streaming.worker import _Worker

__all__ = ["POINTS", "arm", "raise_for", "slow_seek"]

POINTS = {
    "fetched": "a batch was put into a lane",
    "read": "a batch was read, its step comes next",
    "before-changelog": "a batch was stepped, its rows go to the changelog next",
    "changelog-sent": "rows were handed to the producer, not awaited",
    "changelog-delivered": "rows are in the changelog, not in the store",
    "stored": "rows are in the store",
    "outputs-sent-half": "outputs of one partition were handed to the producer, not awaited",
    "outputs-delivered": "outputs have arrived",
    "acked": "a batch was acknowledged",
    "before-commit": "offsets are to be committed",
    "after-commit": "offsets were committed",
    "recovering": "a batch of the changelog was taken in",
    "recovered": "all tables are recovered, nothing is open",
    "opening": "a partition was opened, others are not",
    "revoked": "a rebalance takes partitions away",
    "ticking": "a day is over, and a partition is judged anew",
}

_IN_APPEND: ContextVar[bool] = ContextVar("_IN_APPEND", default=False)

_Pass = Callable[[str], bool]
"""Told of a place that is passed; says whether this was the one."""


def _around(owner: Any, name: str, before: str | None, after: str | None, passing: _Pass) -> None:
    """Wrap a method of the streaming layer so that it passes places."""
    call = getattr(owner, name)

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        if before and passing(before):
            await _linger()
        result = await call(*args, **kwargs)
        if after and passing(after):
            await _linger()
        return result

    def called(*args: Any, **kwargs: Any) -> Any:
        if before and passing(before):
            _die()
        result = call(*args, **kwargs)
        if after and passing(after):
            _die()
        return result

    wrapper = awaited if inspect.iscoroutinefunction(call) else called
    setattr(owner, name, functools.wraps(call)(wrapper))


def _within(owner: Any, name: str, mark: ContextVar[bool]) -> None:
    """Wrap a coroutine so that it can be told whether one is inside of it."""
    call = getattr(owner, name)

    @functools.wraps(call)
    async def marked(*args: Any, **kwargs: Any) -> Any:
        token = mark.set(True)
        try:
            return await call(*args, **kwargs)
        finally:
            mark.reset(token)

    setattr(owner, name, marked)


async def _linger() -> None:
    await asyncio.sleep(int(os.environ.get("TEST_DIE_AFTER_MS", "0")) / 1000)
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.Signals[os.environ.get("TEST_DIE_BY", "SIGKILL")])


def arm(where: str) -> None:
    """Let the process die at a place.

    Args:
        where: ``point:n``, the point one of :data:`POINTS`.
    """
    point, _, number = where.partition(":")
    assert point in POINTS, point
    left = int(number or "1")

    def passing(name: str) -> bool:
        nonlocal left
        left -= name == point
        return name == point and left == 0

    _arm_lanes(passing)
    _arm_delivery(passing)
    _arm_worker(passing)


def _arm_lanes(passing: _Pass) -> None:
    _around(Lane, "put", None, "fetched", passing)
    _around(StepProcessor, "_step", "read", None, passing)
    _around(BatchConsumer, "ack", None, "acked", passing)
    _around(BatchConsumer, "_commit", "before-commit", "after-commit", passing)


def _arm_delivery(passing: _Pass) -> None:
    hand_over, arrived = Delivery._hand_over, Delivery._arrived

    async def handed_over(self: Delivery, records: Sequence[Any]) -> Any:
        result = await hand_over(self, records)
        if not _IN_APPEND.get() and passing("outputs-sent-half"):
            await _linger()
        return result

    async def awaited(self: Delivery, sent: Any) -> Any:
        if _IN_APPEND.get() and passing("changelog-sent"):
            await _linger()
        return await arrived(self, sent)

    Delivery._hand_over = handed_over  # type: ignore[method-assign]
    Delivery._arrived = awaited  # type: ignore[method-assign]
    _within(Delivery, "append", _IN_APPEND)
    _around(Delivery, "append", "before-changelog", "changelog-delivered", passing)
    _around(Delivery, "send", None, "outputs-delivered", passing)
    _around(BatchTable, "write", None, "stored", passing)


def _arm_worker(passing: _Pass) -> None:
    recover = BatchTable.apply_changelog_batch

    def recovering(self: BatchTable, batch: Iterable[Any]) -> None:
        def counted() -> Iterator[Any]:
            for event in batch:
                yield event
                if passing("recovering"):
                    _die()

        recover(self, counted())

    BatchTable.apply_changelog_batch = recovering  # type: ignore[method-assign]
    _around(_Worker, "_recovered", "recovered", None, passing)
    _around(_Worker, "_revoked", "revoked", "revoked", passing)
    _around(Lane, "open", None, "opening", passing)
    _around(AsOf, "begin_move", None, "ticking", passing)
    _around(AsOf, "end_move", "ticking", "ticking", passing)


def slow_seek(seconds: float) -> None:
    """Let Faust take its time between going back to what is committed and letting records through.

    Nothing is handled meanwhile, so that records gather wherever they can.
    """
    seek, handle = BatchConsumer.perform_seek, StepProcessor.handle
    seeking = asyncio.Lock()

    async def slow(self: BatchConsumer) -> None:
        async with seeking:
            await seek(self)
            await asyncio.sleep(seconds)

    async def handled(self: StepProcessor[Any, Any], batch: Batch) -> None:
        async with seeking:
            pass
        await handle(self, batch)

    BatchConsumer.perform_seek = slow  # type: ignore[method-assign,assignment]
    StepProcessor.handle = handled  # type: ignore[method-assign]


def raise_for(key: str) -> None:
    """Make the KPI core fail for one order, whatever else is in the batch."""
    merge = ledger.merge

    def failing(known: Ledger, facts: Iterable[Fact]) -> tuple[Ledger, bool]:
        some = list(facts)
        if any(fact.partitionkey == key for fact in some):
            raise ArithmeticError(f"no KPI for {key} today")
        return merge(known, some)

    ledger.merge = failing  # type: ignore[assignment]
