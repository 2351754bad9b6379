"""Headings of carriers' status lists, and the status words of Chinese, English and German carriers, as data."""

# ruff: noqa: E501 lists of headings, wrapped by language

from __future__ import annotations

from typing import Final

from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.cells.vocabulary import UNRELATED, VOCABULARY, pick, without
from tierlink.schemas.deliveries import ShipmentStatus

__all__ = ["MILESTONES", "SHIPMENT_MILESTONES", "SHIPMENT_STATUS", "STATUS_WORDS"]

_CLOCK_WORDS: Final = (
    "Time", "Status Time", "Event Time", "Scan Time", "Checkpoint Time", "Zeit", "Statuszeit", "Ereigniszeit", "时间", "状态时间", "事件时间",
    "更新时间", "节点时间", "发生时间", "操作时间", "状态更新时间", "扫描时间",
)  # fmt: skip
"""Day and clock time in one cell, or only the clock time beside a column with the day."""

SHIPMENT_STATUS: Final = SheetKind(
    name="shipment status",
    synonyms={
        **pick("po_line", "item", "unit", "carrier", "estimated_on"),
        "po_no": VOCABULARY["po_no"]
        + ";Customer Reference;Customer Ref;Cust Ref;Cust. Ref.;Customer Ref No;Customer Reference No;Shipper Reference;"
        "Shipper Ref;Your Reference;Your Ref;Ref;Ref No;Reference;Reference No;Reference Number;"
        "Kundenreferenz;Kunden-Referenz;Kundenref;Kd-Referenz;Ihre Referenz;Ihr Zeichen;Referenz;Referenznummer;Auftraggeberreferenz;"
        "客户参考;客户参考号;客户单据号;参考号;参考编号;客户参考编号;客户订单参考",
        "shipment_id": without("shipment_id", "Reference", "Referenz"),
        "tracking_no": VOCABULARY["tracking_no"],
        "status": VOCABULARY["status"]
        + ";Shipment Status;Event;Event Description;Event Name;Milestone;Status Description;Status Text;Current Status;Tracking Status;"
        "Last Event;Scan;Checkpoint;Checkpoint Description;Sendungsstatus;Ereignis;Meilenstein;Statustext;Aktueller Status;Statusmeldung;"
        "物流状态;运输状态;运单状态;节点;事件;当前状态;货物状态;轨迹;配送状态;签收状态",
        "status_on": "Status Date;Event Date;Event Timestamp;Timestamp;Date;Date/Time;Date Time;"
        "Datetime;Status Date/Time;Event Date/Time;Milestone Date;Checkpoint Date;Occurred;Occurred at;Scan Date;Status as of;Status Timestamp;"
        "Datum;Zeitpunkt;Zeitstempel;Datum/Uhrzeit;Statusdatum;Ereignisdatum;Ereigniszeitpunkt;Stand;"
        "Last Update;Last Updated;Update Time;日期;状态日期;事件日期;POD Date;Date Delivered",
        "zone": "Time Zone;Timezone;TZ;Zone;UTC Offset;GMT Offset;Zeitzone;时区",
        "quantity": "Quantity;Qty;Pieces;Pcs;Packages;Menge;Anzahl;Stückzahl;Packstücke;数量;件数",
        "location": "Location;Place;City;Event Location;Current Location;Port;Station;Terminal;Ort;Standort;Stadt;Depot;"
        "地点;位置;城市;所在地;当前位置;网点;当前地点",
        "reason": "Reason;Reason Code;Delay Reason;Exception;Exception Reason;Cause;Grund;Ursache;Verzögerungsgrund;"
        "原因;异常原因;延误原因",
    },
    generic={
        "Item": ("item", "po_line"),
        **dict.fromkeys(_CLOCK_WORDS, ("status_on", "status_clock")),
        **dict.fromkeys(("Uhrzeit", "POD Time"), ("status_clock",)),
        **dict.fromkeys(
            (
                "Status Code",
                "Event Code",
                "Checkpoint Code",
                "Statuscode",
                "Ereigniscode",
                "状态代码",
            ),
            ("status_code",),
        ),
        "Delivery Date": ("estimated_on",),
        "Lieferdatum": ("estimated_on",),
    },
    required=tuple(
        frozenset({status, "status_on", reference})
        for status in ("status", "status_code")
        for reference in ("po_no", "tracking_no")
    ),
    keys=("po_no", "tracking_no", "shipment_id"),
    unrelated=UNRELATED,
)

MILESTONES: Final = {
    "picked_up_on": ShipmentStatus.PICKED_UP,
    "departed_on": ShipmentStatus.IN_TRANSIT,
    "arrived_on": ShipmentStatus.ARRIVED,
    "delivered_on": ShipmentStatus.DELIVERED,
}
"""Field to the milestone that happened on its day."""

