"""Running a stream app in this process: start, partitions, clock, readiness, stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from enum import Enum
from typing import Any

from aiokafka.errors import KafkaError
from faust.exceptions import ConsistencyError

from tierlink.streaming.app import StreamApp
from tierlink.streaming.ending import end_process
from tierlink.streaming.faust_private import committed_offset
from tierlink.streaming.preflight import await_topics, broker_answers, drop_foreign_state
from tierlink.streaming.readiness import mark_ready, unmark_ready

__all__ = ["serve"]

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = 1.0
_LOOK_SECONDS = 10.0
_CALL_SECONDS = 5.0
_STOP_SECONDS = 10.0


class _State(Enum):
    """Where the worker stands with its partitions."""

    WAITING = "waiting for partitions and recovery"
    OPENING = "opening partitions"
    OPEN = "partitions are open"


async def serve(app: StreamApp, outputs: list[str], stop: asyncio.Event) -> None:
    """Work until ``stop`` is set. A broker that is away is waited for.

    Raises:
        TopicsUnfitError: topics are missing or unfit.
    """
    unmark_ready(app.config.ready_file)
    try:
        cluster = await _unless(stop, await_topics(app, outputs))
        if cluster is None:
            return
        drop_foreign_state(app.config.folder, cluster)
        await _Worker(app).run(stop)
    finally:
        unmark_ready(app.config.ready_file)


async def _unless(stop: asyncio.Event, call: Any) -> Any:
    """Result of a call, or None when told to stop before."""
    calling, stopping = asyncio.ensure_future(call), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return calling.result() if calling.done() else None
    finally:
        for task in (calling, stopping):
            task.cancel()


class _Worker:
    """One run, until told to stop. What breaks or stands still ends the process."""

    def __init__(self, app: StreamApp) -> None:
        self._app = app
        self._faust = app.faust
        self._target: dict[Any, int] = {}
        self._state = _State.WAITING
        self._is_ready = False
        self._idle_at = self._looked_at = time.monotonic()
        self._faust.on_partitions_revoked.connect(self._revoked)
        self._faust.on_rebalance_complete.connect(self._recovered)

    async def run(self, stop: asyncio.Event) -> None:
        tasks = []
        try:
            await self._app.delivery.start()
            await self._faust.start()
            tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._tick())]
            await stop.wait()
            _LOG.info("stopping")
        except (KafkaError, OSError, TimeoutError) as error:
            end_process("the broker went away while starting", error)
        finally:
            for task in tasks:
                task.cancel()
            unmark_ready(self._app.config.ready_file)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._faust.stop(), _STOP_SECONDS)
        await self._app.delivery.stop()

    async def _revoked(self, *_args: Any, **_kwargs: Any) -> None:
        """Let the batches that are being handled end, then forget the partitions."""
        self._state = _State.WAITING
        self._idle_at = time.monotonic()
        unmark_ready(self._app.config.ready_file)
        self._is_ready = False
        for agent in self._app.agents:
            await agent.close()

    async def _recovered(self, *_args: Any, **_kwargs: Any) -> None:
        self._state = _State.OPENING
        try:
            await self._open()
        except Exception as error:  # noqa: BLE001 a half-open worker must not go on
            end_process("opening partitions", error)

    async def _open(self) -> None:
        tps = self._assigned()
        partitions = {tp.partition for tp in tps}
        for agent in self._app.agents:
            await agent.close()
            await agent.open(partitions)
        self._target = await self._ends(tps)
        self._state = _State.OPEN
        _LOG.info("partitions %s recovered", sorted(partitions))

    def _assigned(self) -> set[Any]:
        assignment = self._faust.consumer.assignment()
        return {tp for tp in assignment if tp.topic in self._app.sources}

    async def _ends(self, tps: set[Any]) -> dict[Any, int]:
        if not tps:
            return {}
        return dict(await asyncio.wait_for(self._faust.consumer.highwaters(*tps), _CALL_SECONDS))

    def _lags(self, ends: dict[Any, int]) -> bool:
        """Whether something is not handled yet."""
        done = {place: offset for agent in self._app.agents for place, offset in agent.done.items()}
        for tp, end in ends.items():
            reached = done.get((tp.topic, tp.partition))
            if reached is None:
                reached = committed_offset(self._faust.consumer, tp)
            if reached < end:
                return True
        return False

    async def _watch(self) -> None:
        """Judge each second what was done."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._faust.crashed:
                self._end_crashed()
            try:
                await self._judge_readiness()
                await self._judge_progress()
            except (KafkaError, OSError, TimeoutError) as error:
                self._idle_at = time.monotonic()
                _LOG.debug("the broker is away, nothing is judged: %s", error)
            except Exception as error:  # noqa: BLE001 a worker nobody watches must not go on
                end_process("watching", error)

    async def _judge_readiness(self) -> None:
        """Write the ready file once what waited at the start is read, or a batch has been handled."""
        if self._is_ready or self._state is not _State.OPEN:
            return
        has_handled = any(agent.done for agent in self._app.agents)
        if not has_handled and self._lags(self._target):
            return
        if self._state is _State.OPEN:
            mark_ready(self._app.config.ready_file)
            self._is_ready = True
            _LOG.info("ready")

    async def _judge_progress(self) -> None:
        """End a process that has had work for long and did none: Faust can stand still without a word (R9)."""
        now, limit = time.monotonic(), self._app.config.stall_seconds
        if now - self._looked_at < min(_LOOK_SECONDS, limit / 2):
            return
        self._looked_at = now
        if not await self._has_work():
            self._idle_at = now
        last = max([self._idle_at, *(agent.handled_at for agent in self._app.agents)])
        if now - last > limit:
            end_process(f"{self._state.value}, but no progress for {now - last:.0f} s")

    async def _has_work(self) -> bool:
        if self._state is _State.OPENING:
            return False
        if self._state is _State.OPEN:
            return self._lags(await self._ends(self._assigned()))
        return await broker_answers(self._app.config.kafka)

    def _end_crashed(self) -> None:
        reason = self._faust.crash_reason
        if isinstance(reason, ConsistencyError):
            _LOG.error("local rows are ahead of their changelog; throwing them away")
            shutil.rmtree(self._app.config.folder, ignore_errors=True)
        end_process("Faust has crashed", reason)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._app.config.tick_seconds)
            try:
                for agent in self._app.agents:
                    await agent.tick()
            except Exception as error:  # noqa: BLE001 half a tick must not go on
                end_process("looking at the clock", error)
