from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tierlink.kpi import statements
from tierlink.kpi.on_time import assess
from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy
from tierlink.schemas.kpis import BaselineBasis, LineState
from tierlink.schemas.values import Actor, Item, Money
from unit.kpi.order_book import OrderBook, march

AS_OF = march(31)


def test_the_buyers_terms_stand_before_the_suppliers_however_new():
    book = OrderBook()
    book.placed(100, requested_on=march(10), item="A")
    book.placed(
        80,
        requested_on=march(20),
        asserted_by=Actor.SUPPLIER,
        supplier="S1",
        item=Item(id="A", name="Bracket", seller_id="X-1"),
        unit_price=Money(amount="2.50", currency="EUR"),
    )
    line = book.line()
    assert (line.quantity, line.requested_on, line.supplier.id) == (100, march(10), "S1")
    assert line.item == statements.Item(id="A", name="Bracket", seller_id="X-1")
    assert line.unit_price == statements.Money(statements.Amount("2.5"), "EUR")


def test_of_two_statements_by_one_side_the_newer_stands():
    book = OrderBook()
    book.placed(100)
    book.placed(90)
    assert book.line().quantity == 90


def test_a_line_no_one_names_a_supplier_for_is_shown_not_lost():
    book = OrderBook()
    book.placed(100)
    assert book.line().supplier == statements.Party(id="(unknown)")
    book.promised(march(5), supplier="S2")
    assert book.line().supplier.id == "S2"


def test_a_promise_moved_by_the_supplier_still_counts_against_it():
    book = OrderBook()
    book.placed(100, requested_on=march(8))
    book.promised(march(10))
    book.promised(march(25))
    book.received(100, march(25))
    line = assess(book.line(), AS_OF, DEFAULT_POLICY)
    assert (line.baseline_on, line.baseline_basis) == (march(10), BaselineBasis.FIRST_PROMISE)
    assert (line.first_promised_on, line.last_promised_on) == (march(10), march(25))
    assert (line.state, line.late_by_days) == (LineState.LATE, 15)


def test_of_promises_recorded_together_the_one_given_first_is_first():
    book = OrderBook()
    book.placed(100)
    at = datetime(2026, 2, 9, tzinfo=UTC)
    book.promised(march(12), stated_on=march(2), at=at)
    book.promised(march(10), stated_on=march(1), at=at)
    book.promised(march(14), at=at)
    line = book.line()
    assert (line.first_promised_on, line.last_promised_on) == (march(10), march(14))


def test_without_a_promise_the_requested_date_counts():
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    assert book.line().baseline_basis is BaselineBasis.REQUESTED


def test_a_date_moved_by_the_buyer_is_the_new_baseline():
    book = OrderBook()
    book.placed(100, requested_on=march(8))
    book.promised(march(10))
    book.changed(requested_on=march(20))
    line = book.line()
    assert (line.baseline_on, line.baseline_basis) == (march(20), BaselineBasis.BUYER_CHANGE)
    assert (line.requested_on, line.first_promised_on) == (march(20), march(10))


def test_the_first_promise_after_the_buyers_change_counts():
    book = OrderBook()
    book.placed(100, requested_on=march(8))
    book.promised(march(10))
    book.changed(requested_on=march(20))
    book.promised(march(22))
    book.promised(march(24))
    line = book.line()
    assert (line.baseline_on, line.baseline_basis) == (march(22), BaselineBasis.FIRST_PROMISE)


def test_a_supplier_cannot_move_the_baseline_by_claiming_the_buyer_did():
    book = OrderBook()
    book.placed(100, requested_on=march(8))
    book.promised(march(10))
    book.changed(requested_on=march(30), quantity=None, asserted_by=Actor.SUPPLIER)
    assert book.line().baseline_on == march(10)


def test_a_quantity_cut_before_the_line_is_due_counts_and_one_after_it_does_not():
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    early = book.changed(changed_on=march(9), **_pieces(80))
    assert book.line().quantity == 80
    assert early.id in book.line().evidence
    book.changed(changed_on=march(11), **_pieces(1))
    assert book.line().quantity == 80


def test_a_newer_order_export_overrules_an_older_change():
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    book.changed(changed_on=march(1), **_pieces(80))
    book.placed(90, requested_on=march(10))
    assert book.line().quantity == 90


