from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.kpi.facts import Fact
from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.results import InventoryTurnover
from tierlink.kpi.turnover import step, turnover
from tierlink.schemas.kpis import TurnoverBasis
from unit.kpi.order_book import EMPTY, counted, march, moved, retraction

END_OF_MARCH = date(2026, 3, 31)
MONTH_ENDS = [100, 100, 100, 100, 100, 400, 700, 700, 400, 100, 100, 100, 100]


def _ledger(*facts) -> Ledger:
    return merge(EMPTY, facts)[0]


def _measure(*facts: Fact, as_of: date = END_OF_MARCH, period: str = "2026-03") -> Any:
    return turnover(_ledger(*facts), as_of)[f"S1|main|M1|{period}"]


def test_a_seasonal_year_is_averaged_over_time_not_over_its_two_ends():
    """The year of lab/otd_same_data.py: 30.4 days by two points, 72.5 by thirteen month-ends.

    Counted on 13 month-ends, standing still between them: 30 + 30 days at 400, 62 at 700, 244 at 100.
    """
    ends = [date(2024, 12, 31) + timedelta(days=1)]
    ends += [date(2025, month, 1) for month in range(2, 13)] + [date(2026, 1, 1)]
    ends = [first - timedelta(days=1) for first in ends]
    facts = [counted(stock, on) for on, stock in zip(ends, MONTH_ENDS, strict=True)]
    for on, before, after in zip(ends[1:], MONTH_ENDS, MONTH_ENDS[1:], strict=False):
        facts.append(moved("out", 100, on, reason="issue"))
        facts.append(moved("in", 100 + after - before, on, reason="receipt"))
    year = _measure(*facts, as_of=date(2025, 12, 31), period="all")
    assert (year.period_days, year.flow, year.unexplained) == (366, 1200, 0)
    assert year.average_balance == Decimal("250.819672")  # 91800 / 366
    assert year.turns == Decimal("4.771242")  # 1200 x 365 / 91800
    assert year.turnover_days == Decimal("76.5")  # 91800 / 1200
    assert year.averaging == "time_weighted"


def test_a_balance_is_reckoned_backwards_from_the_first_count():
    month = _measure(moved("out", 30, march(5), reason="issue"), counted(70, march(10)))
    assert (month.opening, month.closing, month.unexplained) == (100, 70, 0)
    assert month.period_days == 27
    assert month.average_balance == 70
    assert month.turns == Decimal("5.793651")  # 30 x 365 / (27 x 70)


def test_without_any_count_movements_start_from_nothing():
    month = _measure(moved("in", 50, march(1)), moved("out", 20, march(11), reason="sale"))
    assert (month.opening, month.inflow, month.outflow, month.closing) == (0, 50, 20, 30)
    assert month.average_balance == Decimal("36.451613")  # (10 x 50 + 21 x 30) / 31


def test_a_count_re_anchors_the_balance_and_the_gap_is_shown():
    month = _measure(
        counted(100, march(1)),
        moved("out", 10, march(5), reason="issue"),
        counted(85, march(10)),
        moved("in", 5, march(20)),
    )
    assert (month.closing, month.unexplained) == (90, -5)
    assert month.opening + month.inflow - month.outflow + month.unexplained == month.closing


def test_only_issues_sales_and_unexplained_outs_are_consumption():
    reasons = ("issue", "sale", "unknown", "transfer", "adjustment", "return", "scrap", "receipt")
    outs = [moved("out", 10, march(2), key=reason, reason=reason) for reason in reasons]
    month = _measure(counted(500, march(1)), *outs)
    assert (month.outflow, month.flow) == (80, 30)


def test_a_negative_movement_is_one_the_other_way():
    month = _measure(counted(100, march(1)), moved("out", -10, march(2), reason="issue"))
    assert (month.inflow, month.outflow, month.flow, month.closing) == (10, 0, 0, 110)


