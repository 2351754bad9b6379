"""Looks at the watched folder. Polling is the truth; the system's notices only make it sooner.

Notices do not cross network shares and are lost under load, so nothing depends on them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfiles import awatch

from tierlink.connectors.intake.settle import FileIdentity

__all__ = ["DEPTH_MAX", "Found", "document_name", "is_passing", "owner_files", "scan", "send_hints"]

DEPTH_MAX: Final = 4
"""Folders below the watched one that are looked into: supplier, year, month and one to spare."""
FILES_MAX: Final = 100_000
_PASSING: Final = (
    "~$*",
    ".*",
    "*.tmp",
    "*.part",
    "*.crdownload",
    "*.partial",
    "thumbs.db",
    "desktop.ini",
)
_UNSHOWABLE: Final = re.compile(
    "[\x00-\x1f\x7f\\\\\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOTICE_MILLISECONDS: Final = 5_000


@dataclass(frozen=True)
class Found:
    """One file in the folder. ``document`` is its name for ever: the path inside the folder, with ``/``."""

    document: str
    path: Path
    identity: FileIdentity
    locked: bool


def scan(folder: Path) -> list[Found]:
    """List every file that may be data, oldest change first so that newer statements win.

    Folders that are links are not followed. What vanishes while looking is left out.

    Raises:
        OSError: the watched folder itself cannot be listed (missing, unmounted, no rights).
    """
    found = []
    for path, relative, beside in _walk(folder):
        try:
            stat = path.lstat()
        except OSError:
            continue
        identity = FileIdentity(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        locked = not owner_files(path.name).isdisjoint(beside)
        found.append(Found(document_name(relative), path, identity, locked))
    return sorted(found, key=lambda one: (one.identity.mtime_ns, one.document))


def is_passing(name: str) -> bool:
    """Tell whether a name is that of a file in passing: owner files, hidden files, downloads under way."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in _PASSING)


def owner_files(name: str) -> frozenset[str]:
    """Names of the files by which Excel and LibreOffice say that ``name`` is open.

    >>> sorted(owner_files("a.xlsx"))
    ['.~lock.a.xlsx#', '~$a.xlsx']
    """
    return frozenset((f"~${name}", f".~lock.{name}#"))


def document_name(relative: str) -> str:
    r"""Write a path so that it can travel and be shown: control, direction and undecodable characters escaped.

    Two different paths never get the same name, so a backslash is doubled where anything is escaped.

    >>> document_name("100234/台账.xlsx"), document_name("a\nb")
    ('100234/台账.xlsx', 'a\\x0ab')
    """
    if not _UNSHOWABLE.search(relative):
        return relative
    return _UNSHOWABLE.sub(lambda match: _escape(match[0]), relative)


async def send_hints(folder: Path, wake: asyncio.Event, retry_seconds: float) -> None:
    """Set ``wake`` whenever the system says that something in the folder changed; run until cancelled.

    Where notices are not to be had (a share, a missing folder) it just tries again later.
    """
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # else it reports every change
    while True:
        with contextlib.suppress(OSError, RuntimeError):
            before = _inode(folder)
            async for changes in awatch(
                folder, rust_timeout=_NOTICE_MILLISECONDS, yield_on_timeout=True, debounce=200
            ):
                if changes:
                    wake.set()
                if _inode(folder) != before:
                    break  # the folder was replaced; notices of the old one have ended
        await asyncio.sleep(retry_seconds)


def _walk(folder: Path) -> Iterator[tuple[Path, str, frozenset[str]]]:
    """Yield (path, path inside the folder, all names beside it), not more than ``FILES_MAX``."""
    waiting = [(folder, "", 0)]
    left = FILES_MAX
    while waiting:
        place, prefix, depth = waiting.pop()
        try:
            with os.scandir(place) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            if depth == 0:
                raise
            continue
        beside = frozenset(entry.name for entry in listed)
        for entry in listed:
            if is_passing(entry.name):
                continue
            relative = f"{prefix}{entry.name}"
            if _is_folder(entry):
                if depth < DEPTH_MAX:
                    waiting.append((Path(entry.path), f"{relative}/", depth + 1))
                continue
            left -= 1
            if left < 0:
                return
            yield Path(entry.path), relative, beside


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _inode(folder: Path) -> int | None:
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def _escape(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python keeps it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
