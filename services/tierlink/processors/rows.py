"""The rows of the processors: ledgers, what was published of them, and outputs that may not have been published.

A row is written *before* the outputs it calls for. Batches are cut differently after a crash, so outputs sent
before the row could belong to a state no later run passes through, and stay behind for ever: a line under a key
that merging two facts at once never gives. With the keys in the row, whoever reads it next publishes them as they
then are. Only another owner's keys are doubtful: within one ownership the outputs are awaited before going on.

Each result's :class:`~tierlink.processors.events.Mark` lies in the row that gave it, so that a step has to find out
what is the case now, and not also what was the case before.

Facts stay encoded until somebody needs them. The structs take no part in garbage collection (``gc=False``): they
hold no cycles, and a batch has thousands of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from tierlink.processors.events import Mark

__all__ = [
    "OrderRow",
    "OutputKey",
    "Published",
    "RowCodec",
    "Section",
    "StockRow",
    "partition_in",
    "published",
]

OutputKey: TypeAlias = tuple[str, int]
"""Record key and partition of an output."""

Published: TypeAlias = bytes
"""Where a line was published, and what was said: partition and mark."""

PACKED_OVER_BYTES = 16_384
"""Longer rows are packed: a record ends at a megabyte, and facts of one order are much alike."""

_NO_FACTS = Raw(msgspec.msgpack.encode([]))
_PARTITION_BYTES = 4


def published(partition: int, mark: Mark) -> Published:
    """Note a publication."""
    return partition.to_bytes(_PARTITION_BYTES) + mark


def partition_in(note: Published) -> int:
    """Partition of a publication."""
    return int.from_bytes(note[:_PARTITION_BYTES])


class Section(Struct, frozen=True, array_like=True, gc=False):
    """A part of an order (``kpi.sections``).

    Attributes:
        facts: an encoded ledger.
        lines: each line measured from it.
        made_of: in an entangled order, the facts of all sections that the PO line's group has.
    """

    facts: Raw = _NO_FACTS
    lines: dict[str, Published] = {}
    made_of: bytes = b""


class OrderRow(Struct, frozen=True, array_like=True, gc=False):
    """A purchase order.

    Attributes:
        owner: who wrote the row.
        called_for: outputs of that write.
        is_entangled: its lines can only be measured together.
        sections: by name.
    """

    owner: str = ""
    called_for: tuple[OutputKey, ...] = ()
    is_entangled: bool = False
    sections: dict[str, Section] = {}

    def doubtful(self, owner: str) -> tuple[OutputKey, ...]:
        """Outputs that may not have been published, as ``owner`` sees it."""
        return () if self.owner == owner else self.called_for


class StockRow(Struct, frozen=True, array_like=True, gc=False):
    """The stock of one item at one site.

    Attributes:
        owner: who wrote the row.
        called_for: periods that write published.
        day: day the periods were reckoned as of, ISO.
        facts: an encoded ledger.
        periods: by output key, what was said.
    """

    owner: str = ""
    called_for: tuple[str, ...] = ()
    day: str = ""
    facts: Raw = _NO_FACTS
    periods: dict[str, Mark] = {}

    def doubtful(self, owner: str) -> tuple[str, ...]:
        """Periods that may not have been published, as ``owner`` sees it."""
        return () if self.owner == owner else self.called_for


_encode = msgspec.msgpack.Encoder().encode

R = TypeVar("R", OrderRow, StockRow)
Buffer: TypeAlias = bytes | memoryview


class RowCodec(Generic[R]):
    """Writes and reads rows of one kind."""

    def __init__(self, kind: type[R]) -> None:
        self._kind: Callable[[], R] = kind
        self._read: Callable[[Buffer], R] = msgspec.msgpack.Decoder(kind).decode

    def encode(self, row: R) -> bytes:
        """Write a row for a table."""
        raw = _encode(row)
        return b"z" + zlib.compress(raw, 1) if len(raw) > PACKED_OVER_BYTES else b"m" + raw

    def decode(self, raw: bytes | None) -> R:
        """Read what :meth:`encode` wrote; None is a row without facts."""
        if raw is None:
            return self._kind()
        body = memoryview(raw)[1:]
        return self._read(zlib.decompress(body) if raw[:1] == b"z" else body)
