"""CPU of the processors without Kafka: events per CPU-second from record bytes to rows and output bytes.

    python bench/kpi_core.py [--profile measure|assess|turnover] [--orders 3000] [--load simple|chaos]

Each processor handles batches of 2,000 records against a table and a delivery in memory, so what is measured is
decoding, the KPI core, the rows and the outputs, and nothing of Kafka or RocksDB. Two loads:

- simple: orders of four lines, each placed (with lineage) and received; an order's facts come far apart, so that
  nearly every fact finds its order's row from an earlier batch.
- chaos: ``tests/flow/supply_chain.py``, shuffled: promises, changes, despatches, statuses, retractions, schedule lines.

The sum of all results is printed as a hash: a change that only makes things faster leaves it as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import hashlib
import pstats
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import msgspec
from aiokafka.structs import ConsumerRecord

from flow import supply_chain
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.processors.assessing import LineAssessor
from tierlink.processors.days import AsOf
from tierlink.processors.intake import DeadLetters
from tierlink.processors.measuring import LineMeasurer
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker
from tierlink.schemas.deliveries import GoodsReceived
from tierlink.schemas.envelope import CellRef, FactData, Lineage, fact_event
from tierlink.schemas.orders import LinePlaced
from tierlink.schemas.stock import Direction, MovementReason, StockCounted, StockMoved
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity
from tierlink.streaming.batches import Batch
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.metrics import Metrics

AS_OF = date(2026, 4, 10)
NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
BATCH = 2000
START = date(2026, 1, 5)
RECORDED = datetime(2026, 1, 5, 6, tzinfo=UTC)

Record = tuple[bytes, bytes | None]


class MemoryDelivery:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def partitions(self, topic: str) -> int:  # noqa: ARG002
        return 4

    async def send(self, records: Iterable[Outgoing]) -> None:
        self.sent += records


class MemoryTable:
    """One partition of rows."""

    def __init__(self, delivery: MemoryDelivery) -> None:
        self.delivery = delivery
        self.name = "memory"
        self.metrics = Metrics("bench", "0", Path())
        self.rows: dict[bytes, bytes] = {}
        self.written = 0

    async def get_many(self, partition: int, keys: Sequence[bytes]) -> list[bytes | None]:  # noqa: ARG002
        return [self.rows.get(key) for key in keys]

    async def write(self, partition: int, items: Sequence[Row]) -> None:  # noqa: ARG002
        for key, value in items:
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
                self.written += len(value)

    def scan(self, partition: int) -> Iterable[tuple[bytes, bytes]]:  # noqa: ARG002
        return sorted(self.rows.items())


def _lineage(random: Random, row: int, fields: dict[str, str]) -> Lineage:
    """What a row of an export carries: a cell per field, with its heading and raw text."""
    cells = {
        name: CellRef(ref=f"{chr(65 + place)}{row}", raw=text, header=f"Heading of {name}")
        for place, (name, text) in enumerate(fields.items())
    }
    return Lineage(
        document="exports/open_orders_2026-01.xlsx",
        file_sha256=f"{random.getrandbits(256):064x}",
        sheet="Sheet1",
        row=row,
        cells=cells,
        mapping="erp-export/3",
    )


def _record(data: FactData, key: str, at: datetime, source: str) -> Record:
    event = fact_event(data, source=source, fact_key=key, revision=1, recorded_at=at)
    return event.partitionkey.encode(), event.to_bytes()


def simple_orders(orders: int) -> list[Record]:
    """Four lines an order; all orders' first lines placed, then all second ones, then receipts the same way."""
    random = Random(1)
    source = "urn:tierlink:connector:erp_export/acme"
    placed, received = list[list[Record]](), list[list[Record]]()
    for line in range(4):
        some, came = list[Record](), list[Record]()
        for number in range(orders):
            po_no, po_line = f"45{number:08d}", str(10 * (line + 1))
            due = START + timedelta(days=random.randint(5, 80))
            quantity = Quantity(value=random.choice((40, 100, 250)))
            common: dict[str, Any] = {
                "buyer": "ACME",
                "po_no": po_no,
                "po_line": po_line,
                "item": Item(id=f"M{random.randint(0, 400)}", name="Bracket 支架"),
                "supplier": Party(id=f"S{number % 50}", name=f"Supplier {number % 50}"),
                "asserted_by": Actor.BUYER,
                "quantity": quantity,
            }
            raw = {"po_no": po_no, "po_line": po_line, "quantity": "100", "item": "M17"}
            place = LinePlaced(
                **common,
                requested_on=due,
                ordered_on=START,
                unit_price=Money(amount="12.50", currency="CNY"),
                lineage=_lineage(random, number + 2, raw | {"requested_on": due.isoformat()}),
            )
            on = due + timedelta(days=random.choice((-3, 0, 0, 0, 2, 9)))
            receive = GoodsReceived(
                **common,
                receipt_no=f"50{number:08d}",
                received_on=on,
                lineage=_lineage(random, number + 2, raw | {"received_on": on.isoformat()}),
            )
            row = f"{po_no}/{po_line}"
            some.append(_record(place, row, RECORDED, source))
            came.append(_record(receive, f"{row}/r", RECORDED + timedelta(days=1), source))
        placed.append(some)
        received.append(came)
    return [record for some in placed + received for record in some]


