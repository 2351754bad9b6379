"""The projector: connects, reads on where the rows end, writes batch by batch, begins again when something breaks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

from aiokafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tierlink.projector.batch import is_database_away, write_batch
from tierlink.projector.settings import ProjectorSettings
from tierlink.projector.source import Partition, TopicSource
from tierlink.store.database import open_writer, prepare, rebuild, writing
from tierlink.store.progress import note_progress, read_cluster, read_offsets

__all__ = ["Projector", "project", "run"]

_LOG = logging.getLogger(__name__)
_FIRST_RETRY_SECONDS = 0.5
_PROGRESS_SECONDS = 2.0

Clock = Callable[[], datetime]


def run(settings: ProjectorSettings) -> int:
    """Project until SIGTERM or SIGINT. Blocks.

    Returns:
        Exit code: 0.
    """

    async def _until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await project(settings, stop)

    asyncio.run(_until_told())
    return 0


async def project(
    settings: ProjectorSettings, stop: asyncio.Event, clock: Clock = lambda: datetime.now(UTC)
) -> None:
    """Project until ``stop`` is set. Broker or database away: tries again, for ever, ever more slowly.

    Raises:
        SQLAlchemyError: a wrong database address or statement, which waiting cannot mend.
    """
    engine = open_writer(settings.read_model_url)
    settings.ready_file.unlink(missing_ok=True)
    pause = _FIRST_RETRY_SECONDS
    try:
        while not stop.is_set():
            projector = Projector(settings, engine, clock)
            try:
                await projector.run(stop)
            except (KafkaError, OSError, TimeoutError, SQLAlchemyError) as error:
                if isinstance(error, SQLAlchemyError) and not is_database_away(error):
                    raise
                pause = _FIRST_RETRY_SECONDS if projector.has_read else pause
                _LOG.warning(
                    "projecting: %s: %s; again in %.1f s", type(error).__name__, error, pause
                )
                await _wait(stop, pause)
                pause = min(pause * 2, settings.projector_retry_seconds_max)
    finally:
        settings.ready_file.unlink(missing_ok=True)
        engine.dispose()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class Projector:
    """One attempt: from connecting to the first trouble, or to being told to stop."""

    def __init__(self, settings: ProjectorSettings, engine: Engine, clock: Clock) -> None:
        self._settings = settings
        self._engine = engine
        self._clock = clock
        self._source = TopicSource(settings)
        self._target: dict[Partition, int] = {}
        self._caught_up = False
        self._noted_at = float("-inf")
        self._looked_at = time.monotonic()
        self.has_read = False

    async def run(self, stop: asyncio.Event) -> None:
        """Read and write until ``stop`` is set or something breaks.

        Raises:
            KafkaError, OSError, TimeoutError: the broker is away.
            SQLAlchemyError: the database is away.
        """
        try:
            cluster_id = await self._source.connect()
            await self._start(cluster_id)
            while not stop.is_set():
                records = await self._source.next_batch()
                self.has_read = True
                if records:
                    await asyncio.to_thread(
                        write_batch,
                        self._engine,
                        self._settings.topic_prefix,
                        records,
                        self._clock(),
                    )
                await self._note()
                await self._look_for_partitions()
        finally:
            await self._source.close()

    async def _start(self, cluster_id: str | None) -> None:
        """Find where to read on; begin anew where the rows cannot have come from these topics."""
        await asyncio.to_thread(prepare, self._engine, self._clock())
        first, self._target = await self._source.span()
        stored, stored_cluster = await asyncio.to_thread(self._stored)
        reason = _why_rebuild(stored, self._target, stored_cluster, cluster_id)
        if reason:
            _LOG.warning("building the read model anew: %s", reason)
        if reason or stored_cluster != cluster_id:
            await asyncio.to_thread(rebuild, self._engine, self._clock(), cluster_id)
            stored = {}
        self._source.read_from(
            {place: max(stored.get(place, 0), first[place]) for place in self._source.partitions}
        )

    def _stored(self) -> tuple[dict[Partition, int], str | None]:
        with writing(self._engine) as session:
            return read_offsets(session), read_cluster(session)

    async def _note(self) -> None:
        """Judge lag, write the ready file the first time, and sign life every few seconds.

        Raises:
            KafkaError: a topic is shorter than what was read of it.
        """
        is_time = time.monotonic() - self._noted_at >= _PROGRESS_SECONDS
        if self._caught_up and not is_time:
            return
        positions = await self._source.positions()
        reached = all(positions[place] >= end for place, end in self._target.items())
        if not is_time and not reached:
            return
        self._caught_up = self._caught_up or reached
        _, ends = await self._source.span()
        if any(positions[place] > end for place, end in ends.items()):
            raise KafkaError("a topic was made anew while it was read")
        lag = sum(end - positions[place] for place, end in ends.items())
        await asyncio.to_thread(self._write_progress, lag)
        self._noted_at = time.monotonic()
        if self._caught_up and not self._settings.ready_file.exists():
            self._settings.ready_file.parent.mkdir(parents=True, exist_ok=True)
            self._settings.ready_file.write_text(f"{os.getpid()}\n")
            _LOG.info("the read model has caught up")

    def _write_progress(self, lag: int) -> None:
        with writing(self._engine) as session:
            note_progress(
                session,
                checked_at=self._clock(),
                lag_records=lag,
                is_caught_up=self._caught_up,
            )

    async def _look_for_partitions(self) -> None:
        """Begin again, from the stored offsets, when a topic has got more partitions.

        Raises:
            KafkaError: to begin again.
        """
        if time.monotonic() - self._looked_at < self._settings.projector_metadata_seconds:
            return
        self._looked_at = time.monotonic()
        if await self._source.find_partitions() != self._source.partitions:
            raise KafkaError("the partitions of the topics have changed")


def _why_rebuild(
    stored: dict[Partition, int],
    ends: dict[Partition, int],
    stored_cluster: str | None,
    cluster: str | None,
) -> str | None:
    """Say why the rows cannot have come from the topics as they are now; None when they can."""
    if stored_cluster is not None and cluster is not None and stored_cluster != cluster:
        return f"it was made from cluster {stored_cluster}, this is {cluster}"
    beyond = sorted(place for place, offset in stored.items() if offset > ends.get(place, 0))
    if beyond:
        topic, number = beyond[0]
        return f"{topic}[{number}] ends before what was read of it: the topic was made anew"
    return None
