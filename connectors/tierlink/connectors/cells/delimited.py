"""Reads CSV, TSV and delimited text exports: encoding by strict trial, delimiter by consistency.

Row numbers are what a spreadsheet program shows after opening the file: records counted from 1, blank lines included,
a line break inside quotes not counted, and Excel's ``sep=;`` hint line not counted.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tierlink.connectors.cells.messages import cell_place, unreadable
from tierlink.connectors.contract import Cell, CellKind, Row, SheetStart
from tierlink.connectors.settings import FeedSettings

__all__ = ["decide_delimiter", "decide_encoding", "read_delimited"]

DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_RECORDS: Final = 200
_BLOCK_BYTES: Final = 1 << 20
_SEPARATOR_HINT: Final = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)


def read_delimited(path: Path, settings: FeedSettings) -> Iterator[SheetStart | Row]:
    """Yield one unnamed sheet and its non-empty rows.

    Raises:
        UnreadableFileError: wrong encoding, broken quotes, binary content, or past a limit.
    """
    encoding = decide_encoding(path, settings.encodings)
    hint = _separator_hint(path, encoding)
    try:
        delimiter = hint or decide_delimiter(_sample(path, encoding))
        yield SheetStart(name=None)
        yield from _rows(path, encoding, delimiter, skip_first=hint is not None, settings=settings)
    except csv.Error as error:
        raise unreadable("file-quotes-broken", found=str(error)) from error


def decide_encoding(path: Path, ladder: Sequence[str]) -> str:
    """Name the encoding of a text file: its byte order mark, else the first of ``ladder`` that fits it whole.

    GB18030 accepts nearly any bytes; it is passed over when its reading is not Chinese (a German cp1252 file).

    Raises:
        UnreadableFileError: none fits, or the content is binary.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK_BYTES)
    if head.startswith(codecs.BOM_UTF8):
        candidates: tuple[str, ...] = ("utf-8-sig",)
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ("utf-16",)
    elif b"\x00" in head:
        candidates = _unmarked_utf16(head)
    else:
        candidates = tuple(ladder)
    for encoding in candidates:
        if _fits(path, encoding):
            return encoding
    raise unreadable("file-encoding-unknown", expected=", ".join(candidates))


def decide_delimiter(lines: Sequence[str]) -> str:
    """Choose the delimiter that splits most records into the same number of fields; comma when none splits."""
    best, best_score = ",", 0
    for delimiter in DELIMITERS:
        try:
            widths = Counter(
                len(record) for record in csv.reader(lines, delimiter=delimiter) if len(record) > 1
            )
        except csv.Error:
            continue
        score = max(((width - 1) * count for width, count in widths.items()), default=0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _unmarked_utf16(head: bytes) -> tuple[str, ...]:
    """Text in UTF-16 without a mark has zero bytes on one side only; anything else with zeros is binary."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 8 and even * 20 < odd:
        return ("utf-16-le",)
    if even > len(head) // 8 and odd * 20 < even:
        return ("utf-16-be",)
    raise unreadable("file-damaged", found="zero bytes in a text file")


def _fits(path: Path, encoding: str) -> bool:
    wide = encoding.replace("_", "-").lower().startswith("utf-16")
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    seen: Counter[str] = Counter()
    with path.open("rb") as file:
        final = False
        while not final:
            block = file.read(_BLOCK_BYTES)
            final = not block
            if b"\x00" in block and not wide:
                raise unreadable("file-damaged", found="zero bytes in a text file")
            try:
                text = decoder.decode(block, final=final)
            except UnicodeDecodeError:
                return False
            if "\x00" in text:
                raise unreadable("file-damaged", found="zero characters in a text file")
            seen.update(character for character in text if not character.isascii())
            _refuse_binary(text)
    return _is_chinese(seen) if encoding.lower() in {"gb18030", "gbk", "gb2312"} else True


def _refuse_binary(text: str) -> None:
    odd = sum(
        1 for character in text[:4096] if ord(character) < 32 and character not in "\t\r\n\f\x1a"
    )
    if odd > len(text[:4096]) // 50 + 1:
        raise unreadable("file-damaged", found="binary content")


def _is_chinese(seen: Counter[str]) -> bool:
    """Tell Chinese from a Latin-1 file that GB18030 happens to accept.

    Real Chinese text is mostly in GB 2312, whose second byte is A1 or above; a Latin-1 letter followed by an ASCII
    one has a lower second byte.
    """
    pairs = {character: character.encode("gb18030", errors="replace") for character in seen}
    common = sum(
        seen[character]
        for character, pair in pairs.items()
        if len(pair) == 2 and pair[0] >= 0xA1 and pair[1] >= 0xA1
    )
    return 2 * common >= seen.total()


def _separator_hint(path: Path, encoding: str) -> str | None:
    with path.open(encoding=encoding, newline="") as file:
        hint = _SEPARATOR_HINT.match(file.readline(64))
    return hint[1] if hint else None


def _sample(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        return list(itertools.islice(file, _SAMPLE_RECORDS))


def _rows(
    path: Path, encoding: str, delimiter: str, *, skip_first: bool, settings: FeedSettings
) -> Iterator[Row]:
    limits = settings.limits
    with path.open(encoding=encoding, newline="") as file:
        if skip_first:
            file.readline()
        records = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            try:
                record = next(records, None)
            except csv.Error as error:
                place = cell_place("file", None, number + 1)
                raise unreadable("file-quotes-broken", place=place, found=str(error)) from error
            if record is None:
                return
            number += 1
            if number > limits.rows_max:
                raise unreadable(
                    "file-past-limit",
                    found=f"more than {limits.rows_max} rows",
                    expected=f"{limits.rows_max} rows",
                    held=True,
                )
            cells = tuple(
                _cell(column, text, limits.cell_characters_max)
                for column, text in enumerate(record[: limits.columns_max], start=1)
                if text.strip(" \t\r\n\f\x1a\u00a0\u3000")
            )
            if cells:
                yield Row(number=number, cells=cells)


def _cell(column: int, text: str, characters_max: int) -> Cell:
    if len(text) > characters_max:
        return Cell(column, text[:characters_max], CellKind.ERROR)
    return Cell(column, text)
