"""Taking a statement back: a retraction is a fact too."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tierlink.schemas.envelope import FactData

__all__ = ["RecordRetracted"]


class RecordRetracted(FactData):
    """The source no longer says what it said. Carries the target's subject, key and ``factkey``, and a higher sequence.

    While it is the newest revision of that fact key, the fact does not exist.
    """

    event_type: ClassVar[str] = "org.tierlink.record.retracted.v1"
    retracted_type: str = Field(description="type of the retracted event")
    reason: str = Field(description="why, for example 'cell was emptied'")
