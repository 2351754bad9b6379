"""Headings of purchase order and goods receipt exports, as data."""

# ruff: noqa: E501 lists of headings, wrapped by language

from __future__ import annotations

from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.vocabulary import UNRELATED, pick, without

__all__ = ["GOODS_RECEIPTS", "PURCHASE_ORDERS"]

_SECOND_DATES: Final = (
    "SLFDT",
    "Statistical Delivery Date",
    "Stat. Del. Date",
    "Stat.-Rel. Del. Date",
    "Stat. Lieferdatum",
    "Statistisches Lieferdatum",
    "Receipt Date",
    "Expected Arrival",
)
"""Taken for the requested day only where no clearer column is: SAP exports EINDT and SLFDT side by side."""
_LINE_WORDS: Final = (
    "Item",
    "Item No",
    "Itm",
    "Pos",
    "Pos.",
    "Position",
    "Line",
    "Line No",
    "Zeile",
    "项目",
    "行号",
    "行",
)

PURCHASE_ORDERS: Final = SheetKind(
    name="purchase orders",
    synonyms=pick(
        "po_no",
        "po_line",
        "sched_line",
        "item",
        "seller_item",
        "item_name",
        "unit",
        "unit_price",
        "price_per",
        "currency",
        "supplier",
        "supplier_name",
        "ordered_on",
        "requested_on",
        "promised_on",
        "site",
        "cancelled",
        "status",
        quantity="MENGE;Quantity;Qty;Order Qty;Order Quantity;Ordered Qty;Ordered Quantity;Qty Ordered;Quantity Ordered;PO Qty;"
        "PO Quantity;Q'ty;"
        "Menge;Bestellmenge;Auftragsmenge;Menge bestellt;Bestellte Menge;Anzahl;Stückzahl;"
        "数量;订购数量;订单数量;采购数量;订货数量;计划数量;采购订单数量;订单量",
        scheduled_quantity="Scheduled Quantity;Scheduled Qty;Sched. Qty;Sched Quantity;Schedule Line Quantity;Eingeteilte Menge;"
        "Einteilungsmenge;计划行数量;分批数量",
        requested_on="Delivery Date;Deliv. Date;Del. Date;Dlv. Date;Delivery Dt;Liefertermin;Lieferdatum;Lief.datum;"
        "Lieferdatum der Position;Termin;交货日期;交期;交货日;到货日期;交货时间;计划行交货日期;计划交货日",
        promised_on="Confirmed Delivery Dt;Confirmation Delivery Date;Liefertermin laut AB;Termin laut AB",
        promised_quantity="Promised Qty;Confirmed Qty;Confirmed Quantity;Qty Confirmed;Bestätigte Menge;确认数量;承诺数量",
    ),
    generic={
        "Item": ("item", "po_line"),
        "Itm": ("po_line",),
        "Item No": ("item", "po_line"),
        "项目": ("po_line",),
        "Document Date": ("ordered_on",),
        "Doc. Date": ("ordered_on",),
        "Date": ("ordered_on",),
        "Belegdatum": ("ordered_on",),
        "凭证日期": ("ordered_on",),
        "Created on": ("ordered_on",),
        "Datum": ("ordered_on",),
        "日期": ("ordered_on",),
        "Location": ("site",),
        **dict.fromkeys(_SECOND_DATES, ("requested_on",)),
        "AEDAT": ("ordered_on",),
        "创建日期": ("ordered_on",),
        "Angelegt am": ("ordered_on",),
    },
    required=(frozenset({"po_no", "quantity"}), frozenset({"po_no", "scheduled_quantity"})),
    keys=("po_no",),
    unrelated=UNRELATED,
)

_ENTRY_UNITS: Final = "ERFME;Unit of Entry;EUn;UnE;Erfassungsmengeneinheit;Erfassungseinheit;ErfassME;条目单位;录入单位"