def _pieces(value):
    return {"quantity": {"value": value, "unit": "H87"}}


def test_the_window_counts_working_days_and_holidays():
    policy = OtdPolicy(early_days=2, late_days=1, holidays=(march(11),))
    book = OrderBook()
    book.placed(100, requested_on=march(10))  # a Tuesday
    line = book.line(policy)
    assert (line.window_from, line.window_to) == (march(6), march(12))


@pytest.mark.parametrize(
    ("by", "on", "state", "is_due", "is_not_late"),
    [
        (Actor.BUYER, march(9), LineState.CANCELLED_BUYER, False, None),
        (Actor.BUYER, march(10), LineState.CANCELLED_BUYER, False, None),
        (Actor.BUYER, march(11), LineState.CANCELLED_BUYER, True, False),
        (Actor.BUYER, None, LineState.CANCELLED_BUYER, False, None),  # recorded in February
        (Actor.SUPPLIER, march(1), LineState.CANCELLED_SUPPLIER, True, False),
        (Actor.CARRIER, march(1), LineState.OVERDUE, True, False),
    ],
)
def test_who_cancels_and_when_decides_whether_it_is_a_miss(by, on, state, is_due, is_not_late):
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    book.cancelled(by, on)
    line = assess(book.line(), AS_OF, DEFAULT_POLICY)
    assert (line.state, line.is_due, line.is_not_late) == (state, is_due, is_not_late)


def test_the_first_cancellation_decides_who_cancelled():
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    book.cancelled(Actor.BUYER, march(5))
    book.cancelled(Actor.SUPPLIER, march(4))
    assert (book.line().cancelled_by, book.line().cancelled_on) == ("supplier", march(4))


def test_a_cancellation_after_full_delivery_changes_no_verdict():
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    book.received(100, march(9))
    book.cancelled(Actor.SUPPLIER, march(10))
    assert assess(book.line(), AS_OF, DEFAULT_POLICY).state is LineState.ON_TIME


def test_an_order_of_nothing_asks_for_nothing():
    book = OrderBook()
    book.placed(0, requested_on=march(10))
    line = assess(book.line(), AS_OF, DEFAULT_POLICY)
    assert (line.state, line.is_due) == (LineState.CANCELLED_BUYER, False)


def test_a_line_without_any_date_is_undated_not_late():
    book = OrderBook()
    book.placed(100)
    book.received(100, march(9))
    line = assess(book.line(), AS_OF, DEFAULT_POLICY)
    assert (line.state, line.is_due, line.late_by_days) == (LineState.UNDATED, False, None)
    assert line.by_due_quantity == 0


@pytest.mark.parametrize(
    ("received", "as_of", "state"),
    [
        ([], march(10), LineState.PENDING),
        ([], march(11), LineState.OVERDUE),
        ([(50, 10)], march(11), LineState.SHORT),
        ([(100, 10)], march(9), LineState.ON_TIME),
        ([(100, 2)], march(11), LineState.EARLY),
        ([(100, 10), (1, 10)], march(11), LineState.OVER),
        ([(100, 10), (1, 11)], march(12), LineState.ON_TIME),
        ([(50, 10), (50, 11)], march(12), LineState.LATE),
        ([(50, 10), (50, 20)], march(12), LineState.SHORT),
    ],
)
def test_the_decision_table(received, as_of, state):
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    for quantity, on in received:
        book.received(quantity, march(on))
    assert assess(book.line(), as_of, DEFAULT_POLICY).state is state


def test_tolerances_widen_what_counts_as_full():
    policy = OtdPolicy(under_tol="0.02", over_tol="0.05")
    book = OrderBook()
    book.placed(100, requested_on=march(10))
    book.received(98, march(10))
    line = assess(book.line(policy), AS_OF, policy)
    assert (line.is_in_full, line.completed_on) == (True, march(10))
    book.received(8, march(10))
    assert assess(book.line(policy), AS_OF, policy).is_in_full is False


def test_an_open_date_at_the_end_of_the_calendar_does_not_break_a_line():
    book = OrderBook()
    book.placed(100, requested_on="9999-12-31")
    late = OtdPolicy(late_days=5)
    assert assess(book.line(late), AS_OF, late).state is LineState.PENDING
