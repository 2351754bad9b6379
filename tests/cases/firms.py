"""Files as real firms keep them, one habit each; ``make_cases.py`` writes them into case folders.

A firm is named by folder; its file is a workbook (sheets of rows, and merged or hidden places) or text in an encoding.
"""

# ruff: noqa: E501 rows as people type them

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Firm:
    """``file`` is text, or sheets by name. ``document`` is the name in the watched folder where it matters."""

    why: str
    file: str | dict[str, Rows]
    suffix: str = ".csv"
    encoding: str = "utf-8"
    document: str | None = None
    adjust: Callable[[Workbook], None] = field(default=lambda book: None)


def merge(*places: str) -> Callable[[Workbook], None]:
    def apply(book: Workbook) -> None:
        for place in places:
            book.worksheets[0].merge_cells(place)

    return apply


def _hide(book: Workbook) -> None:
    book["旧"].sheet_state = "hidden"
    book["四月"].row_dimensions[3].hidden = True


MAY_3, MAY_9 = date(2026, 5, 3), date(2026, 5, 9)
MONTH_HEAD = ["订单号", "行号", "料号", "数量", "交期", "承诺交期"]

FIRMS: dict[str, Firm] = {
    "excel_ledger/zh_merged_order_cells": Firm(
        "Order number and day merged over the lines they hold for; a quantity over two lines is not counted twice.",
        {
            "台账": [
                ["2026年供货台账", *[None] * 7],
                [],
                ["订单号", "行号", "料号", "数量", "单位", "要求交期", "实际发货日期", "送货单号"],
                [4500020001, 10, "A-1", 100, "个", MAY_3, date(2026, 5, 2), "S1"],
                [None, 20, "A-2", 200, "个", None, None, None],
                [None, 30, "A-3", 50, "个", MAY_9, None, None],
                [4500020002, 10, "A-1", 70, "个", date(2026, 5, 10), None, None],
                [None, 20, "A-4", None, "个", date(2026, 5, 10), None, None],
                ["合计", None, None, 420],
            ]
        },
        adjust=merge("A1:H1", "A4:A6", "F4:F5", "A7:A8", "D7:D8"),
    ),
    "excel_ledger/zh_shipments_below_one_order": Firm(
        "Everything about the order is merged over its two shipments; each shipment has its own day and quantity.",
        {
            "送货": [
                ["采购订单", "料号", "订单数量", "要求交期", "发货日期", "发货数量", "送货单号"],
                ["4500020005", "A-1", 100, MAY_3, date(2026, 5, 1), 60, "S1"],
                [None, None, None, None, date(2026, 5, 2), 40, "S2"],
            ]
        },
        adjust=merge("A2:A3", "B2:B3", "C2:C3", "D2:D3"),
    ),
    "excel_ledger/zh_plan_and_actual": Firm(
        "Two heading rows: plan and actual, each with quantity and day. Neither day is the day of ordering.",
        {
            "Sheet1": [
                ["供应商送货情况表"],
                ["采购订单", "项次", "物料号", "计划", None, "实际", None],
                [None, None, None, "数量", "日期", "数量", "日期"],
                ["4500020010", "10", "B-1", 300, "2026年5月3日", 300, "2026年5月4日"],
                ["4500020010", "20", "B-2", "５００", "2026年5月8日", None, None],
            ]
        },
        adjust=merge("A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2"),
    ),
    "excel_ledger/de_geliefert_is_a_quantity": Firm(
        "Geliefert stands above quantities here. 45000 delivered must not become 15 March 2023, Excel's day 45000.",
        {
            "Tabelle1": [
                [
                    "Bestellung",
                    "Position",
                    "Material",
                    "Menge",
                    "Wunschtermin",
                    "Geliefert",
                    "Offen",
                ],
                [4500020030, 10, "C-1", 45000, MAY_3, 45000, 0],
                [4500020030, 20, "C-2", 46000, MAY_3, 12000, 34000],
            ]
        },
    ),
    "excel_ledger/de_units_and_marks_of_the_sheet": Firm(
        "1.200 Stk alone could be 1.2; another column of the same sheet proves the decimal comma.",
        "Lieferantenliste Firma Weber;;;;;;\n;;;;;;\nBestellnummer;Pos;Artikel-Nr.;Menge;Liefertermin;geliefert am;Liefermenge\n"
        "4500020020;10;W-1;1.200 Stk;03.05.2026;04.05.2026;1.200 Stk\n4500020020;20;W-2;12,5 kg;13.05.2026;;\nSumme;;;;;;\n",
        encoding="cp1252",
    ),
    "excel_ledger/en_nothing_decides": Firm(
        "1,200 and 5/3/2026 with no other value that decides: the headings' language says what the comma is; the day is held.",
        'PO Number,Line,Part Number,Qty,Due Date,Ship Date\nPO-1,1,X,"1,200",5/13/2026,\nPO-2,1,X,"2,500",5/14/2026,\n'
        "PO-3,1,Y,300,5/4/2026,5/4/2026\nPO-4,1,Y,300,5/4/2026,\n",
    ),
    "excel_ledger/zh_due_list_is_no_delivery_log": Firm(
        "A list of open orders with a bare 交货日期 in the future: the day asked for, not goods that have left.",
        {
            "Sheet1": [
                ["订单号", "料号", "数量", "交货日期"],
                ["4500020040", "D-1", 100, date(2026, 8, 1)],
            ]
        },
    ),
    "excel_ledger/zh_delivery_log": Firm(
        "A bare 日期 is the day of despatch when each row names a delivery note.",
        {
            "发货明细": [
                ["日期", "送货单号", "订单号", "行号", "料号", "数量"],
                [date(2026, 5, 1), "DN1", "4500020050", 10, "D-1", 60],
                [date(2026, 5, 2), "DN2", "4500020050", 10, "D-1", 40],
                [None, None, None, None, "合计", 100],
            ]
        },
    ),
    "excel_ledger/zh_day_numbers_in_csv": Firm(
        "Dates saved as Excel's day numbers in a GB18030 CSV.",
        "订单号,行号,料号,数量,要求交期\n4500020060,10,E-1,100,46145\n4500020060,20,E-2,100,46150\n",
        encoding="gb18030",
    ),
    "excel_ledger/zh_utf16_full_width": Firm(
        "Unicode text from Excel (UTF-16, tabs), typed with full-width digits and a full-width comma between thousands.",
        "订单编号\t物料编码\t订购数量\t要求到货日期\t承诺交期\r\n４５０００２００８０\tＡ－１００\t１２００\t２０２６年５月３日\t2026.5.6\r\n"
        "４５０００２００８１\tＡ－１００\t１，２００\t２０２６年５月３日\t2026.5.6\r\n",
        suffix=".txt",
        encoding="utf-16",
    ),
    "excel_ledger/zh_months_on_sheets": Firm(
        "A cover sheet, one sheet a month, a hidden old sheet (left out) and a filtered row (still true).",
        {
            "说明": [["请按月填写"], ["联系人：王五"]],
            "四月": [
                MONTH_HEAD,
                ["4500020090", 10, "G-1", 5, date(2026, 4, 3), date(2026, 4, 3)],
                ["4500020090", 20, "G-2", 5, date(2026, 4, 3), None],
            ],
            "五月": [MONTH_HEAD, ["4500020091", 10, "G-1", 6, MAY_3, MAY_3]],
            "旧": [MONTH_HEAD, ["4400000001", 10, "G-1", 6, date(2025, 5, 3), None]],
        },
        adjust=_hide,
    ),
    "excel_ledger/zh_part_model_and_drawing": Firm(
        "料号, 型号 and 图号 side by side: the part number is the part, the other two are not taken for it.",
        {
            "S": [
                [
                    "序号",
                    "客户订单",
                    "料号",
                    "品名",
                    "型号",
                    "图号",
                    "订单数量",
                    "需求日期",
                    "回复交期",
                ],
                [1, "4500020100", "H-1", "轴", "Z-8", "T-001", 80, MAY_3, date(2026, 5, 5)],
            ]
        },
    ),
    "excel_ledger/de_own_order_number_beside": Firm(
        "The supplier's own Auftragsnummer stands beside the customer's number, in a folder with code and name.",
        {
            "S": [
                [
                    "Auftragsnummer",
                    "Kundenbestellnummer",
                    "Pos.",
                    "Artikelnummer",
                    "Menge",
                    "Liefertermin",
                    "Versanddatum",
                ],
                ["AB-99", "4500020110", 10, "I-1", 80, MAY_3, None],
            ]
        },
        document="100377 Weber GmbH/Auftragsliste.xlsx",
    ),
    "excel_ledger/de_lieferdatum_beside_wunschtermin": Firm(
        "Lieferdatum beside Wunschtermin may be promised or actual: reported as not understood instead of guessed.",
        {
            "S": [
                ["Bestellnummer", "Pos.", "Artikelnummer", "Menge", "Wunschtermin", "Lieferdatum"],
                ["4500020120", 10, "I-1", 80, MAY_3, date(2026, 5, 6)],
            ]
        },
    ),
    "excel_ledger/zh_two_days_for_one_field": Firm(
        "Two columns that could both be the day asked for: the sheet is refused with both headings named.",
        {
            "S": [
                ["订单号", "料号", "数量", "交货日期", "交期"],
                ["4500020121", "I-1", 80, MAY_3, MAY_9],
            ]
        },
    ),
    "excel_ledger/en_damaged_order_numbers": Firm(
        "Order numbers as Excel's CSV leaves them: rounded (held), with .0 and as text formula (both repaired).",
        "PO No;Line;Part;Qty;Due Date\n4,50002E+09;10;J-1;5;2026-05-03\n4500020130.0;10;J-1;5;2026-05-03\n"
        '="0004500123";10;J-2;5;2026-05-03\n',
    ),
    "excel_ledger/en_two_tables_on_one_sheet": Firm(
        "Shipments below the orders on one sheet, in other columns: never read by the first table's headings.",
        {
            "S": [
                ["PO No", "Part No", "Qty", "Due Date"],
                ["4500020150", "N-1", 10, MAY_3],
                [],
                ["Shipments"],
                ["PO No", "Ship Date", "Shipped Qty", "Part No"],
                ["4500020150", date(2026, 5, 2), 10, "N-1"],
            ]
        },
    ),
    "excel_ledger/en_weeks_words_and_months": Firm(
        "Days as calendar weeks and month names, TBD, asap, a day without a year, and a unit behind the number.",
        {
            "S": [
                ["PO No", "Line", "Part No", "Qty", "Required Date", "Confirmed Date"],
                ["4500020160", 10, "O-1", 10, "CW 19/2026", "TBD"],
                ["4500020160", 20, "O-2", 10, "2026-W20", "asap"],
                ["4500020160", 30, "O-3", 10, "3-May-26", "May 5, 2026"],
                ["4500020160", 40, "O-4", "10 pcs", "5月3日", None],
            ]
        },
    ),
    "excel_ledger/zh_ten_thousands_and_doubts": Firm(
        "1.2万个 is 12000; about 500, minus 5 and nothing at all are refused at their cells.",
        {
            "S": [
                ["订单号", "行号", "料号", "订购数量", "交期"],
                ["4500020230", "10", "U-1", "1.2万个", datetime(2026, 5, 3, 8, 30)],  # noqa: DTZ001
                ["4500020230", "20", "U-2", "约500", MAY_3],
                ["4500020230", "30", "U-3", "300箱", MAY_3],
                ["4500020230", "40", "U-4", "-5", MAY_3],
                ["4500020230", "50", "U-5", "", MAY_3],
            ]
        },
    ),
    "excel_ledger/en_order_and_line_together": Firm(
        "Order and line in one cell, as SAP's users write them; other numbers with a slash or dash stay whole.",
        "PO No;Part;Qty;Due Date\n4500020300/00010;R-1;5;2026-05-03\n2026/0815;R-2;5;2026-05-03\n20260503-01;R-3;5;2026-05-03\n",
    ),
    "excel_ledger/en_supplier_in_a_column": Firm(
        "A file outside any supplier's folder: each row must name its supplier.",
        "Supplier,PO No,Line,Part No,Qty,Due Date\n100234,4500020190,10,R-1,10,2026-05-03\n,4500020190,20,R-2,10,2026-05-03\n",
        document="all.csv",
    ),
    "erp_export/sap_schedule_lines_two_dates": Firm(
        "EINDT and SLFDT side by side: EINDT is the day wanted. Quantities with three decimals, a deleted item.",
        "EBELN;EBELP;ETENR;MATNR;LIFNR;MENGE;MEINS;EINDT;SLFDT;BEDAT;AEDAT;LOEKZ;WERKS\n"
        "4500030001;00010;0001;000000000000100200;0000100234;100,000;ST;20260503;20260501;20260401;20260402;;1000\n"
        "4500030001;00010;0002;000000000000100200;0000100234;50,000;ST;20260510;20260510;20260401;20260402;;1000\n"
        "4500030001;00020;0001;M-5;0000100234;1.250,000;KG;20260510;20260510;20260401;20260402;L;1000\n"
        "4500030001;00030;0001;M-6;0000100234;5,000;ST;00000000;00000000;20260401;20260402;;1000\n"
        "4500030001;00040;0001;M-7;0000100234;5,000;ST;20261332;20260510;20260401;20260402;;1000\n",
    ),
    "erp_export/sap_names_and_descriptions": Firm(
        "Technical names with their descriptions below: purchase orders with a delivery date, not goods receipts.",
        "EBELN;EBELP;MATNR;MENGE;EINDT;LIFNR\nPurchasing Document;Item;Material;Quantity;Delivery Date;Vendor\n"
        "4500030070;10;A;10,5;20260503;100234\n",
    ),
    "erp_export/sap_me2n_american": Firm(
        "ME2N as an American user sees it: month first and decimal point, proven by other columns of the list.",
        "Purchasing Document\tItem\tSupplier/Supplying Plant\tDocument Date\tMaterial\tShort Text\tOrder Quantity\tOrder Unit\tNet "
        "Order Price\tCurrency\tDelivery Date\tStill to be delivered (qty)\tDeletion indicator\n"
        "4500030050\t10\t100234     Huayang\t04/01/2026\tA\tBearing\t1,200\tPC\t12.50\tEUR\t05/13/2026\t0\t\n"
        "4500030050\t20\t100234     Huayang\t04/01/2026\tB\tShaft\t500\tPC\t1.10\tEUR\t05/14/2026\t0\tL\n",
        suffix=".txt",
    ),
    "erp_export/sap_mb51_pipes": Firm(
        "MB51 as a list with pipes: two columns are called Item; the one after Mat. Doc. is the receipt's, not the order's.",
        "|Plant|Material|MvT|Mat. Doc.|Item|Pstng Date|Qty in UnE|EUn|PO|Item|Vendor|\n"
        "|-----|--------|---|---------|----|----------|----------|---|--|----|------|\n"
        "|1000|A|101|5000000001|1|03.05.2026|100|PC|4500030020|20|100234|\n"
        "|1000|A|102|5000000002|1|04.05.2026|100-|PC|4500030020|20|100234|\n"
        "|1000|A|101|5000000003|1|05.05.2026|90|PC|4500030020|20|100234|\n",
        suffix=".txt",
    ),
    "erp_export/sap_order_history": Firm(
        "EKBE: invoices stand among the receipts and move no goods; a reversal has a positive quantity and 102.",
        "EBELN;EBELP;VGABE;BEWTP;BWART;BELNR;BUZEI;BUDAT;CPUDT;MENGE;MEINS;SHKZG;MATNR;WERKS;LIFNR\n"
        "4500030030;00010;1;E;101;5000000010;0001;20260503;20260504;1.100,000;ST;S;A;1000;0000100234\n"
        "4500030030;00010;2;Q;;5105600001;0001;20260510;20260510;1.100,000;ST;S;A;1000;0000100234\n"
        "4500030030;00010;1;E;102;5000000011;0001;20260511;20260511;1.100,000;ST;H;A;1000;0000100234\n"
        "4500030030;00010;1;E;101;5000000012;0001;20260512;20260512;99,500;ST;S;A;1000;0000100234\n",
    ),
    "erp_export/sap_credit_marks": Firm(
        "No movement type, but SHKZG: H takes the receipt back, and a mark nobody knows is refused.",
        "EBELN;EBELP;BELNR;BUZEI;BUDAT;MENGE;MEINS;SHKZG;MATNR\n4500030040;00010;5000000020;0001;20260503;100,5;ST;S;A\n"
        "4500030040;00010;5000000021;0001;20260504;100,5;ST;H;A\n4500030040;00010;5000000022;0001;20260505;7;ST;Q;A\n",
    ),
    "erp_export/plain_movements_in_words": Firm(
        "Movement types as words, as digits with text, missing, of another kind, and unknown.",
        "Order No,Line,Material,Quantity,Posting Date,Movement Type\nPO-1,1,A,100,2026-05-03,Receipt\n"
        "PO-1,1,A,20,2026-05-04,Reversal\nPO-1,1,A,5,2026-05-04,101 GR goods receipt\nPO-1,1,A,2,2026-05-05,退货\n"
        "PO-1,1,A,7,2026-05-05,\nPO-1,1,A,3,2026-05-05,261\nPO-1,1,A,3,2026-05-05,Umbuchung\n",
    ),
    "erp_export/odoo_order_lines": Firm(
        "Odoo's export: the order stands in its first line only; the others come back to be filled in.",
        '"Order Reference","Vendor","Order Date","Order Lines/Product","Order Lines/Quantity","Order Lines/Expected Arrival"\n'
        '"P00001","100234","2026-04-01 08:00:00","A","10.00","2026-05-03 12:00:00"\n"","","","B","20.00","2026-05-03 12:00:00"\n',
    ),
    "carrier_status/en_day_clock_and_zone_apart": Firm(
        "Day, clock time and zone in three columns make one instant; the day stays the local one.",
        "Waybill,Customer Ref,Event,Event Date,Event Time,Time Zone,Location\nW1,4500040001/10,Picked up,2026-05-03,08:15,+08:00,Suzhou\n"
        "W1,4500040001/10,Delivered,2026-05-06,2:30 PM,CEST,Stuttgart\n",
    ),
    "carrier_status/en_zones_in_words": Firm(
        "Zones as names and offsets; CST means several zones, so that row has a day and no instant.",
        "Tracking Number;PO;Line;Status;Timestamp\nT1;4500040010;10;Delivered;2026-05-06 14:30 CEST\n"
        "T2;4500040010;20;Delivered;2026-05-06 14:30 CST\nT3;4500040010;30;Delivered;2026-05-06T14:30+08\n"
        "T4;4500040010;40;Delivered;06.05.2026, 14:30 Uhr\nT5;4500040010;50;Delivered;2026-05-06 14:30 UTC+8\n"
        "T6;4500040010;60;Delivered;2026-05-06 14:30 Europe/Berlin\nT7;4500040010;70;Delivered;1778061600\n"
        "T8;4500040010;80;Delivered;2026-05-06 25:30 UTC\n",
    ),
    "carrier_status/en_one_row_per_shipment": Firm(
        "One row per shipment, one column per milestone, proof of delivery with its zone; a shipment only announced.",
        "Shipment,PO Number,Line,Picked up,Departed,Arrived,Delivered,POD signed by,ETA\n"
        "S1,4500040020,10,2026-05-01 08:00+02:00,2026-05-01,2026-05-03,2026-05-04T09:12:00+02:00,Meier,2026-05-04\n"
        "S2,4500040020,20,2026-05-01 08:00+02:00,,,,,2026-05-06\nS3,4500040020,30,,,,,,2026-05-09\n",
    ),
    "carrier_status/en_codes_and_remarks": Firm(
        "Codes where the text is empty, remarks behind a status, a remark that denies it, and an unknown code.",
        "PRO Number,PO Number,Status Code,Status,Date\nP1,4500040030/10,X6,,2026-05-05\nP1,4500040030/10,D1,,2026-05-06\n"
        "P2,4500040030/20,,Delivered - left with neighbour,2026-05-06\nP3,4500040030/30,,Delivered (refused),2026-05-06\n"
        "P4,4500040030/40,AG,,2026-05-05\n",
    ),
    "carrier_status/zh_signed_for": Firm(
        "Chinese couriers: time with 年月日, who signed in brackets behind the status, a failed delivery.",
        "快递单号,订单号,行号,时间,状态,签收人\nSF1,4500040040,10,2026年5月3日 14:30,已揽收,\n"
        "SF1,4500040040,10,2026-05-06 09:00:00,已签收（本人）,李四\nSF2,4500040040,20,2026-05-06 09:00:00,派送不成功,\n",
        encoding="gb18030",
    ),
    "excel_ledger/zh_title_row_is_no_heading": Firm(
        "The row above the headings has one cell, and says the day: it dates the stock and is no upper heading row.",
        {
            "库存": [
                ["库存盘点表"],
                ["盘点日期：2026-04-10"],
                ["序号", "物料编码", "物料名称", "单位", "结存数量", "备注"],
                [1, "ZJ-9", "齿轮", "个", 1200, ""],
                [2, "ZJ-10", "轴", "根", 80, None],
                ["合计", None, None, None, 1280],
            ]
        },
    ),
    "excel_ledger/de_lieferdatum_of_what_was_delivered": Firm(
        "Liefertermin, AB-Termin and Lieferdatum beside delivered quantity and note: due, promised and delivered.",
        "Bestell-Nr.;Position;Sachnummer;Menge;Liefertermin;AB-Termin;Lieferdatum;gelief. Menge;LS-Nr.\r\n"
        "4700003001;10;K-1;1.500,00;15.09.26;17.09.26;16.09.26;1.500,00;L1\r\n"
        "4700003001;20;K-2;12,5 kg;15.09.26;;22.09.26;12,5 kg;L2\r\n4700003001;30;K-3;5;15.09.26;;;;\r\n",
        encoding="cp1252",
    ),
    "excel_ledger/de_lieferdatum_still_planned": Firm(
        "Lieferdatum stands in a row of which nothing is delivered yet: no day of delivery, and not understood.",
        "Bestell-Nr.;Position;Sachnummer;Menge;Wunschtermin;Lieferdatum;gelief. Menge;LS-Nr.\r\n"
        "4700003001;10;K-1;15;15.09.26;16.09.26;15;L1\r\n4700003001;20;K-2;12;15.09.26;22.09.26;;\r\n",
        encoding="cp1252",
    ),
    "excel_ledger/en_due_and_delivery_date": Firm(
        "Delivery Date beside Due Date and Qty Delivered is the day of delivery.",
        "PO Number,Line,Part No,Order Qty,Due Date,Delivery Date,Qty Delivered\n"
        "PO-1,1,X,100,2026-05-03,2026-05-04,100\nPO-1,2,X,100,2026-05-03,,\n",
    ),
    "excel_ledger/zh_required_and_delivery_date": Firm(
        "交货日期 beside 要求交期, 交货数量 and 送货单号 is the day of delivery.",
        {
            "S": [
                ["订单号", "料号", "数量", "要求交期", "交货日期", "交货数量", "送货单号"],
                ["4500020121", "I-1", 80, MAY_3, date(2026, 5, 4), 80, "S1"],
                ["4500020122", "I-1", 80, MAY_3, None, None, None],
            ]
        },
    ),
    "excel_ledger/de_dot_between_thousands": Firm(
        "Under German headings 1.200 is 1200 when nothing else decides; 1,200 stays held.",
        "Bestellnummer;Pos;Artikel-Nr.;Menge;Liefertermin\nB1;10;W-1;1.200;2026-05-03\nB1;20;W-1;1,200;2026-05-03\n",
    ),
    "excel_ledger/en_mixed_languages_decide_nothing": Firm(
        "Headings in English and German: whose comma it is nobody knows, so 1,200 and 1.200 are held.",
        'PO Number;Line;Part No;Menge;Liefertermin\nB1;10;W-1;1.200;2026-05-03\nB1;20;W-1;"1,200";2026-05-03\n',
    ),
    "excel_ledger/us_open_orders_by_page": Firm(
        "A distributor's report: headings again on each page, subtotals per order, dollar signs, notes at the end.",
        'Grainville Supply Co.\nOPEN ORDER REPORT,,,,,,Page 1,\n"Run date: 05/14/2026"\n'
        "PO #,PO Ln,Item #,Item Description,Qty Ordered,Qty Shipped,Qty B/O,Due Date,Ship Date,Unit Price (USD)\n"
        'Customer: 1001 ACME\n4500100001,1,GR-100,HEX BOLT,"1,000","1,000",0,05/13/2026,05/14/2026,$0.12\n'
        'Subtotal PO 4500100001,,,,"1,000","1,000",0\nOPEN ORDER REPORT,,,,,,Page 2,\n'
        "PO #,PO Ln,Item #,Item Description,Qty Ordered,Qty Shipped,Qty B/O,Due Date,Ship Date,Unit Price (USD)\n"
        '4500100002,1,GR-100,HEX BOLT,"2,500",0,"2,500",06/01/2026,,$0.12\n'
        'Grand Total,,,,"3,500","1,000","2,500"\n* B/O = back order\n',
    ),
    "excel_ledger/zh_signed_delivery_list": Firm(
        "A delivery list as sent by phone: merged title and address, units in the cells, full-width digits, signatures.",
        {
            "Sheet1": [
                ["XX五金厂送货清单"],
                ["收货单位：华阳精密", "", "", "日期：2026年4月6日"],
                [
                    "序号",
                    "送货单号",
                    "采购订单号",
                    "货号",
                    "品名规格",
                    "单位",
                    "送货数量",
                    "送货日期",
                ],
                [1, "SH1", "4500100010", "WJ-1", "垫片 M8", "个", "2000个", date(2026, 4, 6)],
                [2, "SH1", "4500100010", "WJ-2", "螺母", "个", "３０００", date(2026, 4, 6)],
                ["合计", None, None, None, None, None, 5000],
                ["送货人：李四", None, None, None, "收货人（签字）："],
                ["以上货物请当面点清"],
            ]
        },
        adjust=merge("A1:H1", "A2:C2"),
    ),
    "excel_ledger/de_backlog_with_sums_per_order": Firm(
        "An ERP's backlog list: a sum per order names the order in another column and is no order line.",
        "Auftragsrückstand\r\nStand: 14.04.2026\r\n\r\n"
        "Kunde;Auftrag;Pos;Best.-Nr. Kunde;Teil;Bezeichnung 1;Auftragsmenge;ME;Wunschtermin;Best. Liefertermin;Preis/EUR\r\n"
        "K1001;A-7701;1;4500100020;T-1;Welle;1.500;Stk;20.05.2026;22.05.2026;3,2000\r\n"
        "K1001;A-7701;2;4500100020;T-2;Nabe;200;Stk;20.05.2026;;1,1000\r\n;;;;;Summe A-7701;1.700;;;;\r\n",
        encoding="cp1252",
    ),
    "excel_ledger/de_stock_with_a_column_per_store": Firm(
        "One column per store and one with the sum: the sum is the balance, the stores are reported as not understood.",
        {
            "Bestand": [
                ["Bestand je Lager, Stichtag 30.03.2026"],
                [
                    "Artikel-Nr.",
                    "Bezeichnung",
                    "Lager Nord",
                    "Lager Süd",
                    "Gesamtbestand",
                    "Einheit",
                ],
                ["T-1", "Welle", 100, 50, 150, "Stk"],
            ]
        },
    ),
    "excel_ledger/en_blanks_of_all_kinds": Firm(
        "Non-breaking, narrow and full-width blanks around and inside headings and values, full-width digits.",
        "\u00a0PO\u00a0Number ;Line\u3000; Part No ; Qty\u00a0;Due\u00a0Date \n"
        "4500100080\u00a0; 10\u3000;A-1\u00a0 ;1\u202f200 ; 2026-05-03\u00a0\n４５００１０００８０;２０;Ａ-2;５０　个;２０２６－０５－０４\n",
    ),
    "excel_ledger/en_formulas_never_calculated": Firm(
        "Formulas that no program has calculated: a value that is used is refused at its cell, others do not matter.",
        {
            "S": [
                ["PO No", "Line", "Part No", "Qty", "Due Date", "Shipped Qty", "Ship Date", "Open"],
                ["4500100060", 10, "A", 100, MAY_3, "=D2", "=E2+1", "=D2-F2"],
                ["4500100060", 20, "A", 50, MAY_3, None, None, "=D3-F3"],
            ]
        },
    ),
    "erp_export/sap_list_with_sums": Firm(
        "SAP's list with pipes ends with sums per unit, marked by an asterisk: no order is called *.",
        "14.05.2026                        Ausgabe der dynamischen Liste\n\n"
        "--------------------------------------------------------------------------------------\n"
        "| Einkaufsbeleg|Pos. |Lieferant|Material|Kurztext |   Bestellmenge|BME|Lieferdatum|L|\n"
        "--------------------------------------------------------------------------------------\n"
        "| 4500100040   |   10|   100234|A-100   |Lager    |      1.200,000|ST |15.05.2026 | |\n"
        "| 4500100040   |   20|   100234|A-200   |Fett     |         12,500|KG |16.05.2026 | |\n"
        "--------------------------------------------------------------------------------------\n"
        "| *            |     |         |        |         |      1.200,000|ST |           | |\n"
        "|              |     |         |        |         |         12,500|KG |           | |\n"
        "--------------------------------------------------------------------------------------\n",
        suffix=".txt",
    ),
    "erp_export/plain_comma_is_the_users": Firm(
        "A program writes numbers as its user has set, whatever the headings' language: 1,000 is held for decimal_mark.",
        'Receipt #,Date Received,PO #,PO Line,Item,Qty Received,Units\nIR55,05/20/2026,PO1007,1,A-1,"1,000",EA\n',
    ),
    "carrier_status/en_checkpoints": Firm(
        "A courier's checkpoints, with the pick-up day repeated on each: the checkpoint is what happened, not the pick-up.",
        "Waybill Number,Shipper Reference,Pickup Date,Origin,Destination,Checkpoint Code,Checkpoint Description,Checkpoint Date,"
        "Checkpoint Time\n1234567890,4500100001,2026-05-11,CVG,STR,PU,Shipment picked up,2026-05-11,18:22\n"
        "1234567890,4500100001,2026-05-11,CVG,STR,OK,Delivered - Signed for by: MEIER,2026-05-13,09:41\n",
    ),
    "excel_ledger/en_cases_and_pieces": Firm(
        "Cases, pieces per case and the sum: the sum is what was ordered, never the pieces in a case.",
        {
            "S": [
                ["PO No", "Line", "Part No", "Cases", "Qty/Case", "Total Qty", "Due Date"],
                ["4500", 10, "A", 10, 12, 120, MAY_3],
            ]
        },
    ),
    "excel_ledger/en_item_counts_the_rows": Firm(
        "Item left of the order number numbers the rows of the list: it is not the line of the order.",
        "Item,PO No,Part No,Qty,Due Date\n1,4500,A,5,2026-05-03\n2,4500,B,5,2026-05-03\n",
    ),
    "excel_ledger/en_portal_item_and_schedule_line": Firm(
        "A customer portal's confirmation list: Item right of PO is the order line; each schedule line has its own day.",
        {
            "Confirm": [
                [
                    "PO",
                    "Item",
                    "Schedule Line",
                    "Material",
                    "Qty",
                    "UoM",
                    "Requested Delivery Date",
                    "Confirmed Qty",
                    "Confirmed Delivery Date",
                ],
                ["4500100095", "00010", "0001", "A-1", 100, "EA", MAY_3, 60, MAY_3],
                ["4500100095", "00010", "0002", "A-1", 100, "EA", MAY_3, 40, MAY_9],
            ]
        },
    ),
    "excel_ledger/de_stock_and_available": Firm(
        "Stock, minimum, reserved and available side by side: the stock is the balance.",
        {
            "Stand 30.03.2026": [
                ["Artikel", "Bestand", "Mindestbestand", "Reserviert", "Verfügbar"],
                ["A", 100, 20, 30, 70],
            ]
        },
    ),
}
