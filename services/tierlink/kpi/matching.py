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

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeGuard, TypeVar

from msgspec import Struct

from tierlink.kpi.facts import Fact
from tierlink.kpi.statements import OrderStatement, Placed
from tierlink.schemas.values import Actor

__all__ = ["Group", "GroupKey", "Matched", "OrderFact", "Said", "by_preference", "match"]

GroupKey: TypeAlias = tuple[str, str]
"""("line", po_line), ("item", item id) or ("order", "")."""


S = TypeVar("S", bound=OrderStatement)
S_co = TypeVar("S_co", bound=OrderStatement, covariant=True)


class OrderFact(Struct, Generic[S_co], frozen=True, gc=False):
    """A fact with the statement it makes, and the schedule line it is about (None: the whole group)."""

    fact: Fact
    says: S_co
    sched: str | None


class Said:
    """Facts by the kind of statement they make; as a whole and of each kind they are in story order."""

    __slots__ = ("_kinds", "entries")

    def __init__(self, entries: Sequence[OrderFact[OrderStatement]]) -> None:
        self.entries = entries
        self._kinds: dict[type[OrderStatement], list[OrderFact[Any]]] = {}
        for entry in entries:
            self._kinds.setdefault(type(entry.says), []).append(entry)

    def of(self, kind: type[S]) -> list[OrderFact[S]]:
        """All facts that say this."""
        return self._kinds.get(kind, [])


class Group(Struct, frozen=True, gc=False):
    """A PO line.

    Attributes:
        scheds: its schedule lines, sorted; ``(None,)`` when it has one without a name.
        said: what is said of it; ``sched`` is None where it concerns all of them.
    """

    key: GroupKey
    scheds: tuple[str | None, ...]
    said: Said

    def concerning(self, sched: str | None) -> Said:
        """What is said of one schedule line, or of the whole group."""
        if len(self.scheds) == 1:
            return self.said
        return Said([one for one in self.said.entries if one.sched is None or one.sched == sched])

    def is_exact(self, entry: OrderFact[OrderStatement]) -> bool:
        """Whether a quantity in this fact is a schedule line's, not a sum over several."""
        return entry.sched is not None or len(self.scheds) == 1


class Matched(Struct, frozen=True, gc=False):
    """Facts of one order, resolved. ``unmatched`` are kept aside, in story order."""

    groups: tuple[Group, ...]
    unmatched: tuple[Fact, ...]


@dataclass(slots=True)
class _Index:
    """Where placed facts say the order's lines are."""

    placed: dict[GroupKey, list[OrderFact[Placed]]] = field(default_factory=dict)
    scheds: dict[GroupKey, set[str]] = field(default_factory=dict)
    of_item: dict[str, list[GroupKey]] = field(default_factory=dict)
    homes: dict[int, GroupKey] = field(default_factory=dict)

    def add(self, key: GroupKey, entry: OrderFact[Placed]) -> None:
        self.homes[id(entry)] = key
        self.placed.setdefault(key, []).append(entry)
        scheds = self.scheds.setdefault(key, set())
        if entry.sched is not None:
            scheds.add(entry.sched)

    def find(self, entry: OrderFact[OrderStatement]) -> GroupKey | None:
        """The one group a fact can mean, else None."""
        says = entry.says
        if isinstance(says, Placed):
            return self.homes.get(id(entry))
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
    entries: list[OrderFact[OrderStatement]] = [
        OrderFact(fact, fact.data, fact.data.sched_line)
        for fact in facts
        if isinstance(fact.data, OrderStatement)
    ]
    index = _index(entries)
    found: dict[GroupKey, list[OrderFact[OrderStatement]]] = {key: [] for key in index.placed}
    aside: list[Fact] = []
    for entry in entries:
        key = index.find(entry)
        if key is None:
            aside.append(entry.fact)
        elif entry.sched is None or entry.sched in index.scheds[key]:
            found[key].append(entry)
        elif index.scheds[key]:
            aside.append(entry.fact)
        else:
            found[key].append(OrderFact(entry.fact, entry.says, None))
    groups = tuple(
        Group(key, tuple(sorted(index.scheds[key])) or (None,), Said(found[key]))
        for key in sorted(found)
    )
    return Matched(groups, tuple(aside))


def _index(entries: Sequence[OrderFact[OrderStatement]]) -> _Index:
    """Form the groups: numbered ones first, then by item, then the order as a whole."""
    index = _Index()
    placed = [entry for entry in entries if _is_placed(entry)]
    for entry in placed:
        if entry.says.po_line is not None:
            index.add(("line", entry.says.po_line), entry)
    if any(entry.says.po_line is None for entry in entries):
        _index_loose(index, [entry for entry in placed if entry.says.po_line is None])
    return index


def _index_loose(index: _Index, loose: Sequence[OrderFact[Placed]]) -> None:
    """Learn which line has which item, and find homes for placed facts that name no line."""
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


def _is_placed(entry: OrderFact[Any]) -> TypeGuard[OrderFact[Placed]]:
    return isinstance(entry.says, Placed)


def by_preference(entries: Sequence[OrderFact[S]]) -> list[OrderFact[S]]:
    """Order statements by whom to believe: the buyer first, then the more exact, then the newest.

    Args:
        entries: in story order.
    """
    newest_first = [*entries]
    newest_first.reverse()
    if len(newest_first) > 1:
        newest_first.sort(key=lambda e: (e.says.asserted_by is not Actor.BUYER, e.sched is None))
    return newest_first
