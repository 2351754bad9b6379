"""The only loop of a connector: watch, seal, read, compare, commit to the outbox; a relay beside it publishes.

Nothing here knows a file format or a business field. Whatever happens to this process, a file is either not begun,
begun again from its sealed copy, or done.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from tierlink.connectors.contract import Connector
from tierlink.connectors.errors import StopError
from tierlink.connectors.intake.feed import BACKLOG_MAX, FeedIntake
from tierlink.connectors.intake.preview import Preview, preview_file
from tierlink.connectors.intake.processing import (
    Workshop,
    process_document,
    sweep_spool,
)
from tierlink.connectors.intake.reading import SANDBOX_PROGRAM
from tierlink.connectors.intake.seal import (
    sweep,
)
from tierlink.connectors.intake.store import IntakeStore
from tierlink.connectors.intake.watch import send_hints
from tierlink.connectors.publisher import KafkaPublisher, Publisher, relay_outbox
from tierlink.connectors.registry import CONNECTORS
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.cluster import ClusterSettings

__all__ = [
    "BACKLOG_MAX",
    "Preview",
    "check",
    "connector_of",
    "preview",
    "process_document",
    "run_feed",
    "watched_folder",
]

logger = logging.getLogger(__name__)
T = TypeVar("T")

_ONCE_SECONDS: Final = 60.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def run_feed(  # noqa: PLR0913 what is given besides the feed is for tests and the command line
    settings: FeedSettings,
    home: Path,
    cluster: ClusterSettings,
    *,
    stop: asyncio.Event,
    once: bool = False,
    ready_file: Path | None = None,
    publisher: Publisher | None = None,
    now: Callable[[], datetime] = _utc_now,
    program: Sequence[str] = SANDBOX_PROGRAM,
) -> None:
    """Run one feed until ``stop`` is set.

    Args:
        settings: of the feed.
        home: folder of everything this installation keeps.
        cluster: where the topics are.
        stop: ends the feed within seconds; a file under way is begun again next time.
        once: end when every file present is done and every event is with the broker. A file that
            keeps changing is left after a minute.
        ready_file: touched at every look at the folder, removed at the end: old means stuck.
        publisher: where events go instead of Kafka.
        now: the time at which files are sealed.
        program: command of the reading child.

    Raises:
        StopError: wrong settings, no rights, or another process runs the feed.
    """
    folder = _prepare_folder(settings, home)
    publisher = publisher or KafkaPublisher(cluster, f"tierlink-{settings.name}")
    with IntakeStore(home / "intake", settings.name) as store:
        sweep(home / "sealed", settings.name)
        sweep_spool(home / "intake" / "spool", settings.name)
        ending = asyncio.Event()
        workshop = Workshop(
            store=store,
            connector=connector_of(settings),
            settings=settings,
            spool=home / "intake" / "spool",
            is_stopped=ending.is_set,
            program=program,
        )
        feed = FeedIntake(workshop, folder, home / "sealed", now, ready_file)
        logger.info("feed=%s kind=%s watching %s", settings.name, settings.kind, folder)
        try:
            await _run(feed, publisher, stop, ending, once=once)
        finally:
            if ready_file:
                ready_file.unlink(missing_ok=True)  # noqa: ASYNC240 one local name
        logger.info("feed=%s stopped", settings.name)


def preview(
    settings: FeedSettings,
    path: Path,
    *,
    document: str | None = None,
    program: Sequence[str] = SANDBOX_PROGRAM,
) -> Preview:
    """Read a file as the feed would and show what it would become; nothing is stored or published.

    Args:
        settings: of the feed.
        path: the file.
        document: the name it would have in the watched folder (``100234/ledger.xlsx``); else its path inside
            the watched folder if it lies there, else its bare name.
        program: command of the reading child.

    Raises:
        RetryLaterError: the file is not complete, or cannot be opened.
    """
    if document is None:
        with suppress(ValueError):
            document = path.resolve().relative_to(Path(settings.folder).resolve()).as_posix()
    return preview_file(connector_of(settings), settings, path, document or path.name, program)


def check(settings: FeedSettings, home: Path) -> list[str]:
    """Say in sentences what would keep the feed from running; empty when all is well."""
    problems = []
    try:
        connector_of(settings)
    except StopError as error:
        problems.append(str(error))
    folder = watched_folder(settings, home)
    if not folder.is_dir():
        if Path(settings.folder).is_absolute():
            problems.append(f"watched folder {folder} is not there (yet); it is waited for")
    elif not os.access(folder, os.R_OK | os.X_OK):
        problems.append(f"watched folder {folder} may not be read by this user")
    anchor = next(place for place in (home, *home.resolve().parents) if place.exists())
    if not os.access(anchor, os.W_OK | os.X_OK):
        problems.append(f"home folder {home} may not be written by this user")
    if (
        home.resolve() == folder.resolve()
        or (home / "sealed").resolve() in folder.resolve().parents
    ):
        problems.append(f"watched folder {folder} is tierlink's own; choose another")
    return problems


def watched_folder(settings: FeedSettings, home: Path) -> Path:
    """The folder of a feed: relative to the home folder, or absolute."""
    return home / settings.folder


def connector_of(settings: FeedSettings) -> Connector:
    """Build the feed's connector.

    Raises:
        StopError: there is none of that kind.
    """
    kind = CONNECTORS.get(settings.kind)
    if kind is None:
        allowed = ", ".join(sorted(CONNECTORS))
        raise StopError(
            f"starting feed {settings.name!r}: kind is {settings.kind!r}; allowed are {allowed}"
        )
    return kind(settings)


def _prepare_folder(settings: FeedSettings, home: Path) -> Path:
    """A folder of ours is made; one elsewhere may be a share that is not mounted yet, and is waited for."""
    folder = watched_folder(settings, home)
    if not Path(settings.folder).is_absolute():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StopError(
                f"starting feed {settings.name!r}: making {folder}: {error.strerror}"
            ) from error
    return folder


async def _run(
    feed: FeedIntake,
    publisher: Publisher,
    stop: asyncio.Event,
    ending: asyncio.Event,
    *,
    once: bool,
) -> None:
    """Run the taking of files and the relay side by side; the end of one is the end of all."""
    wake, sent = asyncio.Event(), asyncio.Event()
    taking = asyncio.create_task(_take_files(feed, wake, sent, ending, once=once))
    relay = asyncio.create_task(
        relay_outbox(feed.store, publisher, sent, lambda: once and taking.done())
    )
    hints = asyncio.create_task(send_hints(feed.folder, wake, feed.settings.poll_seconds))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({taking, relay, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if taking.done() and not taking.exception() and not stopped.done():
            sent.set()
            await asyncio.wait({relay, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.set()
        wake.set()
        await asyncio.wait({taking})  # a thread cannot be cancelled; it looks at ``ending``
        for task in (relay, hints, stopped):
            task.cancel()
        await asyncio.gather(relay, hints, stopped, return_exceptions=True)
        await publisher.close()
    for task in (taking, relay):
        if not task.cancelled():
            task.result()


async def _take_files(
    feed: FeedIntake, wake: asyncio.Event, sent: asyncio.Event, ending: asyncio.Event, *, once: bool
) -> None:
    # A thread of its own: feeds share the default ones, and a long file must not hold up another feed.
    with ThreadPoolExecutor(1, thread_name_prefix=f"take-{feed.settings.name}") as thread:

        async def blocking(call: Callable[..., T], *arguments: object) -> T:
            return await asyncio.get_running_loop().run_in_executor(thread, call, *arguments)

        give_up_at = time.monotonic() + _ONCE_SECONDS
        while not ending.is_set():
            wake.clear()
            await blocking(feed.resume)
            sent.set()
            looked = time.monotonic()
            ready = await blocking(feed.look)
            scan_seconds = time.monotonic() - looked
            for file in ready:
                if ending.is_set() or not await blocking(feed.is_clear):
                    break
                await blocking(feed.take, file)
                sent.set()
            else:
                late = time.monotonic() > give_up_at
                if once and not ready and (late or await blocking(feed.is_idle)):
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), feed.pause_seconds(scan_seconds))
