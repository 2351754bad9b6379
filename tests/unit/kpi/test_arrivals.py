from __future__ import annotations

from decimal import Decimal

from tierlink.kpi.on_time import unmatched_facts
from tierlink.schemas.deliveries import ShipmentStatus
from tierlink.schemas.kpis import ActualBasis
from tierlink.schemas.values import Actor
from unit.kpi.order_book import OrderBook, march


def _book() -> OrderBook:
    book = OrderBook()
    book.placed(100, requested_on=march(10), item="A")
    return book


def test_the_buyers_receipt_outweighs_the_suppliers_claim():
    book = _book()
    book.received(100, march(9), asserted_by=Actor.SUPPLIER)
    assert (book.line().actual_basis, book.line().completed_on) == (ActualBasis.SUPPLIER, march(9))
    book.received(60, march(11))
    line = book.line()
    assert (line.actual_basis, line.received_quantity) == (ActualBasis.RECEIPT, 60)


def test_a_carriers_delivery_outweighs_the_suppliers_claim():
    book = _book()
    book.received(100, march(8), asserted_by=Actor.SUPPLIER)
    book.despatched(100, march(5), shipment_id="LS1")
    book.delivered(march(9), shipment_id="LS1", po_line=None)
    line = book.line()
    assert (line.actual_basis, line.completed_on) == (ActualBasis.CARRIER, march(9))
    assert line.despatched_quantity == 100


def test_only_delivered_is_an_arrival_and_only_a_carriers_word_counts():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1")
    book.delivered(march(7), shipment_id="LS1", status=ShipmentStatus.ARRIVED)
    book.delivered(march(8), shipment_id="LS1", asserted_by=Actor.SUPPLIER)
    assert book.line().actual_basis is ActualBasis.NONE


def test_shipments_meet_their_statuses_by_tracking_number():
    book = _book()
    book.despatched(60, march(5), shipment_id="LS1", tracking_no="T1")
    book.despatched(40, march(6), shipment_id="LS2", tracking_no="T2")
    book.delivered(march(9), tracking_no="T2")
    line = book.line()
    assert (line.received_quantity, line.last_arrived_on) == (40, march(9))


def test_a_status_under_an_unknown_number_means_the_only_shipment_of_its_line():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1")
    book.delivered(march(9), tracking_no="T77")
    assert book.line().received_quantity == 100
    book.despatched(50, march(6), shipment_id="LS2")
    assert book.line().received_quantity == 0


def test_a_status_with_a_quantity_delivers_that_quantity_once():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1")
    book.delivered(march(8), 70, shipment_id="LS1")
    book.delivered(march(9), 20, shipment_id="LS1")
    assert book.line().received_quantity == 90


def test_a_shipment_reported_delivered_twice_arrived_the_first_time():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1")
    book.delivered(march(9), shipment_id="LS1")
    book.delivered(march(8), shipment_id="LS1")
    assert book.line().completed_on == march(8)


def test_a_status_that_names_only_order_and_shipment_finds_its_lines_and_is_not_set_aside():
    book = _book()
    book.placed(50, po_line="20", item="B")
    book.despatched(100, march(5), shipment_id="LS1")
    book.despatched(50, march(5), shipment_id="LS1", po_line="20")
    book.delivered(march(9), shipment_id="LS1", po_line=None)
    assert [line.received_quantity for line in book.lines().values()] == [100, 50]
    assert unmatched_facts(book.ledger()) == ()


def test_a_bill_of_lading_is_the_ledgers_tracking_number_and_the_carriers_shipment():
    book = _book()
    book.placed(50, po_line="20", item="B")
    book.despatched(100, march(5), tracking_no="B78")
    book.despatched(50, march(5), tracking_no="B79", po_line="20")
    book.delivered(march(9), shipment_id="B78", tracking_no="TRK9", po_line=None)
    assert [line.received_quantity for line in book.lines().values()] == [100, 0]
    assert unmatched_facts(book.ledger()) == ()


def test_goods_are_there_when_the_carrier_brings_them_not_when_they_are_booked():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1", tracking_no="T1")
    status = book.delivered(march(10), tracking_no="T1")
    receipt = book.received(100, march(19), shipment_id="LS1")
    line = book.line()
    assert (line.actual_basis, line.completed_on) == (ActualBasis.RECEIPT, march(10))
    assert {status.id, receipt.id} <= set(line.evidence)


def test_a_later_carrier_date_does_not_move_a_receipt():
    book = _book()
    book.delivered(march(12), shipment_id="LS1")
    book.received(100, march(9), shipment_id="LS1")
    assert book.line().completed_on == march(9)


def test_reversals_and_rejections_take_the_latest_arrivals_back_first():
    book = _book()
    book.received(60, march(9))
    book.received(60, march(12))
    book.received(-30, march(13))
    book.rejected(40, march(14))
    line = book.line()
    assert (line.received_quantity, line.by_due_quantity) == (50, 50)
    assert (line.last_arrived_on, line.completed_on) == (march(9), None)


def test_a_fully_reversed_receipt_leaves_the_buyers_word_that_nothing_came():
    book = _book()
    book.received(100, march(9))
    book.received(-100, march(9))
    book.received(100, march(8), asserted_by=Actor.SUPPLIER)
    line = book.line()
    assert (line.actual_basis, line.received_quantity) == (ActualBasis.RECEIPT, 0)


def test_more_taken_back_than_came_is_nothing_not_less():
    book = _book()
    book.received(10, march(9))
    book.rejected(50, march(10))
    assert book.line().received_quantity == 0


def test_a_rejection_taken_back_accepts_the_goods_again():
    book = _book()
    book.received(100, march(9))
    book.rejected(30, march(10))
    book.rejected(-30, march(11))
    assert book.line().received_quantity == 100


def test_a_supplier_who_reports_a_rejection_the_buyer_booked_does_not_double_it():
    book = _book()
    book.received(100, march(9))
    book.rejected(30, march(10))
    book.rejected(30, march(10), asserted_by=Actor.SUPPLIER)
    assert book.line().received_quantity == 70


def test_two_sides_telling_one_despatch_do_not_double_it():
    book = _book()
    book.despatched(100, march(5), shipment_id="LS1")
    book.despatched(100, march(5), shipment_id="LS1", asserted_by=Actor.BUYER)
    assert book.line().despatched_quantity == 100


def test_exact_quantities_add_up_exactly():
    book = _book()
    for _ in range(10):
        book.received("0.1", march(9))
    assert book.line().received_quantity == Decimal(1)


def test_the_evidence_names_every_deciding_event_once():
    book = _book()
    book.promised(march(10))
    book.received(100, march(9))
    book.rejected(1, march(10))
    evidence = book.line().evidence
    assert sorted(evidence) == sorted(fact.id for fact in book.facts)
