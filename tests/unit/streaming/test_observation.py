"""The worker's window, asked by a real HTTP client: metrics, readiness, a sign of life, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import re
import socket

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain

from conftest import free_port
from tierlink.streaming.metrics import Metrics
from tierlink.streaming.observation import observed

HOST = "127.0.0.1"


class Worker:
    """What the window asks."""

    def __init__(self) -> None:
        self.is_ready = False
        self.state = "waiting for partitions and recovery"

    def health(self) -> tuple[bool, str]:
        return self.is_ready, self.state


@pytest.fixture
def metrics(tmp_path):
    return Metrics("tierlink.on-time", "0", tmp_path)


def ask(metrics, scenario, worker=None):
    """Run ``scenario(client, worker)`` against a window that is open."""
    worker = worker or Worker()

    async def run():
        port = free_port()
        async with (
            observed(metrics, worker.health, HOST, port),
            httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=5) as client,
        ):
            await answering(client)
            return await scenario(client, worker)

    return asyncio.run(run())


async def answering(client):
    for _ in range(200):
        try:
            return await client.get("/livez")
        except httpx.ConnectError:
            await asyncio.sleep(0.01)
    raise AssertionError("nobody answers")


def test_readiness_is_false_until_partitions_are_open_and_says_why(metrics):
    async def scenario(client, worker):
        before = await client.get("/readyz")
        worker.is_ready, worker.state = True, "partitions are open"
        during = await client.get("/readyz")
        worker.is_ready, worker.state = False, "opening partitions"
        return before, during, await client.get("/readyz")

    before, during, after = ask(metrics, scenario)
    assert (before.status_code, before.text) == (
        503,
        "not ready: waiting for partitions and recovery\n",
    )
    assert (during.status_code, during.text) == (200, "ready: partitions are open\n")
    assert (after.status_code, after.text) == (503, "not ready: opening partitions\n")


def test_it_is_alive_while_it_is_not_ready(metrics):
    async def scenario(client, _):
        return await client.get("/livez")

    assert ask(metrics, scenario).status_code == 200


def test_metrics_are_what_prometheus_reads_and_say_the_state_of_this_moment(metrics):
    metrics.assignment([("orders", 0)])
    metrics.handled("measure", "orders", 2000)

    async def scenario(client, worker):
        plain = await client.get("/metrics")
        worker.is_ready, worker.state = True, "partitions are open"
        accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        return plain, await client.get("/metrics", headers={"Accept": accept})

    plain, openly = ask(metrics, scenario)
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert openly.headers["content-type"].startswith("application/openmetrics-text")
    before = samples(read_plain(plain.text))
    after = samples(read_open(openly.text))
    assert before["tierlink_stream_ready"] == 0
    assert after["tierlink_stream_ready"] == 1
    assert before["tierlink_stream_records_total"] == 2000
    assert not [name for name in before if name.endswith("_created")]


def samples(families):
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_the_delay_of_the_event_loop_is_measured(metrics):
    async def scenario(client, _):
        import time

        await asyncio.sleep(0.1)
        time.sleep(0.8)  # noqa: ASYNC251 what a step that never waits does to everybody
        await asyncio.sleep(0.1)
        return await client.get("/metrics")

    found = samples(read_plain(ask(metrics, scenario).text))
    assert found["tierlink_stream_loop_delay_seconds_sum"] > 0.25


@pytest.mark.parametrize(
    "path",
    ["/", "/table", "/table/lines", "/stats", "/metrics/", "/metrics/../table", "/livez/x", "/%2e"],
)
def test_nothing_else_is_served(metrics, path):
    async def scenario(client, _):
        return await client.get(path)

    assert ask(metrics, scenario).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_sent(metrics, method):
    async def scenario(client, _):
        return [await client.request(method, path) for path in ("/metrics", "/readyz", "/livez")]

    assert {answer.status_code for answer in ask(metrics, scenario)} == {405}


def test_it_says_nothing_of_what_it_runs_on_and_is_not_kept(metrics):
    async def scenario(client, _):
        return [await client.get(path) for path in ("/metrics", "/readyz", "/nothing")]

    for answer in ask(metrics, scenario):
        assert "server" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"(?i)aiohttp|python", str(answer.headers))


def test_without_a_port_nothing_listens(metrics, monkeypatch):
    monkeypatch.setattr(socket.socket, "bind", None)

    async def run():
        async with observed(metrics, Worker().health, HOST, 0):
            return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1


def test_it_listens_where_it_is_told_and_nowhere_else(metrics):
    async def run():
        port = free_port()
        async with observed(metrics, Worker().health, HOST, port), httpx.AsyncClient() as client:
            client.base_url = f"http://{HOST}:{port}"
            await answering(client)
            with socket.socket() as probe:
                probe.bind(("127.0.0.2", port))  # free: not all addresses are taken

    asyncio.run(run())


def test_a_port_that_is_taken_does_not_stop_the_work_and_is_had_later(metrics, caplog):
    caplog.set_level(logging.INFO)

    async def run():
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            worker = Worker()
            window = observed(metrics, worker.health, HOST, port, retry_seconds=0.05)
            async with window:
                await asyncio.sleep(0.12)
                taken.close()
                async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
                    return (await answering(client)).status_code

    assert asyncio.run(run()) == 200
    assert "TIERLINK_METRICS_PORT" in caplog.text
    assert "in use" in caplog.text


def test_an_error_of_the_work_goes_through_and_the_port_is_free_again(metrics):
    port = free_port()

    async def run():
        async with observed(metrics, Worker().health, HOST, port):
            async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
                await answering(client)
            raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        asyncio.run(run())
    socket.create_server((HOST, port)).close()
