"""The state of one aggregate: for each fact address its newest revision.

``merge`` takes the maximum of a total order per address, so it is commutative, associative and idempotent:
any order, repetition or batching of the log ends in the same ledger, and in the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec
from msgspec import Struct

from tierlink.kpi.facts import Fact
from tierlink.kpi.statements import decode_hook, encode_hook

__all__ = ["Address", "Ledger", "decode", "encode", "live_facts", "merge", "said_at"]

Address: TypeAlias = tuple[str, str, str]
"""(subject, family, factkey). The factkey names the feed, so two sources never overwrite each other."""


class Ledger(Struct, frozen=True):
    """Newest revision per address. A retraction stays as a tombstone: an older revision may still arrive."""

    facts: dict[Address, Fact] = {}


_encoder = msgspec.msgpack.Encoder(enc_hook=encode_hook)
_decoder = msgspec.msgpack.Decoder(list[Fact], dec_hook=decode_hook)


def merge(ledger: Ledger, facts: Iterable[Fact]) -> tuple[Ledger, bool]:
    """Take in facts.

    Returns:
        The new ledger, or the same one when nothing changed, and whether something did.
    """
    merged = ledger.facts
    for fact in facts:
        address = _address(fact)
        known = merged.get(address)
        if known is not None and not _supersedes(fact, known):
            continue
        if merged is ledger.facts:
            merged = dict(merged)
        merged[address] = fact
    return (ledger, False) if merged is ledger.facts else (Ledger(merged), True)


def encode(ledger: Ledger) -> bytes:
    """Write a ledger for a table; equal ledgers give equal bytes."""
    return _encoder.encode([ledger.facts[address] for address in sorted(ledger.facts)])


def decode(raw: bytes | None) -> Ledger:
    """Read what :func:`encode` wrote; None is an empty ledger."""
    if raw is None:
        return Ledger({})
    return Ledger({_address(fact): fact for fact in _decoder.decode(raw)})


def live_facts(ledger: Ledger) -> list[Fact]:
    """The facts that hold, without retracted ones, in the order they were said (:func:`said_at`)."""
    return sorted((fact for fact in ledger.facts.values() if fact.data is not None), key=said_at)


def said_at(fact: Fact) -> tuple[object, ...]:
    """Sort key of the story order: recorded time, then revision and id, which only settle ties."""
    return (fact.recordedtime, fact.sequence, fact.id, _address(fact))


def _address(fact: Fact) -> Address:
    return (fact.subject, fact.family, fact.factkey)


def _supersedes(fact: Fact, known: Fact) -> bool:
    """Compare by (sequence, id). The rest settles two records of one statement, as after a lost outbox.

    Their ids are equal because an id is made of what is said; the earlier recording is the true one.
    """
    if fact.sequence != known.sequence:
        return fact.sequence > known.sequence
    if fact.id != known.id:
        return fact.id > known.id
    if fact.recordedtime != known.recordedtime:
        return fact.recordedtime < known.recordedtime
    return fact != known and _encoder.encode(fact) > _encoder.encode(known)
