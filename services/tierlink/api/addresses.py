"""Identifiers in paths. An id may hold anything, also ``/``: one segment of the address is always one id.

Servers decode a path before it is routed, and then ``%2F`` is no longer told from ``/``. So the path is
taken apart as it was sent, and in each decoded segment only ``/`` and ``%`` stay written as ``%2F`` and ``%25``.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import Scope

__all__ = ["address", "separate_segments"]


class _Segment(Convertor[str]):
    """``{name:segment}`` in a route: one whole segment, decoded."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return value.replace("%2F", "/").replace("%25", "%")

    def to_string(self, value: str) -> str:
        return value.replace("%", "%25").replace("/", "%2F")


register_url_convertor("segment", _Segment())


def address(*segments: str) -> str:
    """Path of these segments, each quoted whole.

    >>> address("lines", "ACME|45/7||")
    '/lines/ACME%7C45%2F7%7C%7C'
    """
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


def separate_segments(scope: Scope) -> Scope:
    """The scope with a path that routes can take apart."""
    raw = scope.get("raw_path")
    if raw is None:  # optional in ASGI; then ids with / are not found
        return {**scope, "path": scope["path"].replace("%", "%25")}
    sent = raw.decode("ascii", errors="replace").partition("?")[0]
    segments = (
        unquote(segment).replace("%", "%25").replace("/", "%2F") for segment in sent.split("/")
    )
    return {**scope, "path": "/".join(segments)}
