"""Headings that mean the same in every kind of table: Chinese, English, German, and SAP's technical names.

Each connector's ``mapping.py`` picks fields from here and adds what is its own. Headings are compared without
punctuation, case and blanks, so ``Bestell-Nr.`` is written once.
"""

# ruff: noqa: E501 lists of headings, wrapped by language

from __future__ import annotations

from typing import Final

from tierlink.connectors.cells.headings import heading_key

__all__ = ["UNRELATED", "VOCABULARY", "pick", "without"]

VOCABULARY: Final[dict[str, str]] = {
    "po_no": (
        "EBELN;PO;PO No;PO Nr;PO Number;PO Num;PO ID;P.O.;PO Ref;PO Reference;Purchase Order;Purchase Orders;"
        "Purchase Order No;Purchase Order Nr;Purchase Order Number;Purchasing Document;Purch.Doc.;Purch. Doc;Pur. Doc.;"
        "Purchasing Doc;Purchasing Document Number;Purchase Doc;Order No;Order Nr;Order Number;Order;Order ID;Order Ref;"
        "Order Reference;Customer Order;Customer Order No;Customer Order Number;Customer PO;Customer PO No;"
        "Customer PO Number;Cust PO;Cust. PO No;Your Order;Your Order No;Buyer Order No;Buyer PO;Contract No;"
        "Contract Number;PO#;Order#;PO_NO;PO_NUMBER;OrderNo;"
        "Bestellung;Bestellnummer;Bestellnr;Bestell Nr;Best.-Nr.;Best Nr;Bestell-Nummer;Bestell ID;Einkaufsbeleg;"
        "Einkaufsbelegnummer;EK-Beleg;Einkaufsbeleg Nr;Auftragsnummer Kunde;Kundenauftrag;Kundenauftragsnummer;"
        "Kundenbestellnummer;Kundenbestellung;Kunden-Bestellnr;Kd-Bestellnr;Auftrag;Auftragsnummer;Auftragsnr;"
        "Auftrags-Nr;Auftr.-Nr.;Auftragsnummer des Kunden;Ihre Bestellung;Ihre Bestellnummer;Ihre Bestell-Nr;Best.nr. Kunde;"
        "Bestellnummer Kunde;Bestell-Nr. Kunde;PO-Nummer;PO Nummer;"
        "订单号;订单编号;订单号码;订单;采购订单;采购订单号;采购订单编号;采购单号;采购单编号;采购单;采购编号;采购凭证;采购凭证号;"
        "合同号;合同编号;客户订单号;客户订单;客户订单编号;客户采购订单号;客户PO;客户单号;PO号;PO号码;PO单号;PO编号;订购单号;定单号;"
        "订货单号;销售订单号;贵司订单号;订单No"
    ),
    "po_line": (
        "EBELP;Item of PO;PO Item;PO Line;PO Line No;PO Line Number;PO Item No;PO Pos;PO Position;Line;Line No;Line Nr;"
        "Line Number;Line Item;Line#;Item of Purchasing Document;Item No of Purchasing Document;Purchasing Document Item;"
        "Order Line;Order Line No;Order Item;Line Item No;LineNo;PO_LINE;Ln;Ln No;Ln#;PO Ln;"
        "Pos;Pos.-Nr.;PosNr;Position;Positionsnummer;Positionsnr;Bestellposition;Best.-Pos.;Bestellpos;Bestell-Position;"
        "Belegposition;Einkaufsbelegposition;Auftragsposition;Auftragspos;Zeile;Zeilennummer;Zeilennr;Pos. Bestellung;"
        "行号;行项目;行项目号;项目行;订单行;订单行号;订单行项目;采购订单行;采购订单行号;采购订单行项目;项次;项目号;订单项次;行次;"
        "采购项次;PO行号;PO项次;行;凭证行号;采购凭证项目"
    ),
    "sched_line": (
        "ETENR;Schedule Line;Sched Line;Sched. Line No;Schedule Line Number;Schedule Line No;Delivery Schedule Line;"
        "Delivery Schedule Line Number;Schedule No;SchedLine;Schedule;"
        "Einteilung;Einteilungsnummer;Einteilungsnr;Lieferplaneinteilung;Einteilungszeile;"
        "分批;分批行号;交货计划行;计划行;计划行号;批次行;交货行;交货批次行;分批号"
    ),
    "item": (
        "MATNR;Material;Material No;Material Nr;Material Number;Material Code;Mat No;Mat. No.;MaterialNo;Part;Part No;"
        "Part Nr;Part Number;Part Num;Part Code;Part ID;P/N;PN;PartNo;Item Code;Item Number;Item ID;Article;Article No;"
        "Article Nr;Article Number;Article Code;SKU;SKU No;SKU Code;Product Code;Product No;Product Number;Product ID;"
        "Stock Code;Buyer Part No;Customer Part No;Customer Part Number;Customer Material;Customer Material No;"
        "Customer Item No;Your Part No;Component;Item_Code;PART_NO;Stock Keeping Unit;Item SKU;"
        "Artikel;Artikelnummer;Artikelnr;Artikel-Nr;Art.-Nr.;Art Nr;ArtNr;Materialnummer;Materialnr;Material-Nr;Mat.-Nr.;"
        "Mat Nr;Teilenummer;Teilenr;Teile-Nr;Teil;Teil-Nr;Sachnummer;Sachnr;Sach-Nr;Ident-Nr;Identnummer;Produktnummer;"
        "Produktnr;Kundenmaterial;Kundenmaterialnummer;Kundenteilenummer;Kundenartikelnummer;Kunden-Artikelnr;Kundenartikel;"
        "Zeichnungsnummer;Zeichnungs-Nr;"
        "料号;物料;物料号;物料编码;物料编号;物料代码;物料号码;零件号;零件编号;零件图号;部件号;图号;品号;件号;存货编码;存货编号;"
        "商品编码;商品编号;产品编码;产品编号;产品代码;产品号;货号;货品编码;货品编号;材料编码;材料编号;客户料号;客户物料号;"
        "客户物料编码;客户零件号;编码;型号;产品型号;零件代码;SKU编码"
    ),
    "seller_item": (
        "IDNLF;Vendor Material;Vendor Material No;Vendor Material Number;Supplier Part No;Supplier Part Number;"
        "Supplier Item No;Supplier Material;Our Part No;Our Item No;Our Article No;Vendor Part No;Vendor Part Number;"
        "Lieferantenmaterial;Lieferantenmaterialnummer;Lieferanten-Artikelnummer;Lieferantenartikel;Lief.-Art.-Nr.;"
        "Unsere Artikelnummer;Unsere Art.-Nr.;Eigene Artikelnummer;"
        "供应商料号;供应商物料号;供应商物料编码;厂内料号;我司料号;本厂料号;供方料号;内部料号"
    ),
    "item_name": (
        "TXZ01;MAKTX;Short Text;Description;Item Description;Material Description;Part Description;Part Name;Item Name;"
        "Product;Product Name;Product Description;Goods;Goods Description;Article Description;Desc;Material Text;Name of Part;"
        "Bezeichnung;Artikelbezeichnung;Materialbezeichnung;Materialkurztext;Kurztext;Benennung;Beschreibung;Teilebezeichnung;"
        "Produktbezeichnung;Produkt;Artikelname;Artikeltext;Text;"
        "品名;名称;物料名称;物料描述;零件名称;产品名称;产品描述;商品名称;存货名称;货物名称;货品名称;品名规格;品名及规格;短文本;"
        "物料短文本;材料名称;描述;规格名称"
    ),
    "unit": (
        "MEINS;BSTME;Unit;UoM;U/M;UM;Unit of Measure;Units;Order Unit;Base Unit;Base Unit of Measure;"
        "Qty Unit;Quantity Unit;OUn;BUn;EUn;Un;"
        "Einheit;ME;Mengeneinheit;Bestellmengeneinheit;Bestellmeng.einheit;Basismengeneinheit;BME;BestellME;Erfassungseinheit;"
        "Einh;Erfassungsmengeneinheit;MengenEH;ME/Einheit;"
        "单位;计量单位;数量单位;基本单位;订单单位;基本计量单位;采购单位;库存单位;主单位"
    ),
    "unit_price": (
        "NETPR;Price;Unit Price;Net Price;Net Order Price;Price per Unit;Purchase Price;Order Price;U/Price;"
        "UnitPrice;Nettopreis;Einzelpreis;Preis;Stückpreis;Bestellpreis;Bestellnettopreis;E-Preis;EP;Preis pro Stück;"
        "Preis/Stk;Preis je Einheit;单价;含税单价;不含税单价;采购单价;净价;价格;未税单价;订单价格"
    ),
    "price_per": (
        "PEINH;Price Unit;Per;Price per Qty;Preiseinheit;PE;Preis pro;Preis je;价格单位;每;价格基数"
    ),
    "currency": (
        "WAERS;Currency;Curr;Crcy;Currency Code;Curr.;Währung;Waehrung;Whrg;Währg;WKZ;币种;货币;币别;结算币种;货币码"
    ),
    "supplier": (
        "LIFNR;Vendor;Vendor No;Vendor Number;Vendor Code;Vendor ID;Vendor Account;Vendor Account Number;Supplier;"
        "Supplier No;Supplier Number;Supplier Code;Supplier ID;Supplier#;Vendor#;Account Number of Vendor;"
        "Account No of Supplier;"
        "Lieferant;Lieferantennummer;Lieferantennr;Lieferanten-Nr;Lief.-Nr.;LiefNr;Kreditor;Kreditornummer;Kreditorennummer;"
        "Kreditor-Nr;Lieferant-ID;Nr. des Lieferanten;"
        "供应商;供应商编码;供应商编号;供应商代码;供应商号;供应商帐户;供应商账户;供方编码;供方代码;供货商;供货商编码;厂商编号;厂商代码;"
        "厂商"
    ),
    "supplier_name": (
        "NAME1;Name 1;Vendor Name;Supplier Name;Name of Vendor;Name of Supplier;Vendor/Supplier Name;"
        "Lieferantenname;Name des Lieferanten;Lieferantenbezeichnung;Kreditorname;Name Lieferant;"
        "供应商名称;供货商名称;供方名称;供应商描述;厂商名称;供方"
    ),
    "ordered_on": (
        "BEDAT;Order Date;PO Date;Purchase Order Date;Document Date of PO;Date of Order;Ordered;Ordered on;"
        "Ordering Date;Date Ordered;Order Placed;Placed on;Order Received;Order Entry Date;"
        "Bestelldatum;Bestellt am;Auftragsdatum;Datum der Bestellung;Bestell-Datum;Beauftragt am;Bestellung vom;"
        "Auftragseingang;Auftrag vom;Best.-Datum;"
        "订单日期;下单日期;采购日期;订购日期;下单时间;接单日期;订货日期;采购订单日期;合同日期;下达日期;签订日期;来单日期"
    ),
    "requested_on": (
        "EINDT;Requested Delivery;Requested Delivery Date;Requested Date;Requested on;Request Date;Required Date;Required;"
        "Required by;Required on;Required Delivery Date;Need by;Need-by Date;Need Date;Needed by;Due Date;Due;Due on;"
        "Req. Date;Req Del Date;Req. Dlv. Date;Requested Dlv Date;Customer Requested Date;Customer Request Date;CRD;RDD;"
        "Delivery Due Date;Want Date;Deliver by;Item Delivery Date;"
        "Wunschtermin;Wunschdatum;Wunschliefertermin;Wunschlieferdatum;Gewünschter Liefertermin;Gewünschtes Lieferdatum;"
        "Bedarfstermin;Bedarfsdatum;Solltermin;Soll-Termin;Soll-Liefertermin;Fälligkeitsdatum;Fällig am;Fällig;"
        "Angeforderter Liefertermin;Kundenwunschtermin;Geforderter Termin;Termin Soll;Liefertermin Soll;"
        "要求交期;要求交货日期;要求交货日;要求到货日期;要求到货日;要求日期;要求交付日期;需求日期;需求交期;需求日;客户交期;"
        "客户要求交期;客户要求日期;计划交期;计划交货日期;订单交期;合同交期;交货截止日期;要求到货时间;要求交货时间;应交日期;约定交期;"
        "采购交期;计划日期;Plan Date;Planned Date;Soll Datum;Datum Soll;Soll-Datum;Soll Termin"
    ),
    "promised_on": (
        "Promised;Promised Date;Promise Date;Promised on;Promised Delivery;Promised Delivery Date;Confirmed;Confirmed Date;"
        "Confirmed on;Confirmed Delivery;Confirmed Delivery Date;Confirmation Date;Conf. Date;Conf Del Date;Conf. Delivery Date;"
        "Committed Date;Commit Date;Commitment Date;Acknowledged Date;Ack Date;Supplier Confirmed Date;Vendor Confirmed Date;"
        "Vendor Commit Date;Supplier Commit Date;Confirmed Dlv Date;Promised Ship Date;Delivery Date of Confirmation;"
        "Bestätigter Termin;Bestätigter Liefertermin;Bestätigtes Lieferdatum;Bestätigt;Bestätigt am;Bestätigt zum;"
        "Liefertermin bestätigt;Termin bestätigt;AB-Termin;AB Termin;Zugesagter Termin;Zugesagter Liefertermin;Zugesagt;"
        "Zugesagt zum;Zusage;Zusagetermin;Best. Termin;Best. Liefertermin;Bestätigungsdatum;Bestätigungstermin;LT bestätigt;"
        "Liefertermin zugesagt;"
        "承诺交期;承诺日期;承诺交货日期;承诺交货日;承诺到货日期;承诺到货日;承诺时间;确认交期;确认日期;确认交货日期;确认交付日期;"
        "确认到货日期;回复交期;回复日期;供应商交期;供应商确认交期;供应商回复交期;答复交期;答交日期;答交;复期;确认交货期;承诺交货期;"
        "供应商承诺交期;回签交期"
    ),
    "shipment_id": (
        "XBLNR;VBELN;Delivery Note;Delivery Note No;Delivery Note Number;Deliv. Note;DN;DN No;DN Number;Delivery No;"
        "Delivery Number;Packing Slip;Packing Slip No;Packing List No;Packing List;Shipment No;Shipment Number;Shipment ID;"
        "Shipment;ASN;ASN No;ASN Number;Despatch Note;Dispatch Note;Despatch Advice No;Waybill Ref;Reference Document;"
        "Reference;Delivery Slip;Shipping Note;Delivery;"
        "Lieferschein;Lieferscheinnummer;Lieferscheinnr;Lieferschein-Nr;LS-Nr;LS Nr;LS;Lief.schein;Lieferungsnummer;"
        "Liefer-Nr;Lieferung;Lieferungsnr;Referenz;Referenzbeleg;Warenbegleitschein;"
        "送货单号;送货单;送货单编号;送货单号码;交货单;交货单号;发货单号;发货单;发货单编号;出货单号;出货单;出库单号;参照;装箱单号;"
        "交货单编号;到货单号;ASN号;发运单号"
    ),
    "tracking_no": (
        "Tracking;Tracking No;Tracking Nr;Tracking Number;Tracking ID;Waybill;Waybill No;Waybill Number;AWB;AWB No;"
        "Air Waybill;HAWB;B/L;B/L No;BL No;BOL;BOL No;BOL#;Bill of Lading;Consignment No;Consignment Number;Consignment;Parcel No;"
        "Parcel Number;PRO Number;PRO No;Track & Trace;Express No;"
        "Sendungsnummer;Sendungsnr;Sendungs-Nr;Sendung;Sendungs-ID;Frachtbrief;Frachtbriefnummer;Frachtbriefnr;Paketnummer;"
        "Paketnr;Tracking-Nummer;Trackingnummer;Sendungsverfolgung;Sendungsverfolgungsnummer;Transportnummer;"
        "运单号;运单;运单编号;运单号码;物流单号;快递单号;快递单;货运单号;托运单号;提单号;物流编号;跟踪号;跟踪单号;空运单号;承运单号"
    ),
    "carrier": (
        "Carrier;Carrier Name;Forwarder;Freight Forwarder;Shipped via;Ship via;Shipper;Transport Company;Logistics Provider;"
        "Courier;Shipping Company;Haulier;SCAC;"
        "Spediteur;Spedition;Frachtführer;Transporteur;Paketdienst;Versanddienstleister;Frachtführername;Versand durch;"
        "承运商;承运人;物流公司;快递公司;货运公司;运输公司;物流商;物流;快递;运输商"
    ),
    "estimated_on": (
        "ETA;ETA Date;Expected Arrival;Estimated Arrival;Expected Arrival Date;Estimated Arrival Date;Est. Arrival;"
        "Estimated Delivery;Estimated Delivery Date;Est. Delivery;EDD;Expected Delivery;Expected Delivery Date;Arrival ETA;"
        "Voraussichtliche Ankunft;Voraussichtliches Lieferdatum;Vsl. Ankunft;Voraussichtliche Zustellung;Vorauss. Ankunft;"
        "Ankunft voraussichtlich;Erwartete Ankunft;Erwartet am;Vsl. Zustellung;Geplante Zustellung;"
        "预计到达;预计到货;预计到货日期;预计到达日期;预计到达时间;预计到货时间;预计送达;预计送达时间;预达日期;预计送达日期;预计到港"
    ),
    "site": (
        "WERKS;Plant;Plant Code;Site;Site Code;Ship to;Ship-to;Ship to Code;Destination;Delivery Location;Delivery Address;"
        "Receiving Plant;Plnt;Deliver to;Delivery Plant;Ship To Site;"
        "Werk;Empfangswerk;Standort;Lieferort;Lieferadresse;Anlieferort;Empfänger;Abladestelle;"
        "工厂;工厂代码;收货地点;收货工厂;交货地点;送货地址;送货地点;到货地点;收货方;交货工厂;收货地址"
    ),
    "cancelled": (
        "LOEKZ;Deletion Indicator;Deletion Flag;Deleted;Del;D;Cancelled;Canceled;Cancel;Cancellation;Cancelled?;"
        "Storno;Storniert;Stornokennzeichen;Löschkennzeichen;Löschkz;Loeschkennzeichen;Gelöscht;Lösch-Kz;Annulliert;"
        "取消;已取消;是否取消;取消标记;取消标志;删除标识;删除标志;删除标记;作废;是否作废;作废标记"
    ),
    "status": (
        "Status;State;Order Status;PO Status;Line Status;Item Status;Delivery Status;"
        "Bestellstatus;Auftragsstatus;Positionsstatus;Zustand;Lieferstatus;Bearbeitungsstatus;"
        "状态;订单状态;行状态;交货状态;执行状态;单据状态;项目状态;备注状态"
    ),
}
"""Canonical field to headings, separated by ``;``."""