SHIPMENT_MILESTONES: Final = SheetKind(
    name="shipment milestones",
    synonyms={
        **{
            name: words
            for name, words in SHIPMENT_STATUS.synonyms.items()
            if name not in {"status", "status_on", "zone"}
        },
        "picked_up_on": "Picked up;Picked up at;Picked up on;Pickup;Pick up;Pickup Date;Pick up Date;Pick-up Date;Actual Pickup;"
        "Actual Pickup Date;Pickup Time;Collected;Collected on;Collection Date;Abgeholt;Abgeholt am;Abholung;Abholdatum;"
        "揽收时间;揽收日期;取件时间;取件日期;提货时间;提货日期;揽件时间",
        "departed_on": "Departed;Departed at;Departed on;Departure;Departure Date;Actual Departure;ATD;Abfahrt;Abgefahren am;"
        "Abgang;Abgangsdatum;发车时间;发出时间;离港时间;发运时间;起运时间",
        "arrived_on": "Arrived;Arrived at;Arrived on;Arrival;Arrival Date;Actual Arrival;Actual Arrival Date;ATA;Angekommen;"
        "Angekommen am;Ankunft;Ankunftsdatum;到达时间;到港时间;到站时间;实际到达时间",
        "delivered_on": "Delivered;Delivered at;Delivered on;Delivery Time;Actual Delivery;Actual Delivery Date;Actual Delivery Time;"
        "Date Delivered;POD;POD Date;POD Time;POD Date/Time;POD Timestamp;Proof of Delivery;Proof of Delivery Date;Signed at;"
        "Signed on;Zugestellt;Zugestellt am;Zustellung;Zustelldatum;Zustellzeit;Ausgeliefert am;Abliefernachweis;"
        "签收时间;签收日期;送达时间;送达日期;妥投时间;交付时间",
    },
    generic={
        "Item": ("item", "po_line"),
        "Delivery Date": ("estimated_on",),
        "Lieferdatum": ("estimated_on",),
    },
    required=tuple(
        frozenset({milestone, reference})
        for milestone in MILESTONES
        for reference in ("po_no", "tracking_no")
    ),
    keys=("po_no", "tracking_no", "shipment_id"),
    unrelated=UNRELATED,
)
"""One row for each shipment, one column for each milestone."""

_WORDS: Final[dict[ShipmentStatus, str]] = {
    ShipmentStatus.PICKED_UP: "picked up;pick up;pickup;picked-up;collected;collection;accepted;received by carrier;"
    "shipment picked up;pu;af;abgeholt;abholung;übernommen;aufgenommen;eingeliefert;已揽收;揽收;已取件;取件;已收件;收件;已提货;提货;已揽件",
    ShipmentStatus.IN_TRANSIT: "in transit;in-transit;intransit;transit;on the way;en route;departed;departure;shipped;"
    "out for delivery;loaded;x6;unterwegs;im transit;transport;in transport;in zustellung;abgefahren;abgang;verladen;auf dem weg;"
    "运输中;在途;运输途中;已发车;已发出;派送中;派件中;配送中;转运中;离港;已离港;发运;已发运;中转",
    ShipmentStatus.ARRIVED: "arrived;arrival;arrived at terminal;arrived at destination;at destination;at depot;at hub;x1;"
    "angekommen;eingetroffen;ankunft;im depot;im zielgebiet;im zieldepot;到达;已到达;到港;已到港;到站;已到站;到达目的地;抵达;已抵达",
    ShipmentStatus.DELIVERED: "delivered;delivery;pod;proof of delivery;completed;signed;signed for;handed over;d1;"
    "zugestellt;ausgeliefert;geliefert;abgeliefert;zustellung erfolgt;zugestellt an empfänger;"
    "已签收;签收;已送达;送达;已交付;交付;妥投;已妥投;已到货;已完成",
    ShipmentStatus.DELAYED: "delayed;delay;late;running late;sd;verspätet;verspätung;verzögert;verzögerung;"
    "延误;已延误;延迟;晚点;延期;运输延误",
    ShipmentStatus.EXCEPTION: "exception;problem;damaged;damage;lost;refused;returned;return to sender;held;customs hold;on hold;"
    "delivery failed;failed;failed attempt;not delivered;undeliverable;ausnahme;beschädigt;verloren;annahme verweigert;"
    "zustellung fehlgeschlagen;nicht zugestellt;zurückgestellt;retoure;beim zoll;zoll;störung;"
    "异常;问题件;破损;丢失;拒收;退回;退件;派送失败;派送不成功;投递失败;海关查验;滞留;未签收;未送达",
}

STATUS_WORDS: Final[dict[str, ShipmentStatus]] = {
    **{status.value: status for status in ShipmentStatus},
    **{word_key(word): status for status, words in _WORDS.items() for word in words.split(";")},
}
"""Status word to milestone; whole texts only, because ``nicht zugestellt`` contains ``zugestellt``."""
