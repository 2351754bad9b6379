"""A real worker on a real broker, watched from outside: readiness, figures, and what a scrape finds."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as read

from conftest import free_port
from integration.processors.cluster import Chain, Sent, await_that, supply_log
from tierlink.schemas.topics import STOCK

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]

LOG = supply_log(3, orders=200)
RUBBISH = Sent(STOCK, b"k", b"\xff no event")


class Window:
    """A worker's metrics address."""

    def __init__(self) -> None:
        self.port = free_port()
        self.environment = {"TIERLINK_METRICS_PORT": str(self.port)}

    def get(self, path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except httpx.TransportError:
            return None

    def status(self, path: str) -> int:
        answer = self.get(path)
        return answer.status_code if answer else 0

    def figures(self) -> dict[str, float]:
        """Sums over all labels."""
        answer = self.get("/metrics")
        assert answer is not None
        found: dict[str, float] = {}
        for family in read(answer.text):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
        return found


def test_a_worker_says_how_it_is_from_its_start_to_its_end(kafka: str, tmp_path: Path):
    chain, window = Chain(kafka, tmp_path), Window()
    worker = chain.start("turnover", **window.environment)
    try:
        await_that(lambda: window.status("/livez") == 200, "it is alive", chain)
        ready = window.get("/readyz")
        assert ready is not None
        assert (ready.status_code, ready.text[:10]) == (503, "not ready:")  # no topics yet
        chain.create()
        chain.send([*LOG, RUBBISH])
        await_that(lambda: window.status("/readyz") == 200, "it is ready", chain)
        assert chain.ready_file("turnover").exists()
        await_that(
            lambda: window.figures().get("tierlink_stream_dead_letters_total") == 1,
            "the rubbish is counted",
            chain,
        )
        await_that(
            lambda: window.figures().get("tierlink_stream_lag_records") == 0, "no lag", chain
        )
        found = window.figures()
        facts = [one for one in LOG if one.topic is STOCK]
        assert found["tierlink_stream_records_total"] == len(facts) + 1
        assert found["tierlink_stream_batch_records_sum"] == len(facts) + 1
        assert found["tierlink_stream_batch_seconds_count"] >= 2
        assert found["tierlink_stream_step_seconds_count"] >= 2
        assert found["tierlink_stream_changelog_rows_total"] > 0
        assert found["tierlink_stream_changelog_bytes_total"] > 1000
        assert found["tierlink_stream_output_records_total"] > 0
        assert found["tierlink_stream_partitions"] == 4
        assert found["tierlink_stream_recovery_seconds_count"] >= 1
        assert found["tierlink_stream_ready"] == 1
        assert found["process_resident_memory_bytes"] > 10_000_000
        assert chain.stop(worker) == 0
        assert window.status("/livez") == 0
    finally:
        chain.kill_all()


def test_a_second_worker_takes_partitions_and_the_first_tells_of_its_own_only(
    kafka: str, tmp_path: Path
):
    chain, first, second = Chain(kafka, tmp_path), Window(), Window()
    chain.create()
    chain.send(LOG)
    chain.start("turnover", **first.environment)
    try:
        await_that(lambda: first.status("/readyz") == 200, "the first is ready", chain)
        chain.start("turnover", instance="b", **second.environment)
        await_that(lambda: second.status("/readyz") == 200, "the second is ready", chain)
        await_that(lambda: first.status("/readyz") == 200, "the first is ready again", chain)
        counts = [window.figures()["tierlink_stream_partitions"] for window in (first, second)]
        assert sum(counts) == 4
        assert min(counts) > 0
        assert first.figures()["tierlink_stream_rebalances_total"] >= 2
    finally:
        chain.kill_all()


def test_readiness_is_false_while_a_worker_that_lost_its_rows_recovers(kafka: str, tmp_path: Path):
    chain, window = Chain(kafka, tmp_path), Window()
    chain.create()
    chain.send(LOG)
    worker = chain.start("turnover", **window.environment)
    try:
        await_that(lambda: window.status("/readyz") == 200, "it is ready", chain)
        worker.kill()
        worker.wait()
        began = time.monotonic()
        chain.start("turnover", **window.environment)
        seen = []
        while time.monotonic() - began < 60 and 200 not in seen:
            seen.append(window.status("/readyz"))
            time.sleep(0.02)
        assert seen[-1] == 200
        assert 503 in seen
    finally:
        chain.kill_all()
