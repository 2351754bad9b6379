from __future__ import annotations

from tierlink.kpi.on_time import unmatched_facts
from tierlink.schemas.values import Actor
from unit.kpi.order_book import OrderBook, march


def test_a_ledger_row_without_line_number_goes_to_the_line_of_its_item():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    book.placed(100, po_line="20", item="B")
    book.promised(march(5), po_line=None, item="B")
    lines = book.lines()
    assert lines["ACME|4500|20||"].baseline_on == march(5)
    assert lines["ACME|4500|10||"].baseline_on is None


def test_a_row_whose_item_is_on_two_lines_is_set_aside_not_guessed():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    book.placed(100, po_line="20", item="A")
    own = book.placed(200, po_line=None, item="A", asserted_by=Actor.SUPPLIER)
    promise = book.promised(march(5), po_line=None, item="A")
    assert [line.quantity for line in book.lines().values()] == [100, 100]
    assert unmatched_facts(book.ledger()) == (own, promise)


def test_a_row_with_neither_line_nor_item_goes_to_the_only_line_of_its_order():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    book.received(100, march(5), po_line=None)
    assert book.line().received_quantity == 100
    book.placed(100, po_line="20", item="B")
    assert sum(line.received_quantity for line in book.lines().values()) == 0
    assert len(unmatched_facts(book.ledger())) == 1


def test_a_row_of_an_item_the_order_does_not_have_matches_nothing():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    stray = book.received(100, march(5), po_line=None, item="Z")
    assert book.line().received_quantity == 0
    assert unmatched_facts(book.ledger()) == (stray,)


def test_an_order_known_only_from_the_suppliers_ledger_has_lines_by_item():
    book = OrderBook()
    book.placed(100, po_line=None, item="A", asserted_by=Actor.SUPPLIER)
    book.placed(50, po_line=None, item="B", asserted_by=Actor.SUPPLIER)
    book.received(50, march(5), po_line=None, item="B", asserted_by=Actor.SUPPLIER)
    lines = book.lines()
    assert list(lines) == ["ACME|4500|||A", "ACME|4500|||B"]
    assert lines["ACME|4500|||B"].received_quantity == 50


def test_the_buyers_order_takes_over_the_line_the_supplier_kept_by_item():
    book = OrderBook()
    book.placed(90, po_line=None, item="A", asserted_by=Actor.SUPPLIER, supplier="S1")
    book.placed(100, po_line="10", item="A")
    line = book.line()
    assert (line.line_id, line.quantity, line.supplier.id) == ("ACME|4500|10||", 100, "S1")


def test_an_order_that_names_neither_line_nor_item_is_one_line():
    book = OrderBook()
    book.placed(100, po_line=None)
    book.received(100, march(5), po_line=None)
    assert book.line().line_id == "ACME|4500|||"
    assert book.line().received_quantity == 100


def test_a_fact_of_a_line_nobody_placed_is_set_aside():
    book = OrderBook()
    book.placed(100, po_line="10", item="A")
    stray = book.promised(march(5), po_line="11", item="A")
    assert unmatched_facts(book.ledger()) == (stray,)


def test_facts_wait_for_the_order_they_belong_to():
    book = OrderBook()
    book.received(100, march(5))
    assert book.lines() == {}
    book.placed(100)
    assert book.line().received_quantity == 100


def test_a_schedule_line_must_exist_unless_the_only_line_has_no_name():
    book = OrderBook()
    book.placed(100)
    book.received(40, march(5), sched_line="1")
    assert book.line().received_quantity == 40
    book.placed(100, sched_line="2")
    assert book.line().sched_line == "2"
    assert book.line().received_quantity == 0


def test_what_is_said_of_the_whole_po_line_concerns_every_schedule_line_but_its_quantity():
    book = OrderBook()
    book.placed(60, sched_line="1", asserted_by=Actor.SUPPLIER)
    book.placed(40, sched_line="2", asserted_by=Actor.SUPPLIER)
    book.placed(100, supplier="S1", requested_on=march(20))
    book.promised(march(10))
    lines = book.lines()
    assert [line.quantity for line in lines.values()] == [60, 40]
    assert {line.baseline_on for line in lines.values()} == {march(10)}
    assert {line.supplier.id for line in lines.values()} == {"S1"}
    assert {line.requested_on for line in lines.values()} == {march(20)}


def test_receipts_of_the_po_line_fill_its_schedule_lines_the_earliest_baseline_first():
    book = OrderBook()
    book.placed(60, sched_line="1", requested_on=march(20))
    book.placed(40, sched_line="2", requested_on=march(10))
    book.received(30, march(4))
    book.received(30, march(5))
    book.received(70, march(6))
    lines = book.lines()
    one, two = lines["ACME|4500|10|1|"], lines["ACME|4500|10|2|"]
    assert (two.received_quantity, two.completed_on) == (40, march(5))
    # the last line takes the surplus of 30
    assert (one.received_quantity, one.completed_on) == (90, march(6))


def test_a_receipt_that_names_its_schedule_line_goes_there_and_leaves_less_open():
    book = OrderBook()
    book.placed(50, sched_line="1", requested_on=march(10))
    book.placed(50, sched_line="2", requested_on=march(20))
    book.received(20, march(4), sched_line="1")
    book.received(50, march(5))
    received = [line.received_quantity for line in book.lines().values()]
    assert received == [50, 20]


def test_a_rejection_of_the_po_line_takes_from_the_last_schedule_line_first():
    book = OrderBook()
    book.placed(50, sched_line="1", requested_on=march(10))
    book.placed(50, sched_line="2", requested_on=march(20))
    book.received(50, march(4), sched_line="1")
    book.received(50, march(5), sched_line="2")
    book.rejected(70, march(6))
    assert [line.received_quantity for line in book.lines().values()] == [30, 0]


def test_goods_in_another_unit_are_not_added_up():
    book = OrderBook()
    book.placed(100)
    book.received(100, march(5), unit="KGM")
    assert book.line().received_quantity == 0