def test_turns_are_by_value_where_a_cost_is_known_throughout():
    month = _measure(
        counted(100, march(1), cost=(2, "CNY")),
        moved("out", 50, march(11), reason="issue", cost=(3, "CNY")),
    )
    assert (month.basis, month.unit) == (TurnoverBasis.VALUE, "CNY")
    assert month.flow == 150  # at the cost of the day
    assert month.average_balance == Decimal("166.129032")  # (10 x 100 x 2 + 21 x 50 x 3) / 31
    assert (month.opening, month.closing) == (100, 50)


def test_turns_are_by_quantity_before_the_first_cost_and_in_two_currencies():
    late = _measure(
        counted(100, march(1)), moved("out", 9, march(2), reason="issue", cost=(2, "CNY"))
    )
    assert (late.basis, late.unit) == (TurnoverBasis.QUANTITY, "H87")
    facts = (counted(100, march(1), cost=(2, "CNY")), counted(90, march(20), cost=(1, "EUR")))
    assert _measure(*facts).basis is TurnoverBasis.QUANTITY
    # what comes later does not change an earlier month's basis
    may = (*facts[:1], counted(90, date(2026, 5, 2), cost=(1, "EUR")))
    assert _measure(*may, as_of=date(2026, 5, 31)).basis is TurnoverBasis.VALUE


def test_nothing_consumed_is_zero_turns_and_no_number_of_days():
    month = _measure(counted(100, march(1)), moved("in", 1, march(2)))
    assert (month.turns, month.turnover_days, month.note) == (0, None, "no_movement")


def test_no_stock_and_negative_stock_have_no_turns_and_say_why():
    empty = _measure(counted(0, march(1)), moved("in", 0, march(2)))
    assert (empty.turns, empty.note) == (None, "no_stock,no_movement")
    owing = _measure(moved("out", 10, march(1), reason="issue"))
    assert (owing.turns, owing.turnover_days, owing.note) == (None, None, "negative_stock")


def test_a_ledger_of_counts_alone_tells_its_consumption_from_the_decreases():
    month = _measure(counted(100, march(1)), counted(60, march(11)), counted(90, march(21)))
    assert (month.flow, month.outflow, month.inflow, month.unexplained) == (40, 40, 30, 0)
    assert month.note == "from_counts"


def test_of_counts_on_one_day_the_last_said_holds():
    at = datetime(2026, 3, 5, tzinfo=UTC)
    first = counted(100, march(1), key="a", at=at)
    last = counted(80, march(1), key="b", at=at + timedelta(hours=1))
    assert _measure(last, first).closing == 80


def test_facts_in_another_unit_than_the_latest_counts_are_left_out_and_noted():
    month = _measure(
        moved("in", 7, march(1), unit="KGM"),
        moved("in", 7, march(2), unit="KGM"),
        counted(100, march(3)),
        moved("out", 10, march(4), reason="issue"),
    )
    assert (month.unit, month.closing, month.period_days) == ("H87", 90, 29)
    assert month.note == "mixed_units"
    by_vote = _measure(moved("in", 7, march(1), unit="KGM"), moved("in", 9, march(2)))
    assert (by_vote.unit, by_vote.closing) == ("H87", 9)


def test_every_month_up_to_now_is_measured_also_the_quiet_ones():
    ledger = _ledger(counted(100, date(2025, 12, 20)), moved("out", 40, march(2), reason="issue"))
    months = turnover(ledger, march(10))
    assert list(months) == [
        f"S1|main|M1|{period}" for period in ("2025-12", "2026-01", "2026-02", "2026-03", "all")
    ]
    assert [one.period_days for one in months.values()] == [12, 31, 28, 10, 81]
    quiet: Any = months["S1|main|M1|2026-02"]
    assert (quiet.opening, quiet.closing, quiet.turns, quiet.note) == (100, 100, 0, "no_movement")
    assert months["S1|main|M1|all"].opening == 100


