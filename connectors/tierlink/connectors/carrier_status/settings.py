"""Settings of a carrier status feed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tierlink.connectors.settings import FeedSettings

__all__ = ["CarrierStatusSettings"]


class CarrierStatusSettings(FeedSettings):
    """A watched folder into which one carrier, or a portal of several, drops status lists."""

    kind: Literal["carrier-status"] = Field(default="carrier-status", description="this connector")
    carrier: str | None = Field(
        default=None, min_length=1, description="name for rows whose carrier the list does not say"
    )
