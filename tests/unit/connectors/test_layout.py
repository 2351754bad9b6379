import pytest

from tierlink.connectors.carrier_status.mapping import SHIPMENT_MILESTONES, SHIPMENT_STATUS
from tierlink.connectors.cells.headings import ColumnValues, heading_key, match_columns
from tierlink.connectors.cells.layout import Layout, NearMiss, classify_row, find_layout
from tierlink.connectors.contract import Cell, CellKind, Row
from tierlink.connectors.erp_export.mapping import GOODS_RECEIPTS, PURCHASE_ORDERS
from tierlink.connectors.excel_ledger.mapping import (
    DELIVERY_LOG,
    ORDER_LEDGER,
    STOCK_LEDGER,
    STOCK_LIST,
)

LEDGER = (DELIVERY_LOG, ORDER_LEDGER, STOCK_LEDGER, STOCK_LIST)
ERP = (GOODS_RECEIPTS, PURCHASE_ORDERS)
CARRIER = (SHIPMENT_STATUS, SHIPMENT_MILESTONES)
ALL = (*LEDGER, *ERP, *CARRIER)


def cell(column, value):
    kind = CellKind.NUMBER if isinstance(value, int) else CellKind.TEXT
    return Cell(column, str(value), kind)


def rows(*lines):
    """Rows from 1; values from column A, None left out."""
    return [
        Row(
            number,
            tuple(cell(column, value) for column, value in enumerate(line, 1) if value is not None),
        )
        for number, line in enumerate(lines, 1)
    ]


def layout_of(kinds, *lines) -> Layout:
    found = find_layout(rows(*lines), kinds)
    assert isinstance(found, Layout)
    return found


def fields(kinds, *lines):
    """Kind and field by heading of what was found, or what is missing."""
    found = find_layout(rows(*lines), kinds)
    if isinstance(found, NearMiss):
        return found.missing
    assert isinstance(found, Layout)
    return found.kind.name, {column.heading: name for name, column in found.match.columns.items()}


def matched(kind, *headings, below=None):
    match = match_columns({index: (text,) for index, text in enumerate(headings, 1)}, kind, below)
    return {column.heading: name for name, column in match.columns.items()}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_no_heading_means_two_things_at_once(kind):
    by_key: dict[str, str] = {}
    for name, words in kind.synonyms.items():
        for word in words.split(";"):
            assert by_key.setdefault(heading_key(word), name) == name, word
    assert not by_key.keys() & kind.unrelated_headings - {""}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_headings_of_several_meanings_are_no_clear_ones_too(kind):
    assert not kind.generic_by_heading.keys() & kind.fields_by_heading.keys()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_kind_needs_only_fields_that_some_heading_can_give(kind):
    known = {
        *kind.synonyms,
        *kind.beside.values(),
        *(name for names in kind.generic.values() for name in names),
        *(name for names in kind.by_value.values() for name in names),
    }
    assert set().union(*kind.required) <= known
    assert set(kind.keys) <= known


