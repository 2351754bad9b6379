"""What the processors rely on: batches in any order and repetition, and diffs that add up."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tierlink.kpi.ledger import decode, encode, merge
from tierlink.kpi.on_time import assess, measure, step
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.results import LineMeasured
from tierlink.kpi.rollup import Tally
from tierlink.schemas.deliveries import ShipmentStatus
from tierlink.schemas.values import Actor
from unit.kpi.order_book import EMPTY, OrderBook, march, retraction

days = st.integers(-5, 20).map(lambda n: march(10) + timedelta(days=n))
amounts = st.integers(-20, 120)
sides = st.sampled_from(Actor)


@st.composite
def order_facts(draw, lines=("10", "10", "20", None)):
    """Random facts of one order, as many kinds as there are, some competing revisions and retractions."""
    book = OrderBook()
    for number in range(draw(st.integers(1, 14))):
        named = {
            "po_line": draw(st.sampled_from(lines)),
            "sched_line": draw(st.sampled_from([None, None, "1", "2"])),
            "item": draw(st.sampled_from([None, "A", "B"])),
            "key": f"k{draw(st.integers(0, number))}",
            "at": book.now + timedelta(days=draw(st.integers(-3, 3))),
        }
        parcel = {"shipment_id": draw(st.sampled_from([None, "P", "Q"]))}
        say = draw(st.sampled_from(range(8)))
        if say == 0 or number == 0:
            book.placed(
                draw(amounts), requested_on=draw(st.none() | days), asserted_by=draw(sides), **named
            )
        elif say == 1:
            book.promised(draw(days), **named)
        elif say == 2:
            book.changed(requested_on=draw(st.none() | days), **named)
        elif say == 3:
            book.cancelled(draw(sides), draw(st.none() | days), **named)
        elif say == 4:
            book.despatched(draw(amounts), draw(days), **named, **parcel)
        elif say == 5:
            quantity = draw(st.none() | amounts)
            status = draw(st.sampled_from([ShipmentStatus.DELIVERED, ShipmentStatus.ARRIVED]))
            book.delivered(draw(days), quantity, status=status, **named, **parcel)
        elif say == 6:
            book.received(draw(amounts), draw(days), asserted_by=draw(sides), **named, **parcel)
        else:
            book.rejected(draw(amounts), draw(days), asserted_by=draw(sides), **named)
        if draw(st.integers(0, 9)) == 0:
            book.facts.append(retraction(book.facts[-1]))
    return book.facts


@given(order_facts(), st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=200)
def test_any_order_repetition_and_batching_gives_the_same_lines_and_diffs_that_add_up(
    facts, random, size
):
    again = facts + facts[::3]
    random.shuffle(again)
    expected = measure(merge(EMPTY, facts)[0], DEFAULT_POLICY)
    table: bytes | None = None
    published: dict[str, LineMeasured | None] = {}
    for place in range(0, len(again), size):
        ledger, changes = step(decode(table), again[place : place + size], DEFAULT_POLICY)
        table = encode(ledger)
        for line_id, (before, after) in changes.items():
            assert before != after
            assert published.get(line_id) == before
            published[line_id] = after
    assert {name: line for name, line in published.items() if line is not None} == expected


@given(order_facts())
@settings(max_examples=200)
def test_whatever_is_said_the_quantities_of_a_line_make_sense(facts):
    for line_id, line in measure(merge(EMPTY, facts)[0], DEFAULT_POLICY).items():
        assert line.line_id == line_id
        assert 0 <= line.in_window_quantity <= line.by_due_quantity <= line.received_quantity
        assert line.despatched_quantity >= 0
        assert (line.baseline_on is None) == (line.window_to is None)
        assert len(set(line.evidence)) == len(line.evidence)
        assessed = assess(line, march(15), DEFAULT_POLICY)
        verdicts = (assessed.is_in_full, assessed.is_in_window, assessed.is_not_late)
        assert (None in verdicts) == (not assessed.is_due)
        if assessed.is_due:
            # in full implies in window implies not late
            assert [bool(one) for one in verdicts] == sorted(bool(one) for one in verdicts)


def test_a_line_whose_placing_is_retracted_is_gone_with_its_totals():
    book = OrderBook()
    placed = book.placed(100, requested_on=march(10), supplier="S1")
    ledger, changes = step(EMPTY, book.facts, DEFAULT_POLICY)
    [(before, after)] = changes.values()
    assert before is None
    assert after is not None
    tally = Tally()
    tally.add(assess(after, march(31), DEFAULT_POLICY))
    _, changes = step(ledger, [retraction(placed)], DEFAULT_POLICY)
    [(before, gone)] = changes.values()
    assert (before, gone) == (after, None)
    tally.remove(assess(after, march(31), DEFAULT_POLICY))
    assert tally.totals() == []


def test_a_step_that_changes_no_line_reports_none():
    book = OrderBook()
    placed = book.placed(100, requested_on=march(10))
    ledger, _ = step(EMPTY, [placed], DEFAULT_POLICY)
    assert step(ledger, [placed, placed], DEFAULT_POLICY) == (ledger, {})


def test_only_the_touched_line_is_reported():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    book.placed(100, po_line="20", item="B")
    ledger, _ = step(EMPTY, book.facts, DEFAULT_POLICY)
    _, changes = step(ledger, [book.received(5, march(1), po_line="20")], DEFAULT_POLICY)
    assert list(changes) == ["ACME|4500|20||"]


def test_the_pure_core_loads_no_kafka_http_sql_or_file_library():
    modules = ["facts", "ledger", "policy", "on_time", "rollup", "turnover"]
    program = "import sys\n" + "".join(f"import tierlink.kpi.{name}\n" for name in modules)
    program += "print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    forbidden = {
        "faust",
        "mode",
        "aiokafka",
        "fastapi",
        "sqlmodel",
        "sqlalchemy",
        "openpyxl",
        "duckdb",
    }
    assert forbidden.isdisjoint(done.stdout.split())
