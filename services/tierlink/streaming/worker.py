"""Running a stream app in this process: start, partitions, clock, readiness, stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import shutil
import time
from enum import Enum
from typing import Any

from aiokafka.errors import KafkaError
from faust.exceptions import ConsistencyError

from tierlink.streaming.app import StreamApp
from tierlink.streaming.ending import end_process
from tierlink.streaming.faust_private import changelog_records_left, committed_offset
from tierlink.streaming.observation import observed
from tierlink.streaming.preflight import await_topics, broker_answers, drop_foreign_state
from tierlink.streaming.readiness import mark_ready, unmark_ready

__all__ = ["serve"]

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = 0.25
_LOOK_SECONDS = 10.0
_CALL_SECONDS = 5.0
_STOP_SECONDS = 10.0
_GARBAGE = (100_000, 50, 100)
"""Allocations between Python's searches for cycles. A batch makes tens of thousands of objects and no cycle among
them; with Python's own 700 a quarter of the time went into looking at them again and again."""


class _State(Enum):
    """Where the worker stands with its partitions."""

    STARTING = "waiting for the broker and its topics"
    WAITING = "waiting for partitions and recovery"
    OPENING = "opening partitions"
    OPEN = "partitions are open"


async def serve(app: StreamApp, outputs: list[str], stop: asyncio.Event) -> None:
    """Work until ``stop`` is set. A broker that is away is waited for.

    Raises:
        TopicsUnfitError: topics are missing or unfit.
    """
    config = app.config
    unmark_ready(config.ready_file)
    worker = _Worker(app)
    try:
        async with observed(app.metrics, worker.health, config.metrics_host, config.metrics_port):
            cluster = await _unless(stop, await_topics(app, outputs))
            if cluster is None:
                return
            drop_foreign_state(config.folder, cluster)
            gc.freeze()
            gc.set_threshold(*_GARBAGE)
            await worker.run(stop)
    finally:
        unmark_ready(config.ready_file)


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
        self._ends_asked: dict[Any, int] = {}
        self._state = _State.STARTING
        self._is_ready = False
        self._idle_at = self._looked_at = self._lost_at = time.monotonic()
        self._faust.on_partitions_revoked.connect(self._revoked)
        self._faust.on_rebalance_complete.connect(self._recovered)

    def health(self) -> tuple[bool, str]:
        """Whether it works, and where it stands."""
        return self._is_ready, self._state.value

    async def run(self, stop: asyncio.Event) -> None:
        self._state = _State.WAITING
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
            await asyncio.wait_for(self._stop(), _STOP_SECONDS)
        await self._app.delivery.stop()

    async def _stop(self) -> None:
        """Let the batches in hand end; Faust commits what is acknowledged while it stops."""
        for agent in self._app.agents:
            await agent.close()
        await self._faust.stop()

    async def _revoked(self, *_args: Any, **_kwargs: Any) -> None:
        """Let the batches that are being handled end, then forget the partitions."""
        self._state = _State.WAITING
        self._idle_at = self._lost_at = time.monotonic()
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
        seconds = time.monotonic() - self._lost_at
        self._app.metrics.assignment([(tp.topic, tp.partition) for tp in tps])
        self._app.metrics.recovered(seconds)
        _LOG.info("partitions %s recovered in %.1f s", sorted(partitions), seconds)

    def _assigned(self) -> set[Any]:
        assignment = self._faust.consumer.assignment()
        return {tp for tp in assignment if tp.topic in self._app.sources}

    async def _ends(self, tps: set[Any]) -> dict[Any, int]:
        if not tps:
            return {}
        return dict(await asyncio.wait_for(self._faust.consumer.highwaters(*tps), _CALL_SECONDS))

    def _lag(self, ends: dict[Any, int]) -> dict[Any, int]:
        """How many records of each partition are not handled yet."""
        done = {place: offset for agent in self._app.agents for place, offset in agent.done.items()}
        return {
            tp: end - done.get((tp.topic, tp.partition), committed_offset(self._faust.consumer, tp))
            for tp, end in ends.items()
        }

    def _lags(self, ends: dict[Any, int]) -> bool:
        return any(records > 0 for records in self._lag(ends).values())

    async def _watch(self) -> None:
        """Judge a few times a second what was done."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._faust.crashed:
                self._end_crashed()
            try:
                self._tell()
            except Exception:  # noqa: BLE001 partitions may go while they are looked at; the next look tells
                _LOG.debug("where the partitions stand is not told", exc_info=True)
            try:
                await self._judge_readiness()
                await self._judge_progress()
            except (KafkaError, OSError, TimeoutError) as error:
                self._idle_at = time.monotonic()
                _LOG.debug("the broker is away, nothing is judged: %s", error)
            except Exception as error:  # noqa: BLE001 a worker nobody watches must not go on
                end_process("watching", error)

    def _tell(self) -> None:
        """Tell the metrics where the partitions stand, as far as it is known without asking the broker."""
        metrics, consumer = self._app.metrics, self._faust.consumer
        if self._state is _State.OPEN:
            ends = {tp: consumer.highwater(tp) for tp in self._assigned()}
            newest = {tp: max(end or 0, self._ends_asked.get(tp, 0)) for tp, end in ends.items()}
            for tp, records in self._lag(newest).items():
                metrics.lag(tp.topic, tp.partition, records)
                metrics.committed(tp.topic, tp.partition, committed_offset(consumer, tp))
        elif self._state is _State.WAITING:
            tables = {table.changelog_topic_name: table.name for table in self._app.tables}
            for tp, records in changelog_records_left(self._faust).items():
                metrics.recovering(tables[tp.topic], tp.partition, records)

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
            # What is fetched says how far the topics are only while something is fetched.
            self._ends_asked = await self._ends(self._assigned())
            return self._lags(self._ends_asked)
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
