"""Around every request: whose host name, which headers, and an answer even when the program fails."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tierlink.api.addresses import separate_segments
from tierlink.api.problems import ProblemError

__all__ = ["Protection"]

_LOG = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NOT_KEPT = "no-store"
"""Business figures, live: neither a proxy nor a browser keeps them."""

Answer = Callable[[Request, ProblemError], Response]


class Protection:
    """ASGI middleware, the outermost.

    A web page elsewhere can make a browser call any host name it controls, and let that name point to this machine
    (DNS rebinding). So only IP addresses, ``localhost`` and the names that were set are answered.
    """

    def __init__(self, app: ASGIApp, host_names: frozenset[str], answer: Answer) -> None:
        self._app = app
        self._host_names = host_names
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; everything that is not HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        scope = separate_segments({**scope, "method": "GET"} if is_head else scope)
        out = _Out(send, without_body=is_head)
        host = Headers(scope=scope).get("host", "")
        if not self._is_ours(host):
            error = ProblemError(
                421,
                "unknown-host",
                f"this server is not {host[:100]!r}; if it should be, add the name to TIERLINK_API_NAMES",
            )
            await self._answer(Request(scope, receive), error)(scope, receive, out.send)
            return
        try:
            await self._app(scope, receive, out.send)
        except Exception:  # the one place: a page must answer, whatever broke
            _LOG.exception("answering %s", scope["path"])
            if out.has_started:
                raise
            error = ProblemError(
                500, "internal", "this is a fault of the program; its log says more"
            )
            await self._answer(Request(scope, receive), error)(scope, receive, out.send)

    def _is_ours(self, host: str) -> bool:
        name = host.lower()
        if name.startswith("["):
            name = name[1:].partition("]")[0]
        elif name.count(":") == 1:
            name = name.partition(":")[0]
        if name == "localhost" or name in self._host_names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Out:
    """Adds the headers; for HEAD drops the body."""

    def __init__(self, send: Send, *, without_body: bool) -> None:
        self._send = send
        self._without_body = without_body
        self.has_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", _NOT_KEPT)
        elif self._without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)
