"""A small supply chain as records on topics: five suppliers, eight months, every line state, three languages."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tierlink.kpi.assessment import assess
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.kpi.rollup import Tally
from tierlink.projector.rows import Record
from tierlink.schemas.deliveries import GoodsReceived
from tierlink.schemas.envelope import CellRef, Event, Lineage, fact_event, state_event
from tierlink.schemas.intake import (
    FileProcessed,
    Reason,
    RowCounts,
    RowRejected,
    SheetMapping,
    Verdict,
)
from tierlink.schemas.kpis import (
    ActualBasis,
    BaselineBasis,
    InventoryTurnoverPublished,
    LineAssessed,
    LineMeasured,
    TurnoverBasis,
)
from tierlink.schemas.orders import LinePlaced, LinePromised
from tierlink.schemas.topics import (
    FILES,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    ORDERS,
    RECEIPTS,
    REJECTIONS,
    Topic,
)
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity, join_key
from unit.kpi.views import model_of, struct_of

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
SOURCE = "urn:tierlink:connector:excel-ledger/suppliers"
ODD_SUPPLIER = "a/b %|<i>é"

SUPPLIERS: tuple[tuple[Party, float, tuple[Item, ...]], ...] = (
    (
        Party(id="100234", name="宁波精工机械有限公司"),
        0.9,
        (Item(id="M-2041", name="定位销 8x40"), Item(id="M-2055", name="轴承座")),
    ),
    (
        Party(id="100377", name="Weber Präzisionsteile GmbH"),
        0.75,
        (Item(id="M-3100", name="Ventilblock"), Item(id="M-3115", name="Dichtring 32")),
    ),
    (
        Party(id="100451", name="Northfield Castings Ltd"),
        0.5,
        (Item(id="M-4007", name="Housing, cast"), Item(id="M-4012", name="Bracket, left")),
    ),
    (Party(id=ODD_SUPPLIER, name="<script>alert(1)</script> & Sons"), 0.6, (Item(id="x/y|%2F"),)),
    (Party(id="100999"), 1.0, (Item(id="M-9000", name="Shim"),)),
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Seed:
    """Records in the order they were published; offsets count up per topic."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.lines: list[LineAssessed] = []

    def add(self, topic: Topic, key: str, value: bytes | None, partition: int = 0) -> Record:
        offset = sum(1 for record in self.records if record.topic is topic)
        record = Record(topic, partition, offset, key.encode(), value)
        self.records.append(record)
        return record

    def add_event(self, topic: Topic, event: Event) -> Record:
        return self.add(topic, event.partitionkey, event.to_bytes())


def lineage(supplier: str, row: int, cells: dict[str, tuple[str, str, str]]) -> Lineage:
    is_erp = supplier == "erp"
    folder = supplier.replace("/", "_")
    document = "erp/goods receipts.csv" if is_erp else f"{folder}/送货台账 & <b>.xlsx"
    return Lineage(
        document=document,
        file_sha256=sha(document),
        sheet=None if is_erp else "2026年",
        row=row,
        cells={
            field: CellRef(ref=ref, raw=raw, header=header)
            for field, (ref, raw, header) in cells.items()
        },
        mapping="excel-ledger/1",
    )


def kpi_event(data, key: str) -> Event:
    return state_event(
        data, source="urn:tierlink:processor:kpi", subject=key, partition_key=key, at=NOW
    )


def make_seed() -> Seed:
    seed, source = Seed(), random.Random(7)
    tally = Tally()
    number = 4500012300
    for supplier, reliability, items in SUPPLIERS:
        for month, item in _months_and_items(items, skips=supplier.id == "100234"):
            number += 1
            line = _line(seed, source, supplier, item, str(number), month, reliability)
            seed.lines.append(line)
            tally.add(struct_of(line))
            seed.add_event(KPI_LINES, kpi_event(line, line.line_id))
    for key in tally.totals():
        published = tally.published(key, TODAY, DEFAULT_POLICY.policy_id)
        assert published is not None
        seed.add_event(KPI_OTD, kpi_event(model_of(published), key.text))
    for supplier, _, items in SUPPLIERS[:3]:
        for position, item in enumerate(items):
            for period in ("all", "2026-10"):
                turnover = _turnover(supplier, item, position, period)
                place = join_key(supplier.id, turnover.site, item.id, period)
                seed.add_event(KPI_TURNOVER, kpi_event(turnover, place))
    for supplier, _, _ in SUPPLIERS[:4]:
        _file(seed, supplier.id)
    return seed


def _months_and_items(items: tuple[Item, ...], *, skips: bool) -> Iterator[tuple[date, Item]]:
    for month in range(4, 12):
        if skips and month == 7:
            continue
        for item in items:
            yield date(2026, month, 3), item
            yield date(2026, month, 17), item


