"""What every processor of facts does with a batch first: read it, group it, lay the unreadable aside."""

from __future__ import annotations

import logging

from tierlink.kpi.facts import Fact, UnreadableFactError, read_fact
from tierlink.processors.dead_letters import dead_letter
from tierlink.schemas.topics import DEAD_LETTERS
from tierlink.streaming.batches import Batch, SourceRecord
from tierlink.streaming.delivery import Delivery

__all__ = ["DeadLetters", "facts_by_aggregate", "read_record"]

_LOG = logging.getLogger(__name__)


class DeadLetters:
    """The dead-letter topic."""

    def __init__(self, delivery: Delivery, prefix: str) -> None:
        self._delivery = delivery
        self._prefix = prefix

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


async def facts_by_aggregate(batch: Batch, letters: DeadLetters) -> dict[bytes, list[Fact]]:
    """Facts of a batch by record key, in order; what is no fact goes to the dead letters."""
    groups: dict[bytes, list[Fact]] = {}
    refused = []
    for record in batch.records:
        try:
            fact = read_record(record)
        except UnreadableFactError as error:
            refused.append((record, error.reason))
        else:
            groups.setdefault(fact.partitionkey.encode(), []).append(fact)
    await letters.send(refused)
    return groups


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
