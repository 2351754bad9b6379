"""The connector ``carrier-status``: reader and interpreter joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from tierlink.connectors.carrier_status.normalise import (
    ShipmentMilestonesReader,
    ShipmentStatusReader,
)
from tierlink.connectors.carrier_status.settings import CarrierStatusSettings
from tierlink.connectors.cells.interpretation import TableReader, interpret_table
from tierlink.connectors.cells.reading import TABLE_SUFFIXES, read_table_file
from tierlink.connectors.contract import Document, Interpretation, Row, Sheet, SheetStart
from tierlink.connectors.errors import StopError
from tierlink.connectors.settings import FeedSettings

__all__ = ["CarrierStatus"]

RULES_VERSION: Final = "carrier-status/1"


class CarrierStatus:
    """Carriers' status lists, in delimited text or .xlsx."""

    kind: ClassVar[str] = "carrier-status"
    suffixes: ClassVar[tuple[str, ...]] = TABLE_SUFFIXES

    def __init__(self, settings: FeedSettings) -> None:
        """Take the feed's settings.

        Raises:
            StopError: they are another connector's.
        """
        if not isinstance(settings, CarrierStatusSettings):
            raise StopError(
                f"starting feed {settings.name!r}: carrier-status needs CarrierStatusSettings"
            )
        self._settings = settings
        self._readers: tuple[TableReader, ...] = (
            ShipmentStatusReader(settings),
            ShipmentMilestonesReader(settings),
        )

    @staticmethod
    def read(path: Path, suffix: str, settings: FeedSettings) -> Iterator[SheetStart | Row]:
        """Read a sealed file by its content; the ending is not believed."""
        del suffix
        return read_table_file(path, settings)

    def interpret(self, sheet: Sheet, document: Document) -> Interpretation:
        """Understand a sheet as list of statuses, or of shipments with their milestones."""
        return interpret_table(
            sheet, document, self._settings, self._readers, RULES_VERSION, one_hand=True
        )
