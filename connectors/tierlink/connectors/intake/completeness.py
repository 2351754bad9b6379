"""Asks a file whether it is all there, as far as its format can tell. Bounded in memory and time.

A copy that allocates the final size first looks finished from outside; a zip carries its own proof.
"""

from __future__ import annotations

import zlib
from typing import IO, Final
from zipfile import BadZipFile, LargeZipFile, ZipFile

__all__ = ["find_gap"]

_ZIP_MAGIC: Final = b"PK\x03\x04"
_END_MAGIC: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_COMMENT_BYTES_MAX: Final = 65_535
_DIRECTORY_BYTES_MAX: Final = 4_000_000
_INFLATED_BYTES_MAX: Final = 300_000_000


def find_gap(file: IO[bytes], size: int) -> str | None:
    """Say what is missing, or None if nothing is known to be.

    Archives too big to check here are left to the reader, which has limits of its own and finds the same faults.

    Args:
        file: open for reading; its position is moved.
        size: bytes of the file.
    """
    if size == 0:
        return "the file is still empty"
    file.seek(0)
    if file.read(len(_ZIP_MAGIC)) != _ZIP_MAGIC:
        return None
    file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES_MAX))
    tail = file.read(_END_BYTES + _COMMENT_BYTES_MAX)
    at = tail.rfind(_END_MAGIC)
    # A workbook has members: an end record that counts none is the not yet written part of a pre-allocated copy.
    if at < 0 or len(tail) - at < _END_BYTES or tail[at + 10 : at + 12] == b"\0\0":
        return "the end of the zip is missing"
    if int.from_bytes(tail[at + 12 : at + 16], "little") > _DIRECTORY_BYTES_MAX:
        return None
    return _find_broken_member(file)


def _find_broken_member(file: IO[bytes]) -> str | None:
    try:
        with ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > _INFLATED_BYTES_MAX:
                return None
            broken = archive.testzip()
    except (BadZipFile, LargeZipFile, EOFError, zlib.error, OSError, ValueError) as error:
        return f"the zip is not complete: {error}"
    except (RuntimeError, NotImplementedError):
        return None  # encrypted or an odd compression: the reader says so in the user's words
    return None if broken is None else f"part of the zip is missing: {broken!r}"
