"""Wrapping what the processors publish.

The id is made of what is said, so the same statement has the same id for ever; ``recordedtime`` alone differs
between two publications of it.
"""

from __future__ import annotations

from datetime import datetime

from tierlink.schemas.envelope import Data, state_event
from tierlink.streaming.delivery import Outgoing

__all__ = ["kpi_record", "tombstone"]


def kpi_record(
    data: Data, *, processor: str, topic: str, partition: int, key: str, at: datetime
) -> Outgoing:
    """A KPI event, placed."""
    event = state_event(
        data,
        source=f"urn:tierlink:processor:{processor}",
        subject=key,
        partition_key=key,
        at=at,
    )
    return Outgoing(topic, partition, key.encode(), event.to_bytes())


def tombstone(*, topic: str, partition: int, key: str) -> Outgoing:
    """Under this key there is nothing any more."""
    return Outgoing(topic, partition, key.encode(), None)
