"""The state of one aggregate: for each fact address its newest revision.

``merge`` takes the maximum of a total order per address, so it is commutative, associative and idempotent:
any order, repetition or batching of the log ends in the same ledger, and in the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import Struct

from tierlink.kpi.facts import TYPES, Fact, family_of
from tierlink.kpi.statements import Statement, decode_hook, encode_hook

__all__ = ["Address", "Ledger", "decode", "encode", "live_facts", "merge", "said_at"]

Address: TypeAlias = tuple[str, str, str]
"""(subject, family, factkey). The factkey names the feed, so two sources never overwrite each other."""


class Ledger(Struct, frozen=True, gc=False):
    """Newest revision per address. A retraction stays as a tombstone: an older revision may still arrive."""

    facts: dict[Address, Fact] = {}


class _Stored(Struct, frozen=True, gc=False, array_like=True):
    """A fact in a table. What is like the fact before it is an empty text; facts of one order are much alike."""

    type: int
    family: str
    subject: str
    factkey: str
    sequence: int
    id: str
    recordedtime: datetime
    source: str
    partitionkey: str
    data: Statement | None


_encoder = msgspec.msgpack.Encoder(enc_hook=encode_hook)
_decoder = msgspec.msgpack.Decoder(list[_Stored], dec_hook=decode_hook)
_CODES = {kind: code for code, kind in enumerate(TYPES)}


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
    stored = []
    subject = source = partitionkey = ""
    for address in sorted(ledger.facts):
        fact = ledger.facts[address]
        stored.append(
            _Stored(
                _CODES[fact.type],
                fact.family if fact.data is None else "",
                "" if fact.subject == subject else fact.subject,
                fact.factkey,
                int(fact.sequence),
                fact.id,
                fact.recordedtime,
                "" if fact.source == source else fact.source,
                "" if fact.partitionkey == partitionkey else fact.partitionkey,
                fact.data,
            )
        )
        subject, source, partitionkey = fact.subject, fact.source, fact.partitionkey
    return _encoder.encode(stored)


def decode(raw: bytes | msgspec.Raw | None) -> Ledger:
    """Read what :func:`encode` wrote; None is an empty ledger."""
    facts: dict[Address, Fact] = {}
    subject = source = partitionkey = ""
    for one in _decoder.decode(raw) if raw is not None else ():
        subject = one.subject or subject
        source = one.source or source
        partitionkey = one.partitionkey or partitionkey
        kind = TYPES[one.type]
        family = one.family or family_of(kind)
        facts[subject, family, one.factkey] = Fact(
            id=one.id,
            type=kind,
            family=family,
            source=source,
            subject=subject,
            partitionkey=partitionkey,
            factkey=one.factkey,
            sequence=f"{one.sequence:010d}",
            recordedtime=one.recordedtime,
            data=one.data,
        )
    return Ledger(facts)


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
