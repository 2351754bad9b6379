"""Whether what lies in the watched folders has arrived on the page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from aiokafka.errors import KafkaError

from tierlink.broker.lag import end_offsets, group_lag
from tierlink.installation.settings import InstallationSettings
from tierlink.processors.config import app_id
from tierlink.processors.settings import ProcessorSettings
from tierlink.projector.rows import PROJECTED
from tierlink.schemas.topics import LINE_MEASUREMENTS, ORDERS, RECEIPTS, SHIPMENTS, STOCK, Topic
from tierlink.store.database import ReadModelUnavailableError, reading_once
from tierlink.store.files import file_id_of, find_file
from tierlink.store.progress import read_offsets
from tierlink.store.settings import StoreSettings

__all__ = ["STAGES", "Stage", "await_arrival", "stage_lag"]

_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Stage:
    """One reading of topics by a processor. A stage's output is complete once those before it have no lag."""

    about: str
    worker: str
    topics: tuple[Topic, ...]


STAGES = (
    Stage("measuring order lines", "on-time", (ORDERS, SHIPMENTS, RECEIPTS)),
    Stage("assessing order lines", "on-time", (LINE_MEASUREMENTS,)),
    Stage("reckoning turnover", "turnover", (STOCK,)),
)


def stage_lag(settings: InstallationSettings, stage: Stage) -> int:
    """Records the stage has not finished yet.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    names = [topic.full_name(settings.topic_prefix) for topic in stage.topics]
    group = app_id(ProcessorSettings(topic_prefix=settings.topic_prefix), stage.worker)
    return asyncio.run(group_lag(settings.address, group, names))


def await_arrival(
    settings: InstallationSettings,
    documents: Iterable[tuple[str, str]],
    pause: Callable[[float], None],
    say: Callable[[str], None],
    seconds: float = 300.0,
) -> bool:
    """Wait until documents were read, their events processed and the results are in the read model.

    Args:
        settings: of the installation.
        documents: (feed, name inside the watched folder).
        pause: lets time pass while watching the processes.
        say: shows what is waited for.
        seconds: give up then.

    Returns:
        Whether all arrived in time.
    """
    give_up_at = time.monotonic() + seconds

    def wait_until_zero(about: str, left: Callable[[], int]) -> bool:
        while time.monotonic() < give_up_at:
            try:
                count = left()
            except (KafkaError, OSError, TimeoutError, ReadModelUnavailableError):
                say(f"{about}: waiting for an answer")
            else:
                if count == 0:
                    return True
                say(f"{about}: {count:,} to go")
            pause(_LOOK_SECONDS)
        return False

    wanted = list(documents)
    return (
        wait_until_zero("reading files", lambda: _files_missing(wanted))
        and all(
            wait_until_zero(stage.about, partial(stage_lag, settings, stage)) for stage in STAGES
        )
        and wait_until_zero("writing the read model", lambda: _records_missing(settings))
    )


def _files_missing(documents: list[tuple[str, str]]) -> int:
    with reading_once(StoreSettings().read_model_url) as session:
        return sum(find_file(session, file_id_of(feed, name)) is None for feed, name in documents)


def _records_missing(settings: InstallationSettings) -> int:
    names = [topic.full_name(settings.topic_prefix) for topic in PROJECTED]
    ends = asyncio.run(end_offsets(settings.address, names))
    with reading_once(StoreSettings().read_model_url) as session:
        read = read_offsets(session)
    return sum(max(0, end - read.get(place, 0)) for place, end in ends.items())
