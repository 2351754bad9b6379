"""Looks at every part of an installation and says what is wrong and what to do. Changes nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from aiokafka.errors import KafkaError

from tierlink.broker.distribution import find_java
from tierlink.broker.errors import BrokerError
from tierlink.broker.settings import BrokerSettings
from tierlink.broker.topics import await_broker, missing_topics
from tierlink.connectors import runner
from tierlink.installation.configuration import Configuration, read_configuration
from tierlink.installation.dead_letters import count_letters
from tierlink.installation.errors import ConfigurationError
from tierlink.installation.processes import commands, required_topics
from tierlink.installation.progress import STAGES, stage_lag
from tierlink.installation.settings import InstallationSettings
from tierlink.store.database import ReadModelUnavailableError, reading_once
from tierlink.store.progress import read_progress
from tierlink.store.settings import StoreSettings

__all__ = ["Finding", "State", "examine"]

_ANSWER_SECONDS = 3.0
_SIGN_OF_LIFE_SECONDS = 120.0
_LATELY = timedelta(days=7)


class State(StrEnum):
    """Outcome of a look at one part."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was found at one part, and what to do where something is wrong."""

    part: str
    state: State
    text: str


def examine(settings: InstallationSettings) -> Iterator[Finding]:
    """Look at folder, configuration, feeds, processes, Java, Kafka, topics, dead letters and read model, one by one."""
    yield _home(settings.home)
    try:
        configuration = read_configuration(settings.config_file)
    except ConfigurationError as error:
        yield Finding("configuration", State.WRONG, str(error))
    else:
        yield Finding(
            "configuration", State.OK, f"{settings.config_file}, buyer {configuration.buyer}"
        )
        yield from _feeds(settings, configuration)
        yield from _processes(settings, configuration)
    if settings.has_own_broker:
        yield _java()
    yield from _kafka(settings)
    yield _read_model()


def _home(home: Path) -> Finding:
    if not home.is_dir():
        return Finding(
            "home", State.NOTE, f"{home.resolve()} is not there yet: 'tierlink up' makes it"
        )
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding("home", State.WRONG, f"{home.resolve()} may not be written by this user")
    free_mb, needed = shutil.disk_usage(home).free // 1_000_000, BrokerSettings().free_mb_needed
    state = State.OK if free_mb >= needed else State.WRONG
    return Finding("home", state, f"{home.resolve()}, {free_mb:,} MB free, {needed:,} MB needed")


def _feeds(settings: InstallationSettings, configuration: Configuration) -> Iterator[Finding]:
    for feed in configuration.feeds:
        problems = runner.check(feed, settings.home)
        text = (
            "; ".join(problems)
            or f"{feed.kind} watches {runner.watched_folder(feed, settings.home)}"
        )
        yield Finding(f"feed {feed.name}", State.WRONG if problems else State.OK, text)


def _processes(settings: InstallationSettings, configuration: Configuration) -> Iterator[Finding]:
    """Judged by the ready files, which are there only while a process does its work."""
    for name in commands(configuration):
        file = settings.run_folder / f"{name}.ready"
        log = settings.home / "log" / f"{name}.log"
        if not file.exists():
            yield Finding(name, State.NOTE, f"not running here; its log is {log}")
        elif name.startswith("connector-") and _age(file) > _SIGN_OF_LIFE_SECONDS:
            yield Finding(
                name, State.NOTE, f"has not looked at its folder for {_age(file):.0f} s; log {log}"
            )
        else:
            yield Finding(name, State.OK, "ready")


def _age(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _java() -> Finding:
    try:
        return Finding("Java", State.OK, str(find_java(BrokerSettings().java)))
    except BrokerError as error:
        return Finding("Java", State.WRONG, str(error))


def _kafka(settings: InstallationSettings) -> Iterator[Finding]:
    if settings.has_own_broker and not _is_open(settings.address):
        yield Finding("Kafka", State.NOTE, "not running; 'tierlink up' starts it")
        return
    try:
        asyncio.run(await_broker(settings.address, _ANSWER_SECONDS))
        yield Finding("Kafka", State.OK, f"answers at {settings.address}")
        missing = asyncio.run(missing_topics(settings.address, required_topics(settings)))
    except (BrokerError, KafkaError, OSError, TimeoutError) as error:
        yield Finding("Kafka", State.WRONG, str(error))
        return
    if missing:
        yield Finding(
            "topics", State.WRONG, f"missing: {', '.join(missing)}; run 'tierlink topics create'"
        )
        return
    yield Finding("topics", State.OK, "all there")
    for stage in STAGES:
        yield _answer(stage.about, partial(stage_lag, settings, stage))
    yield _dead_letters(settings)


def _is_open(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS):
            return True
    except OSError:
        return False


def _answer(part: str, count: Callable[[], int]) -> Finding:
    try:
        lag = count()
    except (KafkaError, OSError, TimeoutError) as error:
        return Finding(part, State.WRONG, f"no answer: {error}")
    return Finding(part, State.OK if lag == 0 else State.NOTE, f"{lag:,} records to go")


def _dead_letters(settings: InstallationSettings) -> Finding:
    part = "dead letters"
    try:
        total, recent = count_letters(settings, datetime.now(UTC) - _LATELY)
    except (KafkaError, OSError, TimeoutError) as error:
        return Finding(part, State.WRONG, f"no answer: {error}")
    if not total:
        return Finding(part, State.OK, "none: every record could be read")
    text = f"{recent:,} in the last {_LATELY.days} days, {total:,} in all; 'tierlink dead-letters' lists them"
    return Finding(part, State.NOTE if recent else State.OK, text)


def _read_model() -> Finding:
    try:
        with reading_once(StoreSettings().read_model_url) as session:
            progress = read_progress(session)
    except ReadModelUnavailableError as error:
        return Finding("read model", State.NOTE, f"{error}; 'tierlink project' builds it")
    text = f"{progress.lag_records or 0:,} records behind at the last look, {progress.skipped_records:,} skipped"
    is_well = progress.is_caught_up and not progress.skipped_records
    return Finding("read model", State.OK if is_well else State.NOTE, text)
