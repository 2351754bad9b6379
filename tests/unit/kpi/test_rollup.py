from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.kpi.on_time import assess
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.results import LineAssessed, encode
from tierlink.kpi.rollup import Tally, TallyKey, entry_of
from tierlink.schemas.values import Item, Party
from unit.kpi.order_book import OrderBook, march

AS_OF = date(2026, 4, 1)


def _lines() -> list[LineAssessed]:
    """A dozen lines of two suppliers in two months, some without item, date or name."""
    lines = []
    for number in range(12):
        book = OrderBook()
        named = {"id": f"S{number % 2}", "name": ("Alpha", "Beta", None)[number % 3]}
        book.placed(
            100,
            po_line=str(number),
            supplier=Party(**named),
            item=None if number == 5 else Item(id=f"M{number % 3}", name="Nut"),
            requested_on=None if number == 7 else date(2026, 2 + number % 2, 10),
        )
        if number % 4:
            book.received(50 * (number % 4), march(10), po_line=str(number))
        lines.append(assess(book.line(), AS_OF, DEFAULT_POLICY))
    return lines


LINES = _lines()


def _published(tally: Tally, key: TallyKey) -> Any:
    event = tally.published(key, AS_OF, DEFAULT_POLICY.policy_id)
    assert event is not None
    return event


def _everything(tally: Tally) -> dict[TallyKey, bytes]:
    return {key: encode(_published(tally, key)) for key in tally.totals()}


def test_a_line_counts_for_its_supplier_and_its_part_in_its_month_and_over_all():
    tally = Tally()
    keys = tally.add(LINES[1])
    assert [key.text for key in keys] == ["S1||2026-03", "S1||all", "S1|M1|2026-03", "S1|M1|all"]
    assert sorted(keys, key=lambda key: key.text) == sorted(
        tally.totals(), key=lambda key: key.text
    )


def test_a_line_without_a_date_lowers_coverage_and_no_rate():
    tally = Tally()
    assert {key.period for key in tally.add(LINES[7])} == {"all"}
    event = _published(tally, TallyKey("S1", None, "all"))
    assert (event.lines, event.due, event.undated, event.otd) == (1, 0, 1, None)
    assert (event.otd_low, event.otd_high, event.otif, event.coverage) == (None, None, None, 0)


def test_a_supplier_without_lines_has_a_tombstone_not_a_zero():
    tally = Tally()
    keys = tally.add(LINES[1])
    assert tally.remove(LINES[1]) == keys
    assert tally.totals() == []
    assert tally.published(keys[0], AS_OF, "p") is None


def test_removing_what_was_never_added_is_an_error_and_changes_nothing():
    tally = Tally()
    tally.add(LINES[0])
    before = _everything(tally)
    with pytest.raises(ValueError, match="never added"):
        tally.remove(LINES[1])
    assert _everything(tally) == before


@given(st.permutations(LINES), st.lists(st.sampled_from(LINES)))
def test_totals_do_not_depend_on_the_way_they_were_reached(order, detour):
    straight, winding = Tally(), Tally()
    for line in LINES:
        straight.add(line)
    for line in detour:
        winding.add(line)
    for line in order:
        winding.add(line)
    for line in reversed(detour):
        winding.remove(line)
    assert _everything(winding) == _everything(straight)


def test_rates_come_with_their_interval():
    tally = Tally()
    for line in LINES:
        tally.add(line)
    event = _published(tally, TallyKey("S1", None, "all"))
    expected = [line for line in LINES if line.supplier.id == "S1" and line.is_due]
    assert event.due == len(expected) == 5
    assert event.otd == Decimal(event.not_late) / event.due
    assert event.otd_low < event.otd < event.otd_high
    assert event.supplier.name == "Alpha"


def test_moves_are_made_all_or_none():
    tally = Tally()
    tally.add(LINES[0])
    before = _everything(tally)
    entries = [entry_of(line, line) for line in LINES]
    with pytest.raises(ValueError, match="never added"):
        tally.apply([(entries[0], entries[2]), (None, entries[8]), (entries[7], entries[1])])
    assert _everything(tally) == before


@given(st.lists(st.sampled_from([None, *LINES]), min_size=1, max_size=8))
def test_moving_a_line_is_removing_and_adding_it(path):
    moved, stepwise = Tally(), Tally()
    touched = set()
    for before, after in pairwise([None, *path]):
        keys = stepwise.remove(before) if before else []
        keys += stepwise.add(after) if after else []
        was, now = before and entry_of(before, before), after and entry_of(after, after)
        changed = moved.apply([(was, now)])
        assert set(changed) == (set(keys) if was != now else set())
        touched |= set(changed)
    assert _everything(moved) == _everything(stepwise)
    assert set(moved.totals()) <= touched
