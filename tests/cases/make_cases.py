"""Makes the input files of the case folders; ``--expected NAME...`` writes what comes out now, to be reviewed by eye.

Inputs are committed, so this runs only when a case is added: ``python tests/cases/make_cases.py``.
"""

# ruff: noqa: E501, DTZ001 sheets as users type them: long rows, times without zone

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles.numbers import FORMAT_TEXT

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from cases.firms import FIRMS, Firm  # noqa: E402 the path comes first

Rows = Sequence[Sequence[Any]]


def workbook(sheets: dict[str, Rows]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stamp = datetime(2026, 4, 1)
    book.properties.created = book.properties.modified = stamp
    return book


def text(folder: str, name: str, body: str, encoding: str = "utf-8") -> None:
    path = HERE / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.encode(encoding))


def save(folder: str, book: Workbook) -> None:
    path = HERE / folder / "input.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def make_excel_ledger() -> None:
    save(
        "excel_ledger/zh_order_ledger",
        workbook(
            {
                "订单台账": [
                    ["华阳精密 2026年采购订单台账"],
                    [],
                    [
                        "序号",
                        "订单号",
                        "行号",
                        "料号",
                        "品名",
                        "订购数量",
                        "单位",
                        "单价(元)",
                        "下单日期",
                        "要求交期",
                        "承诺交期",
                        "发货日期",
                        "发货数量",
                        "送货单号",
                        "状态",
                    ],
                    [
                        1,
                        4500012345,
                        10,
                        "A-100",
                        "轴承",
                        1200,
                        "个",
                        12.5,
                        date(2026, 1, 5),
                        date(2026, 3, 10),
                        date(2026, 3, 12),
                        None,
                        None,
                        None,
                        "生产中",
                    ],
                    [
                        2,
                        4500012345,
                        20,
                        "A-200",
                        "壳体",
                        500,
                        "件",
                        8,
                        "2026-01-05",
                        "2026年3月10日",
                        "2026/3/9",
                        "2026-3-9",
                        480,
                        "SH0309-1",
                        "已发货",
                    ],
                    [
                        3,
                        4500012346,
                        10,
                        "A-200",
                        "壳体",
                        300,
                        "件",
                        8,
                        "2026-01-05",
                        "3月15日",
                        None,
                        None,
                        None,
                        None,
                        "",
                    ],
                    [
                        4,
                        4500012347,
                        10,
                        "A-300",
                        "端盖",
                        100,
                        "套",
                        30,
                        "2026-01-06",
                        "2026-03-20",
                        None,
                        None,
                        None,
                        None,
                        "取消",
                    ],
                    ["合计", None, None, None, None, 2100],
                    ["制表人：张三", None, None, None, "审核：李四"],
                ]
            }
        ),
    )
    save(
        "excel_ledger/de_reordered_columns",
        workbook(
            {
                "Aufträge": [
                    ["Firma Müller GmbH", None, "Stand: 01.04.2026"],
                    [
                        "Wunschtermin",
                        "Bestell-Nr.",
                        "Pos.",
                        "Bestätigter\nLiefertermin",
                        "Artikelnummer",
                        "Menge\n(Stk)",
                        "Bezeichnung",
                        "Versanddatum",
                        "Lieferschein",
                        "Bemerkung",
                        "Preis EUR",
                    ],
                    [
                        "10.03.2026",
                        "4500099001",
                        "00010",
                        "KW 11/2026",
                        "000000000000200300",
                        "1.250,5",
                        "Welle",
                        "13.03.2026",
                        "LS-1",
                        "eilig",
                        "3,20",
                    ],
                    [
                        "12.03.26",
                        "4500099001",
                        "00020",
                        "12.03.2026",
                        "M-77",
                        "2.000",
                        "Nabe",
                        None,
                        None,
                        None,
                        "1,05",
                    ],
                    [
                        "31.02.2026",
                        "4500099002",
                        "10",
                        None,
                        "M-78",
                        "10",
                        "Stift",
                        None,
                        None,
                        None,
                        "0,10",
                    ],
                    ["Summe", None, None, None, None, "3.260,5"],
                ]
            }
        ),
    )
    text(
        "excel_ledger/de_cp1252_semicolons",
        "input.csv",
        "Bestellnummer;Position;Teilenummer;Bestellmenge;Einheit;Bestätigt zum;Versandt am;Gelieferte Menge\r\n"
        "4500099003;10;Z-1;1.500,00;Stück;20.03.2026;;\r\n"
        "4500099003;20;Z-2;2.000;Stück;20.03.2026;19.03.2026;2.000\r\n",
        encoding="cp1252",
    )
    text(
        "excel_ledger/en_ambiguous_dates",
        "input.csv",
        "P.O. No.,Line,Part No,Qty Ordered,Due Date,Promised Date\n"
        "PO-7001,1,X-1,100,03/04/2026,25/03/2026\n"
        "PO-7002,1,X-2,200,05/06/2026,26/03/2026\n"
        "PO-7003,1,X-3,300,06/06/2026,03/04/2026\n",
    )
    damaged = workbook(
        {
            "Orders": [
                ["Order Number", "Line No", "SKU", "Order Qty", "Requested Delivery"],
                ["4.5E+09", 10, "S-1", 100, date(2026, 3, 1)],
                ["4500012399.0", "10.0", "S-2", 100, date(2026, 3, 1)],
                [4500012398, 10, 125, 100, date(2026, 3, 1)],
                [12345678901234567, 10, "S-3", 100, date(2026, 3, 1)],
                ["４５０００１２３９７ ", 10, "S-4", "１００", date(2026, 3, 1)],
                [4500012396, 10, date(2026, 10, 12), 5, date(2026, 3, 1)],
                [4500012395, 10, "S-5", "#REF!", date(2026, 3, 1)],
                [4500012394, 10, "S-6", "=SUM(A1:A2)", date(2026, 3, 1)],
            ]
        }
    )
    orders = damaged.worksheets[0]
    orders["C4"].number_format = "000000"
    orders["D8"].data_type = "e"
    orders["A6"].number_format = FORMAT_TEXT
    save("excel_ledger/damaged_numbers", damaged)
    save(
        "excel_ledger/several_sheets",
        workbook(
            {
                "封面": [["供应商交货与库存月报"], ["华阳精密"]],
                "送货记录": [
                    [
                        "送货日期",
                        "采购订单号",
                        "项次",
                        "物料编码",
                        "送货数量",
                        "送货单号",
                        "物流公司",
                        "运单号",
                    ],
                    [date(2026, 3, 5), "4500012345", "10", "A-100", 400, "DN-1", "顺丰", "SF100"],
                    [date(2026, 3, 6), "4500012345", "10", "A-100", 300, "DN-2", "顺丰", "SF101"],
                    [date(2026, 3, 6), "4500012345", "10", "A-100", 100, None, None, None],
                    [date(2026, 3, 6), "4500012345", "10", "A-100", 50, None, None, None],
                    [None, "4500012346", "10", "A-200", 50, "DN-3", None, None],
                ],
                "进销存": [
                    ["日期", "料号", "品名", "入库", None, "出库", None, "结存"],
                    [None, None, None, "数量", "单价", "数量", "单价", "数量"],
                    [date(2026, 3, 1), "A-100", "轴承", 100, 2, None, None, 100],
                    [date(2026, 3, 1), "A-100", "轴承", None, None, 30, 2, 70],
                    [date(2026, 3, 2), "A-100", "轴承", None, None, 10, 2, 60],
                    [date(2026, 3, 2), "A-200", "壳体", -5, None, None, None, -5],
                    ["本月合计", None, None, 95, None, 40, None, None],
                ],
            }
        ),
    )
    save(
        "excel_ledger/stock_list_dated_by_title",
        workbook(
            {
                "Lager": [
                    ["Bestandsliste, Stand 31.03.2026"],
                    [
                        "Artikel-Nr.",
                        "Bezeichnung",
                        "Lagerort",
                        "Bestand",
                        "Einheit",
                        "EK-Preis",
                        "Währung",
                    ],
                    ["R-1", "Ring", "L1", 1250, "Stk", 0.35, "EUR"],
                    ["R-2", "Draht", "L1", 12.5, "kg", 4.2, "EUR"],
                    ["R-3", "Kleber", "L2", -2, "Fass", 40, "EUR"],
                    ["R-4", "Rest", "L2", 7, "Handvoll", 1, "EUR"],
                ]
            }
        ),
    )
    save(
        "excel_ledger/stock_list_without_day",
        workbook({"Stock": [["Item Code", "On hand"], ["R-1", 5]]}),
    )
    save(
        "excel_ledger/columns_missing",
        workbook(
            {
                "Sheet1": [["PO Number", "Part No", "Remark"], ["4500012345", "A-100", "urgent"]],
            }
        ),
    )
    text(
        "excel_ledger/en_received_cancelled_and_split",
        "input.csv",
        "sep=;\r\n"
        "Customer PO;Pos;Part Number;Quantity;Unit;Requested Date;Confirmed Date;Ship Date;Shipped Qty;Received;Cancelled\r\n"
        "4500020001;10;B-1;1,000;PCS;2026-03-02;2026-03-02;2026-03-01;600;2026-03-03;\r\n"
        "4500020001;10;B-1;1,000;PCS;2026-03-02;2026-03-02;2026-03-04;400;;\r\n"
        "4500020001;20;B-2;2,500.5;KG;2026-03-02;tbd;;;;\r\n"
        "4500020001;30;B-3;10;box;2026-03-05;2026-03-05;;;;x\r\n"
        "4500020001;20;B-2;99;KG;2026-03-02;;;;;\r\n"
        "4500020001;40;B-4;5 lbs;;2026-03-05;;;;;\r\n"
        "4500020001;50;B-5;10%;PCS;2026-03-05;;;;;maybe\r\n"
        "Customer PO;Pos;Part Number;Quantity;Unit;Requested Date;Confirmed Date;Ship Date;Shipped Qty;Received;Cancelled\r\n"
        "4500020001;60;B-6;7;PCS;2026-03-05;;;;;\r\n"
        "Grand Total;;;3617.5;;;;;;;\r\n",
    )
    text(
        "excel_ledger/zh_gbk_csv_supplier_column",
        "input.csv",
        "供应商编码,供应商名称,采购单号,项次,物料编号,数量,交期,确认交期\n"
        "0000100777,宁波佳讯,4500030001,10,C-1,1万,2026-03-01,2026.3.2\n"
        ",宁波佳讯,4500030001,20,C-2,50,2026-03-01,\n",
        encoding="gb18030",
    )


