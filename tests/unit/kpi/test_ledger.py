from __future__ import annotations

from datetime import timedelta
from functools import reduce

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tierlink.kpi.ledger import Ledger, decode, encode, live_facts, merge
from tierlink.kpi.statements import Placed
from unit.kpi.order_book import EMPTY, OrderBook, counted, march, retraction


def _pool():
    """Competing revisions, retractions and equal statements recorded twice, at three addresses."""
    book = OrderBook()
    base = [
        book.placed(100, key="a"),
        book.promised(march(3), key="b"),
        book.received(5, march(4), key="c"),
    ]
    pool = [counted(7, march(1))]
    for fact in base:
        for revision in (1, 2, 3):
            sequence = f"{revision:010d}"
            pool.append(msgspec.structs.replace(fact, sequence=sequence))
            pool.append(msgspec.structs.replace(fact, sequence=sequence, id="zz"))
            later = fact.recordedtime + timedelta(hours=1)
            pool.append(msgspec.structs.replace(fact, sequence=sequence, recordedtime=later))
            pool.append(
                msgspec.structs.replace(fact, sequence=sequence, source="urn:tierlink:other")
            )
            pool.append(retraction(fact, revision=revision))
    return pool


POOL = _pool()
facts = st.lists(st.sampled_from(POOL), max_size=25)


@given(facts, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_bytes(some, random):
    again = some + some[: len(some) // 2]
    random.shuffle(again)
    assert encode(merge(EMPTY, some)[0]) == encode(merge(EMPTY, again)[0])


@given(facts, facts, facts)
def test_batches_do_not_matter(first, second, third):
    at_once = merge(EMPTY, first + second + third)[0]
    step_by_step = reduce(
        lambda ledger, batch: merge(ledger, batch)[0], (third, first, second), EMPTY
    )
    assert at_once == step_by_step


@given(facts)
def test_merging_again_changes_nothing_and_says_so(some):
    ledger, changed = merge(EMPTY, some)
    assert changed == bool(some)
    again, changed_again = merge(ledger, some)
    assert again is ledger
    assert not changed_again


@given(facts)
def test_a_ledger_survives_its_table(some):
    ledger = merge(EMPTY, some)[0]
    assert decode(encode(ledger)) == ledger
    assert encode(decode(encode(ledger))) == encode(ledger)


def test_no_bytes_is_an_empty_ledger():
    assert decode(None) == Ledger({})
    assert decode(encode(EMPTY)) == EMPTY


def test_merge_leaves_the_ledger_it_was_given_alone():
    book = OrderBook()
    first, second = book.placed(1), book.placed(2)
    ledger = merge(EMPTY, [first])[0]
    merge(ledger, [second])
    assert live_facts(ledger) == [first]


def test_a_retraction_hides_its_fact_even_when_it_arrives_first():
    placed = OrderBook().placed(1)
    ledger = merge(EMPTY, [retraction(placed)])[0]
    ledger, changed = merge(ledger, [placed])
    assert not changed
    assert live_facts(ledger) == []


def test_a_fact_stated_again_after_its_retraction_holds():
    placed = OrderBook().placed(1)
    again = msgspec.structs.replace(placed, sequence="0000000003", id="other")
    ledger = merge(EMPTY, [again, retraction(placed), placed])[0]
    assert live_facts(ledger) == [again]


def test_a_retraction_leaves_other_statements_of_the_same_key_alone():
    book = OrderBook()
    placed, promised = book.placed(1, key="row7"), book.promised(march(3), key="row7")
    ledger = merge(EMPTY, [placed, promised, retraction(promised)])[0]
    assert live_facts(ledger) == [placed]


def test_a_value_that_goes_back_to_what_it_was_is_the_newest():
    book = OrderBook()
    one = book.placed(100, key="row")
    two = msgspec.structs.replace(OrderBook().placed(80, key="row"), sequence="0000000002")
    three = msgspec.structs.replace(one, sequence="0000000003", id="a-again")
    for order in ([one, two, three], [three, two, one], [two, three, one]):
        [holds] = live_facts(merge(EMPTY, order)[0])
        assert isinstance(holds.data, Placed)
        assert holds.data.quantity.value == 100
        assert holds.sequence == "0000000003"


def test_of_one_statement_recorded_twice_the_earlier_recording_holds():
    placed = OrderBook().placed(1)
    later = msgspec.structs.replace(placed, recordedtime=placed.recordedtime + timedelta(days=9))
    assert live_facts(merge(EMPTY, [later, placed])[0]) == [placed]
    assert live_facts(merge(EMPTY, [placed, later])[0]) == [placed]
