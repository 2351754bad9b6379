"""Headings of the four kinds of table in suppliers' ledgers, as data."""

# ruff: noqa: E501 lists of headings, wrapped by language

from __future__ import annotations

from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.vocabulary import UNRELATED, pick, without

__all__ = ["DELIVERY_LOG", "ORDER_LEDGER", "STOCK_LEDGER", "STOCK_LIST"]

_ORDERED_QUANTITY: Final = (
    "Order Qty;Order Quantity;Ordered Qty;Ordered Quantity;Qty Ordered;Quantity Ordered;PO Qty;PO Quantity;Ordered Amount;"
    "Bestellmenge;Bestellte Menge;Auftragsmenge;Menge bestellt;Best. Menge;Best.-Menge;Sollmenge;Bestellt Menge;"
    "订购数量;订单数量;采购数量;订货数量;下单数量;需求数量;合同数量;订单量;订购量;定购数量;采购量;计划数量;订货量;Plan Qty;Planned Qty;Planned Quantity;Soll Menge;Menge Soll"
)
_DESPATCHED_ON: Final = (
    "Ship Date;Shipping Date;Shipped on;Shipped Date;Date Shipped;Shipment Date;Despatch Date;Dispatch Date;"
    "Despatched;Despatched on;Dispatched;Dispatched on;Actual Ship Date;Actual Delivery;Actual Delivery Date;"
    "Delivered on;Delivered Date;Date Delivered;Date of Shipment;Goods Issue Date;Sent;Sent on;Date Sent;Ex Works Date;"
    "Versanddatum;Versandt am;Versendet am;Versandt;Versendet;Versandtag;Verschickt am;Lieferscheindatum;Ausgeliefert am;"
    "Ausgeliefert;Geliefert am;Geliefert;Warenausgangsdatum;Warenausgang;WA-Datum;Abgangsdatum;Abgesendet am;LS-Datum;"
    "Liefertermin Ist;Ist-Liefertermin;Ist-Termin;Tatsächliches Lieferdatum;Versand;Versand am;"
    "发货日期;发货日;发货时间;出货日期;出货日;出货时间;送货日期;送货日;送货时间;实际发货日期;实际出货日期;实际交货日期;实际交期;"
    "实际送货日期;发运日期;出厂日期;实际交付日期;交付日期;发出日期;实发日期;实际日期;Actual Date;Actual Ship;Ist Datum;Ist-Datum;Datum Ist;Termin Ist;Ist Termin"
)
_DESPATCHED_QUANTITY: Final = (
    "Ship Qty;Shipped Qty;Shipped Quantity;Qty Shipped;Quantity Shipped;Delivered Qty;Delivered Quantity;Qty Delivered;"
    "Quantity Delivered;Despatched Qty;Despatched Quantity;Dispatched Qty;Dispatched Quantity;Shipment Qty;Shipment Quantity;"
    "Delivery Qty;Delivery Quantity;Actual Qty;"
    "Liefermenge;Gelieferte Menge;Versandmenge;Versandte Menge;Menge geliefert;Menge versandt;Ausgelieferte Menge;Lief.-Menge;"
    "Geliefert Menge;Gelief. Menge;Gel. Menge;Ist-Menge;Istmenge;Versendete Menge;"
    "发货数量;发货数;发货量;出货数量;出货数;出货量;送货数量;送货数;送货量;交货数量;实际发货数量;实发数量;已发数量;已交数量;交付数量;"
    "实际交货数量;实送数量;已交货数量;已送数量;发运数量;本次发货数量;本次送货数量;实际数量;Actual Quantity;Ist Menge;Menge Ist"
)
_RECEIVED_ON: Final = (
    "Received;Received on;Received Date;Receipt Date;Date Received;Arrived;Arrived on;Arrival Date;Arrival;Actual Arrival;"
    "Actual Arrival Date;Goods Receipt Date;GR Date;Delivered to Customer;Delivery Confirmed;"
    "Wareneingang;Wareneingangsdatum;WE-Datum;WE Datum;Eingang;Eingangsdatum;Eingetroffen am;Eingetroffen;Angekommen;"
    "Angekommen am;Ankunft;Ankunftsdatum;Erhalten am;Zugestellt am;Wareneingang am;Wareneingang Kunde;"
    "到货日期;到货日;到货时间;收货日期;收货日;收货时间;入库日期;签收日期;签收时间;签收日;到达日期;客户签收日期;实际到货日期;"
    "实际到货日;客户收货日期;实际到达日期;送达日期"
)
_RECEIVED_QUANTITY: Final = (
    "Received Qty;Received Quantity;Qty Received;Quantity Received;Receipt Qty;Accepted Qty;GR Qty;Arrived Qty;"
    "Wareneingangsmenge;WE-Menge;Eingangsmenge;Erhaltene Menge;Menge erhalten;Eingegangene Menge;"
    "到货数量;收货数量;签收数量;实收数量;已收数量;实际到货数量;已收货数量"
)
_PROMISED_QUANTITY: Final = (
    "Promised Qty;Promised Quantity;Confirmed Qty;Confirmed Quantity;Qty Confirmed;Committed Qty;"
    "Bestätigte Menge;Menge bestätigt;Zugesagte Menge;承诺数量;确认数量;回复数量;答交数量;承诺交货数量"
)
_WAREHOUSE: Final = (
    "LGORT;Warehouse;Storage Location;Store;Location;Depot;Storage Bin;Stock Location;Bin;"
    "Lager;Lagerort;Lagerplatz;Depotname;仓库;库位;仓库名称;仓库编码;库存地点;库房;存放地点;所处位置;储位"
)
_BALANCE: Final = (
    "LABST;Balance;Stock;Stock Balance;Stock Qty;Stock Quantity;On hand;Onhand;On Hand Qty;On-hand Quantity;Qty on Hand;"
    "Quantity on Hand;Current Stock;Closing Stock;Closing Balance;Ending Balance;Inventory;Inventory Qty;"
    "Unrestricted;Unrestricted Use;Unrestricted-Use Stock;Physical Stock;Count;Counted;Counted Qty;"
    "Stock on Hand;SOH;Running Balance;Total Stock;Total on Hand;Total Inventory;Gesamtbestand;Bestand gesamt;合计库存;库存合计;总库存;库存总数;库存总量;"
    "Bestand;Lagerbestand;Endbestand;Bestandsmenge;Saldo;Aktueller Bestand;Buchbestand;Istbestand;"
    "Bestand aktuell;Vorrat;Gezählt;"
    "在库数量;在库;在库数;在库库存;实际库存;实存数量;库存;库存数量;库存数;库存量;结存;结存数量;结存数;现存量;现有库存;当前库存;期末库存;期末数量;期末结存;余额;余量;剩余库存;"
    "账面库存;盘点数量;实盘数量;即时库存;结余;结余数量;库存余额;结存结存数量"
)
_WEAK_BALANCE: Final = (
    "Available;Available Stock;Verfügbar;Verfügbarer Bestand;Frei verwendbar;可用库存"
)
"""What may be less than the stock: read as the balance only where no other column is."""
_MOVED_IN: Final = (
    "In;Qty In;In Qty;Quantity In;Received;Receipts;Receipt;Receipt Qty;Stock In;Inbound;Inbound Qty;Goods Receipt;Incoming;"
    "Received Qty;Additions;"
    "Zugang;Zugänge;Zugangsmenge;Eingang;Eingänge;Eingangsmenge;Einlagerung;Wareneingang;"
    "入库;入库数量;入库数;入库量;收入;收入数量;收入数;进货;进货数量;进仓;进仓数量;本期入库;收货数量;收;进;借方数量;入"
)
_MOVED_OUT: Final = (
    "Out;Qty Out;Out Qty;Quantity Out;Issued;Issues;Issue;Issue Qty;Issued Qty;Stock Out;Outbound;Outbound Qty;Goods Issue;"
    "Outgoing;Withdrawals;Withdrawal;Consumption;Used;Shipped;Sold;"
    "Abgang;Abgänge;Abgangsmenge;Ausgang;Ausgänge;Ausgangsmenge;Auslagerung;Warenausgang;Entnahme;Entnahmemenge;Verbrauch;"
    "出库;出库数量;出库数;出库量;发出;发出数量;发出数;领用;领用数量;领料数量;出仓;出仓数量;本期出库;发货数量;销售数量;出货数量;"
    "支出;发;付;贷方数量;出"
)
_STOCK_DATE: Final = (
    "Date;Day;Movement Date;Transaction Date;Posting Date;Entry Date;Booking Date;BUDAT;Stock Date;Count Date;Counted on;"
    "As of;As of Date;Balance Date;Snapshot Date;Inventory Date;Voucher Date;"
    "Datum;Tag;Buchungsdatum;Bewegungsdatum;Belegdatum;Stand;Stichtag;Bestandsdatum;Inventurdatum;Zähldatum;Stand vom;"
    "日期;时间;业务日期;单据日期;记账日期;过账日期;出入库日期;发生日期;盘点日期;库存日期;截止日期;统计日期;操作时间;年月日;盘点时间"
)
_UNIT_COST: Final = (
    "Unit Cost;Cost;Cost Price;Average Cost;Avg Cost;Standard Cost;Std Price;Standard Price;Moving Average Price;Unit Price;"
    "Price;Unit Value;Cost per Unit;"
    "Einstandspreis;EK-Preis;EK;Einkaufspreis;Stückkosten;Verrechnungspreis;Standardpreis;Durchschnittspreis;GLD;Preis;"
    "Einzelpreis;Stückpreis;Gleitender Durchschnittspreis;"
    "单价;单位成本;成本单价;成本价;结存单价;平均单价;库存单价;进价;成本;标准价;移动平均价"
)
_DOCUMENT_NO: Final = (
    "Document;Document No;Document Number;Doc No;Doc. No.;Voucher;Voucher No;Voucher Number;Transaction No;Transaction ID;"
    "Reference;Ref;Ref No;Reference No;Slip No;Delivery Note;Delivery Note No;"
    "Beleg;Belegnummer;Belegnr;Beleg-Nr;Buchungsnummer;Vorgang;Vorgangsnummer;Referenz;Lieferschein;Lieferschein-Nr;"
    "单据号;单号;凭证号;凭证编号;单据编号;票号;出入库单号;入库单号;出库单号;送货单号;流水号;业务单号"
)

