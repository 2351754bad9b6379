"""Settings of an ERP export feed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tierlink.connectors.settings import FeedSettings

__all__ = ["ErpExportSettings"]


class ErpExportSettings(FeedSettings):
    """A watched folder into which the buyer's ERP writes its lists."""

    kind: Literal["erp-export"] = Field(default="erp-export", description="this connector")
