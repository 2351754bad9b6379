import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.connectors.carrier_status.mapping import STATUS_WORDS
from tierlink.connectors.carrier_status.normalise import find_status, split_reference
from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.money import parse_currency
from tierlink.connectors.cells.status_words import says_cancelled
from tierlink.connectors.cells.texts import is_empty_marker, parse_flag
from tierlink.connectors.cells.units import parse_unit
from tierlink.connectors.contract import Cell
from tierlink.schemas.deliveries import ShipmentStatus


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("PCS", "H87"),
        ("个", "H87"),
        ("Stück", "H87"),
        ("ST", "H87"),
        ("kg", "KGM"),
        ("公斤", "KGM"),
        ("m²", "MTK"),
        ("箱", "XCT"),
        ("Paar", "PR"),
        ("米", "MTR"),
        ("(EA)", "H87"),
        ("ｋｇ", "KGM"),
    ],
)
def test_units_in_three_languages(word, code):
    assert parse_unit(word) == code


@pytest.mark.parametrize("word", ["lbs", "furlong", "", "pc s", "parsec"])
def test_an_unknown_unit_is_not_guessed(word):
    with pytest.raises(ValueRefusedError, match="unit-unknown"):
        parse_unit(word)


@pytest.mark.parametrize(
    ("word", "code"), [("RMB", "CNY"), ("€", "EUR"), ("us$", "USD"), ("gbp", "GBP")]
)
def test_currencies(word, code):
    assert parse_currency(word) == code


@pytest.mark.parametrize("word", ["¥", "$", "元", "dollars"])
def test_a_sign_of_several_currencies_is_not_guessed(word):
    with pytest.raises(ValueRefusedError, match="currency-unknown"):
        parse_currency(word)


@pytest.mark.parametrize(
    ("text", "yes"),
    [("X", True), ("是", True), ("ja", True), ("", False), ("否", False), ("-", False)],
)
def test_flags(text, yes):
    assert parse_flag(Cell(1, text)) is yes


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(ValueRefusedError, match="flag-unknown"):
        parse_flag(Cell(1, "maybe"))


@pytest.mark.parametrize(
    "text", ["取消", "已取消", "Cancelled", "storniert", "canceled by buyer", "作废"]
)
def test_words_for_cancelled(text):
    assert says_cancelled(text)


@pytest.mark.parametrize(
    "text", ["open", "不取消", "nicht storniert", "完成", "in Arbeit", "", "uncancelled"]
)
def test_words_that_do_not_mean_cancelled(text):
    assert not says_cancelled(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("DELIVERED", ShipmentStatus.DELIVERED),
        ("OUT_FOR_DELIVERY", ShipmentStatus.IN_TRANSIT),
        ("D1 - Delivered", ShipmentStatus.DELIVERED),
        ("Delivered - left with neighbour", ShipmentStatus.DELIVERED),
        ("已签收（本人）", ShipmentStatus.DELIVERED),
        ("nicht zugestellt", ShipmentStatus.EXCEPTION),
        ("Zugestellt, Unterschrift: Meier", ShipmentStatus.DELIVERED),
    ],
)
def test_a_milestone_is_found_with_code_or_remark(text, status):
    assert find_status(text) is status


@pytest.mark.parametrize(
    "text",
    [
        "Delivered (refused)",
        "Delivery - failed",
        "Zugestellt (nicht angenommen)",
        "已签收（部分拒收）",
        "Delivered - returned",
        "lost in space",
        "",
        "not yet delivered",
        "Delivered - damaged",
    ],
)
def test_a_remark_that_denies_the_milestone_leaves_none(text):
    assert find_status(text) is not ShipmentStatus.DELIVERED


@given(st.text(max_size=60))
def test_any_text_is_a_milestone_or_none(text):
    assert find_status(text) in {None, *STATUS_WORDS.values()}


@pytest.mark.parametrize(
    ("reference", "has_line", "parts"),
    [
        ("4500012345/10", False, ("4500012345", "10")),
        ("4500012345/00010", False, ("4500012345", "10")),
        ("PO 4500012345", False, ("4500012345", None)),
        ("PO: 4500012345 / 10", False, ("4500012345", "10")),
        ("2026/0815", False, ("2026/0815", None)),
        ("4500012345/10", True, ("4500012345/10", None)),
        ("Bestellung 4500012345 Pos 20", False, ("4500012345", "20")),
    ],
)
def test_a_customer_reference_is_taken_apart(reference, has_line, parts):
    assert split_reference(reference, has_line=has_line) == parts


@given(st.text(max_size=40))
def test_no_text_breaks_the_markers(text):
    assert is_empty_marker(text) in {True, False}
