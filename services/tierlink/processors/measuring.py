"""First half of on-time delivery: facts of purchase orders in, measured lines out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from uuid import uuid4

from msgspec import Raw

from tierlink.kpi import ledger, on_time
from tierlink.kpi.arrivals import Shipments
from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Address, Ledger
from tierlink.kpi.matching import Group, match
from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.results import LineMeasured
from tierlink.kpi.sections import (
    SHARED,
    entangles,
    is_transport,
    made_of,
    section_name,
    section_of,
)
from tierlink.processors.days import Clock
from tierlink.processors.events import MEASUREMENT_BYTES_MAX, Statement, tombstone
from tierlink.processors.intake import DeadLetters, FactProcessor
from tierlink.processors.rows import (
    OrderRow,
    OutputKey,
    Published,
    RowCodec,
    Section,
    partition_in,
    published,
)
from tierlink.schemas.topics import LINE_MEASUREMENTS
from tierlink.streaming.delivery import Outgoing, partition_of
from tierlink.streaming.tables import BatchTable

__all__ = ["LineMeasurer", "OpenOrder", "supplier_partition"]

_ROWS = RowCodec(OrderRow)
_EMPTY = Section()


def supplier_partition(line: LineMeasured, partitions: int) -> int:
    """Where a line's KPIs are: with all others of its supplier, so that one process counts them."""
    return _partition(line.supplier.id, partitions)


@lru_cache(maxsize=16_384)
def _partition(supplier: str, partitions: int) -> int:
    return partition_of(supplier.encode(), partitions)


class OpenOrder:
    """A purchase order while facts are taken into it. Its sections are read when they are needed."""

    def __init__(self, row: OrderRow) -> None:
        self.is_entangled = row.is_entangled
        self._stored = row.sections
        self._ledgers: dict[str, Ledger] = {}
        self._made_of: dict[str, bytes] = {}
        self._new: set[int] = set()
        self._has_new_transport = False

    def facts(self, name: str) -> Ledger:
        """Facts of a section."""
        found = self._ledgers.get(name)
        if found is None:
            found = self._ledgers[name] = ledger.decode(self._section(name).facts)
        return found

    def lines(self, name: str) -> Mapping[str, Published]:
        """What was published of a section."""
        return self._section(name).lines

    def _section(self, name: str) -> Section:
        return self._stored.get(name, _EMPTY)

    def take(self, facts: Iterable[Fact]) -> set[str]:
        """Take in facts. Returns the sections that changed."""
        by_section: dict[str, list[Fact]] = {}
        for fact in facts:
            by_section.setdefault(section_of(fact), []).append(fact)
        changed = set()
        for name, some in by_section.items():
            merged, is_changed = ledger.merge(self.facts(name), some)
            if is_changed:
                self._ledgers[name] = merged
                changed.add(name)
                self.is_entangled = self.is_entangled or any(map(entangles, some))
                self._has_new_transport = self._has_new_transport or any(map(is_transport, some))
                self._new.update(map(id, some))
        return changed

    def scope(self, changed: set[str], *, whole: bool) -> set[str]:
        """Sections whose lines must be measured again: only changed ones, unless they concern others."""
        if not (whole or self.is_entangled or SHARED in changed):
            return changed
        names = self._stored.keys() | self._ledgers.keys()
        self.is_entangled = any(
            entangles(fact) for name in names for fact in self.facts(name).facts.values()
        )
        return names

    def measure(self, scope: set[str], policy: OtdPolicy) -> dict[str, LineMeasured]:
        """Measure the lines of some sections, in the light of what is shared."""
        facts: dict[Address, Fact] = {}
        for name in {*scope, SHARED}:
            facts |= self.facts(name).facts
        return on_time.measure(Ledger(facts), policy)

    def measure_entangled(
        self, scope: set[str], policy: OtdPolicy, *, whole: bool
    ) -> tuple[dict[str, LineMeasured], set[str]]:
        """Match all facts together, and measure what may have changed by it.

        Returns:
            The lines, and the sections whose lines are as they were.
        """
        facts = [fact for name in scope for fact in self.facts(name).facts.values()]
        live = sorted((fact for fact in facts if fact.data is not None), key=ledger.said_at)
        groups = match(live).groups
        kept = set()
        for group in groups:
            if group.key[0] == "line":
                name, made = section_name(group.key[1]), made_of(group)
                self._made_of[name] = made
                is_old = self._section(name).made_of == made
                if is_old and not whole and not self._has_new_transport and self._is_known(group):
                    kept.add(name)
        changed = [group for group in groups if _home(group) not in kept]
        return on_time.measure_groups(changed, Shipments.of(live), policy), kept

    def _is_known(self, group: Group) -> bool:
        return self._new.isdisjoint([id(entry.fact) for entry in group.said.entries])

    def sections(
        self, changed: set[str], lines: Mapping[str, dict[str, Published]]
    ) -> dict[str, Section]:
        """Sections as they are to be stored, those without facts and lines left out.

        Args:
            changed: those with other facts than before.
            lines: of each section that was measured, what is published now.
        """
        sections = dict(self._stored)
        for name in changed | lines.keys():
            was = self._section(name)
            facts = Raw(ledger.encode(self.facts(name))) if name in changed else was.facts
            section = Section(facts, lines.get(name, was.lines), self._made_of.get(name, b""))
            if section == _EMPTY:
                sections.pop(name, None)
            else:
                sections[name] = section
        return {name: sections[name] for name in sorted(sections)}


