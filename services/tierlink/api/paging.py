"""Cursors: where a page ended, as text a client hands back unread."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from tierlink.api.problems import ProblemError
from tierlink.store.keyset import SortKey

__all__ = ["decode_cursor", "encode_cursor"]

_CURSOR_MAX = 12_000
_INTEGER_MAX = 2**63 - 1


def encode_cursor(order: str, after: Sequence[Any] | None) -> str | None:
    """Where a page in ``order`` ended; None for the last page.

    Args:
        order: name of the list and its order, so that a cursor of another list is refused.
        after: sort values of the last row.
    """
    if after is None:
        return None
    values = [value.isoformat() if isinstance(value, datetime) else value for value in after]
    return urlsafe_b64encode(to_json([order, *values])).decode().rstrip("=")


def decode_cursor(order: str, keys: Sequence[SortKey], cursor: str | None) -> list[Any] | None:
    """Sort values to read on after; None without a cursor. It grants nothing, so it is checked but not signed.

    Raises:
        ProblemError: 400, it is no cursor of this list in this order.
    """
    if cursor is None:
        return None
    try:
        return _decode(order, keys, cursor)
    except (ValueError, TypeError, binascii.Error) as error:
        raise ProblemError(
            400,
            "bad-cursor",
            "this cursor does not belong to this list; leave it out to begin with the first page",
        ) from error


def _decode(order: str, keys: Sequence[SortKey], cursor: str) -> list[Any]:
    if len(cursor) > _CURSOR_MAX:
        raise ValueError("too long")
    content = from_json(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    if not isinstance(content, list) or content[:1] != [order]:
        raise ValueError("of another list")
    return [_READERS[key.kind](value) for key, value in zip(keys, content[1:], strict=True)]


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()  # lone surrogates are no text a database could hold
    return value


def _read_integer(value: Any) -> int:
    if type(value) is not int or abs(value) > _INTEGER_MAX:
        raise ValueError("no integer a column could hold")
    return value


def _read_instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(_read_text(value))
    if instant.tzinfo is None:
        raise ValueError("no time zone")
    return instant


_READERS: dict[type, Callable[[Any], Any]] = {
    str: _read_text,
    int: _read_integer,
    datetime: _read_instant,
}
