"""Which schedule line of a purchase order each fact is about (domain 6.2).

All facts of one order are resolved together, because a supplier's ledger often names no line. A *group* is
a PO line with its schedule lines; goods that name only the PO line are shared out inside it.

1. Groups are what placed facts name: a PO line; or, where a placed fact names none, the line that has its
   item; or, when no line has it, a group of that item alone. Placed facts without line and item belong to
   the only group, or form one when there is none.
2. Schedule lines of a group are those its placed facts name, else one without a name.
3. Any other fact goes to the PO line it names; else to the only line of its item; else, when it names no
   item either, to the only line of the order. A schedule line it names must exist, unless the group's only
   line has no name.
4. What fits nowhere or in several places is set aside: counted and listed, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tierlink.kpi.facts import Fact
from tierlink.kpi.statements import OrderStatement, Placed
from tierlink.schemas.values import Actor

__all__ = ["Group", "GroupKey", "Matched", "OrderFact", "by_preference", "match"]

GroupKey: TypeAlias = tuple[str, str]
"""("line", po_line), ("item", item id) or ("order", "")."""


@dataclass(frozen=True, slots=True)
class OrderFact:
    """A fact with the statement it makes, and the schedule line it is about (None: the whole group)."""

    fact: Fact
    says: OrderStatement
    sched: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A PO line.

    Attributes:
        scheds: its schedule lines, sorted; ``(None,)`` when it has one without a name.
        facts: what is said of it, in story order; ``sched`` is None where it concerns all of them.
    """

    key: GroupKey
    scheds: tuple[str | None, ...]
    facts: tuple[OrderFact, ...]

    def concerning(self, sched: str | None) -> list[OrderFact]:
        """What is said of one schedule line, or of the whole group."""
        return [entry for entry in self.facts if entry.sched is None or entry.sched == sched]

    def is_exact(self, entry: OrderFact) -> bool:
        """Whether a quantity in this fact is a schedule line's, not a sum over several."""
        return entry.sched is not None or len(self.scheds) == 1


@dataclass(frozen=True, slots=True)
class Matched:
    """Facts of one order, resolved. ``unmatched`` are kept aside, in story order."""

    groups: tuple[Group, ...]
    unmatched: tuple[Fact, ...]


@dataclass(slots=True)
class _Index:
    """Where placed facts say the order's lines are."""

    placed: dict[GroupKey, list[OrderFact]] = field(default_factory=dict)
    of_item: dict[str, list[GroupKey]] = field(default_factory=dict)

    def add(self, key: GroupKey, entry: OrderFact) -> None:
        self.placed.setdefault(key, []).append(entry)

    def find(self, says: OrderStatement) -> GroupKey | None:
        """The one group a statement can mean, else None."""
        if says.po_line is not None:
            key = ("line", says.po_line)
            return key if key in self.placed else None
        choices = list(self.placed) if says.item is None else self.of_item.get(says.item.id, [])
        return choices[0] if len(choices) == 1 else None


def match(facts: Sequence[Fact]) -> Matched:
    """Resolve the live facts of one purchase order.

    Args:
        facts: in story order (``ledger.live_facts``); statements about stock are ignored.
    """
    entries = [
        OrderFact(fact, fact.data, fact.data.sched_line)
        for fact in facts
        if isinstance(fact.data, OrderStatement)
    ]
    index = _index([entry for entry in entries if isinstance(entry.says, Placed)])
    named = {
        key: {entry.sched for entry in placed} - {None} for key, placed in index.placed.items()
    }
    homes = {id(entry): key for key, placed in index.placed.items() for entry in placed}
    found: dict[GroupKey, list[OrderFact]] = {key: [] for key in index.placed}
    aside: list[Fact] = []
    for entry in entries:
        key = homes.get(id(entry))
        if key is None and not isinstance(entry.says, Placed):
            key = index.find(entry.says)
        if key is None or (entry.sched and named[key] and entry.sched not in named[key]):
            aside.append(entry.fact)
        elif entry.sched and not named[key]:
            found[key].append(OrderFact(entry.fact, entry.says, None))
        else:
            found[key].append(entry)
    groups = tuple(
        Group(key, tuple(sorted(name for name in named[key] if name)) or (None,), tuple(found[key]))
        for key in sorted(found)
    )
    return Matched(groups, tuple(aside))


def _index(placed: Iterable[OrderFact]) -> _Index:
    """Form the groups: numbered ones first, then by item, then the order as a whole."""
    index = _Index()
    loose: list[OrderFact] = []
    for entry in placed:
        if entry.says.po_line is not None:
            index.add(("line", entry.says.po_line), entry)
        else:
            loose.append(entry)
    for key in sorted(index.placed):
        item = next(
            (e.says.item for e in by_preference(index.placed[key]) if e.says.item is not None), None
        )
        if item is not None:
            index.of_item.setdefault(item.id, []).append(key)
    for entry in loose:
        if entry.says.item is None:
            continue
        home = index.of_item.setdefault(entry.says.item.id, [("item", entry.says.item.id)])
        if len(home) == 1:
            index.add(home[0], entry)
    nameless = [entry for entry in loose if entry.says.item is None]
    if len(index.placed) <= 1:
        home_of_all = next(iter(index.placed), ("order", ""))
        for entry in nameless:
            index.add(home_of_all, entry)
    return index


def by_preference(entries: Iterable[OrderFact]) -> list[OrderFact]:
    """Order statements by whom to believe: the buyer first, then the more exact, then the newest.

    Args:
        entries: in story order.
    """
    newest_first = reversed(list(entries))
    return sorted(
        newest_first, key=lambda e: (e.says.asserted_by is not Actor.BUYER, e.sched is None)
    )