class LineMeasurer(FactProcessor[OrderRow]):
    """Keeps a ledger per purchase order; publishes each line whose measurement changes."""

    output_bytes_max = MEASUREMENT_BYTES_MAX

    def __init__(
        self, table: BatchTable, letters: DeadLetters, prefix: str, policy: OtdPolicy, clock: Clock
    ) -> None:
        super().__init__(table, letters)
        self._topic = LINE_MEASUREMENTS.full_name(prefix)
        self._policy = policy
        self._clock = clock
        self._owner = ""
        self._partitions = 0

    async def open(self, partition: int) -> None:  # noqa: ARG002 all are taken over alike
        """Take over: what the rows' last owners called for is doubtful from now on."""
        self._owner = uuid4().hex[:16]
        self._partitions = await self.table.delivery.partitions(self._topic)

    def load(self, raw: bytes | None) -> OrderRow:
        """Read a row."""
        return _ROWS.decode(raw)

    def dump(self, state: OrderRow) -> bytes:
        """Write a row."""
        return _ROWS.encode(state)

    def step_batch(
        self,
        partition: int,  # noqa: ARG002 orders know no partition
        states: Mapping[bytes, OrderRow],
        events: Mapping[bytes, Sequence[Fact]],
    ) -> tuple[Mapping[bytes, OrderRow], Iterable[Outgoing]]:
        """Take facts into their orders, and publish the lines they change."""
        rows: dict[bytes, OrderRow] = {}
        outputs: list[Outgoing] = []
        for key, facts in events.items():
            row = self._take(states[key], facts, outputs)
            if row is not None:
                rows[key] = row
        return rows, outputs

    def _take(
        self, before: OrderRow, facts: Iterable[Fact], outputs: list[Outgoing]
    ) -> OrderRow | None:
        """Returns the new row; None when there is nothing to write or publish."""
        order = OpenOrder(before)
        changed = order.take(facts)
        doubtful = before.doubtful(self._owner)
        if not changed and not doubtful:
            return None
        scope = order.scope(changed, whole=bool(doubtful))
        said: dict[OutputKey, Statement] = {}
        lines: dict[str, dict[str, Published]] = {name: {} for name in scope}
        if order.is_entangled:
            measured, kept = order.measure_entangled(scope, self._policy, whole=bool(doubtful))
            lines = {name: some for name, some in lines.items() if name not in kept}
        else:
            measured = order.measure(scope, self._policy)
        for line_id, line in measured.items():
            statement = Statement.of(line)
            place = supplier_partition(line, self._partitions)
            said[line_id, place] = statement
            note = published(place, statement.mark)
            lines.setdefault(section_name(line.po_line), {})[line_id] = note
        called_for = dict.fromkeys([*doubtful, *_differences(order, lines)])
        outputs += self._outputs(called_for, said)
        sections = order.sections(changed, lines)
        return OrderRow(self._owner, tuple(called_for), order.is_entangled, sections)

    def _outputs(
        self, called_for: Iterable[OutputKey], said: Mapping[OutputKey, Statement]
    ) -> Iterable[Outgoing]:
        at = self._clock()
        for line_id, partition in called_for:
            statement = said.get((line_id, partition))
            if statement is None:
                yield tombstone(topic=self._topic, partition=partition, key=line_id)
            else:
                yield statement.record(
                    processor="on-time",
                    topic=self._topic,
                    partition=partition,
                    key=line_id,
                    at=at,
                )


def _home(group: Group) -> str:
    """Section that has a group's lines."""
    return section_name(group.key[1]) if group.key[0] == "line" else SHARED


def _differences(
    order: OpenOrder, lines: Mapping[str, Mapping[str, Published]]
) -> Iterable[OutputKey]:
    """Outputs that are not what they were: where a line was and is, if it says something else now."""
    for name, now in lines.items():
        was = order.lines(name)
        for line_id in sorted(was.keys() | now.keys()):
            old, new = was.get(line_id), now.get(line_id)
            if old != new:
                if old is not None:
                    yield line_id, partition_in(old)
                if new is not None:
                    yield line_id, partition_in(new)