_BY_VALUE: Final = {
    "Shipped;Despatched;Dispatched;Sent;Delivered;Versandt;Versendet;Ausgeliefert;Geliefert;Versand;Warenausgang;"
    "已发货;已交货;已发;已交;发货;交货;出货;送货;实际发货;实际交货;实际出货;Actual Delivery;Ist": (
        "despatched_on",
        "despatched_quantity",
    ),
    "Received;Arrived;Wareneingang;Eingang;Eingetroffen;Erhalten;已收货;已到货;已收;到货;收货;签收": (
        "received_on",
        "received_quantity",
    ),
    "Ordered;Bestellt;订购": ("ordered_on", "quantity"),
    "Confirmed;Promised;Bestätigt;Zugesagt;承诺;确认;回复": ("promised_on", "promised_quantity"),
}
_ORDER_NUMBERS: Final = (
    "Auftrag;Auftragsnummer;Auftragsnr;Auftr.-Nr.;销售订单号;Order;Order No;Order Nr;Order Number;Order ID;Order Ref;"
    "Order Reference;Order#;OrderNo;合同号;合同编号;Contract No;Contract Number;订单;订单号;订单编号;订单号码;订单No;定单号"
)
"""What may be the customer's order or the supplier's own; beside one that clearly is the customer's it is not it."""
_WEAK_ITEMS: Final = "型号;产品型号;图号;零件图号;编码;Zeichnungsnummer;Zeichnungs-Nr"