@pytest.mark.parametrize(
    ("kinds", "headings", "name"),
    [
        (LEDGER, ["订单号", "料号", "数量", "交货日期"], "order ledger"),
        (LEDGER, ["PO No", "Part", "Qty", "Delivery Date"], "order ledger"),
        (LEDGER, ["PO No", "Part", "Qty", "Date", "Packing Slip"], "delivery log"),
        (LEDGER, ["PO No", "Part", "Shipped Qty", "Ship Date"], "delivery log"),
        (LEDGER, ["日期", "物料编码", "入库数量", "出库数量", "结存"], "stock ledger"),
        (LEDGER, ["Artikel", "Bestand"], "stock list"),
        (ERP, ["PO", "Line", "Material", "Quantity", "Delivery Date"], "purchase orders"),
        (ERP, ["EBELN", "EBELP", "MENGE", "EINDT"], "purchase orders"),
        (ERP, ["EBELN", "EBELP", "MENGE", "BUDAT", "BWART"], "goods receipts"),
        (ERP, ["PO", "Line", "Received Qty", "Received Date"], "goods receipts"),
        (CARRIER, ["Waybill", "PO", "Status", "Date"], "shipment status"),
        (CARRIER, ["Waybill", "PO", "Picked up", "Delivered"], "shipment milestones"),
    ],
)
def test_a_table_is_taken_for_what_it_is(kinds, headings, name):
    assert fields(kinds, headings)[0] == name


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("P.O. No.", "po_no"),
        ("Bestell-Nr.", "po_no"),
        ("采购订单号\nPO No.", "po_no"),
        ("Our PO #", "po_no"),
        ("ＰＯ　号", "po_no"),
        ("订购数量(PCS)", "quantity"),
        ("Bestellmenge in kg", "quantity"),
        ("Menge\n(Stk)", "quantity"),
        ("客户要求交期", "requested_on"),
        ("贵司要求交期", "requested_on"),
        ("Bestätigter\nLiefertermin", "promised_on"),
        ("Confirmed Date / 确认日期", "promised_on"),
        ("Mengeneinheit", "unit"),
        ("实际 日期", "despatched_on"),
        ("计划 数量", "quantity"),
    ],
)
def test_headings_are_understood(text, field):
    assert matched(ORDER_LEDGER, text) == {" ".join(text.split()): field}


@pytest.mark.parametrize(
    "text",
    ["备注", "Offene Menge", "序号", "Total Amount", "Kommentar", "", "x" * 100, "2026-05-03"],
)
def test_other_headings_are_nobodys(text):
    assert matched(ORDER_LEDGER, text) == {}


def test_a_heading_may_be_understood_in_passing_with_its_unit_and_currency():
    match = match_columns({1: ("数量(KG)",), 2: ("单价(元) CNY",)}, ORDER_LEDGER)

    assert match.columns["quantity"].unit == "KGM"
    assert match.columns["unit_price"].currency == "CNY"


def test_a_clear_heading_goes_before_one_of_several_meanings():
    assert matched(ORDER_LEDGER, "型号", "料号", "图号") == {"料号": "item"}
    assert matched(ORDER_LEDGER, "Auftragsnummer", "Kundenbestellnummer") == {
        "Kundenbestellnummer": "po_no"
    }
    assert matched(ORDER_LEDGER, "Auftragsnummer") == {"Auftragsnummer": "po_no"}


def test_a_day_that_could_be_promised_or_despatched_stays_unknown():
    assert matched(ORDER_LEDGER, "Wunschtermin", "Lieferdatum") == {"Wunschtermin": "requested_on"}
    assert (
        matched(ORDER_LEDGER, "Wunschtermin", "Versanddatum", "Lieferdatum")["Lieferdatum"]
        == "promised_on"
    )
    assert matched(ORDER_LEDGER, "Wunschtermin", "Liefertermin")["Liefertermin"] == "promised_on"


def test_two_columns_for_one_field_are_told_not_dropped():
    head = ["订单号", "料号", "数量", "交货日期", "交期"]

    assert fields(LEDGER, head) == ("requested_on",)
    assert fields(LEDGER, ["PO No", "Qty", "Qty", "Due"]) == ("quantity",)