def make_erp_export() -> None:
    text(
        "erp_export/sap_purchase_orders",
        "input.csv",
        "EBELN;EBELP;ETENR;LIFNR;NAME1;MATNR;TXZ01;MENGE;MEINS;NETPR;PEINH;WAERS;BEDAT;EINDT;LOEKZ;WERKS\n"
        "4500012345;00010;0001;0000100234;Huayang;000000000000100200;Lager;1.200,000;ST;12,50;100;EUR;05.01.2026;10.03.2026;;1000\n"
        "4500012345;00010;0002;0000100234;Huayang;000000000000100200;Lager;300,000;ST;12,50;100;EUR;05.01.2026;17.03.2026;;1000\n"
        "4500012345;00020;0001;0000100234;Huayang;A-9;Welle;500,000;ST;3,20;1;EUR;05.01.2026;00.00.0000;L;1000\n"
        "4500012345;00030;0001;0000100234;Huayang;A-9;Welle;500,000;ST;3,20;1;EUR;05.01.2026;10.03.2026;S;1000\n",
    )
    text(
        "erp_export/sap_list_with_pipes",
        "input.txt",
        "05.04.2026            Dynamic List Display            1\n"
        "\n"
        "-------------------------------------------------------------------\n"
        "|Purch.Doc.|Item |Vendor    |Material|Order Quantity|OUn|Deliv. Date|D|\n"
        "-------------------------------------------------------------------\n"
        "|4500050001|   10|    100234|A-100   |     1,200.000|PC |15.03.2026 | |\n"
        "|4500050001|   20|    100234|A-200   |        50.000|KG |16.03.2026 |L|\n"
        "-------------------------------------------------------------------\n",
    )
    text(
        "erp_export/sap_goods_receipts",
        "input.csv",
        "MBLNR\tMJAHR\tZEILE\tBWART\tEBELN\tEBELP\tMATNR\tMENGE\tMEINS\tBLDAT\tBUDAT\tXBLNR\tWERKS\n"
        "5000000001\t2026\t0001\t101\t4500012345\t00010\t100200\t1000\tST\t20260309\t20260310\tLS-77\t1000\n"
        "5000000002\t2026\t0001\t102\t4500012345\t00010\t100200\t200-\tST\t20260311\t20260311\t\t1000\n"
        "5000000003\t2026\t0001\t122\t4500012345\t00010\t100200\t50\tST\t00000000\t20260312\t\t1000\n"
        "5000000004\t2026\t0001\t561\t\t\t100200\t50\tST\t\t20260312\t\t1000\n"
        "5000000005\t2026\t0001\t103\t4500012345\t00020\tA-9\t70\tST\t20260313\t20260313\t\t1000\n"
        "5000000006\t2026\t0001\t105\t4500012345\t00020\tA-9\t70\tST\t20260315\t20260315\t\t1000\n"
        "5000000007\t2026\t0001\t101\t\t\tA-9\t70\tST\t20260315\t20260315\t\t1000\n",
        encoding="utf-16",
    )
    text(
        "erp_export/plain_zh_receipts",
        "input.csv",
        "入库单号,入库日期,采购订单号,行号,供应商编码,物料编码,实收数量,单位\n"
        "RK001,2026-03-09,4500012345,10,100234,A-100,400,个\n"
        "RK002,2026-03-10,4500012345,10,100234,A-100,-20,个\n"
        ",2026-03-11,4500012345,10,100234,A-100,30,个\n"
        "小计,,,,,,410,\n",
    )
    save(
        "erp_export/plain_en_confirmed",
        workbook(
            {
                "Open POs": [
                    [
                        "PO Number",
                        "Line",
                        "Supplier Code",
                        "Supplier Name",
                        "Item",
                        "Description",
                        "Qty",
                        "UoM",
                        "Unit Price",
                        "Order Date",
                        "Delivery Date",
                        "Confirmed Date",
                        "Status",
                    ],
                    [
                        "PO-1",
                        1,
                        "S-9",
                        "Acme Parts",
                        "I-1",
                        "Bolt",
                        100,
                        "EA",
                        0.5,
                        date(2026, 1, 2),
                        date(2026, 2, 2),
                        date(2026, 2, 5),
                        "open",
                    ],
                    [
                        "PO-1",
                        2,
                        "S-9",
                        "Acme Parts",
                        "I-2",
                        "Nut",
                        0,
                        "EA",
                        0.5,
                        date(2026, 1, 2),
                        date(2026, 2, 2),
                        None,
                        "cancelled",
                    ],
                    [
                        "PO-2",
                        1,
                        "S-9",
                        "Acme Parts",
                        "I-2",
                        "Nut",
                        -5,
                        "EA",
                        0.5,
                        date(2026, 1, 2),
                        date(2026, 2, 2),
                        None,
                        "open",
                    ],
                ]
            }
        ),
    )


