"""Settings of an Excel ledger feed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tierlink.connectors.settings import FeedSettings

__all__ = ["ExcelLedgerSettings"]


class ExcelLedgerSettings(FeedSettings):
    """A watched folder in which suppliers keep their ledgers, one folder per supplier."""

    kind: Literal["excel-ledger"] = Field(default="excel-ledger", description="this connector")
    supplier_from: Literal["folder", "column"] = Field(
        default="folder",
        description=(
            "folder: the first folder below the watched one is the supplier's code, a supplier column fills in "
            "for files outside such a folder; column: each row names its supplier"
        ),
    )
