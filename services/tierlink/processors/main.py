"""Running a processor, and the changelogs it needs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from typing import Protocol

from tierlink.processors import on_time_app, turnover_app
from tierlink.processors.config import app_id
from tierlink.processors.days import Clock, utc_now
from tierlink.processors.quiet import quieten
from tierlink.processors.settings import ProcessorSettings
from tierlink.schemas.topics import (
    DEAD_LETTERS,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    Topic,
)
from tierlink.streaming.app import StreamApp
from tierlink.streaming.errors import TopicsUnfitError
from tierlink.streaming.tables import changelog_name
from tierlink.streaming.worker import serve

__all__ = ["PROCESSORS", "run", "topics"]

_LOG = logging.getLogger(__name__)


class BuildApp(Protocol):
    """Declares a processor's stream app."""

    def __call__(self, settings: ProcessorSettings, clock: Clock = utc_now) -> StreamApp:
        """Nothing is connected yet."""


PROCESSORS: dict[str, BuildApp] = {
    on_time_app.NAME: on_time_app.build_app,
    turnover_app.NAME: turnover_app.build_app,
}
_OUTPUTS: dict[str, tuple[Topic, ...]] = {
    on_time_app.NAME: (KPI_LINES, KPI_OTD, DEAD_LETTERS),
    turnover_app.NAME: (KPI_TURNOVER, DEAD_LETTERS),
}
_STOP_SECONDS = 15.0


def topics(settings: ProcessorSettings, partitions: int) -> list[tuple[str, int]]:
    """Changelogs to create ahead, compacted, as (name, partitions): those of the topics the tables follow."""
    tables = {on_time_app.NAME: on_time_app.TABLES, turnover_app.NAME: turnover_app.TABLES}
    return [
        (changelog_name(app_id(settings, processor), table), partitions)
        for processor, names in tables.items()
        for table in names
    ]


def run(name: str, settings: ProcessorSettings) -> int:
    """Run a processor until SIGTERM or SIGINT. Blocks.

    Args:
        name: one of :data:`PROCESSORS`.
        settings: where, which instance, which day.

    Returns:
        Exit code: 0 when told to stop, 78 when topics are missing or unfit. What waiting cannot mend ends the
        process at once with 70; starting it again is right.
    """
    quieten()
    outputs = [topic.full_name(settings.topic_prefix) for topic in _OUTPUTS[name]]

    async def _until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, stop)
        await serve(PROCESSORS[name](settings), outputs, stop)

    try:
        asyncio.run(_until_told())
    except TopicsUnfitError as error:
        _LOG.error("%s", error)
        return os.EX_CONFIG
    return 0


def _stop(stop: asyncio.Event) -> None:
    """Stop in good order; leave anyway when that takes too long (Faust and aiokafka can hang)."""
    stop.set()
    timer = threading.Timer(_STOP_SECONDS, os._exit, args=(0,))
    timer.daemon = True
    timer.start()
