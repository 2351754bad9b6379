"""Why a line of an order can be measured without reading the others."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings

from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.on_time import measure
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.sections import SHARED, entangles, section_name, section_of
from tierlink.schemas.values import Actor
from unit.kpi.order_book import EMPTY, OrderBook, march, retraction
from unit.kpi.test_step import order_facts


def _sections(ledger: Ledger) -> dict[str, Ledger]:
    found: dict[str, Ledger] = {SHARED: EMPTY}
    for fact in ledger.facts.values():
        name = section_of(fact)
        found[name] = merge(found.get(name, EMPTY), [fact])[0]
    return found


@given(order_facts(lines=("10", "20", "3|0", "4%0")))
@settings(max_examples=300)
def test_sections_give_the_lines_that_the_whole_order_gives(facts):
    ledger = merge(EMPTY, facts)[0]
    assert not any(entangles(fact) for fact in facts)
    sections = _sections(ledger)
    whole = measure(ledger, DEFAULT_POLICY)
    for name, section in sections.items():
        if name != SHARED:
            part = merge(section, sections[SHARED].facts.values())[0]
            lines = measure(part, DEFAULT_POLICY)
            assert lines == {
                line_id: line
                for line_id, line in whole.items()
                if section_name(line.po_line) == name
            }
    assert {section_name(line.po_line) for line in whole.values()} <= set(sections)


def test_what_names_no_line_entangles_as_long_as_it_holds():
    book = OrderBook()
    loose = book.placed(100, po_line=None, item="A")
    assert entangles(loose)
    assert section_of(loose) == SHARED
    assert not entangles(retraction(loose))


def test_transport_is_shared_and_entangles_only_without_a_line():
    book = OrderBook()
    despatched = book.despatched(5, march(1), shipment_id="P")
    delivered = book.delivered(march(2), shipment_id="P")
    about_all = book.delivered(march(2), shipment_id="P", po_line=None)
    assert {section_of(fact) for fact in book.facts} == {SHARED}
    assert [entangles(fact) for fact in (despatched, delivered, about_all)] == [False, False, True]
    assert section_of(retraction(despatched)) == SHARED


def test_a_retraction_lies_where_its_fact_lies():
    book = OrderBook()
    facts = [
        book.placed(1, po_line="3|0"),
        book.promised(march(1), sched_line="2"),
        book.received(1, march(1), item="A"),
        book.cancelled(Actor.BUYER),
        book.rejected(1, march(2), po_line=None),
    ]
    assert [section_of(fact) for fact in facts] == ["3%7C0", "10", "10", "10", SHARED]
    for fact in facts:
        assert section_of(retraction(fact)) == section_of(fact)


@pytest.mark.parametrize("subject", ["ACME|4500|20||", "ACME|4500|||A", "anything"])
def test_a_fact_whose_address_does_not_say_its_line_entangles(subject: str):
    fact = msgspec.structs.replace(OrderBook().placed(1), subject=subject)
    assert entangles(fact)
