"""Records nobody can read: laid aside as they are, with where they stood and why."""

from __future__ import annotations

import re

from tierlink.schemas.topics import DEAD_LETTERS
from tierlink.streaming.batches import SourceRecord
from tierlink.streaming.delivery import Outgoing, partition_of

__all__ = ["LETTER_BYTES_MAX", "REASON_KINDS", "dead_letter", "reason_kind"]

LETTER_BYTES_MAX = 1_000_000
"""With its headers a letter must not be larger than the broker takes."""
_HEADER_BYTES_MAX = 4096

_MALFORMED = "malformed"
_BEGINNINGS = {
    "no value": "no-value",
    "larger than": "too-large",
    "nested too deeply": "too-deep",
    "unknown type": "unknown-type",
    "the record key": "wrong-key",
    "partitionkey is not": "wrong-key",
    "with it the row would": "row-too-large",
    "with it a result would": "result-too-large",
}
_EXCEPTION = re.compile(r"[A-Za-z_.]*(Error|Exception): ")
_STEP_FAILED = "step-failed"
REASON_KINDS = frozenset({*_BEGINNINGS.values(), _STEP_FAILED, _MALFORMED})
"""Words for the label of a metric; the sentence itself may quote the record."""


def reason_kind(reason: str) -> str:
    """The kind of a reason, one of :data:`REASON_KINDS`."""
    kinds = (kind for beginning, kind in _BEGINNINGS.items() if reason.startswith(beginning))
    return next(kinds, _STEP_FAILED if _EXCEPTION.match(reason) else _MALFORMED)


def dead_letter(record: SourceRecord, reason: str, prefix: str, partitions: int) -> Outgoing:
    """Make the letter.

    Args:
        record: byte for byte the value, unless it is over :data:`LETTER_BYTES_MAX`; then its beginning, and the
            header ``cut`` says the full size.
        reason: why it was refused.
        prefix: of topic names.
        partitions: of the dead-letter topic.
    """
    key = f"{record.topic}|{record.partition}|{record.offset}".encode()
    headers = [
        ("reason", _short(reason.encode("utf-8", "backslashreplace"))),
        ("topic", record.topic.encode()),
        ("partition", str(record.partition).encode()),
        ("offset", str(record.offset).encode()),
    ]
    if record.key is not None:
        headers.append(("key", _short(record.key)))
    value = record.value
    if value is not None and len(value) > LETTER_BYTES_MAX:
        headers.append(("cut", str(len(value)).encode()))
        value = value[:LETTER_BYTES_MAX]
    topic = DEAD_LETTERS.full_name(prefix)
    return Outgoing(topic, partition_of(key, partitions), key, value, headers)


def _short(raw: bytes) -> bytes:
    return raw[:_HEADER_BYTES_MAX]
