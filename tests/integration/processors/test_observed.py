"""What a worker's window shows while it waits, works and is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conftest import free_port
from integration.processors.cluster import Chain, Sent, await_that, supply_log
from tierlink.schemas.topics import ORDERS

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@pytest.fixture
def chain(kafka: str, tmp_path: Path) -> Iterator[Chain]:
    chain = Chain(kafka, tmp_path)
    try:
        yield chain
    finally:
        chain.kill_all()


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        found = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5)
    except httpx.TransportError:
        return 0, ""
    return found.status_code, found.text


def figure(port: int, name: str) -> float:
    """Sum of a metric over its labels."""
    text = answer(port, "/metrics")[1]
    return sum(
        float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
    )


def test_a_worker_tells_where_it_stands(chain: Chain):
    log = supply_log(3)
    orders = [one for one in log if one.topic is ORDERS]
    port = free_port()
    worker = chain.start("on-time", TIERLINK_METRICS_PORT=str(port))

    await_that(lambda: answer(port, "/readyz")[0] == 503, "it says that it waits", chain)
    assert "waiting for the broker and its topics" in answer(port, "/readyz")[1]
    assert answer(port, "/livez")[0] == 200
    assert figure(port, "tierlink_stream_ready") == 0

    chain.create()
    chain.await_ready("on-time")
    assert answer(port, "/readyz") == (200, "ready: partitions are open\n")
    chain.send([*orders, Sent(ORDERS, b"key", b"no JSON")])
    chain.await_done("on-time")
    await_that(lambda: figure(port, "tierlink_stream_lag_records") == 0, "no lag is told", chain)

    handled = "tierlink_stream_records_total"
    assert figure(port, handled) >= len(orders) + 1
    assert figure(port, "tierlink_stream_dead_letters_total") == 1
    assert figure(port, "tierlink_stream_changelog_rows_total") > 0
    assert figure(port, "tierlink_stream_output_records_total") > 0
    assert figure(port, "tierlink_stream_ready") == 1
    assert answer(port, "/table")[0] == 404
    assert chain.stop(worker) == 0
