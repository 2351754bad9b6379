"""``tierlink connector run`` and ``check``."""

from __future__ import annotations

import asyncio
import signal

from tierlink.cli.console import complain, tell
from tierlink.connectors import runner
from tierlink.installation.configuration import read_configuration
from tierlink.installation.settings import InstallationSettings

__all__ = ["check_feeds", "run_feed"]


def run_feed(feed: str, *, once: bool) -> None:
    """Run a feed until SIGTERM or SIGINT; with ``once`` until everything that is there is published.

    Raises:
        ConfigurationError: the configuration cannot be used, or has no such feed.
        StopError: the feed cannot run.
    """
    installation = InstallationSettings()
    settings = read_configuration(installation.config_file).feed(feed)
    ready_file = installation.run_folder / f"connector-{feed}.ready"

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await runner.run_feed(
            settings, installation.home, installation, stop=stop, once=once, ready_file=ready_file
        )

    asyncio.run(until_told())


def check_feeds() -> int:
    """Check the configuration and every feed's folder. Returns how many problems were printed.

    Raises:
        ConfigurationError: the configuration cannot be used.
    """
    installation = InstallationSettings()
    configuration = read_configuration(installation.config_file)
    problems = 0
    for feed in configuration.feeds:
        found = runner.check(feed, installation.home)
        problems += len(found)
        for problem in found:
            complain(f"feed {feed.name}: {problem}")
        if not found:
            folder = runner.watched_folder(feed, installation.home)
            tell(f"feed {feed.name}: {feed.kind} watches {folder}")
    return problems
