"""What every processor of facts does with a record first: read it, or lay it aside."""

from __future__ import annotations

import logging
from typing import TypeVar

from tierlink.kpi.facts import Fact, UnreadableFactError, read_fact
from tierlink.processors.dead_letters import dead_letter, reason_kind
from tierlink.schemas.topics import DEAD_LETTERS
from tierlink.streaming.batches import SourceRecord
from tierlink.streaming.delivery import Delivery
from tierlink.streaming.metrics import Metrics
from tierlink.streaming.stepping import RefusedRecordError, StepProcessor

__all__ = ["DeadLetters", "FactProcessor", "read_record"]

S = TypeVar("S")

_LOG = logging.getLogger(__name__)


class DeadLetters:
    """The dead-letter topic."""

    def __init__(self, delivery: Delivery, prefix: str, metrics: Metrics) -> None:
        self._delivery = delivery
        self._prefix = prefix
        self._metrics = metrics

    async def send(self, refused: list[tuple[SourceRecord, str]]) -> None:
        """Send records with the reasons they were refused for; returns when all have arrived."""
        if not refused:
            return
        partitions = await self._delivery.partitions(DEAD_LETTERS.full_name(self._prefix))
        for record, reason in refused:
            _LOG.warning(
                "dead letter: %s[%d]@%d: %s", record.topic, record.partition, record.offset, reason
            )
        await self._delivery.send(
            dead_letter(record, reason, self._prefix, partitions) for record, reason in refused
        )
        for record, reason in refused:
            self._metrics.dead_letters(record.topic, 1, reason_kind(reason))


def read_record(record: SourceRecord) -> Fact:
    """Read a fact.

    Raises:
        UnreadableFactError: no fact, or under a record key that is not its own: on the partition of another
            aggregate it would make a second ledger of its own.
    """
    if record.value is None:
        raise UnreadableFactError("no value; a fact is taken back by a retraction")
    fact = read_fact(record.value)
    if record.key != fact.partitionkey.encode():
        raise UnreadableFactError("the record key is not the fact's partitionkey")
    return fact


class FactProcessor(StepProcessor[S, Fact]):
    """A processor of facts; they are grouped by the aggregate they belong to."""

    def read(self, record: SourceRecord) -> tuple[bytes, Fact]:
        """Read a fact and its aggregate's key.

        Raises:
            RefusedRecordError: it is none.
        """
        try:
            fact = read_record(record)
        except UnreadableFactError as error:
            raise RefusedRecordError(error.reason) from error
        return record.key or b"", fact
