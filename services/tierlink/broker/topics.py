"""Creating every topic ahead, with its partitions, retention and replication; and checking those that exist."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from tierlink.broker.errors import BrokerError, BrokerUnreachableError
from tierlink.schemas.topics import ALL_TOPICS, DEFAULT_PARTITIONS, Cleanup

__all__ = ["Wanted", "await_broker", "create_topics", "wanted_topics"]

_CALL_SECONDS = 30.0


@dataclass(frozen=True)
class Wanted:
    """A topic as it must be on the cluster."""

    name: str
    partitions: int
    config: dict[str, str] = field(default_factory=dict)


_COMPACT = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",
    "segment.ms": "3600000",
}
_KEEP = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def wanted_topics(
    prefix: str, changelogs: Iterable[tuple[str, int]] = (), partitions: int = DEFAULT_PARTITIONS
) -> list[Wanted]:
    """All topics of the registry, and the changelogs given as (name, partitions).

    Facts are kept for ever: everything else can be rebuilt from them. Changelogs are compacted only (rule R6).
    """
    canonical = [
        Wanted(
            topic.full_name(prefix),
            partitions,
            _COMPACT if topic.cleanup is Cleanup.COMPACT else _KEEP,
        )
        for topic in ALL_TOPICS
    ]
    return canonical + [Wanted(name, count, _COMPACT) for name, count in changelogs]


async def await_broker(address: str, seconds: float = 60.0) -> None:
    """Wait until the cluster answers a metadata request.

    Raises:
        BrokerUnreachableError: it does not within the time.
    """
    deadline = time.monotonic() + seconds
    cause = "no answer"
    while time.monotonic() < deadline:
        admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5000)
        try:
            await asyncio.wait_for(admin.start(), 10)
            cluster = await asyncio.wait_for(admin.describe_cluster(), 10)
            if cluster.get("brokers"):
                return
        except (KafkaError, OSError, TimeoutError) as error:
            cause = f"{type(error).__name__}: {error}"
        finally:
            await _close(admin)
        await asyncio.sleep(0.3)
    raise BrokerUnreachableError(address, seconds, cause)


async def create_topics(address: str, topics: list[Wanted], replication: int = 1) -> list[str]:
    """Create what is missing; return the names created.

    Raises:
        BrokerError: a topic exists with fewer partitions than wanted, or the broker refuses one.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await asyncio.wait_for(admin.start(), _CALL_SECONDS)
    try:
        existing = set(await asyncio.wait_for(admin.list_topics(), _CALL_SECONDS))
        missing = [topic for topic in topics if topic.name not in existing]
        if missing:
            await _create(admin, missing, replication)
        await _check_partitions(admin, [topic for topic in topics if topic.name in existing])
        return [topic.name for topic in missing]
    finally:
        await _close(admin)


async def _create(admin: AIOKafkaAdminClient, missing: list[Wanted], replication: int) -> None:
    new = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config)
        for topic in missing
    ]
    answer = await asyncio.wait_for(admin.create_topics(new, timeout_ms=20_000), _CALL_SECONDS)
    for name, code, *message in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise BrokerError(
                f"creating topic {name}: {error.__name__} {' '.join(str(part) for part in message if part)}"
            )


async def _check_partitions(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> None:
    if not topics:
        return
    found = await asyncio.wait_for(
        admin.describe_topics([topic.name for topic in topics]), _CALL_SECONDS
    )
    counts = {entry["topic"]: len(entry["partitions"]) for entry in found}
    for topic in topics:
        if counts.get(topic.name) != topic.partitions:
            raise BrokerError(
                f"topic {topic.name} has {counts.get(topic.name)} partitions, {topic.partitions} wanted: facts that "
                "must meet would be parted. Use the TIERLINK_PARTITIONS it was created with, or another "
                "TIERLINK_TOPIC_PREFIX."
            )


async def _close(admin: AIOKafkaAdminClient) -> None:
    try:
        await asyncio.wait_for(admin.close(), 5)
    except (TimeoutError, KafkaError, OSError):
        return