UNRELATED: Final = (
    "No;Nr;No.;Seq;S/N;Index;Lfd. Nr.;Lfd Nr;laufende Nummer;#;序号;序;编号;Remark;Remarks;Note;Notes;Comment;Comments;"
    "Bemerkung;Bemerkungen;Hinweis;Kommentar;Anmerkung;备注;说明;附注;Amount;Total;Total Amount;Total Price;Value;Net Value;"
    "Betrag;Gesamtpreis;Gesamtbetrag;Wert;Nettowert;金额;总金额;总价;合计;含税金额;Customer;Customer Name;Kunde;Kundenname;"
    "客户;客户名称;客户代码;规格;规格型号;Spec;Specification;Spezifikation;Buyer;Einkäufer;采购员;Contact;联系人;"
    "Ansprechpartner;业务员;制单人;经办人;税率;Tax;MwSt;Open Quantity;Open Qty;Offene Menge;Restmenge;未交数量;欠交数量;"
    "未交;欠数;剩余数量;Backlog;Late Days;Days Late;延误天数;逾期天数;Verzug;Verzugstage;ELIKZ;EKGRP;EKORG;BUKRS;BSART;"
    "Qty/Case;Qty/Box;Qty/Ctn;Qty/Carton;Qty/Pallet;Qty/Pack;Qty/Pkg;Quantity/Case;Quantity/Box;Quantity/Carton;Quantity/Pallet;"
    "Qty (per Case);Qty (per Box);Qty (per Carton);Qty (per Pallet);Pcs/Ctn;Pcs/Carton;Pcs/Box;Pcs/Case;Pcs/Pallet;"
    "Menge/Karton;Menge/Palette;Menge/Kiste;Menge/Packung;Menge/VPE;Menge/Behälter;Stück/Karton;Stück/Palette;Stk/Karton;"
    "Anzahl/Karton;Menge (je Karton);Menge (pro Karton);数量/箱;数量/托;数量/盒;数量/包;数量(每箱);每箱数量;每托数量;每盒数量;每包数量"
)
"""Headings that are known to be none of ours, so that no piece of them is taken for one."""


def pick(*names: str, **more: str) -> dict[str, str]:
    """Take fields from the vocabulary; ``more`` adds headings to a field, or a field of one's own."""
    picked = {name: VOCABULARY[name] for name in names}
    for name, headings in more.items():
        picked[name] = f"{picked[name]};{headings}" if name in picked else headings
    return picked


def without(field: str, *headings: str) -> str:
    """Give a field's headings but some, which mean something else in one kind of table."""
    dropped = {heading_key(heading) for heading in headings}
    return ";".join(
        word for word in VOCABULARY[field].split(";") if heading_key(word) not in dropped
    )