def _vocabulary(*names: str, **more: str) -> dict[str, str]:
    """The shared vocabulary, less the headings that say less than another one beside them."""
    picked = pick(*names, **more)
    if "po_no" in picked:
        picked["po_no"] = without("po_no", *_ORDER_NUMBERS.split(";"))
    if "status" in picked:
        picked["status"] = without("status", *_WEAK_STATUS.split(";"))
    picked["item"] = without("item", *_WEAK_ITEMS.split(";"))
    return picked


_WEAK_STATUS: Final = "Delivery Status;Lieferstatus;交货状态;执行状态;备注状态;单据状态"
_WEAK: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_ORDER_NUMBERS.split(";"), ("po_no",)),
    **dict.fromkeys(_WEAK_ITEMS.split(";"), ("item",)),
    **dict.fromkeys(_WEAK_STATUS.split(";"), ("status",)),
}
_QUANTITIES: Final = (
    "Quantity",
    "Qty",
    "Q'ty",
    "Menge",
    "Mge",
    "Anzahl",
    "Stückzahl",
    "Stück",
    "数量",
    "件数",
    "Pcs",
    "Total Qty",
    "Total Quantity",
    "Gesamtmenge",
    "总数量",
)

ORDER_LEDGER: Final = SheetKind(
    name="order ledger",
    synonyms=_vocabulary(
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
        "shipment_id",
        "tracking_no",
        "carrier",
        "estimated_on",
        "site",
        "cancelled",
        "status",
        quantity=_ORDERED_QUANTITY,
        promised_quantity=_PROMISED_QUANTITY,
        despatched_on=_DESPATCHED_ON,
        despatched_quantity=_DESPATCHED_QUANTITY,
        received_on=_RECEIVED_ON,
        received_quantity=_RECEIVED_QUANTITY,
    ),
    generic={
        **_WEAK,
        **dict.fromkeys(_QUANTITIES, ("quantity", "despatched_quantity")),
        "Delivery Date": ("requested_on", "promised_on", "despatched_on"),
        "Liefertermin": ("requested_on", "promised_on"),
        "Lieferdatum": ("requested_on", "promised_on", "despatched_on"),
        "Termin": ("requested_on", "promised_on"),
        "LT": ("requested_on", "promised_on"),
        "交期": ("requested_on", "promised_on"),
        "交货期": ("requested_on", "promised_on"),
        "交货日期": ("requested_on", "promised_on", "despatched_on"),
        "交货日": ("requested_on", "promised_on"),
        "交货时间": ("requested_on", "promised_on"),
        "Date": ("ordered_on",),
        "Datum": ("ordered_on",),
        "日期": ("ordered_on",),
        "Item": ("item", "po_line"),
        "Item No": ("item", "po_line"),
        "Item Nr": ("item", "po_line"),
        "Location": ("site",),
        "预计交期": ("promised_on",),
        "Planned Delivery": ("requested_on", "promised_on"),
        "Planned Delivery Date": ("requested_on", "promised_on"),
    },
    by_value=_BY_VALUE,
    done={"despatched_on": ("requested_on", frozenset({"despatched_quantity", "shipment_id"}))},
    required=(
        frozenset({"po_no", "requested_on"}),
        frozenset({"po_no", "promised_on"}),
        frozenset({"po_no", "quantity"}),
    ),
    keys=("po_no",),
    counts_rows=True,
    unrelated=UNRELATED,
)

