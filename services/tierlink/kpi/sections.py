"""Cutting a purchase order's facts so that one line can be measured without reading the others.

A fact that names its PO line concerns that line alone: no rule of ``matching``, ``terms``, ``arrivals`` or
``allocation`` looks across numbered lines. Two kinds of facts are different:

- What is said about transport. A shipment number joins statements made under different lines, so despatch advices
  and statuses of all lines lie in one shared section, and a new one may concern any line.
- What names no line. Which line it means is decided beside all others, and so may what theirs mean: such a fact
  *entangles* the order, and as long as it holds the order is measured as a whole.

So for an order without entangling facts, measuring a line's section together with the shared one gives exactly the
lines that measuring the whole order gives for it (``tests/unit/kpi/test_sections.py``).

A section is chosen by a fact's address and not by what it says, because revisions of a fact and its retraction must
meet. Where the two disagree the fact entangles the order.

In an entangled order facts are matched as a whole. But a group (``matching.Group``) that has the same facts as before,
none of them new, while nothing new is said about transport, measures as it did: :func:`made_of` tells.
"""

from __future__ import annotations

import hashlib

import msgspec

from tierlink.kpi.facts import Fact, family_of
from tierlink.kpi.matching import Group
from tierlink.kpi.statements import OrderStatement
from tierlink.schemas.deliveries import ShipmentDespatched, ShipmentStatusChanged
from tierlink.schemas.values import join_key

__all__ = ["SHARED", "entangles", "is_transport", "made_of", "section_name", "section_of"]

SHARED = ""
"""Name of the section of facts that may concern several lines."""

_TRANSPORT = frozenset(
    family_of(model.event_type) for model in (ShipmentDespatched, ShipmentStatusChanged)
)


def is_transport(fact: Fact) -> bool:
    """Whether a fact, or what it takes back, is about transport."""
    return fact.family in _TRANSPORT


def made_of(group: Group) -> bytes:
    """Tells groups of one PO line apart by the facts they are made of."""
    facts = [(entry.fact.id, entry.sched) for entry in group.said.entries]
    listed = msgspec.msgpack.encode((group.scheds, facts))
    return hashlib.blake2b(listed, digest_size=8).digest()


def section_of(fact: Fact) -> str:
    """Section of a fact's address: the PO line in its subject, as keys spell it; else :data:`SHARED`."""
    if is_transport(fact):
        return SHARED
    parts = fact.subject.split("|", 3)
    return parts[2] if len(parts) > 2 else SHARED


def section_name(po_line: str | None) -> str:
    """Section of a PO line."""
    return SHARED if po_line is None else join_key(po_line)


def entangles(fact: Fact) -> bool:
    """Whether an order with this fact must be measured as a whole."""
    says = fact.data
    if not isinstance(says, OrderStatement):
        return False
    if says.po_line is None:
        return True
    if is_transport(fact):
        return False
    return section_of(fact) != section_name(says.po_line)