def _line(
    seed: Seed,
    source: random.Random,
    supplier: Party,
    item: Item,
    po_no: str,
    due: date,
    reliability: float,
) -> LineAssessed:
    due += timedelta(days=source.randint(0, 9))
    ordered = due - timedelta(days=25)
    quantity = Decimal(source.choice((60, 100, 250, 1200)))
    delay = 0 if source.random() < reliability else source.choice((1, 2, 7, 12, 20))
    arrived = due + timedelta(days=delay)
    share = quantity if source.random() < 0.85 or not delay else quantity * 6 / 10
    is_there = arrived <= TODAY
    names = {
        "buyer": "ACME",
        "po_no": po_no,
        "po_line": "10",
        "item": item,
        "supplier": supplier,
        "asserted_by": Actor.SUPPLIER,
    }
    row = int(po_no) - 4500012290
    cells = {
        "po_no": (f"A{row}", po_no, "订单号"),
        "quantity": (f"D{row}", f"{quantity} 件", "数量"),
        "requested_on": (f"E{row}", f"{due:%Y年%m月%d日}", "交货日期"),
    }
    recorded_at = NOW - timedelta(days=1)
    facts = [
        LinePlaced(
            **names, quantity=Quantity(value=quantity), ordered_on=ordered, requested_on=due,
            unit_price=Money(amount=Decimal("3.20"), currency="CNY"), lineage=lineage(supplier.id, row, cells),
        ),
        LinePromised(
            **names, promised_on=due,
            lineage=lineage(supplier.id, row, {"promised_on": (f"F{row}", f"{due:%d.%m.%Y}", "承诺日期")}),
        ),
    ]  # fmt: skip
    if is_there:
        facts.append(
            GoodsReceived(
                **{**names, "asserted_by": Actor.BUYER}, received_on=arrived, quantity=Quantity(value=share),
                lineage=lineage("erp", row, {"received_on": (f"B{row}", f"{arrived:%Y%m%d}", "BUDAT")}),
            )
        )  # fmt: skip
    events = [
        fact_event(
            fact,
            source=SOURCE,
            fact_key=f"{type(fact).__name__}@suppliers",
            revision=1,
            recorded_at=recorded_at,
        )
        for fact in facts
    ]
    for event in events:
        seed.add_event(RECEIPTS if isinstance(event.data, GoodsReceived) else ORDERS, event)
    got = share if is_there else Decimal(0)
    measured = LineMeasured(
        line_id=join_key("ACME", po_no, "10", None, item.id),
        buyer="ACME",
        supplier=supplier,
        po_no=po_no,
        po_line="10",
        item=item,
        quantity=quantity,
        unit="H87",
        ordered_on=ordered,
        requested_on=due,
        first_promised_on=due,
        last_promised_on=due,
        baseline_on=due,
        baseline_basis=BaselineBasis.FIRST_PROMISE,
        window_from=due - timedelta(days=7),
        window_to=due,
        received_quantity=got,
        by_due_quantity=got if arrived <= due else Decimal(0),
        in_window_quantity=got if arrived <= due else Decimal(0),
        despatched_quantity=got,
        last_arrived_on=arrived if is_there else None,
        completed_on=arrived if is_there and share == quantity else None,
        actual_basis=ActualBasis.RECEIPT if is_there else ActualBasis.NONE,
        evidence=[event.id for event in events],
        policy_id=DEFAULT_POLICY.policy_id,
    )
    assessed: LineAssessed = model_of(assess(struct_of(measured), TODAY, DEFAULT_POLICY))
    return assessed


def _turnover(
    supplier: Party, item: Item, position: int, period: str
) -> InventoryTurnoverPublished:
    turns = [Decimal("12.345678"), None][position]
    return InventoryTurnoverPublished(
        holder=supplier,
        site="main",
        item=item,
        period=period,
        as_of=TODAY,
        period_days=31,
        basis=TurnoverBasis.QUANTITY,
        unit="H87",
        opening=Decimal(1200),
        closing=Decimal("1100.5"),
        inflow=Decimal(400),
        outflow=Decimal("499.5"),
        unexplained=Decimal(0),
        average_balance=Decimal("1150.25"),
        flow=Decimal("499.5"),
        turns=turns,
        turnover_days=Decimal("29.565002") if turns else None,
        note=None if turns else "no_movement",
    )


def rejected_row(supplier: str, row: int, file_sha256: str, document: str) -> RowRejected:
    return RowRejected(
        connector="excel-ledger",
        feed="suppliers",
        document=document,
        file_sha256=file_sha256,
        sheet="2026年",
        row=row,
        cell=f"E{row}",
        field="requested_on",
        reason=Reason(
            code="date-impossible",
            found="2026-02-30",
            expected="a calendar day",
            text={
                "en": f"2026年!E{row}: 2026-02-30 is no day of the calendar. Correct the date and save the file again.",
                "zh": f"2026年!E{row}：2026-02-30 不是有效日期。请更正日期后重新保存文件。",
                "de": f"2026年!E{row}: Den Tag 2026-02-30 gibt es nicht. Bitte berichtigen und neu speichern.",
            },
        ),
        raw={"po_no": CellRef(ref=f"A{row}", raw="4500012301", header="订单号")},
    )


def processed_file(document: str, file_sha256: str, rejected: int) -> FileProcessed:
    seen = 40 + rejected
    return FileProcessed(
        connector="excel-ledger",
        feed="suppliers",
        document=document,
        file_sha256=file_sha256,
        size_bytes=18_432,
        sealed_at=NOW - timedelta(hours=2),
        verdict=Verdict.PARTLY_PUBLISHED if rejected else Verdict.PUBLISHED,
        rows=RowCounts(seen=seen, published=35, unchanged=3, rejected=rejected, ignored={"blank": 1, "total": 1}),
        events=90,
        sheets=[
            SheetMapping(
                sheet="2026年", kind="order ledger", header_row=3,
                columns={"po_no": "订单号", "quantity": "数量", "requested_on": "交货日期"},
                unknown_columns=["备注"],
            )
        ],
    )  # fmt: skip


def _file(seed: Seed, supplier: str) -> None:
    document = lineage(supplier, 1, {}).document
    file_sha256, rejected = sha(document), 2 if supplier == "100451" else 0
    key = join_key("suppliers", document)
    for row in range(50, 50 + rejected):
        refused = rejected_row(supplier, row, file_sha256, document)
        event = state_event(
            refused, source=SOURCE, subject=f"{key}|{row}", partition_key=key, at=NOW
        )
        seed.add_event(REJECTIONS, event)
    data = processed_file(document, file_sha256, rejected)
    seed.add_event(FILES, state_event(data, source=SOURCE, subject=key, partition_key=key, at=NOW))