def chaos(orders: int) -> tuple[list[Record], list[Record]]:
    """Facts of orders and of stock, shuffled within windows so that an order's facts come apart."""
    events = supply_chain.events(7, orders=orders, items=orders // 20)
    Random(3).shuffle(events)
    records = [(one.partitionkey.encode(), one.to_bytes()) for one in events]
    stock = [one for one in records if one[0].count(b"|") == 2]
    return [one for one in records if one[0].count(b"|") != 2], stock


def simple_stock(items: int) -> list[Record]:
    """Thirty movements and a count an item, all items' first facts first."""
    random = Random(2)
    records = list[Record]()
    for number in range(31):
        for item in range(items):
            common: dict[str, Any] = {
                "holder": Party(id=f"S{item % 50}", name=f"Supplier {item % 50}"),
                "item": Item(id=f"M{item}", name="Bolt"),
                "asserted_by": Actor.SUPPLIER,
                "quantity": Quantity(value=random.randint(1, 90)),
                "unit_cost": Money(amount="2.5", currency="CNY") if number % 10 == 0 else None,
                "lineage": _lineage(random, number + 2, {"quantity": "17", "item": f"M{item}"}),
            }
            on = START + timedelta(days=3 * number)
            data: FactData
            if number == 0:
                data = StockCounted(**common, counted_on=on)
            else:
                direction = random.choice(list(Direction))
                reason = MovementReason.ISSUE
                data = StockMoved(**common, moved_on=on, direction=direction, reason=reason)
            source = "urn:tierlink:connector:excel_ledger/stock"
            records.append(_record(data, f"r{number}", RECORDED, source))
    return records


def _batches(topic: str, records: Sequence[Record]) -> list[Batch]:
    return [
        Batch(
            topic,
            0,
            [
                ConsumerRecord(topic, 0, start + place, 0, 0, key, value, None, 0, 0, ())
                for place, (key, value) in enumerate(records[start : start + BATCH])
            ],
        )
        for start in range(0, len(records), BATCH)
    ]


def _handle(processor: Any, topic: str, records: Sequence[Record], *, profile: bool) -> float:
    """CPU seconds of handling all records."""
    batches = _batches(topic, records)
    profiler = cProfile.Profile()

    async def work() -> float:
        await processor.open(0)
        begun = time.process_time()
        if profile:
            profiler.enable()
        for batch in batches:
            await processor.handle(batch)
        profiler.disable()
        return time.process_time() - begun

    seconds = asyncio.run(work())
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    return seconds


def _digest(records: Iterable[Outgoing]) -> str:
    """Hash of the newest value per place, without what tells when it was said."""
    newest = {(one.topic, one.partition, one.key): one.value for one in records}
    total = hashlib.sha256()
    for place, value in sorted(newest.items()):
        body = msgspec.json.decode(value) if value is not None else None
        total.update(msgspec.json.encode([*map(str, place), body], order="sorted"))
    return total.hexdigest()[:12]


def run(load: str, orders: int, profile: str | None, repeat: int) -> None:
    """Print events per CPU-second of each stage."""
    if load == "simple":
        order_facts, stock_facts = simple_orders(orders), simple_stock(orders // 10)
    else:
        order_facts, stock_facts = chaos(orders)
    settings = ProcessorSettings(zone="UTC", home=Path("/nowhere"))
    best: dict[str, float] = {}
    for _ in range(repeat):
        delivery: Any = MemoryDelivery()
        measured: Any = MemoryDelivery()
        counted: Any = MemoryDelivery()
        orders_table: Any = MemoryTable(measured)
        lines_table: Any = MemoryTable(delivery)
        stock_table: Any = MemoryTable(counted)
        letters = DeadLetters(delivery, "b.", Metrics("bench", "0", Path()))
        days = [AsOf(settings, lambda: NOW) for _ in range(2)]
        measurer = LineMeasurer(orders_table, letters, "b.", DEFAULT_POLICY, lambda: NOW)
        assessor = LineAssessor(lines_table, letters, "b.", DEFAULT_POLICY, days[0], lambda: NOW)
        taker = Stocktaker(stock_table, letters, "b.", days[1], lambda: NOW)
        seconds = {"measure": _handle(measurer, "facts", order_facts, profile=profile == "measure")}
        lines = [(one.key, one.value) for one in measured.sent]
        seconds["assess"] = _handle(assessor, "lines", lines, profile=profile == "assess")
        seconds["turnover"] = _handle(taker, "stock", stock_facts, profile=profile == "turnover")
        for stage, spent in seconds.items():
            best[stage] = min(spent, best.get(stage, spent))
    counts = {"measure": len(order_facts), "assess": len(lines), "turnover": len(stock_facts)}
    print(f"{load}: {len(order_facts)} facts, {len(lines)} measured, {len(stock_facts)} of stock")
    for stage, count in counts.items():
        rate, each = count / best[stage], best[stage] / count * 1e6
        print(f"  {stage:9} {rate:9,.0f} events/CPU-s  {each:6.1f} us")
    both = best["measure"] + best["assess"]
    rate, each = len(order_facts) / both, both / len(order_facts) * 1e6
    print(f"  {'to KPIs':9} {rate:9,.0f} facts/CPU-s   {each:6.1f} us")
    sizes = [orders_table, lines_table, stock_table]
    print("  rows written, bytes:", *(f"{table.written:,}" for table in sizes))
    print("  results:", *(_digest(one.sent) for one in (measured, delivery, counted)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--load", choices=("simple", "chaos"), default=None)
    parser.add_argument("--orders", type=int, default=None)
    parser.add_argument("--profile", choices=("measure", "assess", "turnover"), default=None)
    parser.add_argument("--repeat", type=int, default=2)
    given = parser.parse_args()
    for name, orders in (("simple", 2500), ("chaos", 400)):
        if given.load in (None, name):
            run(name, given.orders or orders, given.profile, 1 if given.profile else given.repeat)
