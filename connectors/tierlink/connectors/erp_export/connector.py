"""The connector ``erp-export``: reader and interpreter joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from tierlink.connectors.cells.interpretation import TableReader, interpret_table
from tierlink.connectors.cells.reading import TABLE_SUFFIXES, read_table_file
from tierlink.connectors.contract import Document, Interpretation, Row, Sheet, SheetStart
from tierlink.connectors.erp_export.goods_receipts import GoodsReceiptReader
from tierlink.connectors.erp_export.purchase_orders import PurchaseOrderReader
from tierlink.connectors.erp_export.settings import ErpExportSettings
from tierlink.connectors.errors import StopError
from tierlink.connectors.settings import FeedSettings

__all__ = ["ErpExport"]

RULES_VERSION: Final = "erp-export/1"


class ErpExport:
    """The buyer's purchase orders and goods receipts, in delimited text or .xlsx."""

    kind: ClassVar[str] = "erp-export"
    suffixes: ClassVar[tuple[str, ...]] = TABLE_SUFFIXES

    def __init__(self, settings: FeedSettings) -> None:
        """Take the feed's settings.

        Raises:
            StopError: they are another connector's.
        """
        if not isinstance(settings, ErpExportSettings):
            raise StopError(f"starting feed {settings.name!r}: erp-export needs ErpExportSettings")
        self._settings = settings
        self._readers: tuple[TableReader, ...] = (GoodsReceiptReader(), PurchaseOrderReader())

    @staticmethod
    def read(path: Path, suffix: str, settings: FeedSettings) -> Iterator[SheetStart | Row]:
        """Read a sealed file by its content; the ending is not believed."""
        del suffix
        return read_table_file(path, settings)

    def interpret(self, sheet: Sheet, document: Document) -> Interpretation:
        """Understand a sheet as purchase order export or goods receipt export."""
        return interpret_table(
            sheet, document, self._settings, self._readers, RULES_VERSION, one_hand=True
        )
