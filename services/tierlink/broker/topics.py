"""Creating every topic ahead, with its partitions, retention and replication; and checking those that exist."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from tierlink.broker.errors import BrokerError, BrokerUnreachableError
from tierlink.schemas.topics import ALL_TOPICS, DEFAULT_PARTITIONS, Cleanup

__all__ = ["Wanted", "await_broker", "create_topics", "missing_topics", "wanted_topics"]

_CALL_SECONDS = 30.0
_DECISIVE = ("cleanup.policy", "retention.ms", "retention.bytes")


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
            await asyncio.wait_for(_start(admin, address), 10)
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
        BrokerError: a topic exists with other partitions than wanted, or in a way that would lose facts, or the
            broker refuses one or cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=20_000)
    try:
        await asyncio.wait_for(_start(admin, address), _CALL_SECONDS)
        existing = set(await asyncio.wait_for(admin.list_topics(), _CALL_SECONDS))
        missing = [topic for topic in topics if topic.name not in existing]
        created = await _create(admin, missing, replication) if missing else []
        await _check(admin, [topic for topic in topics if topic.name not in created])
    except (KafkaError, OSError, TimeoutError) as error:
        cause = f"{type(error).__name__}: {error}"
        raise BrokerUnreachableError(address, _CALL_SECONDS, cause) from error
    else:
        return created
    finally:
        await _close(admin)


async def _start(admin: AIOKafkaAdminClient, address: str) -> None:
    try:
        await admin.start()
    except ValueError as error:
        raise BrokerError(f"TIERLINK_KAFKA is {address!r}, no host:port ({error}).") from error


async def missing_topics(address: str, topics: list[Wanted]) -> list[str]:
    """Names of topics that are not there.

    Raises:
        BrokerError: a topic exists with another number of partitions than wanted.
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await asyncio.wait_for(admin.start(), _CALL_SECONDS)
    try:
        existing = set(await asyncio.wait_for(admin.list_topics(), _CALL_SECONDS))
        await _check_partitions(admin, [topic for topic in topics if topic.name in existing])
        return [topic.name for topic in topics if topic.name not in existing]
    finally:
        await _close(admin)


async def _create(admin: AIOKafkaAdminClient, missing: list[Wanted], replication: int) -> list[str]:
    created = []
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
        if not code:  # else another process was faster: its topic is checked like any that exists
            created.append(name)
    return created


async def _check(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> None:
    if topics:
        await _check_partitions(admin, topics)
        await _check_retention(admin, topics)


async def _check_partitions(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> None:
    counts = await _count_partitions(admin, [topic.name for topic in topics])
    for topic in topics:
        if counts.get(topic.name) != topic.partitions:
            raise BrokerError(
                f"topic {topic.name} has {counts.get(topic.name)} partitions, {topic.partitions} wanted: facts that "
                "must meet would be parted. Use the TIERLINK_PARTITIONS it was created with, or another "
                "TIERLINK_TOPIC_PREFIX."
            )


async def _count_partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Partitions by topic. One that was created a moment ago is waited for: brokers learn of it one by one."""
    deadline = time.monotonic() + _CALL_SECONDS
    while True:
        found = await asyncio.wait_for(admin.describe_topics(names), _CALL_SECONDS)
        counts = {entry["topic"]: len(entry["partitions"]) for entry in found}
        if all(counts.get(name) for name in names) or time.monotonic() > deadline:
            return counts
        await asyncio.sleep(0.1)


async def _check_retention(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> None:
    """Refuse a topic that would lose facts: one made by hand keeps them for a week unless told otherwise."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answers = await asyncio.wait_for(admin.describe_configs(resources), _CALL_SECONDS)
    found = {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _code, _message, _kind, name, entries in answer.resources
    }
    for topic in topics:
        for setting in _DECISIVE:
            wanted, is_set = topic.config.get(setting), found.get(topic.name, {}).get(setting)
            if wanted is not None and is_set is not None and is_set != wanted:
                raise BrokerError(
                    f"topic {topic.name} has {setting}={is_set}, {wanted} wanted: facts would be lost. Alter the "
                    "topic's configuration, or use another TIERLINK_TOPIC_PREFIX."
                )


async def _close(admin: AIOKafkaAdminClient) -> None:
    try:
        await asyncio.wait_for(admin.close(), 5)
    except (TimeoutError, KafkaError, OSError):
        return
