"""The processes of an installation, and starting them in order."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from tierlink.api.settings import ApiSettings
from tierlink.broker.embedded import EmbeddedBroker, require_free_port
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import Wanted, await_broker, create_topics, wanted_topics
from tierlink.installation.configuration import Configuration
from tierlink.installation.lock import occupy
from tierlink.installation.settings import InstallationSettings
from tierlink.processors import main as processors
from tierlink.processors.settings import ProcessorSettings
from tierlink.supervisor.service import ChildProcess
from tierlink.supervisor.supervisor import Supervisor

__all__ = ["Steps", "commands", "metrics_ports", "required_topics", "run_installation"]

_READY_SECONDS = 120.0

Steps = Callable[[str], AbstractContextManager[Callable[[str], None]]]
"""Opens a step of the set-up with a line for the user; the callable it gives replaces that line."""


def commands(configuration: Configuration) -> dict[str, list[str]]:
    """Name of each process of ours to its ``tierlink`` command; the ready file is ``run/<name>.ready``."""
    feeds = {
        f"connector-{feed.name}": ["connector", "run", feed.name] for feed in configuration.feeds
    }
    workers = {name: ["worker", name] for name in processors.PROCESSORS}
    return {"api": ["api"], "projector": ["project"], **workers, **feeds}


def metrics_ports(first: int) -> dict[str, int]:
    """Port of each worker's metrics: they share a machine, so from the first on each has the next; none for 0."""
    return {name: first + number for number, name in enumerate(processors.PROCESSORS) if first}


def required_topics(settings: InstallationSettings) -> list[Wanted]:
    """Every topic the processes need, with its partitions."""
    shared = ProcessorSettings(kafka=settings.address, topic_prefix=settings.topic_prefix)
    changelogs = processors.topics(shared, settings.partitions)
    return wanted_topics(settings.topic_prefix, changelogs, settings.partitions)


@contextmanager
def run_installation(
    settings: InstallationSettings,
    configuration: Configuration,
    step: Steps,
    tell: Callable[[str], None],
    environment: Mapping[str, str],
) -> Iterator[Supervisor]:
    """Start everything, give the watch to the block, and stop everything after it.

    Args:
        settings: of the installation.
        configuration: its feeds.
        step: shows the steps of the set-up.
        tell: shows single lines, such as a restart.
        environment: further variables for the processes.

    Raises:
        AlreadyRunningError: in this home folder.
        BrokerError: the broker cannot be started or reached, or a topic is not as it must be.
        ServiceFailedError: a process cannot be kept running.
        StopRequestedError: the user stopped us meanwhile.
    """
    with occupy(settings.home, tell) as lock:
        pages = ApiSettings()
        require_free_port(pages.api_port, "page", "TIERLINK_API_PORT")
        broker = _prepared_broker(settings, step)
        with Supervisor(tell).running() as watch:
            if broker:
                with step("starting Kafka"):
                    broker.inherited = (lock,)
                    watch.start("kafka", broker, must_start=True)
                    watch.await_ready(["kafka"], broker.settings.ready_seconds)
            with step(f"creating topics at {settings.address}"):
                asyncio.run(_create_topics(settings))
            with step("starting connectors, processors, projector and page") as say:
                names = _start_ours(watch, settings, configuration, environment, lock)
                for count, name in enumerate(names, start=1):
                    say(f"waiting for {name} ({count} of {len(names)})")
                    watch.await_ready([name], _READY_SECONDS)
            yield watch


def _prepared_broker(settings: InstallationSettings, step: Steps) -> EmbeddedBroker | None:
    if not settings.has_own_broker:
        with step(f"reaching Kafka at {settings.address}"):
            asyncio.run(await_broker(settings.address))
        return None
    broker = EmbeddedBroker(settings.home, BrokerSettings())
    with step("fetching Kafka (the first time; under a minute)") as say:
        broker.require_ports()
        broker.prepare(say)
    return broker


async def _create_topics(settings: InstallationSettings) -> None:
    await await_broker(settings.address)
    await create_topics(settings.address, required_topics(settings), settings.replication)


def _start_ours(
    watch: Supervisor,
    settings: InstallationSettings,
    configuration: Configuration,
    environment: Mapping[str, str],
    lock: int,
) -> list[str]:
    shared = {
        "TIERLINK_ZONE": os.environ.get("TIERLINK_ZONE", configuration.zone),
        **environment,
        "TIERLINK_KAFKA": settings.address,
        "TIERLINK_HOME": str(settings.home.resolve()),
        "TIERLINK_CONFIG": str(settings.config_file.resolve()),
        "PYTHONUNBUFFERED": "1",
    }
    every = commands(configuration)
    ports = metrics_ports(ProcessorSettings().metrics_port)
    for name, command in every.items():
        own = {"TIERLINK_METRICS_PORT": str(ports[name])} if name in ports else {}
        process = ChildProcess(
            [sys.executable, "-m", "tierlink.cli.main", *command],
            settings.home.resolve() / "log" / f"{name}.log",
            {**shared, **own},
            settings.run_folder.resolve() / f"{name}.ready",
        )
        process.inherited = (lock,)
        watch.start(name, process)
    return list(every)