@pytest.mark.parametrize(
    ("below", "field"),
    [
        (ColumnValues.NUMBERS, {"Geliefert": "despatched_quantity"}),
        (ColumnValues.DAYS, {"Geliefert": "despatched_on"}),
        (ColumnValues.UNCLEAR, {}),
        (None, {"Geliefert": "despatched_on"}),
    ],
)
def test_the_cells_below_decide_what_geliefert_is(below, field):
    assert matched(ORDER_LEDGER, "Geliefert", below={1: below}) == field


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ([1200, 500], "despatched_quantity"),
        (["1.200 Stk", None], "despatched_quantity"),
        (["03.05.2026"], "despatched_on"),
        (["2026-05-03", None], "despatched_on"),
        (["3.5.26"], "despatched_on"),
        ([20260503], "despatched_on"),
        ([45000, 46000], None),
        ([0, 45000], None),
        ([45000, 12], "despatched_quantity"),
    ],
)
def test_what_stands_below_is_seen_in_the_cells(values, field):
    _, found = fields(
        LEDGER, ["PO No", "Menge", "Geliefert"], *(["4500", 5, value] for value in values)
    )

    assert found.get("Geliefert") == field


def test_items_of_receipts_and_of_orders_are_told_apart_by_their_neighbours():
    head = ["Mat. Doc.", "Item", "PO", "Item", "Material", "Quantity", "Posting Date"]
    found = layout_of(ERP, head)

    assert found.match.columns["receipt_line"].index == 2
    assert found.match.columns["po_line"].index == 4


def test_the_widest_heading_is_taken_below_titles():
    name, found = fields(
        LEDGER,
        ["Lieferliste", None],
        [None, "Stand 01.05.2026"],
        ["Bestellung", "Menge", "Termin", "Artikel"],
    )

    assert (name, len(found)) == ("order ledger", 4)


def test_of_two_tables_the_upper_one_is_read():
    found = layout_of(
        LEDGER,
        ["PO No", "Part No", "Qty", "Due Date"],
        ["4500", "A", 5, "2026-05-03"],
        ["PO No", "Ship Date", "Shipped Qty", "Part No", "Packing Slip"],
        ["4500", "2026-05-01", 5, "A", "S1"],
    )

    assert found.header_rows == (1,)


def test_names_with_descriptions_below_are_one_table():
    name, found = fields(
        ERP,
        ["EBELN", "EBELP", "MATNR", "MENGE", "EINDT"],
        ["Purchasing Document", "Item", "Material", "Quantity", "Delivery Date"],
        ["4500", "10", "A", "5", "20260503"],
    )

    assert (name, len(found)) == ("purchase orders", 5)


def test_two_heading_rows_are_joined():
    name, found = fields(
        LEDGER,
        ["订单号", "料号", "计划", None, "实际", None],
        [None, None, "数量", "日期", "数量", "日期"],
        ["4500", "A", 5, "x"],
    )

    assert name == "order ledger"
    assert found["实际 日期"] == "despatched_on"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["4500", "A", 5, "2026-05-03"], None),
        (["合计", None, 5], "total"),
        ([None, "Summe", 5], "total"),
        (["Grand Total", None, 5], "total"),
        (["小 计：", None, 5], "total"),
        (["PO No", "Part No", "Qty", "Due Date"], "header"),
        (["订单号", "料号", "数量", "交期"], "header"),
        (["-----", "-----", "---"], "blank"),
        ([None, None, 150], "total"),
        ([None, "A", 150], None),
        (["制表人：张三"], "note"),
        (["Prepared by: Lee"], "note"),
        (["4500", None, None, None], None),
        (["4500", "TOTAL-BEARING", 5, None], None),
    ],
)
def test_rows_below_the_heading_are_sorted(line, why):
    (_, row) = rows(["PO No", "Part No", "Qty", "Due Date"], line)
    layout = layout_of((ORDER_LEDGER,), ["PO No", "Part No", "Qty", "Due Date"])

    assert classify_row(row, layout) == why


@pytest.mark.parametrize("title", ["盘点日期：2026-11-20", "Stock list", "Stand: 20.11.2026"])
def test_a_row_with_one_cell_is_no_upper_heading_row(title):
    found = layout_of(
        LEDGER,
        ["库存盘点表"],
        [title],
        ["物料编码", "物料名称", "单位", "结存数量"],
        ["ZJ-9", "齿轮", "个", 1200],
    )
    assert found.header_rows == (3,)