DELIVERY_LOG: Final = SheetKind(
    name="delivery log",
    synonyms=_vocabulary(
        "po_no",
        "po_line",
        "sched_line",
        "item",
        "seller_item",
        "item_name",
        "unit",
        "supplier",
        "supplier_name",
        "shipment_id",
        "tracking_no",
        "carrier",
        "estimated_on",
        despatched_on=_DESPATCHED_ON,
        quantity=_DESPATCHED_QUANTITY,
    ),
    generic={
        **_WEAK,
        **dict.fromkeys(_QUANTITIES, ("quantity",)),
        **dict.fromkeys(
            (
                "Date",
                "Datum",
                "日期",
                "时间",
                "Delivery Date",
                "Lieferdatum",
                "交货日期",
                "Liefertag",
            ),
            ("dated_on",),
        ),
        "Item": ("item", "po_line"),
        "Item No": ("item", "po_line"),
        "Item Nr": ("item", "po_line"),
    },
    by_value={words: names for words, names in _BY_VALUE.items() if names[0] == "despatched_on"},
    required=(
        frozenset({"po_no", "despatched_on", "quantity"}),
        frozenset({"po_no", "dated_on", "quantity", "shipment_id"}),
        frozenset({"po_no", "dated_on", "quantity", "tracking_no"}),
    ),
    keys=("po_no",),
    counts_rows=True,
    unrelated=UNRELATED,
)

STOCK_LEDGER: Final = SheetKind(
    name="stock ledger",
    synonyms=_vocabulary(
        "item",
        "seller_item",
        "item_name",
        "unit",
        "currency",
        "supplier",
        "supplier_name",
        site=_WAREHOUSE,
        moved_on=_STOCK_DATE,
        in_quantity=_MOVED_IN,
        out_quantity=_MOVED_OUT,
        balance=_BALANCE,
        unit_cost=_UNIT_COST,
        document_no=_DOCUMENT_NO,
        direction="Movement Type;Movement;Type;Direction;In/Out;Transaction Type;Bewegungsart;Bewegung;Art;Buchungsart;"
        "类型;出入库类型;业务类型;操作类型;收发类型;单据类型;出入库;收发类别;方向",
    ),
    generic={
        "Quantity": ("quantity",),
        "Qty": ("quantity",),
        "Menge": ("quantity",),
        "Anzahl": ("quantity",),
        "数量": ("quantity",),
        "变动量": ("quantity",),
        "Change": ("quantity",),
        **dict.fromkeys(_WEAK_BALANCE.split(";"), ("balance",)),
        "Item": ("item",),
        "Item No": ("item",),
        "入库单价": ("unit_cost",),
        "Plant": ("site",),
        "Werk": ("site",),
        "Site": ("site",),
        "收入单价": ("unit_cost",),
    },
    required=(
        frozenset({"moved_on", "item", "in_quantity"}),
        frozenset({"moved_on", "item", "out_quantity"}),
        frozenset({"moved_on", "item", "direction", "quantity"}),
    ),
    keys=("item", "moved_on"),
    unrelated=UNRELATED,
)

STOCK_LIST: Final = SheetKind(
    name="stock list",
    synonyms=_vocabulary(
        "item",
        "seller_item",
        "item_name",
        "unit",
        "currency",
        "supplier",
        "supplier_name",
        site=_WAREHOUSE,
        counted_on=_STOCK_DATE,
        balance=_BALANCE,
        unit_cost=_UNIT_COST,
    ),
    generic={
        **dict.fromkeys(_WEAK_BALANCE.split(";"), ("balance",)),
        "Item": ("item",),
        "Item No": ("item",),
        "Plant": ("site",),
        "Werk": ("site",),
        "Site": ("site",),
    },
    required=(frozenset({"item", "balance"}),),
    keys=("item",),
    unrelated=UNRELATED,
)
