from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.connectors.cells.dates import (
    DateColumn,
    Moment,
    find_date,
    is_serial,
    parse_clock,
    parse_date,
    parse_moment,
)
from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.contract import Cell, CellKind

NEAR = date(2026, 4, 15)


def column(*seen, setting="auto"):
    decided = DateColumn(setting, NEAR)
    for text in seen:
        decided.observe(Cell(1, text))
    return decided


def read(text, *seen, kind=CellKind.TEXT):
    return parse_date(Cell(1, text, kind), column(text, *seen))


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-03",
        "2026/5/3",
        "2026.5.3",
        "20260503",
        "2026年5月3日",
        "２０２６年５月３号",
        "26年5月3日",
        "03.05.2026",
        "3.5.26",
        "3-May-26",
        "3 May 2026",
        "May 3, 2026",
        "3. Mai 2026",
        "2026-05-03 14:30",
        "2026-05-03T14:30:00Z",
        "03.05.2026, 14:30 Uhr",
        "2026年5月3日14:30",
        "2026-05-03 00:00:00",
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert read(text) == date(2026, 5, 3)


@pytest.mark.parametrize(
    "text", ["2026-W18", "KW 18/2026", "CW18 2026", "2026年第18周", "2026 wk 18"]
)
def test_a_week_means_its_friday(text):
    assert read(text) == date(2026, 5, 1)


@pytest.mark.parametrize(
    "text",
    ["", "-", "n/a", "TBD", "待定", "offen", "00000000", "0", "00.00.0000", "9999-12-31", "/"],
)
def test_what_means_no_day_yet_is_no_error(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31.02.2026", "date-impossible"),
        ("2026-13-01", "date-impossible"),
        ("20261332", "date-impossible"),
        ("2026-W60", "date-impossible"),
        ("5月3日", "date-incomplete"),
        ("KW 18", "date-incomplete"),
        ("03.05.", "date-incomplete"),
        ("asap", "date-unreadable"),
        ("尽快", "date-unreadable"),
        ("1778061600", "date-unreadable"),
        ("1889-05-03", "date-implausible"),
        ("2026-05-03 25:00 UTC", "date-impossible"),
    ],
)
def test_what_is_no_day_is_refused_with_its_own_code(text, code):
    with pytest.raises(ValueRefusedError) as refused:
        read(text)

    assert refused.value.code == code
    assert not refused.value.held


def test_two_readings_are_held_with_both():
    with pytest.raises(ValueRefusedError) as refused:
        read("5/3/2026")

    assert (refused.value.code, refused.value.held) == ("date-ambiguous", True)
    assert refused.value.expected == "2026-03-05 / 2026-05-03"


@pytest.mark.parametrize(
    ("proof", "day"), [("5/13/2026", date(2026, 5, 3)), ("13/5/2026", date(2026, 3, 5))]
)
def test_another_value_of_the_column_decides(proof, day):
    assert read("5/3/2026", proof) == day


def test_a_column_that_contradicts_itself_decides_nothing():
    with pytest.raises(ValueRefusedError, match="date-ambiguous"):
        read("5/3/2026", "5/13/2026", "13/5/2026")


def test_a_setting_decides_and_then_the_impossible_is_refused():
    decided = column(setting="dmy")

    assert parse_date(Cell(1, "5/3/2026"), decided) == date(2026, 3, 5)
    with pytest.raises(ValueRefusedError, match="date-impossible"):
        parse_date(Cell(1, "5/13/2026"), decided)


def test_what_other_columns_prove_is_adopted_only_where_it_fits():
    undecided, year_first = column("5/3/2026"), column("26/05/03")
    undecided.adopt("mdy")
    year_first.adopt("mdy")

    assert undecided.order == "mdy"
    assert year_first.order != "mdy"


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("46145", CellKind.NUMBER, date(2026, 5, 3)),
        ("46145.5", CellKind.NUMBER, date(2026, 5, 3)),
        ("46145", CellKind.TEXT, date(2026, 5, 3)),
        ("30000", CellKind.NUMBER, None),
        ("20260503", CellKind.NUMBER, date(2026, 5, 3)),
    ],
)
def test_excels_day_numbers(text, kind, day):
    if day is None:
        with pytest.raises(ValueRefusedError):
            read(text, kind=kind)
    else:
        assert read(text, kind=kind) == day


def test_a_number_far_from_the_document_is_no_day_number_in_a_text_file():
    with pytest.raises(ValueRefusedError, match="date-unreadable"):
        read("36526")


def test_is_serial_knows_this_half_century():
    assert is_serial("46145")
    assert not any(map(is_serial, ["1200", "4500012345", "2026-05-03", "９", "", "12,5"]))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-03T14:30:00Z", (14, 30)),
        ("2026-05-03T14:30:00.123+02:00", (12, 30)),
        ("2026-05-03 14:30 +0800", (6, 30)),
        ("2026-05-03 14:30 UTC+8", (6, 30)),
        ("2026-05-03 2:30 PM CEST", (12, 30)),
        ("2026-05-03 12:05 AM Z", (0, 5)),
        ("2026年5月3日 下午2:30 +08:00", (6, 30)),
        ("2026-05-03 14:30 Europe/Berlin", (12, 30)),
        ("2026-05-03 14:30", None),
        ("2026-05-03 14:30 CST", None),
        ("2026-05-03 14:30 Mars/Olympus", None),
    ],
)
def test_an_instant_needs_a_zone_that_is_one(text, instant):
    moment = parse_moment(Cell(1, text), column())

    at = instant and datetime(2026, 5, 3, instant[0], instant[1], tzinfo=UTC)
    assert moment == Moment(date(2026, 5, 3), at)


def test_clock_and_zone_may_stand_in_cells_of_their_own():
    clock = parse_clock("14:30 +02:00")
    moment = parse_moment(Cell(1, "2026-05-03"), column(), clock)

    assert moment == Moment(date(2026, 5, 3), datetime(2026, 5, 3, 12, 30, tzinfo=UTC))
    assert parse_clock("noon") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("库存表 2026-03-10", date(2026, 3, 10)),
        ("截止2026年3月10日库存", date(2026, 3, 10)),
        ("Bestand_10.03.2026.xlsx", date(2026, 3, 10)),
        ("stock 20260310", date(2026, 3, 10)),
        ("2026-03-10 to 2026-03-11", None),
        ("order 4520260310", None),
    ],
)
def test_the_one_day_in_a_title_or_name(text, day):
    assert find_date(text) == day


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%Y年%m月%d日"]),
)
def test_unambiguous_notations_come_back_as_they_were(day, notation):
    assert read(day.strftime(notation)) == day


@given(st.text(max_size=30), st.sampled_from(list(CellKind)))
def test_anything_else_is_a_day_or_nothing_or_refused(text, kind):
    try:
        day = read(text, kind=kind)
    except ValueRefusedError:
        return
    assert day is None or 1990 <= day.year <= 2099
