"""How the reading child hands rows to its parent: one file of JSON lines per sheet, and a verdict.

The parent goes through the files as often as it likes and never holds more than a row. The child may have
been taken over by a hostile file, so what it wrote is parsed by type, never executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec.structs import replace

from tierlink.connectors.contract import Row, SheetStart

__all__ = ["ReadVerdict", "SpooledSheet", "read_rows", "write_sheets"]

_LINE_BYTES_MAX: Final = 512_000_000
_DECODER: Final = msgspec.json.Decoder(Row)


class SpooledSheet(msgspec.Struct, frozen=True):
    """A sheet in the spool folder: its name and how many rows were written."""

    name: str | None
    rows: int


class ReadVerdict(msgspec.Struct, frozen=True):
    """What the child says at its end. ``reason`` is a ``Reason`` as JSON text when the file could not be read."""

    sheets: list[SpooledSheet] = []
    reason: str | None = None
    held: bool = False
    crash: str | None = None


def write_sheets(spool: Path, items: Iterable[SheetStart | Row]) -> list[SpooledSheet]:
    """Write a reader's output into the spool folder, ``0.rows`` for the first sheet and so on.

    Raises:
        ValueError: a row comes before any sheet.
    """
    encoder = msgspec.json.Encoder()
    line = bytearray()
    names: list[str | None] = []
    counts: list[int] = []
    out: IO[bytes] | None = None
    with ExitStack() as files:
        for item in items:
            if isinstance(item, SheetStart):
                files.close()
                names.append(None if item.name is None else _clean(item.name))
                counts.append(0)
                out = files.enter_context(_path(spool, len(names) - 1).open("wb"))
                continue
            if out is None:
                raise ValueError("a row before the first sheet")
            encoder.encode_into(_encodable(item), line)
            line += b"\n"
            out.write(line)
            counts[-1] += 1
    return [SpooledSheet(name, rows) for name, rows in zip(names, counts, strict=True)]


def read_rows(spool: Path, index: int) -> Iterator[Row]:
    """Read a sheet's rows again, lazily.

    Raises:
        ValueError: the file is not what :func:`write_sheets` writes.
    """
    with _path(spool, index).open("rb") as lines:
        while line := lines.readline(_LINE_BYTES_MAX):
            yield _DECODER.decode(line)


def _path(spool: Path, index: int) -> Path:
    return spool / f"{index}.rows"


def _encodable(row: Row) -> Row:
    """The row itself, or one without lone surrogates."""
    if all(cell.text.isascii() or cell.text == _clean(cell.text) for cell in row.cells):
        return row
    cells = tuple(replace(cell, text=_clean(cell.text)) for cell in row.cells)
    return replace(row, cells=cells)


def _clean(text: str) -> str:
    """Replace lone surrogates, which are in no encoding; everything else stays."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
