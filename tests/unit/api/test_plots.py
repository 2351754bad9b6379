"""Drawings stay inside their frame whatever the figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tierlink.api.pages.plots import (
    interval_bar,
    month_plot,
    months_between,
    sparkline,
    stacked_bar,
    timeline_plot,
)
from tierlink.store.tables import OtdRow

rates = st.decimals(0, 1, places=6)
days = st.dates()
events = st.lists(
    st.tuples(
        st.integers(1, 99),
        st.sampled_from(["buyer", "supplier", "other"]),
        st.just("received"),
        days,
    ),
    max_size=30,
)


def month(period: str, otd: str | None) -> OtdRow:
    rate = Decimal(otd) if otd else None
    return OtdRow(
        key=period,
        supplier_id="s",
        item_id="",
        period=period,
        as_of=date(2026, 11, 24),
        policy_id="p",
        due=3,
        otd=rate,
        otd_low=rate,
        otd_high=rate,
    )


def is_month(period: str) -> bool:
    return period.isascii() and period[:4] != "0000" and "01" <= period[5:] <= "12"


@given(rates, rates, rates)
def test_an_interval_fits_its_track(one: Decimal, two: Decimal, three: Decimal) -> None:
    low, rate, high = sorted((one, two, three))
    bar = interval_bar(rate, low, high)
    assert 0 <= bar.left <= 100
    assert bar.width >= 1
    assert bar.left + bar.width <= 101.01
    assert 0 <= bar.dot <= 100


def test_months_between() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert months_between("2026-02", "2026-02") == ["2026-02"]


def test_a_month_without_due_lines_interrupts_the_line() -> None:
    rows = [month("2026-01", "0.5"), month("2026-02", "1"), month("2026-04", "0"), month("2026-05", None)]  # fmt: skip
    line = sparkline(rows)
    assert line is not None
    assert len(line.runs) == 1
    assert len(line.dots) == 1
    assert line.last == line.dots[0]
    plot = month_plot(rows)
    assert plot is not None
    assert [column.period for column in plot.columns] == [
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
    ]
    assert [column.row is None for column in plot.columns] == [False, False, True, False]
    assert len(plot.links) == 1


def test_nothing_due_is_no_drawing() -> None:
    assert sparkline([]) is None
    assert month_plot([month("2026-05", None)]) is None
    assert timeline_plot([], None, None) is None
    assert stacked_bar([("a", 0)]) == []


@given(st.lists(st.tuples(st.from_regex(r"\A\d{4}-\d{2}\Z"), rates), min_size=1, max_size=40))
def test_any_months_make_a_small_drawing(found: list[tuple[str, Decimal]]) -> None:
    """Also a due date mistyped by centuries."""
    rows = [month(period, str(rate)) for period, rate in found]
    line, plot = sparkline(rows), month_plot(rows)
    months = [period for period, _ in found if is_month(period)]
    if not months:
        assert line is None
        assert plot is None
        return
    assert line is not None
    assert plot is not None
    assert plot.columns[-1].period == max(months)
    assert len(plot.columns) <= 13
    assert all(0 < column.x < 100 for column in plot.columns)
    assert all(
        plot.top <= column.y <= plot.top + plot.height for column in plot.columns if column.row
    )
    assert 0 <= line.last[0] <= line.width
    assert 0 <= line.last[1] <= line.height


@given(
    events,
    st.none() | st.tuples(days, days).map(lambda pair: (min(pair), max(pair))),
    st.none() | days,
)
def test_any_story_fits_its_axis(
    found: list[tuple[int, str, str, date]], window: tuple[date, date] | None, today: date | None
) -> None:
    plot = timeline_plot(found, window, today)
    if plot is None:
        assert not found
        return
    assert len(plot.marks) == len(found)
    assert sorted(mark.number for mark in plot.marks) == sorted(number for number, *_ in found)
    places = [mark.x for mark in plot.marks] + [x for x, _ in plot.ticks]
    places += [plot.today] if plot.today is not None else []
    places += [plot.band[0], sum(plot.band)] if plot.band else []
    assert all(0 <= place <= 100 for place in places)
    assert 1 <= len(plot.ticks) <= 6
    assert all(0 < y < plot.height for _, y in plot.lanes)


def test_events_of_one_day_stand_side_by_side() -> None:
    day = date(2026, 5, 4)
    same = [(number, "buyer", "received", day) for number in (1, 2, 3)]
    plot = timeline_plot([*same, (4, "buyer", "received", day + timedelta(days=300))], None, None)
    assert plot is not None
    places = sorted(mark.x for mark in plot.marks)
    assert all(right - left >= 5 for left, right in pairwise(places))


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**6)), max_size=6))
def test_a_stacked_bar_fills_its_length(counts: list[tuple[str, int]]) -> None:
    parts = stacked_bar(counts)
    assert sum(part.count for part in parts) == sum(count for _, count in counts)
    if parts:
        assert abs(sum(part.width for part in parts) - 100) < 0.1
