"""What users are told, by stable code: place, finding and remedy in English, Chinese and German.

Data only; ``messages.py`` fills it in. A template may use ``{place}``, ``{found}``, ``{expected}``,
``{other}`` and ``{fields}`` (labels of columns in the reader's language); all three languages of a code use the same.
"""

# ruff: noqa: E501, ISC004 sentences for users, three languages a code; splitting them more would not help a reader

from __future__ import annotations

from typing import Final

__all__ = ["FIELD_LABELS", "LANGUAGES", "MESSAGES"]

LANGUAGES: Final = ("en", "zh", "de")

MESSAGES: Final[dict[str, tuple[str, str, str]]] = {
    # files ------------------------------------------------------------------------------------
    "file-empty": (
        "{place}: the file is empty (0 bytes). Save it again and drop it once more.",
        "{place}：文件为空（0 字节）。请重新保存后再放入。",
        "{place}: Die Datei ist leer (0 Byte). Bitte neu speichern und noch einmal ablegen.",
    ),
    "file-legacy-xls": (
        "{place}: this is a workbook in the old Excel format (.xls). Open it and save it as .xlsx or CSV.",
        "{place}：这是旧版 Excel 格式（.xls）的工作簿。请打开后另存为 .xlsx 或 CSV。",
        "{place}: Dies ist eine Mappe im alten Excel-Format (.xls). Bitte öffnen und als .xlsx oder CSV speichern.",
    ),
    "file-password-protected": (
        "{place}: the workbook is protected with a password. Save a copy without password.",
        "{place}：工作簿有密码保护。请另存一份不带密码的副本。",
        "{place}: Die Mappe ist mit einem Kennwort geschützt. Bitte eine Kopie ohne Kennwort speichern.",
    ),
    "file-other-format": (
        "{place}: this is really {found}, not a workbook or a CSV file. Open it in Excel and save it as .xlsx or CSV.",
        "{place}：该文件实际上是 {found}，不是工作簿或 CSV。请用 Excel 打开后另存为 .xlsx 或 CSV。",
        "{place}: Dies ist in Wirklichkeit {found}, keine Mappe und keine CSV-Datei. In Excel öffnen und als .xlsx oder "
        "CSV speichern.",
    ),
    "file-damaged": (
        "{place}: the file is damaged or not complete ({found}). Save it again and drop it once more.",
        "{place}：文件已损坏或不完整（{found}）。请重新保存后再放入。",
        "{place}: Die Datei ist beschädigt oder unvollständig ({found}). Bitte neu speichern und noch einmal ablegen.",
    ),
    "file-unsafe-archive": (
        "{place}: the workbook is built in a way Excel never does ({found}). Open it in Excel and save it again.",
        "{place}：工作簿的内部结构不是 Excel 正常生成的（{found}）。请用 Excel 打开后重新保存。",
        "{place}: Die Mappe ist so aufgebaut, wie Excel es nie tut ({found}). Bitte in Excel öffnen und neu speichern.",
    ),
    "file-past-limit": (
        "{place}: the file is past a limit of this feed: {found}, allowed {expected}. Split it, or raise the limit.",
        "{place}：文件超出本数据源的上限：{found}，允许 {expected}。请拆分文件，或提高上限。",
        "{place}: Die Datei überschreitet eine Grenze: {found}, erlaubt {expected}. Bitte teilen oder die Grenze erhöhen.",
    ),
    "file-encoding-unknown": (
        "{place}: the text is in none of the expected encodings ({expected}). Save it as 'CSV UTF-8'.",
        "{place}：文本编码不在预期范围内（{expected}）。请另存为“CSV UTF-8”。",
        "{place}: Der Text hat keine der erwarteten Kodierungen ({expected}). Bitte als „CSV UTF-8“ speichern.",
    ),
    "file-quotes-broken": (
        '{place}: a quotation mark (") is opened and not closed properly, at or before this row ({found}). Save as .xlsx '
        "or correct the row.",
        '{place}：此行或之前有引号（"）未正确闭合（{found}）。请另存为 .xlsx 或更正该行。',
        '{place}: In oder vor dieser Zeile wird ein Anführungszeichen (") nicht richtig geschlossen ({found}). Bitte als '
        ".xlsx speichern oder die Zeile berichtigen.",
    ),
    # sheets -----------------------------------------------------------------------------------
    "columns-missing": (
        "{place}: this looks like {expected}, but there is no column for {fields}. Headings found: {found}. Add the "
        "column or give it a clearer heading.",
        "{place}：此表看起来是 {expected}，但缺少以下列：{fields}。找到的表头：{found}。请补充该列或使用更清楚的表头。",
        "{place}: Dies sieht nach {expected} aus, aber es fehlt eine Spalte für {fields}. Gefundene Überschriften: "
        "{found}. Bitte die Spalte ergänzen oder deutlicher benennen.",
    ),
    "columns-ambiguous": (
        "{place}: more than one column could be {fields}: {found}. Rename one of them.",
        "{place}：有多列都可能是 {fields}：{found}。请修改其中一列的表头。",
        "{place}: Mehrere Spalten könnten {fields} sein: {found}. Bitte eine davon umbenennen.",
    ),
    "sheet-date-missing": (
        "{place}: of which day is this stock list? Add a date column, or write the date (2026-03-10) into the title, the "
        "sheet name or the file name.",
        "{place}：这份库存表是哪一天的？请增加日期列，或在标题、工作表名或文件名中写明日期（2026-03-10）。",
        "{place}: Von welchem Tag ist diese Bestandsliste? Bitte eine Datumsspalte ergänzen oder das Datum (2026-03-10) "
        "in Titel, Blattnamen oder Dateinamen schreiben.",
    ),
    "second-table": (
        "{place}: this row belongs to a second table that begins in row {other} with other headings. Put the second "
        "table on a sheet of its own.",
        "{place}：此行属于从第 {other} 行开始的第二张表，其表头不同。请将第二张表放到单独的工作表中。",
        "{place}: Diese Zeile gehört zu einer zweiten Tabelle, die in Zeile {other} mit anderen Überschriften beginnt. "
        "Bitte die zweite Tabelle auf ein eigenes Blatt legen.",
    ),
    # cells ------------------------------------------------------------------------------------
    "cell-missing": (
        "{place}: {fields} is empty. Fill it in. If cells are merged, unmerge them and repeat the value in each row.",
        "{place}：{fields} 为空，请填写。如有合并单元格，请取消合并并在每行填写。",
        "{place}: {fields} ist leer. Bitte ausfüllen. Verbundene Zellen bitte trennen und den Wert in jeder Zeile "
        "wiederholen.",
    ),
    "cell-error-value": (
        "{place}: the cell shows the error {found}. Correct the formula or type the value.",
        "{place}：单元格显示错误 {found}。请修正公式或直接填写数值。",
        "{place}: Die Zelle zeigt den Fehler {found}. Bitte die Formel berichtigen oder den Wert eintippen.",
    ),
    "cell-formula-not-calculated": (
        "{place}: the formula {found} has no calculated value. Open the file in Excel and save it again.",
        "{place}：公式 {found} 没有计算结果。请用 Excel 打开文件并重新保存。",
        "{place}: Die Formel {found} hat keinen berechneten Wert. Bitte die Datei in Excel öffnen und neu speichern.",
    ),
    "cell-too-long": (
        "{place}: the text is longer than {expected} characters. Shorten it.",
        "{place}：文本超过 {expected} 个字符，请缩短。",
        "{place}: Der Text ist länger als {expected} Zeichen. Bitte kürzen.",
    ),
    # numbers ----------------------------------------------------------------------------------
    "number-unreadable": (
        '{place}: "{found}" is not a number. Write digits only, for example 1200 or 1200.5.',
        "{place}：“{found}”不是数字。请只填写数字，例如 1200 或 1200.5。",
        "{place}: „{found}“ ist keine Zahl. Bitte nur Ziffern schreiben, zum Beispiel 1200 oder 1200,5.",
    ),
    "number-ambiguous": (
        '{place}: "{found}" can be read as {expected}, and no other value in the column decides it. Set decimal_mark for '
        "this feed, or save the column as numbers.",
        "{place}：“{found}”可以读作 {expected}，且本列没有其他数值可以判断。请为该数据源设置 decimal_mark，或将该列存为数字。",
        "{place}: „{found}“ lässt sich als {expected} lesen, und kein anderer Wert der Spalte entscheidet es. Bitte "
        "decimal_mark für diese Quelle setzen oder die Spalte als Zahlen speichern.",
    ),
    "number-percent": (
        '{place}: "{found}" is a percentage; an amount is needed. Write the amount.',
        "{place}：“{found}”是百分比，此处需要数量。请填写数量。",
        "{place}: „{found}“ ist ein Prozentwert; gebraucht wird eine Menge. Bitte die Menge schreiben.",
    ),
    "number-is-date": (
        "{place}: the cell holds the date {found} where a number is needed (Excel may have turned 1.2 into a date). "
        "Format the cell as a number and type it again.",
        "{place}：此处需要数字，但单元格是日期 {found}（Excel 可能把 1.2 变成了日期）。请将单元格设为数字格式后重新输入。",
        "{place}: Hier steht das Datum {found}, gebraucht wird eine Zahl (Excel macht aus 1.2 leicht ein Datum). Bitte "
        "die Zelle als Zahl formatieren und neu eintippen.",
    ),
    "quantity-negative": (
        '{place}: {fields} "{found}" is negative. Write a quantity of zero or more; a return or cancellation has its own '
        "column.",
        "{place}：{fields}“{found}”为负数。请填写零或正数；退货或取消请用专门的列。",
        "{place}: {fields} „{found}“ ist negativ. Bitte null oder mehr schreiben; Rückgabe oder Storno gehören in eine "
        "eigene Spalte.",
    ),
    # dates ------------------------------------------------------------------------------------
    "date-unreadable": (
        '{place}: "{found}" is not a date. Write it as 2026-03-10.',
        "{place}：“{found}”不是日期。请写成 2026-03-10。",
        "{place}: „{found}“ ist kein Datum. Bitte in der Form 2026-03-10 schreiben.",
    ),
    "date-ambiguous": (
        '{place}: "{found}" can be read as {expected}, and no other date in the column decides it. Write dates as '
        "2026-03-10, or set date_order for this feed.",
        "{place}：“{found}”可以读作 {expected}，且本列没有其他日期可以判断。请将日期写成 2026-03-10，或为该数据源设置 date_order。",
        "{place}: „{found}“ lässt sich als {expected} lesen, und kein anderes Datum der Spalte entscheidet es. Bitte als "
        "2026-03-10 schreiben oder date_order für diese Quelle setzen.",
    ),
    "date-impossible": (
        '{place}: the day "{found}" does not exist. Correct it.',
        "{place}：日期“{found}”不存在，请更正。",
        "{place}: Den Tag „{found}“ gibt es nicht. Bitte berichtigen.",
    ),
    "date-incomplete": (
        '{place}: "{found}" is not a whole date: year, month and day are needed. Write it as 2026-03-10, or a week as '
        "2026-W11.",
        "{place}：“{found}”不是完整日期，需要年、月、日。请写成 2026-03-10，或周次 2026-W11。",
        "{place}: „{found}“ ist kein ganzes Datum: Jahr, Monat und Tag sind nötig. Bitte als 2026-03-10 schreiben, eine "
        "Woche als 2026-W11.",
    ),
    "date-implausible": (
        '{place}: "{found}" is a date outside {expected}. Check the year.',
        "{place}：日期“{found}”不在 {expected} 范围内。请检查年份。",
        "{place}: „{found}“ ist ein Datum außerhalb {expected}. Bitte das Jahr prüfen.",
    ),
    # units, money, codes ------------------------------------------------------------------------
    "unit-unknown": (
        '{place}: the unit "{found}" is not known. Use for example {expected}.',
        "{place}：无法识别单位“{found}”。请使用例如 {expected}。",
        "{place}: Die Einheit „{found}“ ist nicht bekannt. Bitte zum Beispiel {expected} verwenden.",
    ),
    "unit-conflict": (
        '{place}: the quantity says "{found}", the unit column says "{other}". Correct one of them.',
        "{place}：数量中的单位是“{found}”，单位列是“{other}”。请更正其中之一。",
        "{place}: Bei der Menge steht „{found}“, in der Einheitenspalte „{other}“. Bitte eines davon berichtigen.",
    ),
    "currency-unknown": (
        '{place}: the currency "{found}" is not clear. Write its code, for example CNY, EUR or USD.',
        "{place}：币种“{found}”不明确。请填写代码，例如 CNY、EUR 或 USD。",
        "{place}: Die Währung „{found}“ ist nicht eindeutig. Bitte den Code schreiben, zum Beispiel CNY, EUR oder USD.",
    ),
    "id-digits-lost": (
        "{place}: {found} has more than 15 digits and was stored as a number, so Excel has lost digits. Format the "
        "column as text and type the number again.",
        "{place}：{found} 超过 15 位且以数字保存，Excel 已丢失部分位数。请将该列设为文本格式后重新输入。",
        "{place}: {found} hat mehr als 15 Stellen und ist als Zahl gespeichert; Excel hat Stellen verloren. Bitte die "
        "Spalte als Text formatieren und die Nummer neu eintippen.",
    ),
    "id-rounded": (
        '{place}: "{found}" was rounded by Excel; the whole number is lost. Format the column as text (or number without '
        "decimals), enter the full number and save again.",
        "{place}：“{found}”已被 Excel 四舍五入，完整号码已丢失。请将该列设为文本格式，输入完整号码后重新保存。",
        "{place}: „{found}“ wurde von Excel gerundet; die volle Nummer ist verloren. Bitte die Spalte als Text "
        "formatieren, die volle Nummer eintragen und neu speichern.",
    ),
    "id-became-date": (
        "{place}: {fields} has become the date {found}. Format the column as text and type the code again.",
        "{place}：{fields} 被变成了日期 {found}。请将该列设为文本格式后重新输入编码。",
        "{place}: {fields} ist zum Datum {found} geworden. Bitte die Spalte als Text formatieren und den Code neu "
        "eintippen.",
    ),
    "id-unusable": (
        '{place}: "{found}" cannot be used as a code (expected {expected}). Correct it.',
        "{place}：“{found}”不能作为编码（要求：{expected}）。请更正。",
        "{place}: „{found}“ ist als Code nicht brauchbar (erwartet: {expected}). Bitte berichtigen.",
    ),
    "flag-unknown": (
        '{place}: "{found}" is not understood as yes or no. Write one of {expected}, or leave it empty.',
        "{place}：无法判断“{found}”是“是”还是“否”。请填写 {expected} 之一，或留空。",
        "{place}: „{found}“ ist weder ja noch nein. Bitte {expected} schreiben oder leer lassen.",
    ),
    # rows -------------------------------------------------------------------------------------
    "supplier-missing": (
        "{place}: it is not known whose ledger this is. Put the file into a folder named with the supplier's code, for "
        "example 100234/{other}, or add a supplier column.",
        "{place}：无法确定这是哪个供应商的台账。请将文件放入以供应商编码命名的文件夹，例如 100234/{other}，或增加供应商列。",
        "{place}: Es ist nicht bekannt, wessen Liste dies ist. Bitte die Datei in einen Ordner mit der Lieferantennummer "
        "legen, zum Beispiel 100234/{other}, oder eine Lieferantenspalte ergänzen.",
    ),
    "order-reference-missing": (
        "{place}: the row names no purchase order, so nobody can tell what was carried. Give the PO number (and line, "
        "as 4500012345/10) in the customer reference.",
        "{place}：该行没有采购订单号，无法判断运输的是哪张订单。请在客户参考号中填写订单号（及行号，如 4500012345/10）。",
        "{place}: Die Zeile nennt keine Bestellung. Bitte die Bestellnummer (mit Position, als 4500012345/10) in der "
        "Kundenreferenz angeben.",
    ),
    "status-unknown": (
        '{place}: the status "{found}" is not known. Known are: {expected}.',
        "{place}：无法识别状态“{found}”。可用状态：{expected}。",
        "{place}: Der Status „{found}“ ist nicht bekannt. Bekannt sind: {expected}.",
    ),
    "row-conflict": (
        "{place}: the same order line is already in row {other} with another quantity or date. Add a schedule line "
        "column, or correct one of the rows.",
        "{place}：同一订单行已在第 {other} 行出现，但数量或日期不同。请增加分批行号列，或更正其中一行。",
        "{place}: Dieselbe Bestellposition steht schon in Zeile {other} mit anderer Menge oder anderem Datum. Bitte eine "
        "Einteilungsspalte ergänzen oder eine der Zeilen berichtigen.",
    ),
    "stock-conflict": (
        "{place}: the same item, place and day is already in row {other} with another balance. Correct one of the rows, or add a warehouse column.",
        "{place}：同一物料、仓库和日期已在第 {other} 行出现，但结存不同。请更正其中一行，或增加仓库列。",
        "{place}: Derselbe Artikel, Ort und Tag steht schon in Zeile {other} mit anderem Bestand. Bitte eine der Zeilen berichtigen oder eine Lagerspalte ergänzen.",
    ),
    "movement-unknown": (
        '{place}: the movement type "{found}" is not known. Use SAP\'s (101 receipt, 102 reversal, 122 return) or one of: '
        "{expected}.",
        "{place}：无法识别移动类型“{found}”。请使用 SAP 移动类型（101 收货、102 冲销、122 退货）或：{expected}。",
        "{place}: Die Bewegungsart „{found}“ ist nicht bekannt. Bitte die von SAP verwenden (101 Eingang, 102 Storno, 122 "
        "Rücklieferung) oder eine von: {expected}.",
    ),
    "row-says-nothing": (
        "{place}: the row names an order but no quantity, promise, shipment or receipt. Fill in {fields}.",
        "{place}：该行有订单号，但没有数量、承诺、发货或收货信息。请填写 {fields}。",
        "{place}: Die Zeile nennt eine Bestellung, aber weder Menge noch Zusage, Versand oder Eingang. Bitte {fields} "
        "ausfüllen.",
    ),
}
"""Code to templates in the order of ``LANGUAGES``."""

