"""Checks on a zipped workbook before anything parses it: size, members, duplicates, DTDs, what it really is."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from tierlink.connectors.cells.messages import unreadable
from tierlink.connectors.settings import Limits

__all__ = ["check_workbook_archive"]

MEMBERS_MAX: Final = 2_000
_EOCD_MAGIC: Final = b"PK\x05\x06"
_EOCD_BYTES: Final = 22
_PROLOG_BYTES: Final = 65_536


def check_workbook_archive(path: Path, limits: Limits) -> None:
    """Let only a plausible ``.xlsx``/``.xlsm`` pass.

    Declared member sizes are a true bound: ``zipfile`` never inflates a member past the size it declares.

    Raises:
        UnreadableFileError: damaged, too big, unsafe, or another kind of zip.
    """
    _require_clean_end(path)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members, limits)
            _require_workbook({member.filename.replace("\\", "/") for member in members}, archive)
            for member in members:
                _refuse_doctype(archive, member)
    except (
        BadZipFile,
        LargeZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise unreadable("file-damaged", found=f"zip: {error}") from error


def _require_clean_end(path: Path) -> None:
    """Bytes after the end record make a file two things at once (a polyglot)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _EOCD_BYTES - 65_535))
        tail = file.read()
    at = tail.rfind(_EOCD_MAGIC)
    if at < 0:
        raise unreadable("file-damaged", found="the end of the zip is missing")
    comment_bytes = int.from_bytes(tail[at + 20 : at + 22], "little")
    if at + _EOCD_BYTES + comment_bytes != len(tail):
        raise unreadable("file-unsafe-archive", found="bytes after the end of the zip")


def _check_members(members: list[ZipInfo], limits: Limits) -> None:
    if len(members) > MEMBERS_MAX:
        raise unreadable("file-unsafe-archive", found=f"{len(members)} members")
    names = [member.filename.replace("\\", "/").casefold() for member in members]
    if len(set(names)) != len(names):
        raise unreadable("file-unsafe-archive", found="a member twice")
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise unreadable("file-unsafe-archive", found="a member outside the archive")
    if any(member.flag_bits & 0x1 for member in members):
        raise unreadable("file-password-protected")
    inflated = sum(member.file_size for member in members)
    if inflated > limits.inflated_bytes_max:
        raise unreadable(
            "file-past-limit",
            found=f"{inflated} bytes unpacked",
            expected=f"{limits.inflated_bytes_max} bytes",
            held=True,
        )


def _require_workbook(names: set[str], archive: ZipFile) -> None:
    if "xl/workbook.bin" in names:
        raise unreadable("file-other-format", found="Excel binary workbook (.xlsb)")
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        kind = archive.read("mimetype").decode("ascii", errors="replace")
        if "spreadsheet" in kind:
            raise unreadable("file-other-format", found="OpenDocument spreadsheet (.ods)")
        raise unreadable("file-other-format", found=f"OpenDocument file ({kind})")
    if any(name.startswith("word/") for name in names):
        raise unreadable("file-other-format", found="Word document")
    if any(name.startswith("ppt/") for name in names):
        raise unreadable("file-other-format", found="PowerPoint presentation")
    if "[content_types].xml" not in {name.casefold() for name in names}:
        raise unreadable("file-other-format", found="zip archive")


def _refuse_doctype(archive: ZipFile, member: ZipInfo) -> None:
    """Office files never have a DTD; entity tricks always do."""
    if not member.filename.casefold().endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(member) as part:
        prolog = part.read(_PROLOG_BYTES)
    # An ASCII-folded search also sees UTF-16 once its zero bytes are dropped.
    if b"<!doctype" in prolog.replace(b"\x00", b"").lower() and not member.filename.endswith(
        ".vml"
    ):
        raise unreadable("file-unsafe-archive", found=f"a DTD in {member.filename}")
