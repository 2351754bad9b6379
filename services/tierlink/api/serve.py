"""The API as a process: listens, says so in a file, ends cleanly."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from tierlink.api.app import create_app
from tierlink.api.settings import ApiSettings

__all__ = ["run"]

_LOG = logging.getLogger(__name__)
_GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """Writes the ready file once it listens, and leaves exit codes to :func:`run`."""

    def __init__(self, config: uvicorn.Config, ready_file: Path) -> None:
        super().__init__(config)
        self._ready_file = ready_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready_file.parent.mkdir(parents=True, exist_ok=True)
            self._ready_file.write_text(f"{os.getpid()}\n")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Without raising the signal again at the end: a stop that was asked for is no failure."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def run(settings: ApiSettings) -> int:
    """Serve until SIGTERM or SIGINT. Blocks.

    Returns:
        Exit code: 0, or 78 when the address cannot be had.
    """
    settings.ready_file.unlink(missing_ok=True)
    try:
        listener = _listen(settings.api_host, settings.api_port)
    except OSError as error:
        _LOG.error("%s", _why(settings, error))
        return os.EX_CONFIG
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _LOG.info("serving on %s port %d", settings.api_host, settings.api_port)
    try:
        _Server(config, settings.ready_file).run(sockets=[listener])
    finally:
        listener.close()
        settings.ready_file.unlink(missing_ok=True)
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, where = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(where[:2], family=family)


def _why(settings: ApiSettings, error: OSError) -> str:
    place = f"{settings.api_host} port {settings.api_port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"serving on {place}: the port is in use. Stop the other program, "
            "or set TIERLINK_API_PORT to a free port."
        )
    return (
        f"serving on {place}: {error.strerror or error}. "
        "Set TIERLINK_API_HOST to an address of this machine and TIERLINK_API_PORT to a free port."
    )
