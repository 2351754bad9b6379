"""Small files of each connector, one folder of facts told three ways."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

from contract.connectors.suite import Samples
from tierlink.connectors.carrier_status.settings import CarrierStatusSettings
from tierlink.connectors.erp_export.settings import ErpExportSettings
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from unit.intake import toy

TOY_SETTINGS = toy.settings()
ERP_SETTINGS = ErpExportSettings(name="erp", folder="in", buyer="ACME")
LEDGER_SETTINGS = ExcelLedgerSettings(name="ledgers", folder="in", buyer="ACME")
CARRIER_SETTINGS = CarrierStatusSettings(name="carrier", folder="in", buyer="ACME")

_TOY_HEAD = "po,quantity,promised,mark,Farbe\n"
_ERP_HEAD = "EBELN;EBELP;LIFNR;MATNR;MENGE;MEINS;NETPR;WAERS;BEDAT;EINDT;LOEKZ;WERKS;ZZCOLOUR\n"
_CARRIER_HEAD = "Tracking No,Customer Reference,Status,Status Time,Location,Mascot\n"
_LEDGER_HEAD = (
    "订单号",
    "行号",
    "物料号",
    "数量",
    "单位",
    "要求交期",
    "承诺交期",
    "发货日期",
    "吉祥物",
)


def erp(rows: int = 3, *, quantity: str = "300,000", delivery: str = "22.04.2026") -> bytes:
    lines = [
        f"45000{number // 10:05d};{(number % 10 + 1) * 10:05d};0000100234;M-{number};"
        f"{quantity if number == 1 else '1.200,000'};ST;3,20;CNY;01.04.2026;"
        f"{delivery if number == 1 else '28.04.2026'};;1000;red\n"
        for number in range(rows)
    ]
    return (_ERP_HEAD + "".join(lines)).encode("utf-8")


def carrier(rows: int = 3, *, time: str = "2026-04-29T09:35:00+02:00") -> bytes:
    lines = [
        f"1Z{number},45000{number // 10:05d}/{(number % 10 + 1) * 10},delivered,"
        f"{time if number == 1 else '2026-04-28T08:00:00+02:00'},Ulm,fox\n"
        for number in range(rows)
    ]
    return (_CARRIER_HEAD + "".join(lines)).encode("utf-8")


def ledger(rows: int = 3, *, quantity: Any = 300, promised: str = "2026-04-22") -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("送货台账")
    sheet.append(["宁波精工机械有限公司"])
    sheet.append(_LEDGER_HEAD)
    for number in range(rows):
        odd = number == 1
        sheet.append(
            [
                f"45000{number // 10:05d}",
                (number % 10 + 1) * 10,
                f"M-{number}",
                quantity if odd else 1200,
                "个",
                "2026-04-20",
                promised if odd else "2026-04-20",
                "2026-04-19",
                "fox",
            ]
        )
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def toy_list(rows: int = 3, *, quantity: str = "300") -> bytes:
    lines = [
        f"{4500 + number},{quantity if number == 1 else 1200},2026-05-01,-,red\n"
        for number in range(rows)
    ]
    return (_TOY_HEAD + "".join(lines)).encode()


TOY = Samples(
    "100234/orders.csv",
    toy_list(),
    "Farbe",
    toy_list(quantity="301"),
    toy_list(quantity="bad"),
    3,
    "B3",
)
ERP = Samples(
    "purchase_orders.csv",
    erp(),
    "ZZCOLOUR",
    erp(quantity="301,000"),
    erp(delivery="31.04.2026"),
    3,
    "J3",
)
LEDGER = Samples(
    "100234/台账.xlsx", ledger(), "吉祥物", ledger(quantity=301), ledger(quantity="many"), 4, "D4"
)
CARRIER = Samples(
    "status.csv",
    carrier(),
    "Mascot",
    carrier(time="2026-04-30T09:35:00+02:00"),
    carrier(time="sometime"),
    3,
    "D3",
)
