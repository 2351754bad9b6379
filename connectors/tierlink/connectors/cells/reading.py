"""The one door for files: looks at the bytes, then hands them to the workbook or the delimited reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tierlink.connectors.cells.delimited import read_delimited
from tierlink.connectors.cells.messages import unreadable
from tierlink.connectors.cells.sniffing import is_zip, refuse_foreign_formats
from tierlink.connectors.cells.workbook import read_workbook
from tierlink.connectors.contract import Row, SheetStart
from tierlink.connectors.settings import FeedSettings

__all__ = ["TABLE_SUFFIXES", "read_table_file"]

TABLE_SUFFIXES: tuple[str, ...] = (
    ".xlsx",
    ".xlsm",
    ".csv",
    ".tsv",
    ".txt",
    ".xls",
    ".xlsb",
    ".ods",
)
"""Endings taken in; ``.xls``, ``.xlsb`` and ``.ods`` so that their sender is told how to save them instead."""


def read_table_file(path: Path, settings: FeedSettings) -> Iterator[SheetStart | Row]:
    """Read a sealed file by what it is, whatever it is called.

    Raises:
        UnreadableFileError: it is no workbook and no delimited text; the reason says what it is and what to do.
    """
    size = path.stat().st_size
    if size > settings.limits.file_bytes_max:
        limit = settings.limits.file_bytes_max
        raise unreadable("file-past-limit", found=f"{size} bytes", expected=f"{limit} bytes")
    if is_zip(path):
        yield from read_workbook(path, settings.limits)
        return
    refuse_foreign_formats(path)
    yield from read_delimited(path, settings)
