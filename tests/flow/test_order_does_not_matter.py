"""The same facts in any order, with any repetition, give the same KPIs; and SQL over the log gives them too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import asdict

from flow import oracle, supply_chain
from tierlink.kpi import on_time
from tierlink.kpi import turnover as stock_turnover
from tierlink.kpi.facts import Fact, read_fact
from tierlink.kpi.ledger import Ledger, decode, encode
from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy
from tierlink.kpi.results import InventoryTurnover, OnTimeDelivery
from tierlink.kpi.results import encode as encode_result
from tierlink.kpi.rollup import Tally, TallyKey
from tierlink.schemas.values import split_key

AS_OF = date(2026, 4, 10)
LENIENT = OtdPolicy(
    early_days=3,
    late_days=2,
    weekdays=(1, 2, 3, 4, 5, 6),
    holidays=(date(2026, 2, 17), date(2026, 2, 18), date(2026, 4, 6)),
    under_tol=Decimal("0.05"),
    over_tol=Decimal("0.1"),
)


class Shell:
    """What a processor does, without Kafka: batches in, tables of bytes, latest KPI per key out."""

    def __init__(self, policy: OtdPolicy) -> None:
        self.policy = policy
        self.tables: dict[str, bytes] = {}
        self.lines: dict[str, bytes] = {}
        self.otd: dict[str, bytes] = {}
        self.otd_events: list[OnTimeDelivery] = []
        self.turnover: dict[str, InventoryTurnover] = {}
        self.tally = Tally()

    def feed(self, records: Iterable[bytes], random: Random) -> Shell:
        """Take records in batches of random size, aggregate by aggregate."""
        facts = [read_fact(record) for record in records]
        while facts:
            size = random.choice((1, 1, 7, 50))
            batch, facts = facts[:size], facts[size:]
            aggregates: dict[str, list[Fact]] = defaultdict(list)
            for fact in batch:
                aggregates[fact.partitionkey].append(fact)
            for key, some in aggregates.items():
                self._step(key, some)
        self.otd_events = [
            event for key in self.tally.totals() if (event := self._published(key)) is not None
        ]
        return self

    def _step(self, key: str, facts: list[Fact]) -> None:
        ledger = decode(self.tables.get(key))
        # a retraction does not say what it is about, but its key does: holder|site|item
        is_stock = key.count("|") == 2
        if is_stock:
            ledger, periods = stock_turnover.step(ledger, facts, AS_OF)
            for name, (_, after) in periods.items():
                self.turnover.pop(name, None)
                if after is not None:
                    self.turnover[name] = after
        else:
            ledger = self._step_order(ledger, facts)
        self.tables[key] = encode(ledger)

    def _step_order(self, ledger: Ledger, facts: list[Fact]) -> Ledger:
        ledger, changes = on_time.step(ledger, facts, self.policy)
        for line_id, (before, after) in changes.items():
            touched = []
            if before is not None:
                touched += self.tally.remove(on_time.assess(before, AS_OF, self.policy))
                del self.lines[line_id]
            if after is not None:
                assessed = on_time.assess(after, AS_OF, self.policy)
                touched += self.tally.add(assessed)
                self.lines[line_id] = encode_result(assessed)
            for key in touched:
                event = self._published(key)
                self.otd.pop(key.text, None)
                if event is not None:
                    self.otd[key.text] = encode_result(event)
        return ledger

    def _published(self, key: TallyKey) -> OnTimeDelivery | None:
        return self.tally.published(key, AS_OF, self.policy.policy_id)


@pytest.fixture(
    scope="module", params=[(1, DEFAULT_POLICY), (2, LENIENT)], ids=["default", "lenient"]
)
def chain(request) -> tuple[list[bytes], OtdPolicy, Shell]:
    seed, policy = request.param
    log = [event.to_bytes() for event in supply_chain.events(seed)]
    return log, policy, Shell(policy).feed(log, Random(seed))


def test_the_chain_is_worth_testing_on(chain):
    log, _, shell = chain
    states = {line.split(b'"state":"')[1].split(b'"')[0] for line in shell.lines.values()}
    assert len(log) > 500
    assert len(states) >= 8, states
    assert len(shell.otd) > 50
    notes = {event.note for event in shell.turnover.values()}
    assert {None, "no_movement"} <= notes
    assert {event.basis.value for event in shell.turnover.values()} == {"value", "quantity"}


@pytest.mark.parametrize("seed", range(10))
def test_any_order_with_any_repetition_gives_the_same_events(chain, seed):
    log, policy, expected = chain
    random = Random(seed)
    shell = Shell(policy).feed(supply_chain.shuffled(log, random), random)
    assert shell.tables == expected.tables
    assert shell.lines == expected.lines
    assert shell.otd == expected.otd
    assert shell.turnover == expected.turnover


def test_what_was_published_along_the_way_is_what_a_restart_publishes(chain):
    _, policy, shell = chain
    rebuilt = Tally()
    for table in shell.tables.values():
        for measured in on_time.measure(decode(table), policy).values():
            rebuilt.add(on_time.assess(measured, AS_OF, policy))
    again = {key: rebuilt.published(key, AS_OF, policy.policy_id) for key in rebuilt.totals()}
    assert {key.text: encode_result(event) for key, event in again.items() if event} == shell.otd


def test_sql_over_the_log_measures_every_line_alike(chain):
    log, policy, shell = chain
    expected = oracle.lines(log, AS_OF, policy)
    columns = list(next(iter(expected.values())))
    assert {"quantity", "window_to", "by_due_quantity", "in_window_quantity"} <= set(columns)
    found = {}
    for table in shell.tables.values():
        for line in on_time.measure(decode(table), policy).values():
            row = asdict(on_time.assess(line, AS_OF, policy))
            row |= {"supplier": line.supplier.id, "item": line.item.id if line.item else None}
            found[line.line_id] = {name: row[name] for name in columns}
    assert found == expected


def test_sql_over_the_log_counts_the_same_on_time_delivery(chain):
    log, policy, shell = chain
    expected = oracle.on_time(Random(3).sample(log, len(log)), AS_OF, policy)
    found = {
        (event.supplier.id, event.item.id if event.item else None, event.period): {
            name: float(value) if isinstance(value, Decimal) else value
            for name in next(iter(expected.values()))
            for value in [getattr(event, name)]
        }
        for event in shell.otd_events
    }
    assert found == expected


def test_sql_over_the_log_reckons_the_same_turnover(chain):
    log, _, shell = chain
    expected = oracle.turnover(log, AS_OF)
    assert {split_key(key) for key in shell.turnover} == set(expected)
    for key, event in shell.turnover.items():
        row = expected[split_key(key)]
        for name, value in row.items():
            mine = getattr(event, name)
            if name in ("turns", "turnover_days", "average_balance") and value is not None:
                assert float(mine) == pytest.approx(value, abs=2e-6, rel=1e-9), (key, name)
            else:
                assert mine == value, (key, name)


def test_the_oracle_notices_a_missing_fact(chain):
    log, policy, shell = chain
    line = next(
        line
        for table in shell.tables.values()
        for line in on_time.measure(decode(table), policy).values()
        if line.received_quantity > 0
    )
    without = [raw for raw in log if not any(name.encode() in raw for name in line.evidence)]
    assert len(without) < len(log)
    assert oracle.lines(log, AS_OF, policy) != oracle.lines(without, AS_OF, policy)
