"""What the JSON API answers. KPIs, lines and files have the shape they have on their topics."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tierlink.schemas.intake import FileProcessed, RowRejected
from tierlink.schemas.kpis import (
    InventoryTurnoverPublished,
    LineAssessed,
    LineState,
    OnTimeDeliveryPublished,
)
from tierlink.schemas.values import DecimalText, Item, Party
from tierlink.store.events import StoredEvent
from tierlink.store.files import StoredFile, StoredRejection
from tierlink.store.lines import LineWithEvidence
from tierlink.store.suppliers import SupplierSummary
from tierlink.store.tables import FileRow, OtdRow, TurnoverRow

__all__ = [
    "EventAnswer",
    "FileAnswer",
    "LineAnswer",
    "ListAnswer",
    "Liveness",
    "Readiness",
    "RejectionAnswer",
    "SupplierAnswer",
    "SupplierDetailAnswer",
    "event_answer",
    "file_answer",
    "line_answer",
    "otd_published",
    "rejection_answer",
    "supplier_answer",
    "supplier_detail_answer",
    "turnover_published",
]

T = TypeVar("T")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ListAnswer(_Answer, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        description="hand it back as `cursor` for the next page; null on the last one"
    )


class MonthAnswer(_Answer):
    """On-time delivery in one month."""

    period: str = Field(description="calendar month, YYYY-MM")
    due: int = Field(description="n, the denominator")
    not_late: int
    otd: DecimalText | None = Field(description="not_late / due; null when nothing was due")
    otd_low: DecimalText | None = Field(description="lower end of the Wilson 95 % interval")
    otd_high: DecimalText | None = Field(description="its upper end")


class SupplierAnswer(_Answer):
    """A supplier as on the board."""

    id: str = Field(description="the buyer's code")
    name: str | None
    otd: OnTimeDeliveryPublished | None = Field(
        description="all parts, over all periods; null when no schedule line is known"
    )
    months: list[MonthAnswer] = Field(description="oldest first; months without lines are left out")
    states: dict[LineState, int] = Field(description="schedule lines by state")
    late_lines: int = Field(description="lines that were due and not all there in time")
    turnover_days: DecimalText | None = Field(
        description="median over its items; null when nothing moved"
    )
    refused_rows: int = Field(
        description="rows held or rejected in the latest version of its files"
    )


class FileAnswer(_Answer):
    """What became of the latest version of a file."""

    file_id: str
    recorded_at: datetime
    outcome: FileProcessed


class SupplierDetailAnswer(SupplierAnswer):
    """A supplier with its parts, stocks and files."""

    parts: list[OnTimeDeliveryPublished] = Field(description="per part, over all periods")
    turnover: list[InventoryTurnoverPublished] = Field(
        description="of its own stock, else of the stock others hold of its parts; over all periods"
    )
    files: list[FileAnswer] = Field(description="that speak for it, newest first")


class EventAnswer(_Answer):
    """A canonical event as it stands on its topic."""

    id: str
    recorded_at: datetime
    file_id: str | None = Field(description="the file it came from: /files/{file_id}")
    event: dict[str, Any] = Field(
        description="the CloudEvent; `data.lineage` names sheet, row and cells"
    )


class LineAnswer(_Answer):
    """A schedule line and why it is as it is."""

    line: LineAssessed
    evidence: list[EventAnswer] = Field(description="the events that decided it")
    missing_evidence: list[str] = Field(
        description="ids of evidence whose event is not in the read model yet"
    )
    other_events: list[EventAnswer] = Field(description="what else was said about the same line")


class RejectionAnswer(_Answer):
    """A row that was not published."""

    id: str
    file_id: str
    recorded_at: datetime
    rejection: RowRejected


class Liveness(_Answer):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(_Answer):
    """How far the read model is."""

    status: str = Field(examples=["ready"])
    checked_at: datetime | None = Field(description="when the projector last heard from the broker")
    projected_at: datetime | None = Field(description="when it last wrote")
    lag_records: int | None = Field(description="records published and not yet in the read model")
    skipped_records: int = Field(description="records it could not use")
    as_of: date | None = Field(description="the day KPIs are judged as of")


def otd_published(row: OtdRow) -> OnTimeDeliveryPublished:
    """The KPI as it was published."""
    same = OnTimeDeliveryPublished.model_fields.keys() - {"supplier", "item"}
    return OnTimeDeliveryPublished(
        supplier=Party(id=row.supplier_id, name=row.supplier_name),
        item=Item(id=row.item_id, name=row.item_name) if row.item_id else None,
        **{name: getattr(row, name) for name in same},
    )


def turnover_published(row: TurnoverRow) -> InventoryTurnoverPublished:
    """The KPI as it was published."""
    same = InventoryTurnoverPublished.model_fields.keys() - {"holder", "item"}
    return InventoryTurnoverPublished(
        holder=Party(id=row.holder_id, name=row.holder_name),
        item=Item(id=row.item_id, name=row.item_name),
        **{name: getattr(row, name) for name in same},
    )


def supplier_answer(supplier: SupplierSummary) -> SupplierAnswer:
    """A supplier for the list."""
    return SupplierAnswer(**_of_supplier(supplier))


def supplier_detail_answer(supplier: SupplierSummary) -> SupplierDetailAnswer:
    """A supplier with all there is."""
    return SupplierDetailAnswer(
        **_of_supplier(supplier),
        parts=[otd_published(row) for row in supplier.parts],
        turnover=[turnover_published(row) for row in supplier.turnover],
        files=[file_row_answer(row) for row in supplier.files],
    )


def _of_supplier(supplier: SupplierSummary) -> dict[str, Any]:
    months = [
        MonthAnswer(**{name: getattr(row, name) for name in MonthAnswer.model_fields})
        for row in supplier.months
    ]
    return {
        "id": supplier.id,
        "name": supplier.name,
        "otd": otd_published(supplier.total) if supplier.total else None,
        "months": months,
        "states": dict(supplier.states),
        "late_lines": supplier.late,
        "turnover_days": supplier.turnover_days,
        "refused_rows": supplier.refused_rows,
    }


def event_answer(event: StoredEvent) -> EventAnswer:
    """An event."""
    return EventAnswer(
        id=event.id, recorded_at=event.recorded_at, file_id=event.file_id, event=event.body
    )


def line_answer(found: LineWithEvidence) -> LineAnswer:
    """A line with its evidence."""
    return LineAnswer(
        line=found.line,
        evidence=[event_answer(event) for event in found.evidence],
        missing_evidence=found.missing,
        other_events=[event_answer(event) for event in found.others],
    )


def file_answer(file: StoredFile) -> FileAnswer:
    """A file."""
    return FileAnswer(file_id=file.file_id, recorded_at=file.recorded_at, outcome=file.outcome)


def file_row_answer(row: FileRow) -> FileAnswer:
    """A file from its row."""
    outcome = FileProcessed.model_validate_json(row.body)
    return FileAnswer(file_id=row.file_id, recorded_at=row.recorded_at, outcome=outcome)


def rejection_answer(stored: StoredRejection) -> RejectionAnswer:
    """A refused row."""
    return RejectionAnswer(
        id=stored.id,
        file_id=stored.file_id,
        recorded_at=stored.recorded_at,
        rejection=stored.rejection,
    )
