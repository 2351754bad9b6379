"""The worker's window for those who watch it: metrics, readiness, a sign of life; nothing else is served.

It is served from the worker's own event loop on purpose: where that hangs, nobody answers, which is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, TypeAlias

import prometheus_client
from prometheus_client.exposition import choose_encoder

from tierlink.streaming.metrics import Metrics

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Health", "observed"]

_LOG = logging.getLogger(__name__)

Health: TypeAlias = Callable[[], tuple[bool, str]]
"""Whether partitions are open and worked on, and the state in words."""

_BEAT_SECONDS = 0.5
_RETRY_SECONDS = 10.0
_CLOSE_SECONDS = 1.0
_IDLE_SECONDS = 75.0
"""Longer than the usual scrape interval, so that Prometheus keeps its connection."""


@contextlib.asynccontextmanager
async def observed(
    metrics: Metrics, health: Health, host: str, port: int, retry_seconds: float = _RETRY_SECONDS
) -> AsyncIterator[None]:
    """Serve ``/metrics``, ``/readyz`` and ``/livez`` for as long as the block lasts.

    Work matters more than being watched: an address that cannot be had is logged and tried again, meanwhile the
    block goes on and Prometheus sees a target that is down.

    Args:
        metrics: shown.
        health: asked at each request.
        host: address to listen on.
        port: to listen on; 0 serves nothing.
        retry_seconds: pause before another try.
    """
    if not port:
        yield
        return
    # Else a series more for each counter and histogram, which no rule reads.
    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
    tasks = [
        asyncio.create_task(_serve(_window(metrics, health), host, port, retry_seconds)),
        asyncio.create_task(_measure_delay(metrics)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(window: web.Application, host: str, port: int, retry_seconds: float) -> None:
    from aiohttp import web  # noqa: PLC0415 a worker nobody watches does without

    runner = web.AppRunner(
        window,
        handle_signals=False,
        access_log=None,
        keepalive_timeout=_IDLE_SECONDS,
        shutdown_timeout=_CLOSE_SECONDS,
    )
    await runner.setup()
    try:
        while True:
            if await _listens(web.TCPSite(runner, host, port), host, port):
                await asyncio.Event().wait()
            await asyncio.sleep(retry_seconds)
    finally:
        await runner.cleanup()


async def _listens(site: web.TCPSite, host: str, port: int) -> bool:
    try:
        await site.start()
    except OSError as error:
        await site.stop()
        _LOG.error(
            "metrics cannot be served on %s port %d: %s. Set TIERLINK_METRICS_HOST to an address of this machine "
            "and TIERLINK_METRICS_PORT to a port no other worker has. The work goes on",
            host,
            port,
            error.strerror or error,
        )
        return False
    _LOG.info("metrics at http://%s:%d/metrics", host, port)
    return True


def _window(metrics: Metrics, health: Health) -> web.Application:
    from aiohttp import web  # noqa: PLC0415 a worker nobody watches does without

    async def show(request: web.Request) -> web.Response:
        is_ready, state = health()
        metrics.state(state, is_ready=is_ready)
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(metrics.registry), headers={"Content-Type": kind})

    async def say_ready(_: web.Request) -> web.Response:
        is_ready, state = health()
        if is_ready:
            return web.Response(text=f"ready: {state}\n")
        return web.Response(status=503, text=f"not ready: {state}\n")

    async def say_alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def plain(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"

    window = web.Application()
    window.router.add_get("/metrics", show)
    window.router.add_get("/readyz", say_ready)
    window.router.add_get("/livez", say_alive)
    window.on_response_prepare.append(plain)
    return window


async def _measure_delay(metrics: Metrics) -> None:
    """Sleep, and count how much longer it took: what every coroutine of the worker waits."""
    loop = asyncio.get_running_loop()
    while True:
        wake_at = loop.time() + _BEAT_SECONDS
        await asyncio.sleep(_BEAT_SECONDS)
        metrics.loop_delay(loop.time() - wake_at)