def make_carrier_status() -> None:
    text(
        "carrier_status/en_milestones",
        "input.csv",
        "Tracking No,Customer Reference,Event,Event Time,Location,ETA\n"
        "Z1,4500012345/10,Picked up,2026-03-07T18:00:00+08:00,Suzhou,2026-03-10\n"
        "Z1,4500012345/10,Delivered,2026-03-09 23:30 +08:00,Shanghai,\n"
        "Z2,PO 4500012345 pos 00020,D1 - Delivered,2026-03-09 11:00,,\n"
        "Z3,,Delivered,2026-03-09,,\n"
        "Z4,4500012346,Teleported,2026-03-09,,\n"
        "Z5,2026/0815,IN_TRANSIT,2026-03-09T10:00:00Z,,\n",
    )
    text(
        "carrier_status/de_status",
        "input.csv",
        "Sendungsnummer;Kundenreferenz;Statustext;Zeitpunkt;Ort;Grund\n"
        "00340434;4500099001 / 10;nicht zugestellt;12.03.2026 14:05;Köln;Empfänger nicht da\n"
        "00340434;4500099001 / 10;Zugestellt;13.03.2026 09:10;Köln;\n"
        "00340435;4500099001 / 20;Verspätet;13.03.2026;;Stau\n",
        encoding="cp1252",
    )
    save(
        "carrier_status/zh_status",
        workbook(
            {
                "物流": [
                    ["运单号", "客户参考号", "物流状态", "更新时间", "当前地点", "预计送达"],
                    [
                        "SF100",
                        "4500012345/10",
                        "已揽收",
                        datetime(2026, 3, 5, 18, 20),
                        "苏州",
                        date(2026, 3, 7),
                    ],
                    [
                        "SF100",
                        "4500012345/10",
                        "运输中",
                        datetime(2026, 3, 6, 8, 0),
                        "无锡",
                        date(2026, 3, 7),
                    ],
                    ["SF100", "4500012345/10", "已签收", datetime(2026, 3, 7, 9, 30), "上海", None],
                ]
            }
        ),
    )


