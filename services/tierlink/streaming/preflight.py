"""Before Faust starts: is the broker there, and are the topics as they must be? Faust itself would wait in silence."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tierlink.streaming.app import StreamApp
from tierlink.streaming.errors import TopicsUnfitError

__all__ = ["await_topics", "broker_answers", "drop_foreign_state"]

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_LOG_SECONDS = 10.0
_CALL_SECONDS = 10.0


async def await_topics(app: StreamApp, outputs: list[str]) -> str:
    """Wait for the broker, for as long as it takes, and then for the topics.

    Args:
        app: whose sources and changelogs are looked for.
        outputs: further topics that must exist.

    Returns:
        The cluster's id.

    Raises:
        TopicsUnfitError: topics are missing for longer than ``topics_seconds``, or partitions differ between
            topics that belong together.
    """
    together = sorted(app.sources | app.changelogs)
    missing_since = None
    logged_at = float("-inf")
    while True:
        trouble, cluster = await _look(app.config.kafka, together, sorted({*together, *outputs}))
        if trouble is None:
            return cluster
        is_missing = isinstance(trouble, TopicsUnfitError)
        missing_since = (missing_since or time.monotonic()) if is_missing else None
        if (
            missing_since is not None
            and time.monotonic() - missing_since >= app.config.topics_seconds
        ):
            raise trouble
        if time.monotonic() - logged_at >= _LOG_SECONDS:
            logged_at = time.monotonic()
            _LOG.warning("waiting: %s", trouble)
        await asyncio.sleep(_RETRY_SECONDS)


async def _look(kafka: str, together: list[str], names: list[str]) -> tuple[Exception | None, str]:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=5000)
    try:
        await asyncio.wait_for(admin.start(), _CALL_SECONDS)
        cluster = await asyncio.wait_for(admin.describe_cluster(), _CALL_SECONDS)
        found = await asyncio.wait_for(admin.describe_topics(names), _CALL_SECONDS) if names else []
    except (KafkaError, OSError, TimeoutError) as error:
        return ConnectionError(f"no Kafka broker answers at {kafka} ({error})"), ""
    finally:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(admin.close(), 5)
    counts = {entry["topic"]: len(entry["partitions"]) for entry in found}
    return _judge(together, names, counts), str(cluster.get("cluster_id"))


async def broker_answers(kafka: str) -> bool:
    """Whether there is a broker at all."""
    trouble, _ = await _look(kafka, [], [])
    return trouble is None


def _judge(
    together: list[str], names: list[str], counts: dict[str, int]
) -> TopicsUnfitError | None:
    missing = [name for name in names if not counts.get(name)]
    if missing:
        return TopicsUnfitError(
            f"topics do not exist: {', '.join(missing)}. Create them with 'tierlink topics'; "
            "is TIERLINK_TOPIC_PREFIX right?"
        )
    if len({counts[name] for name in together}) > 1:
        listed = ", ".join(f"{name} has {counts[name]}" for name in together)
        return TopicsUnfitError(f"partitions differ where keys must meet: {listed}")
    return None


def drop_foreign_state(folder: Path, cluster: str) -> None:
    """Throw away local rows that were made from another cluster: the changelogs there are the truth."""
    mark = folder / "cluster"
    if folder.exists() and (not mark.exists() or mark.read_text(encoding="utf-8") != cluster):
        _LOG.warning("throwing away %s: it is of another cluster", folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(cluster, encoding="utf-8")
