"""The row of an aggregate: its ledger, and the output keys that may not have been published.

A row is written *before* the outputs it calls for. Batches are cut differently after a crash, so outputs sent
before the row could belong to a state no later run passes through, and stay behind for ever: a line under a key
that merging two facts at once never gives. With the keys in the row, whoever reads it next publishes them as they
then are. Only another owner's keys are doubtful: within one ownership the outputs are awaited before going on.
"""

from __future__ import annotations

import zlib
from typing import TypeAlias

import msgspec
from msgspec import Struct

from tierlink.kpi import ledger
from tierlink.kpi.ledger import Ledger

__all__ = ["LedgerRow", "OutputKey", "decode_row", "encode_row"]

OutputKey: TypeAlias = tuple[str, int]
"""Record key and partition of an output."""

PACKED_OVER_BYTES = 4096
"""Longer rows are packed: a record ends at a megabyte, and facts of one order are much alike."""


class LedgerRow(Struct, frozen=True):
    """``called_for``: outputs of the write by ``owner``."""

    owner: str = ""
    called_for: tuple[OutputKey, ...] = ()
    ledger: Ledger = Ledger({})

    def doubtful(self, owner: str) -> tuple[OutputKey, ...]:
        """Outputs that may not have been published, as ``owner`` sees it."""
        return () if self.owner == owner else self.called_for


class _Stored(Struct, frozen=True, array_like=True):
    owner: str
    called_for: tuple[OutputKey, ...]
    ledger: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stored)


def encode_row(row: LedgerRow) -> bytes:
    """Write a row for a table."""
    raw = _encoder.encode(_Stored(row.owner, row.called_for, ledger.encode(row.ledger)))
    return b"z" + zlib.compress(raw, 1) if len(raw) > PACKED_OVER_BYTES else b"m" + raw


def decode_row(raw: bytes | None) -> LedgerRow:
    """Read what :func:`encode_row` wrote; None is a row without facts."""
    if raw is None:
        return LedgerRow()
    body = zlib.decompress(raw[1:]) if raw[:1] == b"z" else raw[1:]
    stored = _decoder.decode(body)
    return LedgerRow(stored.owner, stored.called_for, ledger.decode(stored.ledger))
