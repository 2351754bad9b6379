from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tierlink.kpi.periods import WorkingCalendar, month_of, month_span, months
from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy

OFFICE = WorkingCalendar(
    frozenset({1, 2, 3, 4, 5}), frozenset({date(2026, 4, 3), date(2026, 4, 6)})
)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 3, 10), 0, date(2026, 3, 10)),
        (date(2026, 3, 10), -5, date(2026, 3, 3)),
        (date(2026, 3, 13), 1, date(2026, 3, 16)),
        (date(2026, 3, 15), 0, date(2026, 3, 15)),
        (date(2026, 3, 15), 1, date(2026, 3, 16)),
        (date(2026, 3, 15), -1, date(2026, 3, 13)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 4, 7), -1, date(2026, 4, 2)),
        (date.max, 5, date.max),
        (date(9999, 12, 30), 5, date.max),
        (date.min, -5, date.min),
    ],
)
def test_working_days_skip_weekends_and_holidays(day, count, expected):
    assert OFFICE.add(day, count) == expected


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 40))
def test_there_are_as_many_working_days_between_as_were_added(day, count):
    end = OFFICE.add(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(OFFICE.works_on, between)) == count
    assert OFFICE.works_on(end)
    start = OFFICE.add(day, -count)
    between = [start + timedelta(days=n) for n in range((day - start).days)]
    assert sum(map(OFFICE.works_on, between)) == count


def test_months_are_half_open_spans():
    assert month_span("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_of(date(2026, 3, 31)) == "2026-03"
    assert list(months(date(2025, 12, 31), date(2026, 2, 1))) == ["2025-12", "2026-01"]
    assert list(months(date(2026, 2, 1), date(2026, 2, 1))) == []


def test_the_policy_id_is_the_hash_of_its_canonical_json():
    assert DEFAULT_POLICY.canonical() == (
        b'{"early_days":5,"format":"otd-policy/v1","holidays":[],"late_days":0,'
        b'"over_tol":"0","under_tol":"0","weekdays":[1,2,3,4,5]}'
    )
    # sha256sum of the line above: changes only with the policy, and then every published number says so
    assert DEFAULT_POLICY.policy_id == (
        "sha256:5635aadf87c6ace292f028e3a2419443d0ebb7dcc032b442313ee6c8cefec752"
    )


def test_two_ways_to_write_one_policy_have_one_id():
    one = OtdPolicy(holidays=(date(2026, 5, 1), date(2026, 1, 1)), over_tol=Decimal("0.10"))
    two = OtdPolicy(holidays=(date(2026, 1, 1), date(2026, 5, 1), date(2026, 1, 1)), over_tol="0.1")
    assert one.policy_id == two.policy_id != DEFAULT_POLICY.policy_id
    assert OtdPolicy.model_validate_json(one.canonical()) == one


@pytest.mark.parametrize(
    "wrong",
    [
        {"early_days": -1},
        {"weekdays": ()},
        {"weekdays": (8,)},
        {"under_tol": 1},
        {"late": 3},
        {"over_tol": 0.1},
    ],
    ids=str,
)
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        OtdPolicy(**wrong)