FIELD_LABELS: Final[dict[str, tuple[str, str, str]]] = {
    "po_no": ("PO number", "采购订单号", "Bestellnummer"),
    "po_line": ("PO line", "订单行号", "Position"),
    "sched_line": ("schedule line", "分批行号", "Einteilung"),
    "supplier": ("supplier code", "供应商编码", "Lieferantennummer"),
    "supplier_name": ("supplier name", "供应商名称", "Lieferantenname"),
    "item": ("part number", "物料编码", "Materialnummer"),
    "seller_item": ("supplier's part number", "供应商物料号", "Lieferanten-Artikelnummer"),
    "item_name": ("part name", "物料名称", "Bezeichnung"),
    "quantity": ("quantity", "数量", "Menge"),
    "scheduled_quantity": ("scheduled quantity", "计划行数量", "Einteilungsmenge"),
    "unit": ("unit", "单位", "Einheit"),
    "unit_price": ("unit price", "单价", "Preis"),
    "price_per": ("price unit", "价格单位", "Preiseinheit"),
    "currency": ("currency", "币种", "Währung"),
    "ordered_on": ("order date", "下单日期", "Bestelldatum"),
    "requested_on": ("requested delivery date", "要求交期", "Wunschtermin"),
    "promised_on": ("promised date", "承诺交期", "Bestätigter Termin"),
    "promised_quantity": ("promised quantity", "承诺数量", "Bestätigte Menge"),
    "despatched_on": ("ship date", "发货日期", "Versanddatum"),
    "despatched_quantity": ("shipped quantity", "发货数量", "Liefermenge"),
    "shipment_id": ("delivery note", "送货单号", "Lieferschein"),
    "tracking_no": ("tracking number", "运单号", "Sendungsnummer"),
    "carrier": ("carrier", "承运商", "Spediteur"),
    "estimated_on": ("expected arrival", "预计到达", "Voraussichtliche Ankunft"),
    "received_on": ("receipt date", "收货日期", "Wareneingangsdatum"),
    "received_quantity": ("received quantity", "收货数量", "Wareneingangsmenge"),
    "posted_on": ("posting date", "过账日期", "Buchungsdatum"),
    "entry_quantity": ("quantity", "数量", "Menge"),
    "entry_unit": ("unit", "单位", "Einheit"),
    "debit_credit": ("debit/credit indicator", "借贷标识", "Soll-/Haben-Kennzeichen"),
    "history_category": ("history category", "采购订单历史类别", "Vorgangsart"),
    "status_clock": ("status time", "状态时间", "Uhrzeit"),
    "zone": ("time zone", "时区", "Zeitzone"),
    "status_code": ("status code", "状态代码", "Statuscode"),
    "picked_up_on": ("picked up", "揽收时间", "Abholung"),
    "departed_on": ("departed", "发出时间", "Abgang"),
    "arrived_on": ("arrived", "到达时间", "Ankunft"),
    "delivered_on": ("delivered", "签收时间", "Zustellung"),
    "receipt_no": ("receipt document", "收货凭证", "Materialbeleg"),
    "receipt_year": ("document year", "凭证年度", "Belegjahr"),
    "receipt_line": ("receipt line", "凭证行", "Belegposition"),
    "movement_type": ("movement type", "移动类型", "Bewegungsart"),
    "site": ("site or warehouse", "工厂或仓库", "Werk oder Lager"),
    "storage": ("storage location", "库存地点", "Lagerort"),
    "cancelled": ("cancelled", "取消", "Storno"),
    "status": ("status", "状态", "Status"),
    "status_on": ("status time", "状态时间", "Statuszeit"),
    "location": ("place", "地点", "Ort"),
    "reason": ("reason", "原因", "Grund"),
    "direction": ("movement type", "出入库类型", "Bewegungsart"),
    "dated_on": ("date", "日期", "Datum"),
    "moved_on": ("date", "日期", "Datum"),
    "counted_on": ("stock date", "库存日期", "Bestandsdatum"),
    "in_quantity": ("quantity in", "入库数量", "Zugang"),
    "out_quantity": ("quantity out", "出库数量", "Abgang"),
    "balance": ("balance", "结存", "Bestand"),
    "document_no": ("document number", "单据号", "Belegnummer"),
    "unit_cost": ("unit cost", "单位成本", "Einstandspreis"),
}
"""Canonical field to what users call it, in the order of ``LANGUAGES``."""
