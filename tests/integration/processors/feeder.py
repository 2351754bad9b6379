"""Records that keep coming, whatever happens to those who read them, and to the broker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer

from integration.processors.cluster import Chain, Sent

__all__ = ["Feeder"]

_PAUSE_SECONDS = 0.1
_PATIENCE_SECONDS = 180


class Feeder:
    """Sends records from a thread of its own, a handful ten times a second, as far as it is allowed to.

    Attributes:
        sent: records the broker has.
    """

    def __init__(self, chain: Chain, records: Sequence[Sent], at_once: int = 40) -> None:
        """Nothing is sent yet.

        Args:
            chain: where to.
            records: in this order.
            at_once: a handful.
        """
        self.sent = 0
        self._chain = chain
        self._records = records
        self._at_once = at_once
        self._allowed = 0.0
        self._is_over = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._thread.join(_PATIENCE_SECONDS)

    def allow(self, share: float) -> None:
        """Let so much of the records go, 1 for all."""
        self._allowed = max(self._allowed, min(1.0, share))

    def is_done(self) -> bool:
        """Whether all records have arrived.

        Raises:
            Exception: what kept the feeder from sending.
        """
        if self._error is not None:
            raise self._error
        return self.sent == len(self._records)

    def _run(self) -> None:
        try:
            asyncio.run(self._feed())
        except Exception as error:  # noqa: BLE001 raised in the test's own thread
            self._error = error

    async def _feed(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._chain.kafka,
            enable_idempotence=True,
            request_timeout_ms=_PATIENCE_SECONDS * 1000,
        )
        await asyncio.wait_for(producer.start(), _PATIENCE_SECONDS)
        try:
            while not self._is_over and self.sent < len(self._records):
                end = min(self.sent + self._at_once, int(self._allowed * len(self._records)))
                await self._send(producer, self._records[self.sent : end])
                self.sent = max(self.sent, end)
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            await asyncio.wait_for(producer.stop(), 30)

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Sent]) -> None:
        arrivals = [
            await producer.send(one.topic.full_name(self._chain.prefix), one.value, one.key)
            for one in records
        ]
        await asyncio.wait_for(asyncio.gather(*arrivals), _PATIENCE_SECONDS)
