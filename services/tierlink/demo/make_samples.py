"""Makes the sample files from a seed: what the ERP, three suppliers' Excel ledgers and a carrier would hold.

``python -m tierlink.demo.make_samples [FOLDER]``. The files are committed; this says where they came from.
A few rows are wrong on purpose (an impossible date, an unknown unit, a damaged order number), so that the
demonstration also shows what happens to those.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

__all__ = ["main"]

_FIRST_DAY, _LAST_DAY = date(2026, 4, 1), date(2026, 11, 20)


@dataclass(frozen=True)
class Part:
    """One purchased part: code, names by language, unit price and yearly habit."""

    code: str
    name: str
    price: float
    lot: int


@dataclass(frozen=True)
class Supplier:
    """A tier-2 and how reliably it delivers (share of lines on time)."""

    code: str
    name: str
    currency: str
    reliability: float
    parts: tuple[Part, ...]


@dataclass
class Line:
    """One order line and what came of it."""

    po: str
    line: int
    supplier: Supplier
    part: Part
    quantity: int
    ordered: date
    requested: date
    promised: date
    shipments: list[tuple[date, int, str]] = field(default_factory=list)
    receipts: list[tuple[date, int, str]] = field(default_factory=list)
    cancelled: bool = False


_SUPPLIERS = (
    Supplier(
        "100234", "宁波精工机械有限公司", "CNY", 0.9,
        (
            Part("M-2041", "定位销 8x40", 3.2, 2000),
            Part("M-2055", "轴承座", 46.5, 300),
            Part("M-2078", "连接板", 18.9, 600),
        ),
    ),
    Supplier(
        "100377", "Weber Präzisionsteile GmbH", "EUR", 0.72,
        (Part("M-3100", "Ventilblock", 84.0, 120), Part("M-3115", "Dichtring 32", 0.85, 5000)),
    ),
    Supplier(
        "100451", "Northfield Castings Ltd", "GBP", 0.55,
        (
            Part("M-4007", "Housing, cast", 132.0, 80),
            Part("M-4012", "Bracket, left", 27.4, 250),
            Part("M-4013", "Bracket, right", 27.4, 250),
        ),
    ),
)  # fmt: skip


def _workday(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _history(random_source: random.Random) -> list[Line]:
    """Order lines over eight months: split, late, short, cancelled and still open ones among them."""
    lines: list[Line] = []
    number = 4500012300
    for supplier in _SUPPLIERS:
        ordered = _FIRST_DAY
        while ordered < _LAST_DAY:
            number += random_source.randint(1, 4)
            for position, part in enumerate(
                random_source.sample(supplier.parts, random_source.randint(1, len(supplier.parts))),
                1,
            ):
                requested = _workday(ordered + timedelta(days=random_source.randint(18, 30)))
                promised = _workday(
                    requested + timedelta(days=random_source.choice((0, 0, 0, 2, 5)))
                )
                quantity = part.lot * random_source.randint(1, 4) // 2
                line = Line(
                    str(number),
                    position * 10,
                    supplier,
                    part,
                    quantity,
                    ordered,
                    requested,
                    promised,
                )
                _deliver(line, random_source)
                lines.append(line)
            ordered = _workday(ordered + timedelta(days=random_source.randint(9, 16)))
    return lines


def _deliver(line: Line, random_source: random.Random) -> None:
    if random_source.random() < 0.03:
        line.cancelled = True
        return
    on_time = random_source.random() < line.supplier.reliability
    delay = (
        random_source.choice((-3, -2, -1, -1, 0, 0))
        if on_time
        else random_source.choice((1, 2, 4, 7, 12, 20))
    )
    arrival = _workday(line.promised + timedelta(days=delay))
    if on_time and arrival > line.promised:
        arrival = line.promised
    parts = (
        [line.quantity]
        if random_source.random() < 0.8
        else [line.quantity * 6 // 10, line.quantity - line.quantity * 6 // 10]
    )
    for index, quantity in enumerate(parts):
        arrived = _workday(arrival + timedelta(days=5 * index if not on_time else 0))
        note = f"{line.supplier.code[-3:]}-{line.po[-4:]}{line.line:02d}{index}"
        shipped = _workday(arrived - timedelta(days=random_source.randint(2, 4)))
        if shipped <= _LAST_DAY:
            line.shipments.append((shipped, quantity, note))
        if arrived <= _LAST_DAY:
            line.receipts.append((arrived, quantity, note))


def _german(number: float, places: int = 2) -> str:
    return f"{number:,.{places}f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)


def _erp_orders(lines: list[Line], path: Path) -> None:
    header = (
        "EBELN",
        "EBELP",
        "LIFNR",
        "NAME1",
        "MATNR",
        "TXZ01",
        "MENGE",
        "MEINS",
        "NETPR",
        "WAERS",
        "BEDAT",
        "EINDT",
        "LOEKZ",
        "WERKS",
    )
    rows = [
        (x.po, f"{x.line:05d}", x.supplier.code.zfill(10), x.supplier.name, x.part.code, x.part.name,
         _german(x.quantity, 3), "ST", _german(x.part.price), x.supplier.currency, f"{x.ordered:%d.%m.%Y}",
         f"{x.requested:%d.%m.%Y}", "L" if x.cancelled else "", "1000")
        for x in lines
    ]  # fmt: skip
    _write_csv(path, header, rows, ";")


def _erp_receipts(lines: list[Line], path: Path) -> None:
    header = (
        "MBLNR",
        "MJAHR",
        "ZEILE",
        "BWART",
        "BLDAT",
        "BUDAT",
        "EBELN",
        "EBELP",
        "MATNR",
        "MENGE",
        "MEINS",
        "XBLNR",
        "WERKS",
    )
    posted = sorted(
        ((arrived, quantity, note, x) for x in lines for arrived, quantity, note in x.receipts),
        key=lambda entry: (entry[0], entry[2]),
    )
    rows = [
        (5000100000 + index, arrived.year, "0001", "101", f"{arrived:%d.%m.%Y}",
         f"{_workday(arrived + timedelta(days=1)):%d.%m.%Y}",
         x.po, f"{x.line:05d}", x.part.code, _german(quantity, 3), "ST", note, "1000")
        for index, (arrived, quantity, note, x) in enumerate(posted)
    ]  # fmt: skip
    _write_csv(path, header, rows, ";")


def _carrier(lines: list[Line], path: Path) -> None:
    header = (
        "Tracking No",
        "Customer Reference",
        "Delivery Note",
        "Status",
        "Status Time",
        "Location",
    )
    rows: list[tuple[object, ...]] = []
    for line in lines:
        for shipped, _, note in line.shipments:
            tracking = f"1Z{line.po[-5:]}{note[-3:]}"
            reference = f"{line.po}/{line.line}"
            rows.append(
                (tracking, reference, note, "picked up", f"{shipped}T16:20:00+02:00", "supplier")
            )
            arrived = next((day for day, _, name in line.receipts if name == note), None)
            if arrived:
                rows.append(
                    (
                        tracking,
                        reference,
                        note,
                        "delivered",
                        f"{arrived}T09:35:00+02:00",
                        "ACME plant 1000",
                    )
                )
    rows.insert(
        7, ("1Z99999999", "", "?", "delivered", "2026-06-02T10:00:00+02:00", "no reference given")
    )
    _write_csv(path, header, rows, ",")


_INK, _BAND = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")


def _sheet(
    book: Workbook,
    title: str,
    preface: Sequence[str],
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet = book.create_sheet(title)
    for text in preface:
        sheet.append([text])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=14)
    sheet.append(list(header))
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill, cell.alignment = _INK, _BAND, Alignment(horizontal="center")
    for row in rows:
        sheet.append(list(row))
    for column in sheet.columns:
        sheet.column_dimensions[column[-1].column_letter].width = 15
    sheet.freeze_panes = sheet.cell(len(preface) + 2, 1)


def _order_rows(lines: list[Line], *, numbered: bool) -> Iterable[list[object]]:
    for line in lines:
        if line.cancelled and not numbered:
            continue
        number = [line.line] if numbered else []
        terms = [line.part.code, line.part.name, line.quantity, line.requested, line.promised]
        nothing: tuple[None, None, None] = (None, None, None)
        for shipment in line.shipments or (nothing,):
            yield [line.po, *number, *terms, *shipment]


def _stock_rows(
    lines: list[Line], supplier: Supplier, random_source: random.Random
) -> list[list[object]]:
    """Finished goods of a supplier: made in lots, shipped as above, with a running balance."""
    rows: list[list[object]] = []
    for part in supplier.parts:
        shipped = sorted(
            (day, quantity) for x in lines if x.part is part for day, quantity, _ in x.shipments
        )
        balance = part.lot * random_source.randint(2, 3)
        rows.append(
            [
                _FIRST_DAY - timedelta(days=1),
                part.code,
                None,
                None,
                balance,
                round(part.price * 0.7, 2),
            ]
        )
        for day, quantity in shipped:
            if balance < quantity:
                made = part.lot * -(-(quantity - balance) // part.lot) + part.lot
                balance += made
                rows.append(
                    [
                        _workday(day - timedelta(days=4)),
                        part.code,
                        made,
                        None,
                        balance,
                        round(part.price * 0.7, 2),
                    ]
                )
            balance -= quantity
            rows.append([day, part.code, None, quantity, balance, round(part.price * 0.7, 2)])
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _chinese_ledger(lines: list[Line], path: Path, random_source: random.Random) -> None:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    rows = [[*row[:5], "件", *row[5:], None] for row in _order_rows(lines, numbered=True)]
    rows.insert(
        9,
        [
            "4500099999",
            10,
            "M-2041",
            "定位销 8x40",
            500,
            "箩",
            date(2026, 6, 1),
            date(2026, 6, 1),
            None,
            None,
            None,
            "单位写错",
        ],
    )
    rows.append(["合计", None, None, None, sum(int(str(row[4])) for row in rows), *([None] * 7)])
    header = (
        "采购订单号",
        "行号",
        "物料编码",
        "物料名称",
        "订购数量",
        "单位",
        "要求交期",
        "承诺交期",
        "发货日期",
        "发货数量",
        "送货单号",
        "备注",
    )
    _sheet(book, "送货台账", ("宁波精工机械有限公司 送货台账 2026", "客户：ACME"), header, rows)
    stock = [
        [row[0], row[1], row[2], row[3], row[4], row[5], "CNY"]
        for row in _stock_rows(lines, _SUPPLIERS[0], random_source)
    ]
    _sheet(
        book,
        "库存台账",
        ("成品库存台账",),
        ("日期", "物料编码", "入库数量", "出库数量", "结存数量", "单价", "币种"),
        stock,
    )
    _save(book, path)


def _german_ledger(lines: list[Line], path: Path, random_source: random.Random) -> None:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    rows: list[list[object]] = []
    for row in _order_rows(lines, numbered=True):
        dates = [f"{entry:%d.%m.%Y}" if isinstance(entry, date) else entry for entry in row[5:8]]
        rows.append([*row[:4], f"{row[4]} Stk", *dates, *row[8:]])
    rows.insert(
        5,
        [
            "4500099998",
            10,
            "M-3100",
            "Ventilblock",
            "60 Stk",
            "31.06.2026",
            "30.06.2026",
            None,
            None,
            None,
        ],
    )
    header = (
        "Bestellnr.",
        "Pos.",
        "Artikelnummer",
        "Bezeichnung",
        "Bestellmenge",
        "Wunschtermin",
        "Bestätigter Termin",
        "Versanddatum",
        "Liefermenge",
        "Lieferschein",
    )
    _sheet(book, "Aufträge ACME", (), header, rows)
    stock = [
        [row[0], row[1], row[2], row[3], row[4], row[5], "EUR"]
        for row in _stock_rows(lines, _SUPPLIERS[1], random_source)
    ]
    _sheet(
        book,
        "Lager",
        (),
        ("Datum", "Artikelnummer", "Zugang", "Abgang", "Bestand", "Preis", "Währung"),
        stock,
    )
    _save(book, path)


def _english_ledger(lines: list[Line], path: Path, random_source: random.Random) -> None:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    header = (
        "PO Number",
        "Part No",
        "Description",
        "Qty Ordered",
        "Due Date",
        "Promised Date",
        "Ship Date",
        "Qty Shipped",
        "Packing Slip",
    )
    rows = list(_order_rows(lines, numbered=False))
    rows.insert(
        4,
        [
            "4.50001E+09",
            "M-4007",
            "Housing, cast",
            80,
            date(2026, 6, 15),
            date(2026, 6, 15),
            None,
            None,
            None,
        ],
    )
    _sheet(book, "ACME orders", ("Northfield Castings - customer order log",), header, rows)
    stock = [
        [row[0], row[1], row[2], row[3], row[4], row[5], "GBP"]
        for row in _stock_rows(lines, _SUPPLIERS[2], random_source)
    ]
    _sheet(
        book,
        "Stock",
        (),
        ("Date", "Part No", "Qty In", "Qty Out", "Balance", "Unit Cost", "Currency"),
        stock,
    )
    _save(book, path)


def _save(book: Workbook, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def main(folder: Path) -> None:
    """Write all sample files under ``folder``, in the layout of the watched folders."""
    random_source = random.Random(20261124)  # noqa: S311 sample data, not secrets
    lines = _history(random_source)
    mine = {supplier.code: [x for x in lines if x.supplier is supplier] for supplier in _SUPPLIERS}
    _erp_orders(lines, folder / "erp" / "purchase_orders.csv")
    _erp_receipts(lines, folder / "erp" / "goods_receipts.csv")
    _carrier(lines, folder / "carrier" / "status.csv")
    _chinese_ledger(
        mine["100234"], folder / "suppliers" / "100234" / "送货台账.xlsx", random_source
    )
    _german_ledger(
        mine["100377"], folder / "suppliers" / "100377" / "Auftragsliste.xlsx", random_source
    )
    _english_ledger(
        mine["100451"], folder / "suppliers" / "100451" / "order log.xlsx", random_source
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "samples")