GOODS_RECEIPTS: Final = SheetKind(
    name="goods receipts",
    synonyms=pick(
        "po_no",
        "item",
        "item_name",
        "supplier",
        "supplier_name",
        "site",
        "shipment_id",
        po_line=without("po_line", *_LINE_WORDS),
        unit=without("unit", *_ENTRY_UNITS.split(";")),
        quantity="MENGE;Quantity;Qty;Received Qty;Received Quantity;Qty Received;Quantity Received;Receipt Qty;GR Qty;"
        "GR Quantity;Q'ty;"
        "Menge;Wareneingangsmenge;WE-Menge;Erhaltene Menge;Eingangsmenge;Gelieferte Menge;Buchungsmenge;Anzahl;"
        "数量;收货数量;入库数量;实收数量;到货数量;验收数量",
        entry_quantity="ERFMG;Quantity in Unit of Entry;Qty in Un. of Entry;Qty in unit of entry;Qty in UnE;Quantity in UnE;"
        "Menge in ErfassME;Menge in Erfassungsmengeneinheit;以录入项单位表示的数量",
        entry_unit=_ENTRY_UNITS,
        debit_credit="SHKZG;Debit/Credit Ind.;Debit/Credit Indicator;Debit/Credit;D/C;S/H;Soll/Haben;Soll/Haben-Kennz.;"
        "Soll-/Haben-Kennzeichen;借贷标识;借方/贷方标识",
        history_category="VGABE;Trans./Event Type;Vorgangsart;事务/事件类型",
        received_on="BLDAT;Document Date;Doc. Date;Doc Date;Received;Received on;Received Date;Receipt Date;Arrival Date;"
        "Arrived;Date Received;GR Date;GRN Date;Goods Receipt Date;"
        "Belegdatum;Wareneingang;Wareneingangsdatum;WE-Datum;Eingangsdatum;Eingang am;Eingegangen am;Erhalten am;"
        "凭证日期;收货日期;到货日期;入库日期;实际到货日期;收货时间;入库时间;验收日期",
        posted_on="BUDAT;Posting Date;Pstng Date;Posted;Posted on;Postg Date;Buchungsdatum;Buch.dat.;Gebucht am;"
        "过账日期;记账日期;过帐日期",
        receipt_no="MBLNR;BELNR;Material Document;Mat. Doc.;Material Doc.;Material Document No;Material Document Number;"
        "GR No;GR Number;GRN;GRN No;GR Document;Receipt No;Receipt Number;Goods Receipt No;Goods Receipt Number;Goods Receipt;"
        "Receipt;Receipt Document;"
        "Materialbeleg;Materialbelegnummer;Mat.Beleg;WE-Nummer;WE-Nr;WE-Beleg;Wareneingangsnummer;Wareneingangsbeleg;"
        "Wareneingang Nr;Eingangsbeleg;物料凭证;物料凭证号;收货单号;入库单号;收货单;入库单;收货凭证;凭证编号",
        receipt_year="MJAHR;GJAHR;Material Doc. Year;Mat. Doc. Year;Material Document Year;MatYr;Doc. Year;Fiscal Year;"
        "Materialbelegjahr;Matbeljahr;Belegjahr;Geschäftsjahr;物料凭证年度;凭证年度;年度;会计年度",
        receipt_line="ZEILE;BUZEI;Material Doc.Item;Mat. Doc.Item;Material Document Item;Material Doc. Item;GR Line;GR Item;"
        "Receipt Line;Receipt Item;MatDoc Item;Materialbelegposition;Matbelegpos;WE-Position;WE-Pos;Belegzeile;"
        "物料凭证项目;物料凭证行;凭证行项目;收货行号;入库行号;物料凭证行号",
        movement_type="BWART;Movement Type;Mvt Type;Mvmt Type;MvT;Movement;Bewegungsart;BwA;Bew.-Art;移动类型;移动类型代码",
        storage="LGORT;Storage Location;SLoc;Stor. Loc.;Lagerort;LOrt;库存地点;仓库;仓储地点",
    ),
    generic={
        "Item": ("item", "po_line"),
        "Item No": ("item", "po_line"),
        **dict.fromkeys(("Datum", "Date", "日期"), ("received_on",)),
        **dict.fromkeys(
            (
                "Entry Date",
                "Entered on",
                "CPUDT",
                "Date of Entry",
                "Erfassungsdatum",
                "Erfaßt am",
                "Erfasst am",
                "输入日期",
                "录入日期",
            ),
            ("posted_on",),
        ),
        **dict.fromkeys(
            ("BEWTP", "PO History Category", "Bestellentwicklungstyp", "采购订单历史类别"),
            ("history_category",),
        ),
        "Accepted Qty": ("quantity",),
        "Warehouse": ("storage",),
        "Location": ("site",),
        "Reason": ("reason",),
        **dict.fromkeys([word for word in _LINE_WORDS[2:] if word != "Zeile"], ("po_line",)),
    },
    beside={"receipt_no": "receipt_line"},
    required=tuple(
        frozenset({"po_no", quantity, day})
        for quantity in ("quantity", "entry_quantity")
        for day in ("received_on", "posted_on")
    ),
    keys=("po_no", "receipt_no"),
    unrelated=UNRELATED,
)
