from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.connectors.cells.evidence import agree
from tierlink.connectors.cells.languages import grouping_sign
from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.numbers import NumberColumn, ParsedNumber, parse_number
from tierlink.connectors.cells.workbook import number_text
from tierlink.connectors.contract import Cell, CellKind


def column(*seen, setting="auto"):
    decided = NumberColumn(setting)
    for text in seen:
        decided.observe(Cell(1, text))
    return decided


def read(text, *seen):
    return parse_number(Cell(1, text), column(text, *seen).mark)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", "1200"),
        ("１２００", "1200"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.200,50", "1200.5"),
        ("1,200.50", "1200.5"),
        ("1 200,5", "1200.5"),
        ("1'200", "1200"),
        ("1’200.5", "1200.5"),
        ("0,5", "0.5"),
        ("0.125", "0.125"),
        ("-5", "-5"),
        ("5-", "-5"),
        ("1.200,000-", "-1200"),
        ("(5)", "-5"),
        ("−5", "-5"),
        ("¥12.5", "12.5"),
        ("12,50 €", "12.5"),
        ("1.2万", "12000"),
        ("+7", "7"),
        (".5", "0.5"),
    ],
)
def test_a_number_with_one_reading(text, value):
    assert read(text).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1200 pcs", 1200, "pcs"),
        ("300箱", 300, "箱"),
        ("12,5 kg", Decimal("12.5"), "kg"),
        ("1.2万个", 12000, "个"),
    ],
)
def test_a_unit_may_stand_behind(text, value, unit):
    found = read(text)

    assert (found.value, found.unit_text) == (value, unit)


@pytest.mark.parametrize("text", ["1.200", "1,200", "１，２００", "1.200 Stk", "100,000"])
def test_two_readings_are_held(text):
    with pytest.raises(ValueRefusedError) as refused:
        read(text)

    assert (refused.value.code, refused.value.held) == ("number-ambiguous", True)


@pytest.mark.parametrize(
    ("proof", "value"),
    [("12,5", "1200"), ("1.234.567", "1200"), ("12.5", "1.2"), ("1,234,567", "1.2")],
)
def test_another_value_of_the_column_decides(proof, value):
    assert read("1.200", proof).value == Decimal(value)


def test_a_column_that_contradicts_itself_decides_nothing():
    with pytest.raises(ValueRefusedError, match="number-ambiguous"):
        read("1.200", "12,5", "12.5")


def test_a_setting_decides():
    assert parse_number(Cell(1, "1.200"), column(setting=",").mark) == ParsedNumber(Decimal(1200))


@pytest.mark.parametrize(
    "text",
    ["约500", "12 + 3", "1.2.3", "1,23,4", "4.5E+09", "abc", "12/5", "10:30", "1..2", "--5", "(5"],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueRefusedError, match="number-unreadable"):
        read(text)


@pytest.mark.parametrize(("text", "code"), [("10%", "number-percent"), ("5‰", "number-percent")])
def test_a_share_is_no_quantity(text, code):
    with pytest.raises(ValueRefusedError, match=code):
        read(text)


def test_a_date_and_an_error_are_no_numbers():
    with pytest.raises(ValueRefusedError, match="number-is-date"):
        parse_number(Cell(1, "2026-02-01", CellKind.DATE), None)
    with pytest.raises(ValueRefusedError, match="cell-error-value"):
        parse_number(Cell(1, "#REF!", CellKind.ERROR), None)


@pytest.mark.parametrize("text", ["", "-", "n/a", "无", "k.A."])
def test_empty_markers_are_no_number_and_no_error(text):
    assert read(text) is None


def test_columns_that_prove_a_mark_speak_for_those_that_do_not():
    proves, silent = column("12,5"), column("1.200")
    agree([proves, silent])

    assert silent.mark == ","
    assert silent.proven is None


@pytest.mark.parametrize("other", [("12.5",), ("1,5", "1.5")])
def test_columns_that_differ_speak_for_nobody(other):
    proves, silent = column("12,5"), column("1.200")
    agree([proves, silent, column(*other)])

    assert silent.mark is None


@pytest.mark.parametrize(
    ("value", "mask", "text"),
    [
        (4500012345.0, "General", "4500012345"),
        (0.1 + 0.2, "General", "0.3"),
        (125, "00000", "00125"),
        (1e15, "General", "1000000000000000"),
        (-0.0, "General", "0"),
    ],
)
def test_numbers_of_a_workbook_are_written_as_the_user_knows_them(value, mask, text):
    assert number_text(value, mask) == text


GROUPED = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False, allow_infinity=False)


@given(GROUPED, st.sampled_from([".", ","]))
def test_two_decimals_are_never_misread(value, mark):
    english = f"{value:,.2f}"
    text = english if mark == "." else english.translate(str.maketrans(",.", ".,"))

    assert read(text).value == value


@given(st.text(max_size=20), st.sampled_from([".", ",", None]), st.sampled_from(list(CellKind)))
def test_anything_else_is_a_finite_number_or_nothing_or_refused(text, mark, kind):
    if kind is CellKind.NUMBER:
        return
    try:
        number = parse_number(Cell(1, text, kind), mark)
    except ValueRefusedError:
        return
    assert number is None or number.value.is_finite()


@pytest.mark.parametrize(
    ("text", "grouping", "value"),
    [
        ("1,200", ",", "1200"),
        ("12,500 pcs", ",", "12500"),
        ("-1,200", ",", "-1200"),
        ("1.200", ".", "1200"),
        ("2.5", ",", "2.5"),
        ("2,5", ",", "2.5"),
    ],
)
def test_the_language_of_the_sheet_says_what_groups_thousands(text, grouping, value):
    number = parse_number(Cell(1, text), None, grouping)
    assert number is not None
    assert number.value == Decimal(value)


@pytest.mark.parametrize(("text", "grouping"), [("1.200", ","), ("1,200", "."), ("1,200", None)])
def test_the_other_sign_stays_held_whatever_the_language(text, grouping):
    with pytest.raises(ValueRefusedError) as refused:
        parse_number(Cell(1, text), None, grouping)
    assert (refused.value.code, refused.value.held) == ("number-ambiguous", True)


def test_a_decimal_mark_wins_over_the_language():
    number = parse_number(Cell(1, "1,200"), ",", ",")
    assert number is not None
    assert number.value == Decimal("1.200")


@pytest.mark.parametrize(
    ("headings", "sign"),
    [
        (["PO Number", "Qty", "Due Date"], ","),
        (["订单号", "数量"], ","),
        (["订单号 PO No", "数量 Qty"], ","),
        (["Bestell-Nr.", "Menge", "Liefertermin"], "."),
        (["PO", "Pos", "Artikel", "Menge"], "."),
        (["EBELN", "MENGE", "EINDT", "MATNR"], None),
        (["PO Number", "Menge"], None),
        (["订单号", "Liefermenge", "数量"], None),
        (["Material", "Qty"], None),
    ],
)
def test_headings_say_the_language_only_when_they_agree(headings, sign):
    assert grouping_sign(headings) == sign
