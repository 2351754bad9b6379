"""The ten lines on which every known definition of on-time delivery gives another figure (domain 3).

Odoo 91.2 %, ERPNext 87.5 %, SCOR 57.1 %; here 50.0 % not late, 37.5 % in the window, 25.0 % in full. The
research counts the window in calendar days; with working days the figures are the same, and L9 is 18 days
early either way.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tierlink.kpi.on_time import assess, measure
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.rollup import Tally, TallyKey
from tierlink.schemas.kpis import LineState
from tierlink.schemas.values import Actor
from unit.kpi.order_book import CALENDAR_DAYS, OrderBook, march

AS_OF = date(2026, 4, 1)
LINES = {
    "1": (march(10), [(march(10), 100)]),
    "2": (march(10), [(march(9), 60), (march(10), 40)]),
    "3": (march(10), [(march(9), 5), (march(10), 5), (march(24), 90)]),
    "4": (march(10), [(march(10), 90), (march(11), 5), (march(24), 5)]),
    "5": (march(12), []),
    "6": (march(12), [(march(12), 200)]),
    "7": (march(15), [(march(25), 100)]),
    "8": (march(20), []),
    "9": (march(20), [(march(2), 100)]),
    "10": (date(2026, 4, 20), [(march(28), 30)]),
}
STATES = {
    "1": LineState.ON_TIME,
    "2": LineState.ON_TIME,
    "3": LineState.LATE,
    "4": LineState.LATE,
    "5": LineState.OVERDUE,
    "6": LineState.OVER,
    "7": LineState.LATE,
    "8": LineState.CANCELLED_BUYER,
    "9": LineState.EARLY,
    "10": LineState.PENDING,
}


def _book() -> OrderBook:
    book = OrderBook(now=datetime(2026, 1, 1, tzinfo=UTC))
    for name, (promised_on, _) in LINES.items():
        book.placed(100, po_line=name, supplier="S1", item="M1")
        book.promised(promised_on, po_line=name)
    book.promised(march(25), po_line="7")
    book.cancelled(Actor.BUYER, march(14), po_line="8")
    for name, (_, receipts) in LINES.items():
        for on, quantity in receipts:
            book.received(quantity, on, po_line=name)
    return book


@pytest.mark.parametrize("policy", [CALENDAR_DAYS, DEFAULT_POLICY], ids=["calendar", "working"])
def test_the_ten_lines_give_our_published_figures(policy):
    lines = measure(_book().ledger(), policy)
    assessed = {line.po_line: assess(line, AS_OF, policy) for line in lines.values()}
    assert {name: line.state for name, line in assessed.items()} == STATES
    tally = Tally()
    for line in assessed.values():
        tally.add(line)
    event = tally.published(TallyKey("S1", None, "2026-03"), AS_OF, policy.policy_id)
    assert event is not None
    assert (event.lines, event.due, event.undated) == (9, 8, 0)
    assert (event.not_late, event.in_window, event.in_full) == (4, 3, 2)
    assert event.overdue == 1
    assert (event.otd, event.otd_window, event.otif) == (
        Decimal("0.5"),
        Decimal("0.375"),
        Decimal("0.25"),
    )
    assert event.policy_id == policy.policy_id


def test_the_ten_lines_give_the_published_quantity_rate():
    lines = [assess(line, AS_OF, CALENDAR_DAYS) for line in _book().lines(CALENDAR_DAYS).values()]
    due = [line for line in lines if line.is_due]
    on_time = sum(min(line.quantity, line.by_due_quantity) for line in due)
    assert on_time / sum(line.quantity for line in due) == Decimal("0.625")


def test_a_line_not_yet_due_is_in_no_denominator_and_has_no_verdict():
    line = assess(_book().lines()["ACME|4500|10||"], AS_OF, DEFAULT_POLICY)
    assert not line.is_due
    assert (line.is_not_late, line.is_in_window, line.is_in_full, line.late_by_days) == (None,) * 4
    assert line.received_quantity == 30