def make_firms() -> None:
    for name, firm in FIRMS.items():
        if isinstance(firm.file, str):
            text(name, f"input{firm.suffix}", firm.file, encoding=firm.encoding)
        else:
            book = workbook(firm.file)
            firm.adjust(book)
            save(name, book)


def describe(folder: Path, firm: Firm) -> str:
    """The case.toml of a firm: what was understood, besides facts and refusals."""
    from cases.case_folder import input_of, run_file

    kind = folder.parent.name.replace("_", "-")
    name = firm.document or f"100234/{folder.name}{input_of(folder).suffix}"
    result = run_file(input_of(folder), kind=kind, name=name, settings={})
    lines = [f"why = {quoted(firm.why)}", f"connector = {quoted(kind)}"]
    if firm.document:
        lines.append(f"document = {quoted(firm.document)}")
    for title, found in (
        ("refusals", result.refusals),
        ("unknown_columns", result.unknown_columns),
    ):
        if found:
            lines.append(f"{title} = [{', '.join(map(quoted, found))}]")
    for title, table in (("kinds", result.kinds), ("ignored", result.ignored)):
        if table:
            lines += [
                "",
                f"[{title}]",
                *(f"{quoted(key)} = {toml_value(value)}" for key, value in table.items()),
            ]
    return "\n".join(lines) + "\n"


def quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def toml_value(value: object) -> str:
    return quoted(value) if isinstance(value, str) else str(value)


def write_expected(folders: Sequence[Path]) -> None:
    from cases.case_folder import lines, run_case

    for folder in folders:
        firm = FIRMS.get(folder.relative_to(HERE).as_posix())
        if firm is not None:
            (folder / "case.toml").write_text(describe(folder, firm), encoding="utf-8")
        result = run_case(folder)
        (folder / "expected.jsonl").write_text(lines(result.facts), encoding="utf-8")
        (folder / "rejected.jsonl").write_text(lines(result.rejected), encoding="utf-8")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--expected"]:
        write_expected([HERE / name for name in arguments[1:]])
        return
    make_excel_ledger()
    make_erp_export()
    make_carrier_status()
    make_firms()


if __name__ == "__main__":
    main(sys.argv[1:])