def test_facts_of_the_future_are_not_known_yet():
    ledger = _ledger(counted(100, march(20)))
    assert turnover(ledger, march(19)) == {}
    assert turnover(ledger, march(20))["S1|main|M1|all"].period_days == 1


def test_step_names_only_the_periods_that_changed():
    ledger, changes = step(EMPTY, [counted(100, date(2026, 2, 1))], march(31))
    assert all(before is None for before, _ in changes.values())
    ledger, changes = step(ledger, [moved("out", 10, march(5), reason="issue")], march(31))
    assert list(changes) == ["S1|main|M1|2026-02", "S1|main|M1|2026-03", "S1|main|M1|all"]
    assert step(ledger, [counted(100, date(2026, 2, 1))], march(31)) == (ledger, {})


def test_a_retracted_ledger_has_no_turnover_left():
    count = counted(100, march(1))
    ledger, _ = step(EMPTY, [count], march(31))
    _, changes = step(ledger, [retraction(count)], march(31))
    assert {after for _, after in changes.values()} == {None}
    assert len(changes) == 2


@st.composite
def stock_facts(draw):
    facts = []
    for number in range(draw(st.integers(1, 12))):
        on = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 80)))
        cost = draw(st.sampled_from([None, (2, "CNY"), ("2.5", "CNY"), (1, "EUR")]))
        unit = draw(st.sampled_from(["H87"] * 5 + ["KGM"]))
        quantity = draw(st.decimals(-20, 200, places=2))
        key = f"k{number}"
        if draw(st.booleans()):
            facts.append(counted(quantity, on, key, cost=cost, unit=unit))
        else:
            way = draw(st.sampled_from(["in", "out"]))
            reason = draw(st.sampled_from(["issue", "receipt", "unknown", "scrap"]))
            facts.append(moved(way, quantity, on, key, cost=cost, unit=unit, reason=reason))
        if draw(st.integers(0, 9)) == 0:
            facts.append(retraction(facts[-1]))
    return facts


@given(stock_facts(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_repetition_and_batching_gives_the_same_turnover(facts, random, size):
    again = facts + facts[::2]
    random.shuffle(again)
    expected = turnover(_ledger(*facts), march(31))
    ledger = EMPTY
    published: dict[str, InventoryTurnover | None] = {}
    for place in range(0, len(again), size):
        ledger, changes = step(ledger, again[place : place + size], march(31))
        for key, (before, after) in changes.items():
            assert published.get(key) == before
            published[key] = after
    assert {key: after for key, after in published.items() if after is not None} == expected


@given(stock_facts())
def test_the_ledger_identity_holds_in_every_period_and_months_add_up(facts):
    periods = list(turnover(_ledger(*facts), march(31)).values())
    for one in periods:
        assert one.opening + one.inflow - one.outflow + one.unexplained == one.closing
    if periods:
        *months, whole = periods
        for name in ("inflow", "outflow", "unexplained", "period_days"):
            assert sum(getattr(one, name) for one in months) == getattr(whole, name)
        for earlier, later in pairwise(months):
            assert earlier.closing == later.opening


def test_a_name_is_the_newest_one_stated():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    old = counted(1, march(9), item={"id": "M1", "name": "Old"}, at=at)
    new = counted(1, march(2), item={"id": "M1", "name": "New"}, at=at + timedelta(days=1))
    none = counted(1, march(3), at=at + timedelta(days=2))
    assert _measure(new, old, none).item.name == "New"


@pytest.mark.parametrize("count", [3000])
def test_a_long_ledger_is_reckoned_by_facts_not_by_days(count):
    """Thirty years of movements: every month there, the balance right at the end."""
    start = date(1996, 1, 1)
    facts = [moved("in", 1, start + timedelta(days=3 * n), key=str(n)) for n in range(count)]
    periods = turnover(_ledger(*facts), date(2025, 12, 31))
    assert len(periods) == 30 * 12 + 1
    assert periods["S1|main|M1|all"].closing == count
