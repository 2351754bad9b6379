"""What one record means for the read model. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tierlink.schemas.catalogue import UnreadableEventError, decode_event
from tierlink.schemas.envelope import Event, FactData
from tierlink.schemas.intake import FileProcessed, RowRejected
from tierlink.schemas.kpis import InventoryTurnoverPublished, LineAssessed, OnTimeDeliveryPublished
from tierlink.schemas.orders import OrderFact
from tierlink.schemas.stock import StockFact
from tierlink.schemas.topics import (
    FILES,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    ORDERS,
    RECEIPTS,
    REJECTIONS,
    SHIPMENTS,
    STOCK,
    Topic,
)
from tierlink.schemas.values import Actor
from tierlink.store.changes import Changes
from tierlink.store.files import file_id_of
from tierlink.store.tables import (
    EventRow,
    FileRow,
    LineRow,
    OtdRow,
    ReadModelTable,
    RejectionRow,
    SupplierFile,
    TurnoverRow,
)

__all__ = ["PROJECTED", "Record", "UnusableRecordError", "project_record"]

PROJECTED: tuple[Topic, ...] = (
    ORDERS,
    SHIPMENTS,
    RECEIPTS,
    STOCK,
    REJECTIONS,
    FILES,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
)
_TABLE_OF_KPI: dict[Topic, type[ReadModelTable]] = {KPI_OTD: OtdRow, KPI_TURNOVER: TurnoverRow}

NEVER_LATE = -(10**9)
"""Sorts lines without lateness behind all others."""

KEY_BYTES_MAX = 2400
"""PostgreSQL cannot index longer text (btree, 2704 bytes less row overhead)."""


class UnusableRecordError(ValueError):
    """The record cannot become a row. ``reason`` is shown in the list of skipped records."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"projecting record: {reason}")


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record of a projected topic; ``topic`` carries no prefix."""

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def project_record(changes: Changes, record: Record) -> None:
    """Add what the record changes.

    Raises:
        UnusableRecordError: it is no event of its topic; nothing was added.
    """
    if record.value is None:
        _project_tombstone(changes, record)
        return
    try:
        event = decode_event(record.value)
    except UnreadableEventError as error:
        raise UnusableRecordError(error.reason) from error
    if type(event.data) not in record.topic.types:
        raise UnusableRecordError(f"{event.type} does not belong on {record.topic.name}")
    match event.data:
        case OnTimeDeliveryPublished():
            changes.put(_otd_row(_key_text(record), event.data))
        case InventoryTurnoverPublished():
            changes.put(_turnover_row(_key_text(record), event.data))
        case LineAssessed():
            changes.put(_line_row(record, event))
        case FileProcessed():
            changes.put(_file_row(event))
        case RowRejected():
            changes.put(_rejection_row(event))
        case FactData():
            _project_fact(changes, event)
        case _:
            raise UnusableRecordError(f"{event.type} has no table")


def _project_tombstone(changes: Changes, record: Record) -> None:
    key = _key_text(record)
    if record.topic is KPI_LINES:
        changes.delete(LineRow, key, record.partition)
    elif record.topic in _TABLE_OF_KPI:
        changes.delete(_TABLE_OF_KPI[record.topic], key)
    else:
        raise UnusableRecordError(
            "no value: facts are taken back by a retraction, not by a tombstone"
        )


def _key_text(record: Record) -> str:
    if not record.key:
        raise UnusableRecordError("no key")
    try:
        return _indexable(record.key.decode())
    except UnicodeDecodeError as error:
        raise UnusableRecordError("the key is not UTF-8") from error


def _indexable(text: str) -> str:
    if len(text.encode()) > KEY_BYTES_MAX:
        raise UnusableRecordError(f"an identifier is longer than {KEY_BYTES_MAX} bytes")
    return text


def _otd_row(key: str, data: OnTimeDeliveryPublished) -> OtdRow:
    same = {"period", "as_of", "policy_id", "lines", "due", "not_late", "in_window", "in_full"}
    same |= {"overdue", "undated", "otd", "otd_low", "otd_high", "otd_window", "otif", "coverage"}
    return OtdRow(
        key=key,
        supplier_id=data.supplier.id,
        supplier_name=data.supplier.name,
        item_id=data.item.id if data.item else "",
        item_name=data.item.name if data.item else None,
        **{name: getattr(data, name) for name in same},
    )


_SAME_OF_TURNOVER = InventoryTurnoverPublished.model_fields.keys() - {"holder", "item"}


def _turnover_row(key: str, data: InventoryTurnoverPublished) -> TurnoverRow:
    return TurnoverRow(
        key=key,
        holder_id=data.holder.id,
        holder_name=data.holder.name,
        item_id=data.item.id,
        item_name=data.item.name,
        **{name: getattr(data, name) for name in _SAME_OF_TURNOVER},
    )


def _line_row(record: Record, event: Event[Any]) -> LineRow:
    data: LineAssessed = event.data
    if _key_text(record) != data.line_id:
        raise UnusableRecordError("the key is not the line_id")
    return LineRow(
        line_id=data.line_id,
        partition=record.partition,
        recorded_at=event.recordedtime,
        supplier_id=data.supplier.id,
        item_id=data.item.id if data.item else "",
        state=data.state.value,
        period=_month(data.window_to),
        is_due=data.is_due,
        is_late=data.is_not_late is False,
        late_by_days=data.late_by_days,
        late_rank=NEVER_LATE if data.late_by_days is None else data.late_by_days,
        document=data.model_dump_json(exclude_none=True),
    )


def _month(day: date | None) -> str:
    return f"{day.year:04d}-{day.month:02d}" if day else ""


def _file_row(event: Event[Any]) -> FileRow:
    data: FileProcessed = event.data
    folder, _, rest = data.document.partition("/")
    rows = data.rows
    return FileRow(
        file_id=file_id_of(data.feed, data.document),
        event_id=event.id,
        recorded_at=event.recordedtime,
        folder=folder if rest and len(folder) <= KEY_BYTES_MAX // 4 else None,
        verdict=data.verdict.value,
        **data.model_dump(
            include={"connector", "feed", "document", "file_sha256", "size_bytes", "sealed_at"}
        ),
        **rows.model_dump(exclude={"ignored"}),
        ignored=sum(rows.ignored.values()),
        body=data.model_dump_json(),
    )


def _rejection_row(event: Event[Any]) -> RejectionRow:
    data: RowRejected = event.data
    return RejectionRow(
        id=_indexable(event.id),
        recorded_at=event.recordedtime,
        file_id=file_id_of(data.feed, data.document),
        code=data.reason.code,
        **data.model_dump(
            include={"file_sha256", "feed", "document", "sheet", "row", "cell", "held"}
        ),
        body=data.model_dump_json(exclude_none=True),
    )


def _project_fact(changes: Changes, event: Event[Any]) -> None:
    data: FactData = event.data
    lineage = data.lineage
    feed = event.source.rpartition("/")[2]
    file_id = file_id_of(feed, lineage.document) if lineage else None
    row = EventRow(
        id=_indexable(event.id),
        subject=_indexable(event.subject),
        recorded_at=event.recordedtime,
        **event.model_dump(include={"type", "partitionkey", "source", "factkey", "sequence"}),
        feed=feed,
        document=lineage.document if lineage else None,
        file_id=file_id,
        file_sha256=lineage.file_sha256 if lineage else None,
        body=event.to_bytes().decode(),
    )
    supplier_id = _speaker(data)
    changes.put(row)
    if supplier_id and file_id:
        changes.put(SupplierFile(supplier_id=supplier_id, file_id=file_id))


def _speaker(data: FactData) -> str | None:
    """The supplier whose own books state the fact."""
    match data:
        case OrderFact(asserted_by=Actor.SUPPLIER, supplier=supplier) if supplier:
            return supplier.id
        case StockFact(asserted_by=Actor.SUPPLIER, holder=holder):
            return holder.id
        case _:
            return None
