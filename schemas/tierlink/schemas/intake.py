"""What became of a file and of each row that could not be published."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from tierlink.schemas.envelope import CellRef, Data
from tierlink.schemas.values import Model

__all__ = ["FileProcessed", "Reason", "RowCounts", "RowRejected", "SheetMapping", "Verdict"]


class Verdict(StrEnum):
    """The outcome of a file."""

    PUBLISHED = "published"
    PARTLY_PUBLISHED = "partly_published"
    UNCHANGED = "unchanged"
    HELD = "held"
    REJECTED = "rejected"


class RowCounts(Model):
    """Conservation law of intake: every row seen has exactly one of the five outcomes."""

    seen: int = Field(ge=0)
    published: int = Field(default=0, ge=0, description="gave at least one new or changed fact")
    unchanged: int = Field(default=0, ge=0, description="all its facts were known already")
    held: int = Field(default=0, ge=0, description="ambiguous: waits for an answer")
    rejected: int = Field(default=0, ge=0, description="wrong: comes back with a remedy")
    ignored: dict[str, int] = Field(
        default_factory=dict, description="on purpose, by reason: blank, total, note"
    )

    @model_validator(mode="after")
    def _balances(self) -> Self:
        outcomes = (
            self.published + self.unchanged + self.held + self.rejected + sum(self.ignored.values())
        )
        if outcomes != self.seen:
            raise ValueError(f"rows do not balance: saw {self.seen}, accounted for {outcomes}")
        return self


class SheetMapping(Model):
    """How one sheet was understood: which column became which canonical field."""

    sheet: str | None = None
    kind: str = Field(description="order ledger, stock ledger, goods receipts, ...")
    header_row: int = Field(ge=1)
    columns: dict[str, str] = Field(description="canonical field to the heading that supplied it")
    unknown_columns: list[str] = Field(
        default_factory=list, description="headings nobody understood"
    )


class Reason(Model):
    """Why a row or a file was refused: a stable code and a sentence in each language of the users."""

    code: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="stable; see docs/errors.md")
    found: str | None = None
    expected: str | None = None
    text: dict[str, str] = Field(
        description="language (en, zh, de) to sentence: place, finding, remedy"
    )


class FileProcessed(Data):
    """A file went through. Latest per document wins; its rows balance."""

    event_type: ClassVar[str] = "org.tierlink.intake.file.processed.v1"
    connector: str
    feed: str
    document: str = Field(description="path inside the watched folder")
    file_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(ge=0)
    sealed_at: AwareDatetime
    verdict: Verdict
    rows: RowCounts
    events: int = Field(ge=0, description="facts published from this version of the file")
    vanished: int = Field(
        default=0,
        ge=0,
        description="facts an earlier version stated and this one does not; kept, to be confirmed",
    )
    sheets: list[SheetMapping] = Field(default_factory=list)
    reason: Reason | None = Field(default=None, description="for a held or rejected file")


class RowRejected(Data):
    """A row that was not published, where it stands, what was found, what was expected and what to do."""

    event_type: ClassVar[str] = "org.tierlink.intake.row.rejected.v1"
    connector: str
    feed: str
    document: str
    file_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sheet: str | None = None
    row: int = Field(ge=1)
    cell: str | None = Field(
        default=None, description="A1 address of the offending cell, when one is to blame"
    )
    field: str | None = Field(default=None, description="canonical field")
    held: bool = Field(
        default=False, description="true: ambiguous, waits for an answer; false: wrong"
    )
    reason: Reason
    raw: dict[str, CellRef] = Field(default_factory=dict, description="the whole row as found")
