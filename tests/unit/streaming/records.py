"""Records as aiokafka hands them on."""

from __future__ import annotations

from aiokafka.structs import ConsumerRecord


def record(
    offset: int,
    value: bytes | None = b"{}",
    key: bytes | None = b"k",
    topic: str = "t",
    partition: int = 0,
) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=1_700_000_000_000,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(),
    )
