"""The README's first command, as its user runs it: start, look, kill, drop a file, stop, start again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from openpyxl import load_workbook

from flow import oracle
from integration.demo.installation import AS_OF, Demo, addresses, processes_in, wait_for
from tierlink.broker.lag import end_offsets
from tierlink.kpi.policy import DEFAULT_POLICY
from tierlink.schemas.topics import ORDERS, RECEIPTS, SHIPMENTS, STOCK
from tierlink.store.database import open_reader, reading
from tierlink.store.kpis import list_otd, list_turnover

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

DAY = date.fromisoformat(AS_OF)
COUNTS = ("lines", "due", "not_late", "in_full", "overdue")
SERVICES = {"kafka", "api", "project", "on-time", "turnover", "ledgers", "erp", "carrier"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    demo = Demo(tmp_path_factory.mktemp("demo") / "home")
    demo.start()
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.stop()
    assert processes_in(demo.home) == []


def test_it_ends_with_the_kpis_and_the_address_of_the_page(demo):
    text = demo.text()
    for supplier in ("100234", "100377", "100451"):
        assert supplier in text
    assert "OTD" in text
    assert "turnover" in text
    (page,) = set(addresses(text))
    with urllib.request.urlopen(page, timeout=10) as answer:
        assert answer.status == 200
        assert "100234" in answer.read().decode()


def test_all_services_run_as_processes(demo):
    assert set(demo.children()) == SERVICES


def test_the_figures_are_those_of_sql_over_the_log(demo):
    log = dump(demo, ORDERS, SHIPMENTS, RECEIPTS, STOCK)
    assert len(log) > 500
    assert shown(demo) == recomputed(log)


def test_a_dropped_ledger_arrives_although_every_process_is_killed(demo):
    before = {row["supplier_id"] for row in demo.kpis()}
    ledger = next((demo.home / "inbox" / "suppliers" / "100451").glob("*.xlsx"))
    for number, name in enumerate(sorted(SERVICES), start=1):
        code = f"9000{number:02d}"
        target = demo.home / "inbox" / "suppliers" / code / "copy.xlsx"
        target.parent.mkdir(parents=True)
        renumber(ledger, target, number)
        demo.kill(name)
        before.add(code)
        wait_for(lambda: {row["supplier_id"] for row in demo.kpis()} == before, 120)
    assert set(demo.children()) == SERVICES
    log = dump(demo, ORDERS, SHIPMENTS, RECEIPTS, STOCK)
    wait_for(lambda: shown(demo) == recomputed(log), 120)


def test_a_second_start_on_the_same_folder_is_refused(demo):
    second = demo.run("up")
    assert second.returncode == 75
    assert "already runs" in second.stderr


def test_doctor_finds_nothing_wrong(demo):
    done = demo.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "wrong" not in done.stdout


def test_started_again_it_goes_on_with_the_same_data(demo):
    before = demo.kpis()
    assert demo.stop() == 0
    assert processes_in(demo.home) == []
    demo.start()
    assert demo.kpis() == before


def test_the_supervisor_killed_leaves_no_orphan_and_a_start_goes_on(demo):
    before = demo.kpis()
    os.kill(demo.process.pid, signal.SIGKILL)
    demo.process.wait()
    demo.start()  # waits until the last child has gone
    assert set(demo.children()) == SERVICES
    assert demo.kpis() == before


def test_a_port_in_use_is_named_with_its_remedy(tmp_path):
    demo = Demo(tmp_path / "home")
    for variable, port in (
        ("TIERLINK_API_PORT", demo.api_port),
        ("TIERLINK_BROKER_PORT", demo.broker_port),
    ):
        with socket.create_server(("127.0.0.1", port)):
            done = demo.run("demo")
        assert done.returncode == 69
        assert f"port {port}" in done.stderr
        assert variable in done.stderr
        assert processes_in(demo.home) == []


def test_no_disk_space_is_said(tmp_path):
    demo = Demo(tmp_path / "home")
    demo.environment["TIERLINK_BROKER_FREE_MB_NEEDED"] = "1000000000"
    done = demo.run("demo")
    assert done.returncode == 73
    assert "MB free" in done.stderr


def test_a_broker_that_will_not_start_shows_its_log_and_leaves_nothing(tmp_path):
    demo = Demo(tmp_path / "home")
    logs = demo.home / "kafka" / "logs"
    logs.mkdir(parents=True)
    (logs / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=77\n")
    done = demo.run("demo")
    assert done.returncode in (69, 70)
    assert "kafka.log" in done.stderr or "The end of its log" in done.stderr
    assert processes_in(demo.home) == []


def test_a_cluster_that_does_not_answer_is_named(tmp_path):
    demo = Demo(tmp_path / "home")
    demo.environment["TIERLINK_KAFKA"] = f"127.0.0.1:{demo.broker_port}"
    done = demo.run("demo")
    assert done.returncode == 69
    assert "no Kafka broker answered" in done.stderr


def renumber(source: Path, target: Path, number: int) -> None:
    """The same ledger as of another supplier: with order numbers of its own."""
    book = load_workbook(source)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("45000"):
                    cell.value = f"46{number:03d}{cell.value[5:]}"
                elif isinstance(cell.value, int) and 4_500_000_000 <= cell.value < 4_600_000_000:
                    cell.value += number * 1_000_000_000
    book.save(target)


def dump(demo: Demo, *topics) -> list[bytes]:
    """All records of topics."""
    address = f"127.0.0.1:{demo.broker_port}"

    async def read() -> list[bytes]:
        ends = await end_offsets(address, [topic.full_name("tierlink.") for topic in topics])
        assert ends
        found: list[bytes] = []
        async with AIOKafkaConsumer(
            bootstrap_servers=address, auto_offset_reset="earliest"
        ) as consumer:
            consumer.assign([TopicPartition(*place) for place in ends])
            while len(found) < sum(ends.values()):
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    found += [record.value for record in records]
        return found

    return asyncio.run(read())


def recomputed(log: list[bytes]):
    """What SQL over the log makes of it: counts of on-time delivery, and turns of stock."""
    orders = [raw for raw in log if b"org.tierlink.stock." not in raw]
    stocks = [raw for raw in log if b"org.tierlink.stock." in raw]
    return (
        {
            key: {name: row[name] for name in COUNTS}
            for key, row in oracle.on_time(orders, DAY, DEFAULT_POLICY).items()
        },
        {key: rounded(row["turns"]) for key, row in oracle.turnover(stocks, DAY).items()},
    )


def shown(demo: Demo):
    """The same as the read model has it."""
    engine = open_reader(f"sqlite:///{demo.home / 'read-model.db'}")
    with reading(engine) as session:
        otd = list_otd(session, limit=10_000).rows
        stock = list_turnover(session, limit=10_000).rows
    engine.dispose()
    return (
        {
            (row.supplier_id, row.item_id or None, row.period): {
                name: getattr(row, name) for name in COUNTS
            }
            for row in otd
        },
        {(row.holder_id, row.site, row.item_id, row.period): rounded(row.turns) for row in stock},
    )


def rounded(turns) -> float | None:
    """To five places: the sixth is where decimal and floating arithmetic may part."""
    return None if turns is None else round(float(turns), 5)
