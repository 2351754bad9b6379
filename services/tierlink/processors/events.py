"""Wrapping what the processors publish.

The id is made of what is said, so the same statement has the same id for ever; ``recordedtime`` alone differs
between two publications of it.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from tierlink.kpi.results import Result, encode
from tierlink.schemas.envelope import canonical_hash, state_bytes
from tierlink.streaming.delivery import Outgoing

__all__ = ["MEASUREMENT_BYTES_MAX", "Mark", "Statement", "kpi_record", "tombstone"]

MEASUREMENT_BYTES_MAX = 900_000
"""Of a measured line's event: what is judged and kept of it is a little more, and has to fit in a record as well."""

Mark = bytes
"""Beginning of a statement's content hash: tells in a row whether the same was published before."""
_MARK_DIGITS = 16


class Statement(Struct, frozen=True):
    """A result as it will be published, and the hash of what it says."""

    event_type: str
    body: bytes
    content: str

    @classmethod
    def of(cls, result: Result) -> Statement:
        """Write a result."""
        body = encode(result)
        return cls(result.event_type, body, canonical_hash(result.event_type, body))

    @property
    def mark(self) -> Mark:
        """Equal for equal statements; 64 bits."""
        return bytes.fromhex(self.content[:_MARK_DIGITS])

    def record(
        self, *, processor: str, topic: str, partition: int, key: str, at: datetime
    ) -> Outgoing:
        """Its event, placed."""
        source = f"urn:tierlink:processor:{processor}"
        value = state_bytes(self.event_type, self.body, self.content, source=source, key=key, at=at)
        return Outgoing(topic, partition, key.encode(), value)


def kpi_record(
    result: Result, *, processor: str, topic: str, partition: int, key: str, at: datetime
) -> Outgoing:
    """A KPI event, placed."""
    return Statement.of(result).record(
        processor=processor, topic=topic, partition=partition, key=key, at=at
    )


def tombstone(*, topic: str, partition: int, key: str) -> Outgoing:
    """Under this key there is nothing any more."""
    return Outgoing(topic, partition, key.encode(), None)