def test_a_row_of_statements_is_no_upper_heading_row():
    found = layout_of(
        LEDGER,
        ["供应商：华阳", None, None, "日期：5月"],
        ["物料编码", "物料名称", "单位", "结存数量"],
        ["ZJ-9", "齿轮", "个", 1200],
    )
    assert found.header_rows == (2,)


@pytest.mark.parametrize(
    "row",
    [
        ["*", None, 1200, "ST"],
        [None, None, 1200, "ST"],
        [None, "Summe A-7701", 1200, None],
        [None, "Zwischensumme Auftrag 4711", 1200, "ST"],
    ],
)
def test_sums_of_lists_that_programs_write_are_totals(row):
    head = ["Bestellung", "Bezeichnung", "Bestellmenge", "ME"]
    found = layout_of(ERP, head, ["4500", "Welle", 5, "ST"])
    assert classify_row(rows(row)[0], found) == "total"


def test_a_part_called_sum_of_an_order_is_data():
    head = ["Bestellung", "Bezeichnung", "Bestellmenge", "ME"]
    found = layout_of(ERP, head, ["4500", "Welle", 5, "ST"])
    assert classify_row(rows(["4500", "Summe Teile", 5, "ST"])[0], found) is None


DUE = ["Bestell-Nr.", "Menge", "Liefertermin", "Lieferdatum", "Gelief. Menge", "LS-Nr."]


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_a_delivery_day_beside_what_was_delivered_is_that_day_in_any_order_of_columns(order):
    head = [*DUE[:2], *(DUE[index] for index in order), *DUE[4:]]
    days = {"Liefertermin": "15.09.26", "Lieferdatum": "16.09.26"}
    line = ["4700", 15, *(days[head[index]] for index in (2, 3)), 15, "L1"]
    _, known = fields(LEDGER, head, line)
    assert (known["Liefertermin"], known["Lieferdatum"]) == ("requested_on", "despatched_on")


def test_a_delivery_day_of_what_is_not_delivered_yet_is_no_day_of_delivery():
    line = ["4700", 15, "15.09.26", "16.09.26"]
    assert fields(LEDGER, DUE, line) == ("requested_on",)


def test_nothing_delivered_beside_leaves_two_days_contested():
    assert fields(LEDGER, DUE[:4], ["4700", 15, "15.09.26", "16.09.26"]) == ("requested_on",)


@pytest.mark.parametrize("heading", ["Item", "Item No"])
def test_item_right_of_the_order_number_is_its_line_and_elsewhere_a_count_of_rows(heading):
    _, right = fields(LEDGER, ["PO No", heading, "Material", "Qty"], ["4500", 10, "A", 5])
    assert right[heading] == "po_line"
    _, left = fields(LEDGER, [heading, "PO No", "Material", "Qty"], [1, "4500", "A", 5])
    assert heading not in left


def test_item_without_another_part_is_the_part():
    _, known = fields(LEDGER, ["PO No", "Item", "Qty"], ["4500", "A-1", 5])
    assert known["Item"] == "item"


@pytest.mark.parametrize(
    ("each", "total"),
    [("Qty/Case", "Total Qty"), ("Qty / Box", "Total Quantity"), ("Menge/Karton", "Gesamtmenge")],
)
def test_how_many_are_in_a_case_is_no_ordered_quantity(each, total):
    _, known = fields(LEDGER, ["PO No", "Part No", each, total, "Due Date"])
    assert each not in known
    assert known[total] == "quantity"


@pytest.mark.parametrize("available", ["Verfügbar", "Available", "可用库存"])
def test_what_is_available_is_the_balance_only_where_the_stock_is_not_told(available):
    assert fields(LEDGER, ["Artikel", available])[1][available] == "balance"
    _, known = fields(LEDGER, ["Artikel", "Bestand", available])
    assert known["Bestand"] == "balance"
    assert available not in known
