"""Dead letters as people read them: what was refused, where it stood, and why."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tierlink.broker.tail import arrived, newest
from tierlink.installation.settings import InstallationSettings
from tierlink.schemas.topics import DEAD_LETTERS

__all__ = ["HEAD_BYTES", "Letter", "count_letters", "read_letters"]

HEAD_BYTES = 200
"""Of a refused record that are kept here; the whole still lies where it stood."""
_LAST_MS = 253_402_300_799_000
"""The calendar's last second."""


@dataclass(frozen=True)
class Letter:
    """One refused record.

    Attributes:
        laid_aside_at: when a processor refused it.
        reason: why.
        topic: it stands on.
        partition: number of the partition there.
        offset: in that partition.
        key: of the record; None: it has none.
        head: first bytes of its value; None: it has none.
        size: of the whole value in bytes.
    """

    laid_aside_at: datetime
    reason: str
    topic: str
    partition: str
    offset: str
    key: bytes | None
    head: bytes | None
    size: int

    @property
    def place(self) -> str:
        """Where the record stands."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


def read_letters(settings: InstallationSettings, count: int) -> list[Letter]:
    """The newest letters, newest first.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """

    async def read() -> list[Letter]:
        topic = DEAD_LETTERS.full_name(settings.topic_prefix)
        return [_letter(record) async for record in newest(settings.address, topic, count)]

    letters = sorted(asyncio.run(read()), key=lambda letter: letter.laid_aside_at, reverse=True)
    return letters[:count]


def count_letters(settings: InstallationSettings, since: datetime) -> tuple[int, int]:
    """How many letters there are, and how many were laid aside since then.

    Raises:
        KafkaError, OSError, TimeoutError: the broker does not answer.
    """
    topic = DEAD_LETTERS.full_name(settings.topic_prefix)
    return asyncio.run(arrived(settings.address, topic, since))


def _letter(record: Any) -> Letter:
    """Read a letter; anyone may write to the topic, so nothing is taken for granted."""
    headers = {name: value or b"" for name, value in record.headers}

    def word(name: str) -> str:
        return headers.get(name, b"?").decode("utf-8", "backslashreplace")

    value = record.value
    cut = headers.get("cut", b"")
    return Letter(
        laid_aside_at=datetime.fromtimestamp(min(max(record.timestamp, 0), _LAST_MS) / 1000, UTC),
        reason=word("reason"),
        topic=word("topic"),
        partition=word("partition"),
        offset=word("offset"),
        key=headers.get("key"),
        head=None if value is None else value[:HEAD_BYTES],
        size=int(cut) if cut.isdigit() else len(value or b""),
    )
