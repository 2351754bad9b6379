"""Sentences about whole files, by stable code, in the languages of the users: what was found and what to do."""

# ruff: noqa: E501 sentences for users

from __future__ import annotations

from typing import Final

from tierlink.schemas.intake import Reason

__all__ = ["FILE_CODES", "NEEDED", "file_reason"]

_SHOWN_MAX: Final = 600

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "file-too-big": (
        "{place}: the file is too big ({found}, allowed are {expected}). Split it, or drop only the newest part.",
        "{place}：文件太大（{found}，上限 {expected}）。请拆分文件，或只放入最新的部分。",
        "{place}: Die Datei ist zu groß ({found}, erlaubt sind {expected}). Bitte teilen oder nur den neuesten Teil ablegen.",
    ),
    "file-is-link": (
        "{place}: this is a link to another file, and links are not followed. Copy the file itself into the folder.",
        "{place}：这是指向其他文件的链接，系统不会打开链接。请把文件本身复制到此文件夹。",
        "{place}: Dies ist eine Verknüpfung; Verknüpfungen werden nicht geöffnet. Bitte die Datei selbst in den Ordner kopieren.",
    ),
    "file-not-plain": (
        "{place}: this is not a file that can be read (a pipe or a device). Copy an ordinary file into the folder.",
        "{place}：这不是可读取的普通文件（管道或设备）。请放入普通文件。",
        "{place}: Dies ist keine lesbare Datei (eine Pipe oder ein Gerät). Bitte eine gewöhnliche Datei in den Ordner kopieren.",
    ),
    "file-has-other-name": (
        "{place}: this file also exists under another name (a hard link), so its content could change unseen. Copy the file into the folder.",
        "{place}：该文件还有另一个名称（硬链接），内容可能在别处被更改。请把文件复制到此文件夹。",
        "{place}: Diese Datei hat noch einen anderen Namen (Hardlink), ihr Inhalt könnte sich unbemerkt ändern. Bitte die Datei in den Ordner kopieren.",
    ),
    "file-type-not-taken": (
        "{place}: files of this type ({found}) are not taken here. Save it as one of: {expected}.",
        "{place}：此处不接收这种类型的文件（{found}）。请另存为：{expected}。",
        "{place}: Dateien dieses Typs ({found}) werden hier nicht angenommen. Bitte speichern als: {expected}.",
    ),
    "file-without-rows": (
        "{place}: there is nothing in the file: no row has a filled cell. Check that it was saved, and drop it once more.",
        "{place}：文件中没有内容：所有单元格都为空。请确认已保存后再放入。",
        "{place}: Die Datei enthält nichts: Keine Zeile hat eine gefüllte Zelle. Bitte prüfen, ob gespeichert wurde, und noch einmal ablegen.",
    ),
    "no-sheet-understood": (
        "{place}: no sheet looks like a list of this feed. Headings found: {found}. Needed in one row: {expected}.",
        "{place}：没有任何工作表像此数据源的清单。找到的表头：{found}。同一行中需要：{expected}。",
        "{place}: Kein Blatt sieht wie eine Liste dieser Quelle aus. Gefundene Überschriften: {found}. In einer Zeile nötig: {expected}.",
    ),
    "no-row-usable": (
        "{place}: none of the {found} data rows can be used. Each is listed with its cell and what to do.",
        "{place}：{found} 行数据均无法使用。每一行都列出了单元格位置和处理方法。",
        "{place}: Keine der {found} Datenzeilen ist verwendbar. Jede ist mit Zelle und Abhilfe aufgeführt.",
    ),
    "reader-crashed": (
        "{place}: the program that reads files ended on this one ({found}); nothing was taken from it. The file is kept. Open it, save it again as .xlsx or CSV and drop it once more; if it happens again, tell your customer.",
        "{place}：读取程序在处理此文件时异常结束（{found}），未采用其中任何内容，文件已保留。请打开后重新另存为 .xlsx 或 CSV 再放入；如再次出现，请告知客户。",
        "{place}: Das Leseprogramm ist an dieser Datei gescheitert ({found}); nichts wurde übernommen, die Datei ist aufbewahrt. Bitte öffnen, neu als .xlsx oder CSV speichern und noch einmal ablegen; tritt es wieder auf, bitte den Kunden benachrichtigen.",
    ),
    "interpreter-failed": (
        "{place}: tierlink failed while going through this file ({found}); nothing was taken from it. The file is kept. This is a fault of the program: tell your customer.",
        "{place}：系统在处理此文件时出错（{found}），未采用其中任何内容，文件已保留。这是程序故障，请告知客户。",
        "{place}: tierlink ist beim Durchgehen dieser Datei gescheitert ({found}); nichts wurde übernommen, die Datei ist aufbewahrt. Das ist ein Fehler des Programms: bitte den Kunden benachrichtigen.",
    ),
    "reader-timeout": (
        "{place}: reading the file took longer than allowed ({found}, limit {expected}); nothing was taken from it. Remove empty rows and columns with formats, or split the file, and drop it once more.",
        "{place}：读取文件超过时限（{found}，上限 {expected}），未采用其中任何内容。请删除带格式的空行空列，或拆分文件后再放入。",
        "{place}: Das Lesen dauerte länger als erlaubt ({found}, Grenze {expected}); nichts wurde übernommen. Bitte leere formatierte Zeilen und Spalten löschen oder die Datei teilen und noch einmal ablegen.",
    ),
}

FILE_CODES: Final = frozenset(_TEXTS)
"""Every code of this module; documented in docs/errors.md."""

NEEDED: Final[dict[str, str]] = {
    "excel-ledger": "PO no. / 订单号 / Bestellnummer + quantity / 数量 / Menge + date / 日期 / Datum",
    "erp-export": "EBELN (PO no.) + MENGE (quantity) + EINDT (delivery date) | EBELN + MENGE + BLDAT (receipt date)",
    "carrier-status": "reference or tracking no. / 参考号 / Referenz + status / 状态 + date / 日期 / Datum",
}
"""What a feed's list must have at least, by connector kind, in the words of its headings."""


def file_reason(
    code: str, document: str, *, found: str | None = None, expected: str | None = None
) -> Reason:
    """Build the reason for a whole file.

    Args:
        code: one of ``FILE_CODES``.
        document: the file's name as users know it.
        found: what was found; shortened to 600 characters.
        expected: what would be right.

    Raises:
        KeyError: the code is unknown.
    """
    shown = found if found is None or len(found) <= _SHOWN_MAX else found[: _SHOWN_MAX - 1] + "…"
    text = {
        language: template.format(place=document, found=shown or "", expected=expected or "")
        for language, template in zip(("en", "zh", "de"), _TEXTS[code], strict=True)
    }
    return Reason(code=code, found=shown, expected=expected, text=text)
