import re
import string

import pytest

from tierlink.connectors.carrier_status.mapping import SHIPMENT_MILESTONES, SHIPMENT_STATUS
from tierlink.connectors.cells.message_texts import FIELD_LABELS, LANGUAGES, MESSAGES
from tierlink.connectors.cells.messages import cell_place, column_letters, reason
from tierlink.connectors.erp_export.mapping import GOODS_RECEIPTS, PURCHASE_ORDERS
from tierlink.connectors.excel_ledger.mapping import (
    DELIVERY_LOG,
    ORDER_LEDGER,
    STOCK_LEDGER,
    STOCK_LIST,
)

KINDS = (
    DELIVERY_LOG,
    GOODS_RECEIPTS,
    ORDER_LEDGER,
    PURCHASE_ORDERS,
    SHIPMENT_MILESTONES,
    SHIPMENT_STATUS,
    STOCK_LEDGER,
    STOCK_LIST,
)


def places(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_a_code_says_the_same_in_every_language(code):
    texts = MESSAGES[code]

    assert len(texts) == len(LANGUAGES) == 3
    assert len({frozenset(places(text)) for text in texts}) == 1
    assert places(texts[0]) <= {"place", "found", "expected", "other", "fields"}
    assert "place" in places(texts[0])
    assert re.search(r"[\u4e00-\u9fff]", texts[1])
    assert len(set(texts)) == 3


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_has_a_name_for_users_in_every_language(kind):
    named = {
        *kind.synonyms,
        *(name for names in kind.generic.values() for name in names),
        *(name for names in kind.by_value.values() for name in names),
        *kind.beside.values(),
    }
    assert named <= FIELD_LABELS.keys()
    assert all(len(labels) == 3 and all(labels) for labels in FIELD_LABELS.values())


def test_a_sentence_has_place_finding_and_remedy():
    said = reason(
        "unit-unknown",
        place=cell_place("100234/a.xlsx", "订单", "D14", "单位"),
        found="lbs",
        expected="PCS",
    )

    assert said.text["en"] == (
        '100234/a.xlsx, 订单!D14 (单位): the unit "lbs" is not known. Use for example PCS.'
    )
    assert set(said.text) == set(LANGUAGES)


def test_braces_and_length_of_what_stands_there_do_no_harm():
    said = reason("number-unreadable", place="{other}", found="{place}" + "x" * 500)

    assert said.text["en"].startswith('{other}: "{place}xxx')
    assert len(said.found or "") == 120


@pytest.mark.parametrize(
    ("column", "letters"),
    [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")],
)
def test_columns_are_named_as_spreadsheets_do(column, letters):
    assert column_letters(column) == letters
