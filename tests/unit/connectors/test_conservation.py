"""Conservation law: whatever is in a sheet, every row has exactly one outcome, and everything said can be followed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierlink.connectors.contract import Cell, CellKind, Document, Draft, Facts, Refused, Row, Sheet
from tierlink.connectors.intake.understanding import Understanding, understand
from tierlink.connectors.registry import CONNECTORS, SETTINGS

AT = datetime(2026, 4, 15, 8, tzinfo=UTC)
DOCUMENT = Document("100234/a.xlsx", "ab" * 32, 5, AT, Path("copy"))
HEADINGS = {
    "excel-ledger": [
        "订单号",
        "行号",
        "料号",
        "数量",
        "单位",
        "要求交期",
        "发货日期",
        "发货数量",
        "Geliefert",
        "状态",
        "取消",
        "Date",
        "结存",
        "入库数量",
        "PO No",
        "备注",
        "送货单号",
    ],
    "erp-export": [
        "EBELN",
        "EBELP",
        "ETENR",
        "MATNR",
        "MENGE",
        "MEINS",
        "EINDT",
        "SLFDT",
        "BUDAT",
        "BLDAT",
        "BWART",
        "SHKZG",
        "VGABE",
        "LOEKZ",
        "ERFMG",
        "ERFME",
        "MBLNR",
        "Item",
        "LIFNR",
    ],
    "carrier-status": [
        "Waybill",
        "PO",
        "Line",
        "Status",
        "Status Code",
        "Date",
        "Time",
        "Time Zone",
        "Delivered",
        "Picked up",
        "ETA",
    ],
}
VALUES = [
    "4500012345",
    "10",
    "A-1",
    "1,200",
    "1.200,5",
    "12 pcs",
    "-5",
    "个",
    "2026-05-03",
    "5/3/2026",
    "13.5.2026",
    "46145",
    "101",
    "102",
    "103",
    "105",
    "122",
    "261",
    "H",
    "S",
    "L",
    "x",
    "取消",
    "合计",
    "Total",
    "delivered",
    "D1",
    "14:30",
    "+08:00",
    "PO No",
    "EBELN",
    "TBD",
    "-",
    "=1+1",
    "#REF!",
    "备注：无",
    "  ",
    "4.5E+09",
    "ü",
    "\u202e",
]
KINDS = st.sampled_from(list(CellKind))


@st.composite
def sheets(draw, kind):
    width = draw(st.integers(2, 8))
    heading = draw(st.lists(st.sampled_from(HEADINGS[kind]), min_size=width, max_size=width))
    rows = [Row(2, tuple(Cell(column, text) for column, text in enumerate(heading, 1)))]
    number = 3
    for line in draw(
        st.lists(
            st.lists(st.sampled_from(VALUES) | st.text(max_size=8), min_size=1, max_size=width),
            max_size=8,
        )
    ):
        cells = []
        for column, text in enumerate(line, 1):
            own = draw(st.sampled_from([CellKind.TEXT] * 4 + [CellKind.ERROR, CellKind.BOOLEAN]))
            if text.isascii() and text.isdigit():
                own = draw(st.sampled_from([CellKind.TEXT, CellKind.NUMBER]))
            above = draw(st.sampled_from([None, None, None, 2]))
            cells.append(Cell(column, text or "?", own, above))
        rows.append(Row(number, tuple(cells), hidden=draw(st.booleans())))
        number += draw(st.integers(1, 2))
    return rows


@pytest.mark.parametrize("kind", sorted(HEADINGS))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_every_row_has_one_outcome_and_the_account_balances(kind, data):
    rows = data.draw(sheets(kind))
    feed = SETTINGS[kind].model_validate(
        {"name": "f", "kind": kind, "folder": "in", "buyer": "ACME"}
    )
    connector = CONNECTORS[kind](feed)
    into = Understanding()

    findings = list(understand(connector, [Sheet("S", lambda: iter(rows))], DOCUMENT, into))

    assert into.tally.seen == len(rows)
    account = into.tally.close(published=into.tally.stated, unchanged=0)
    assert account.published + account.held + account.rejected + sum(
        account.ignored.values()
    ) == len(rows)
    numbers = {row.number for row in rows}
    for finding in findings:
        assert finding.outcome.row in numbers
        match finding.outcome.outcome:
            case Refused(reason=reason):
                assert set(reason.text) == {"en", "zh", "de"}
            case Facts(drafts):
                assert drafts
                for draft in drafts:
                    if isinstance(draft, Draft):
                        assert draft.data.lineage is not None
                        assert draft.data.lineage.row == finding.outcome.row
                        assert draft.data.lineage.cells
