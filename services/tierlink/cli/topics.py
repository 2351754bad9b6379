"""``tierlink topics``: what stands on the cluster."""

from __future__ import annotations

import asyncio

from aiokafka.errors import KafkaError
from rich.table import Table

from tierlink.broker.errors import BrokerUnreachableError
from tierlink.broker.lag import end_offsets
from tierlink.broker.topics import await_broker, create_topics
from tierlink.cli.console import OUT, tell
from tierlink.installation.processes import required_topics
from tierlink.installation.settings import InstallationSettings
from tierlink.schemas.topics import ALL_TOPICS

__all__ = ["create_missing_topics", "list_topics"]

_ANSWER_SECONDS = 15.0


def list_topics() -> None:
    """Print every topic.

    Raises:
        BrokerUnreachableError: nobody answers.
    """
    settings = InstallationSettings()
    names = {topic: topic.full_name(settings.topic_prefix) for topic in ALL_TOPICS}
    try:
        ends = asyncio.run(end_offsets(settings.address, names.values()))
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnreachableError(settings.address, _ANSWER_SECONDS, str(error)) from error
    table = Table("topic", "key", "written", "about", title=settings.address)
    for topic, name in names.items():
        counts = [end for (found, _), end in ends.items() if found == name]
        table.add_row(name, topic.key, f"{sum(counts):,}" if counts else "missing", topic.about)
    OUT.print(table)


def create_missing_topics() -> None:
    """Create the topics that are missing.

    Raises:
        BrokerError: nobody answers, or a topic is not as it must be.
    """
    settings = InstallationSettings()

    async def create_missing() -> list[str]:
        await await_broker(settings.address)
        return await create_topics(
            settings.address, required_topics(settings), settings.replication
        )

    created = asyncio.run(create_missing())
    tell(f"created {len(created)} topics at {settings.address}")
