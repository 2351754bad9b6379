"""A broker in memory, and a way to run a feed against it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tierlink.connectors.errors import RetryLaterError
from tierlink.connectors.intake.store import OutboxRecord
from tierlink.connectors.runner import run_feed
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.cluster import ClusterSettings
from tierlink.schemas.envelope import Event
from tierlink.schemas.intake import FileProcessed
from unit.intake import toy

DEADLINE_SECONDS = 30.0


class MemoryPublisher:
    """Keeps what is published; refuses the first ``failures`` batches after taking a part of them."""

    def __init__(self, failures: int = 0) -> None:
        self.records: list[OutboxRecord] = []
        self.failures = failures
        self.closed = False

    async def publish(self, records: Sequence[OutboxRecord]) -> None:
        if self.failures:
            self.failures -= 1
            self.records += records[: len(records) // 2]
            raise RetryLaterError("the broker is away")
        self.records += records

    async def close(self) -> None:
        self.closed = True

    def events(self) -> list[Event[Any]]:
        return [decode_event(record.value) for record in self.records]

    def files(self) -> list[FileProcessed]:
        return [event.data for event in self.events() if isinstance(event.data, FileProcessed)]


def run_once(
    home: Path, publisher: MemoryPublisher, settings: FeedSettings | None = None, **more: Any
) -> None:
    async def run() -> None:
        await run_feed(
            settings or toy.settings(),
            home,
            ClusterSettings(),
            stop=asyncio.Event(),
            once=True,
            publisher=publisher,
            **{"program": toy.PROGRAM, **more},
        )

    asyncio.run(asyncio.wait_for(run(), DEADLINE_SECONDS))


def run_while(
    home: Path,
    publisher: MemoryPublisher,
    story: Callable[[Callable[[Callable[[], bool]], Any]], Any],
    settings: FeedSettings | None = None,
) -> None:
    """Run a feed while a story happens; the story awaits conditions with the function it is given."""

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():  # noqa: ASYNC110 conditions are about files and lists, which signal nothing
                await asyncio.sleep(0.02)

    async def run() -> None:
        stop = asyncio.Event()
        feed = asyncio.create_task(
            run_feed(
                settings or toy.settings(),
                home,
                ClusterSettings(),
                stop=stop,
                publisher=publisher,
                program=toy.PROGRAM,
            )
        )
        try:
            await story(until)
        finally:
            stop.set()
            await asyncio.wait_for(feed, DEADLINE_SECONDS)

    asyncio.run(run())
