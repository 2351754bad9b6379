"""What a file really is, from its first bytes: names and endings are never trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tierlink.connectors.cells.messages import unreadable

__all__ = ["ZIP_MAGIC", "is_zip", "refuse_foreign_formats"]

HEAD_BYTES: Final = 4096
ZIP_MAGIC: Final = b"PK\x03\x04"
_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF_STARTS: Final = (
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
)
_FORMATS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"MZ", "Windows program"),
    (b"\x7fELF", "program"),
    (b"{\\rtf", "RTF document"),
)
_MARKUP: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<!doctype html", "HTML page"),
    (b"<html", "HTML page"),
    (b"<table", "HTML page"),
    (b"<head", "HTML page"),
    (b"<meta", "HTML page"),
    (b"<body", "HTML page"),
    (b"<?xml", "XML document"),
    (b"<workbook", "XML document"),
    (b"mime-version:", "web archive (MHTML)"),
)


def is_zip(path: Path) -> bool:
    """Tell whether the very first bytes are a zip member (a zip further in is a disguise and does not count)."""
    with path.open("rb") as file:
        return file.read(len(ZIP_MAGIC)) == ZIP_MAGIC


def refuse_foreign_formats(path: Path) -> None:
    """Refuse what is neither zip nor text, saying what it is.

    Raises:
        UnreadableFileError: for an empty file, an old ``.xls``, a password-protected workbook, HTML, XML, PDF, ...
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise unreadable("file-empty")
    if head.startswith(_OLE_MAGIC):
        raise unreadable("file-password-protected" if _is_encrypted(path) else "file-legacy-xls")
    if head.startswith(_BIFF_STARTS):
        raise unreadable("file-legacy-xls")
    for magic, name in _FORMATS:
        if head.startswith(magic):
            raise unreadable("file-other-format", found=name)
    start = _text_start(head)
    for magic, name in _MARKUP:
        if start.startswith(magic):
            raise unreadable("file-other-format", found=name)
    if not any(head):
        raise unreadable("file-damaged", found="only zero bytes")


def _is_encrypted(path: Path) -> bool:
    """Look for the directory entry of an encrypted package: its name is stored in UTF-16."""
    wanted = "EncryptedPackage".encode("utf-16-le")
    tail = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if wanted in tail + block:
                return True
            tail = block[-len(wanted) :]
    return False


def _text_start(head: bytes) -> bytes:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
