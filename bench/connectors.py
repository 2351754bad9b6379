"""Rows per second from an Excel ledger to canonical facts, beside what a script of one's own would use.

``python bench/connectors.py [--rows 20000] [--rounds 3]``; peers come with ``pip install -e '.[bench]'``.
How to read the result: bench/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import logging
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from openpyxl import Workbook, load_workbook
from rich.console import Console
from rich.table import Table

from tierlink.connectors.contract import Document, Facts, Row, Sheet, SheetStart
from tierlink.connectors.excel_ledger.connector import ExcelLedger
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.intake.store import OutboxRecord
from tierlink.connectors.runner import run_feed
from tierlink.schemas.cluster import ClusterSettings

HEADINGS = (
    "订单号",
    "行号",
    "物料号",
    "物料名称",
    "数量",
    "单位",
    "要求交期",
    "承诺交期",
    "发货日期",
    "发货数量",
)
SETTINGS = ExcelLedgerSettings(name="bench", folder="inbox", buyer="ACME")
FIRST_DAY = date(2026, 1, 5)

Way = Callable[[Path], int]
"""Goes through a ledger; returns how many data rows it has handed over."""


def write_ledger(path: Path, rows: int) -> None:
    """A ledger as suppliers keep them: title, headings, then one order line per row, dates as real dates."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("送货台账")
    sheet.append(["宁波精工机械有限公司 送货台账"])
    sheet.append(HEADINGS)
    for number in range(rows):
        due = FIRST_DAY + timedelta(days=number % 300)
        order, line = divmod(number, 10)
        sheet.append(
            [
                f"45{order:08d}",
                (line + 1) * 10,
                f"M-{number % 500}",
                "定位销 8x40",
                100 + number % 900,
                "个",
                due,
                due + timedelta(days=2),
                due + timedelta(days=1),
                100 + number % 900,
            ]
        )
    book.save(path)


def tierlink_facts(path: Path) -> int:
    """Reader and interpreter in this process: typed, validated facts, each cell with its address and raw text."""
    connector = ExcelLedger(SETTINGS)
    content = path.read_bytes()
    now = datetime(2026, 12, 1, tzinfo=UTC)
    document = Document(
        "100234/台账.xlsx", hashlib.sha256(content).hexdigest(), len(content), now, path
    )
    sheets: dict[str | None, list[Row]] = {}
    rows: list[Row] = []
    for entry in connector.read(path, ".xlsx", SETTINGS):
        if isinstance(entry, SheetStart):
            rows = sheets.setdefault(entry.name, [])
        else:
            rows.append(entry)
    understood = 0
    for name, found in sheets.items():
        answer = connector.interpret(Sheet(name, lambda found=found: iter(found)), document)
        understood += sum(isinstance(outcome.outcome, Facts) for outcome in answer.outcomes)
    return understood


class _Counting:
    """A publisher that acknowledges at once, so that no broker is measured."""

    def __init__(self) -> None:
        self.records = 0

    async def publish(self, records: Sequence[OutboxRecord]) -> None:
        self.records += len(records)

    async def close(self) -> None:
        return


def tierlink_feed(path: Path) -> int:
    """The whole feed: seal, read in a confined child, compare, SQLite outbox, events as JSON. Only Kafka is absent."""
    publisher = _Counting()
    with tempfile.TemporaryDirectory(dir=path.parent) as home:
        inbox = Path(home) / "inbox" / "100234"
        inbox.mkdir(parents=True)
        shutil.copyfile(path, inbox / "台账.xlsx")
        settings = SETTINGS.model_copy(update={"settle_seconds": 0.0, "poll_seconds": 0.05})
        asyncio.run(
            run_feed(
                settings,
                Path(home),
                ClusterSettings(),
                stop=asyncio.Event(),
                once=True,
                publisher=publisher,
            )
        )
    facts_per_row, files = 3, 1  # placed, promised, despatched; and the file's own event
    return (publisher.records - files) // facts_per_row


def pandas_rows(path: Path) -> int:
    """``pandas.read_excel`` and its rows as plain dicts: no unit, no checks, no cell addresses."""
    import pandas as pd  # noqa: PLC0415 an optional peer

    return len(pd.read_excel(path, header=1).to_dict("records"))


def petl_rows(path: Path) -> int:
    """``petl.fromxlsx`` and its rows as plain dicts."""
    import petl  # noqa: PLC0415 an optional peer

    return sum(1 for _ in petl.dicts(petl.skip(petl.fromxlsx(str(path)), 1)))


def openpyxl_rows(path: Path) -> int:
    """The loop one writes by hand: read-only openpyxl, rows as plain dicts."""
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        return sum(1 for _ in _dicts(book.worksheets[0].iter_rows(min_row=2, values_only=True)))
    finally:
        book.close()


def _dicts(rows: Iterator[tuple[object, ...]]) -> Iterator[dict[str, object]]:
    head = [str(name) for name in next(rows)]
    for row in rows:
        yield dict(zip(head, row, strict=False))


WAYS: dict[str, tuple[Way, str]] = {
    "tierlink, reader and interpreter": (tierlink_facts, "tierlink"),
    "tierlink, whole feed": (tierlink_feed, "tierlink"),
    "pandas.read_excel, dicts": (pandas_rows, "pandas"),
    "petl.fromxlsx, dicts": (petl_rows, "petl"),
    "openpyxl loop, dicts": (openpyxl_rows, "openpyxl"),
}


def measure(path: Path, rows: int, rounds: int) -> dict[str, list[float]]:
    """Rows per second of each way in each round. Rounds alternate the order, so that none always comes first."""
    speeds: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds):
        names = list(WAYS) if number % 2 == 0 else list(reversed(WAYS))
        for name in names:
            way, package = WAYS[name]
            try:
                version(package)
            except PackageNotFoundError:
                continue
            gc.collect()
            started = time.perf_counter()
            found = way(path)
            seconds = time.perf_counter() - started
            if found != rows:
                raise SystemExit(f"{name} handed over {found} of {rows} rows: not comparable")
            speeds[name].append(rows / seconds)
    return speeds


def report(speeds: dict[str, list[float]], rows: int) -> None:
    ours = statistics.median(speeds["tierlink, reader and interpreter"])
    table = Table(
        "way", "version", "rows/s, median", "from", "to", "ours ÷ this",
        title=f"{rows:,} rows x {len(HEADINGS)} columns, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors",
    )  # fmt: skip
    for name, found in speeds.items():
        package = WAYS[name][1]
        if not found:
            table.add_row(name, "not installed", "", "", "", "")
            continue
        middle = statistics.median(found)
        table.add_row(
            name,
            version(package),
            f"{middle:,.0f}",
            f"{min(found):,.0f}",
            f"{max(found):,.0f}",
            f"{ours / middle:.2f}",
        )
    Console(width=max(100, Console().width)).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="tierlink-bench-") as folder:
        path = Path(folder) / "ledger.xlsx"
        write_ledger(path, chosen.rows)
        warm_up = Path(folder) / "small.xlsx"
        write_ledger(warm_up, 200)
        measure(warm_up, 200, 1)
        report(measure(path, chosen.rows, chosen.rounds), chosen.rows)


if __name__ == "__main__":
    main()
