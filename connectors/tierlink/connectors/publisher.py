"""Relays the outbox to Kafka: in order, acknowledged, for ever. The outbox row is marked only after the broker's ack.

Rules A1-A6 of docs/decisions/0003-streaming.md: idempotent producer, every call bounded, and a producer whose last
outcome is unknown is thrown away. What is sent twice has the same id and the same bytes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaProducer

from tierlink.connectors.errors import RetryLaterError
from tierlink.connectors.intake.faults import die_here
from tierlink.connectors.intake.store import IntakeStore, OutboxRecord
from tierlink.schemas.cluster import ClusterSettings

__all__ = ["KafkaPublisher", "Publisher", "relay_outbox"]

logger = logging.getLogger(__name__)

_CALL_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_BATCH_RECORDS: Final = 2_000
_IDLE_SECONDS: Final = 5.0
_PAUSE_SHORTEST: Final = 0.5
_PAUSE_LONGEST: Final = 15.0
_LINGER_MS: Final = 5


class Publisher(Protocol):
    """Where events go."""

    async def publish(self, records: Sequence[OutboxRecord]) -> None:
        """Send all, keep the order per key, and return when all are acknowledged.

        Raises:
            RetryLaterError: at least one may not have arrived; all must be sent again.
        """
        ...

    async def close(self) -> None:
        """Let go of connections, within bounded time."""
        ...


class KafkaPublisher:
    """Publishes with an idempotent producer, and a new one after any failure."""

    def __init__(self, cluster: ClusterSettings, client_id: str) -> None:
        self._cluster = cluster
        self._client_id = client_id
        self._producer: Any = None

    async def publish(self, records: Sequence[OutboxRecord]) -> None:
        """Send and await every acknowledgement.

        Raises:
            RetryLaterError: the broker is away, refused a record, or did not answer in time.
        """
        try:
            await asyncio.wait_for(self._send(records), _CALL_SECONDS + _CALL_SECONDS)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # aiokafka raises many kinds; each leaves the outcome unknown
            await self.close()
            raise RetryLaterError(_describe(error)) from error

    async def close(self) -> None:
        """Stop the producer; give up waiting for it after five seconds."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):
                await asyncio.wait_for(producer.stop(), _STOP_SECONDS)

    async def _send(self, records: Sequence[OutboxRecord]) -> None:
        if self._producer is None:
            await self._connect()
        prefix = self._cluster.topic_prefix
        acks = [
            await self._producer.send(f"{prefix}{record.topic}", record.value, record.key)
            for record in records
        ]
        await asyncio.gather(*acks)

    async def _connect(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._cluster.kafka,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            linger_ms=_LINGER_MS,
            request_timeout_ms=int(_CALL_SECONDS * 1000),
        )
        await asyncio.wait_for(self._producer.start(), _CALL_SECONDS)


async def relay_outbox(
    store: IntakeStore,
    publisher: Publisher,
    wake: asyncio.Event,
    is_drained: Callable[[], bool] = lambda: False,
) -> None:
    """Send what is in the outbox, oldest first, until cancelled.

    Args:
        store: holds the outbox.
        publisher: where to.
        wake: set by whoever put something into the outbox.
        is_drained: asked when the outbox is empty; true ends the relay.
    """
    trouble = _Trouble(store.feed)
    while True:
        wake.clear()
        records = await asyncio.to_thread(store.waiting_events, _BATCH_RECORDS)
        if not records:
            if is_drained():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), _IDLE_SECONDS)
            continue
        try:
            await publisher.publish(records)
            die_here("after_send_before_mark")
            await asyncio.to_thread(store.mark_published, records)
            trouble.ends()
        except RetryLaterError as error:
            await asyncio.sleep(trouble.begins(error.reason))


class _Trouble:
    """Says once that the broker is away and once that it is back; spaces the tries."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._since: float | None = None
        self._pause = _PAUSE_SHORTEST

    def begins(self, reason: str) -> float:
        """Note a failure; answer how long to wait."""
        if self._since is None:
            self._since = time.monotonic()
            logger.warning(
                "feed=%s events wait: %s; nothing is lost, trying on", self._feed, reason
            )
        pause, self._pause = self._pause, min(self._pause * 2, _PAUSE_LONGEST)
        return pause

    def ends(self) -> None:
        """Note a success."""
        if self._since is not None:
            away = time.monotonic() - self._since
            logger.info("feed=%s events flow again after %.0f s", self._feed, away)
        self._since, self._pause = None, _PAUSE_SHORTEST


def _describe(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
