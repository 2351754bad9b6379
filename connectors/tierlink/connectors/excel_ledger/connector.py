"""The connector ``excel-ledger``: reader and interpreter joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from tierlink.connectors.cells.interpretation import TableReader, interpret_table
from tierlink.connectors.cells.reading import TABLE_SUFFIXES, read_table_file
from tierlink.connectors.contract import Document, Interpretation, Row, Sheet, SheetStart
from tierlink.connectors.errors import StopError
from tierlink.connectors.excel_ledger.delivery_log import DeliveryLogReader
from tierlink.connectors.excel_ledger.orders import OrderLedgerReader
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.excel_ledger.stock import StockLedgerReader, StockListReader
from tierlink.connectors.settings import FeedSettings

__all__ = ["ExcelLedger"]

RULES_VERSION: Final = "excel-ledger/1"


class ExcelLedger:
    """Suppliers' own books: orders, deliveries and stock, in .xlsx, .xlsm, .csv or .tsv."""

    kind: ClassVar[str] = "excel-ledger"
    suffixes: ClassVar[tuple[str, ...]] = TABLE_SUFFIXES

    def __init__(self, settings: FeedSettings) -> None:
        """Take the feed's settings.

        Raises:
            StopError: they are another connector's.
        """
        if not isinstance(settings, ExcelLedgerSettings):
            raise StopError(
                f"starting feed {settings.name!r}: excel-ledger needs ExcelLedgerSettings"
            )
        self._settings = settings
        self._readers: tuple[TableReader, ...] = (
            DeliveryLogReader(settings),
            OrderLedgerReader(settings),
            StockLedgerReader(settings),
            StockListReader(settings),
        )

    @staticmethod
    def read(path: Path, suffix: str, settings: FeedSettings) -> Iterator[SheetStart | Row]:
        """Read a sealed file by its content; the ending is not believed."""
        del suffix
        return read_table_file(path, settings)

    def interpret(self, sheet: Sheet, document: Document) -> Interpretation:
        """Understand a sheet as order ledger, delivery log, stock ledger or stock list."""
        return interpret_table(sheet, document, self._settings, self._readers, RULES_VERSION)
