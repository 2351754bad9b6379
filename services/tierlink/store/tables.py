"""Tables of the read model. Names begin with ``rm_``, so a rebuild finds also those of another version.

The KPI tables hold the latest value per Kafka key; events, files and rejections the newest statement per id.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, MetaData
from sqlmodel import Field, SQLModel

from tierlink.store.columns import ExactDecimal, Instant, PlainText

__all__ = [
    "SCHEMA_VERSION",
    "TABLE_PREFIX",
    "EventRow",
    "FileRow",
    "LineRow",
    "OtdRow",
    "ProjectionOffset",
    "ReadModel",
    "ReadModelTable",
    "RejectionRow",
    "SkippedRecord",
    "SupplierFile",
    "TurnoverRow",
]

SCHEMA_VERSION = 1
"""Raise it with any change of a table: the projector then drops all and projects again from the first offset."""

TABLE_PREFIX = "rm_"


def _text(*, key: bool = False, index: bool = False) -> Any:
    return Field(sa_type=PlainText, primary_key=key, index=index)


def _optional_text(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=PlainText, index=index)


def _count() -> Any:
    return Field(default=0, sa_type=BigInteger)


def _decimal() -> Any:
    return Field(sa_type=ExactDecimal)


def _optional_decimal() -> Any:
    return Field(default=None, sa_type=ExactDecimal)


class ReadModelTable(SQLModel):
    """Base of all tables here; their metadata is apart from that of other SQLModel tables in the process."""

    metadata: ClassVar[MetaData] = MetaData()


class ReadModel(ReadModelTable, table=True):
    """One row: which version of the tables this is, of which cluster, and how far the projector is."""

    __tablename__ = "rm_read_model"
    id: int = Field(default=1, primary_key=True)
    schema_version: int
    cluster_id: str | None = _optional_text()
    created_at: datetime = Field(sa_type=Instant)
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    projected_at: datetime | None = Field(default=None, sa_type=Instant)
    lag_records: int | None = Field(default=None, sa_type=BigInteger)
    is_caught_up: bool = False


class ProjectionOffset(ReadModelTable, table=True):
    """Where to read on; written in the transaction of the rows that come from the records before it."""

    __tablename__ = "rm_projection_offset"
    topic: str = _text(key=True)
    partition: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    next_offset: int = Field(sa_type=BigInteger)


class OtdRow(ReadModelTable, table=True):
    """On-time delivery of a supplier (``item_id`` empty) or of one of its parts in a period."""

    __tablename__ = "rm_supplier_otd"
    __table_args__ = (Index("rm_supplier_otd_period", "period", "item_id", "supplier_id"),)
    key: str = _text(key=True)
    supplier_id: str = _text(index=True)
    supplier_name: str | None = _optional_text()
    item_id: str = _text(index=True)
    item_name: str | None = _optional_text()
    period: str = _text()
    as_of: date
    policy_id: str = _text()
    lines: int = _count()
    due: int = _count()
    not_late: int = _count()
    in_window: int = _count()
    in_full: int = _count()
    overdue: int = _count()
    undated: int = _count()
    otd: Decimal | None = _optional_decimal()
    otd_low: Decimal | None = _optional_decimal()
    otd_high: Decimal | None = _optional_decimal()
    otd_window: Decimal | None = _optional_decimal()
    otif: Decimal | None = _optional_decimal()
    coverage: Decimal | None = _optional_decimal()


class TurnoverRow(ReadModelTable, table=True):
    """Inventory turnover of an item at a site in a period."""

    __tablename__ = "rm_inventory_turnover"
    __table_args__ = (Index("rm_inventory_turnover_period", "period", "item_id"),)
    key: str = _text(key=True)
    holder_id: str = _text(index=True)
    holder_name: str | None = _optional_text()
    site: str = _text()
    item_id: str = _text()
    item_name: str | None = _optional_text()
    period: str = _text()
    as_of: date
    period_days: int = _count()
    basis: str = _text()
    unit: str = _text()
    averaging: str = _text()
    opening: Decimal = _decimal()
    closing: Decimal = _decimal()
    inflow: Decimal = _decimal()
    outflow: Decimal = _decimal()
    unexplained: Decimal = _decimal()
    average_balance: Decimal = _decimal()
    flow: Decimal = _decimal()
    turns: Decimal | None = _optional_decimal()
    turnover_days: Decimal | None = _optional_decimal()
    note: str | None = _optional_text()


class LineRow(ReadModelTable, table=True):
    """A schedule line as assessed.

    A line whose supplier changes moves to another partition, and the order of its old tombstone and its new value
    is not defined: so the partition belongs to the key, and the newest row counts.
    """

    __tablename__ = "rm_line"
    __table_args__ = (
        Index("rm_line_worst", "supplier_id", "late_rank", "line_id"),
        Index("rm_line_late", "late_rank", "line_id"),
    )
    line_id: str = _text(key=True)
    partition: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    recorded_at: datetime = Field(sa_type=Instant)
    supplier_id: str = _text()
    item_id: str = _text(index=True)
    state: str = _text(index=True)
    period: str = _text()
    is_due: bool
    is_late: bool
    late_by_days: int | None = Field(default=None, sa_type=BigInteger)
    late_rank: int = Field(sa_type=BigInteger)
    document: str = _text()


class EventRow(ReadModelTable, table=True):
    """A canonical event, whole, with the columns it is looked up by."""

    __tablename__ = "rm_event"
    id: str = _text(key=True)
    type: str = _text()
    subject: str = _text(index=True)
    partitionkey: str = _text()
    source: str = _text()
    factkey: str = _text()
    sequence: str = _text()
    recorded_at: datetime = Field(sa_type=Instant)
    feed: str | None = _optional_text()
    document: str | None = _optional_text()
    file_id: str | None = _optional_text(index=True)
    file_sha256: str | None = _optional_text()
    body: str = _text()


class SupplierFile(ReadModelTable, table=True):
    """Which files speak for a supplier: a fact asserted by it came from there."""

    __tablename__ = "rm_supplier_file"
    supplier_id: str = _text(key=True)
    file_id: str = _text(key=True)


class FileRow(ReadModelTable, table=True):
    """The latest outcome per feed and document. ``file_id`` is a hash of both, short and safe in an address."""

    __tablename__ = "rm_file"
    __table_args__ = (Index("rm_file_newest", "recorded_at", "file_id"),)
    file_id: str = _text(key=True)
    event_id: str = _text()
    recorded_at: datetime = Field(sa_type=Instant)
    connector: str = _text()
    feed: str = _text()
    document: str = _text()
    folder: str | None = _optional_text(index=True)
    file_sha256: str = _text()
    size_bytes: int = _count()
    sealed_at: datetime = Field(sa_type=Instant)
    verdict: str = _text()
    seen: int = _count()
    published: int = _count()
    unchanged: int = _count()
    held: int = _count()
    rejected: int = _count()
    ignored: int = _count()
    body: str = _text()


class RejectionRow(ReadModelTable, table=True):
    """A refused row of any version of a file; current while that version is the file's latest."""

    __tablename__ = "rm_rejection"
    id: str = _text(key=True)
    recorded_at: datetime = Field(sa_type=Instant)
    file_id: str = _text(index=True)
    file_sha256: str = _text()
    feed: str = _text()
    document: str = _text()
    sheet: str | None = _optional_text()
    row: int = _count()
    cell: str | None = _optional_text()
    code: str = _text()
    held: bool
    body: str = _text()


class SkippedRecord(ReadModelTable, table=True):
    """A record the projector could not use. Nothing disappears: it is listed here with the reason."""

    __tablename__ = "rm_skipped_record"
    topic: str = _text(key=True)
    partition: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    offset: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    skipped_at: datetime = Field(sa_type=Instant)
    reason: str = _text()
    size_bytes: int = _count()
    beginning: str = _text()
