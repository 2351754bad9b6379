from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.kpi.rates import rate, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (9, 12, "0.468", "0.911"),  # research/domain.md 6.6
        (11, 12, "0.646", "0.985"),
        (92, 100, "0.850", "0.959"),
        (0, 10, "0.000", "0.278"),  # Brown, Cai, DasGupta (2001): z²/(n+z²) at none
        (10, 10, "0.722", "1.000"),
    ],
)
def test_wilson_intervals_of_published_examples(part, whole, low, high):
    interval = wilson(part, whole)
    assert interval is not None
    assert [end.quantize(Decimal("0.001")) for end in interval] == [Decimal(low), Decimal(high)]


def test_no_lines_have_neither_rate_nor_interval():
    assert rate(0, 0) is None
    assert wilson(0, 0) is None


def test_rates_have_six_places_and_halves_go_up():
    assert rate(2, 3) == Decimal("0.666667")
    assert rate(1, 128) == Decimal("0.007813")


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_interval(counts):
    interval, middle = wilson(*counts), rate(*counts)
    assert interval is not None
    assert middle is not None
    assert 0 <= interval[0] <= middle <= interval[1] <= 1
