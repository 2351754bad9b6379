"""Files by their latest outcome, and the refused rows of those latest versions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_
from sqlmodel import Session, col, select

from tierlink.schemas.intake import FileProcessed, RowRejected
from tierlink.schemas.values import join_key
from tierlink.store.keyset import Page, SortKey, fetch_page
from tierlink.store.tables import FileRow, RejectionRow

__all__ = [
    "FILE_ORDER",
    "REJECTION_ORDER",
    "StoredFile",
    "StoredRejection",
    "file_id_of",
    "find_file",
    "list_files",
    "list_rejections",
]

FILE_ORDER = (
    SortKey(col(FileRow.recorded_at), datetime, descending=True),
    SortKey(col(FileRow.file_id), str),
)
REJECTION_ORDER = (
    SortKey(col(RejectionRow.feed), str),
    SortKey(col(RejectionRow.document), str),
    SortKey(col(RejectionRow.row), int),
    SortKey(col(RejectionRow.id), str),
)


@dataclass(frozen=True)
class StoredFile:
    """The latest outcome of a document."""

    file_id: str
    recorded_at: datetime
    outcome: FileProcessed


@dataclass(frozen=True)
class StoredRejection:
    """A refused row of a file's latest version."""

    id: str
    file_id: str
    recorded_at: datetime
    rejection: RowRejected


def file_id_of(feed: str, document: str) -> str:
    """Short id of a document of a feed, safe in an address: 128 bits of SHA-256 over both, in hexadecimal."""
    return hashlib.sha256(join_key(feed, document).encode()).hexdigest()[:32]


def list_files(
    session: Session,
    *,
    feed: str | None = None,
    verdict: str | None = None,
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[StoredFile]:
    """Files, the latest outcome first."""
    query = select(FileRow)
    if feed is not None:
        query = query.where(FileRow.feed == feed)
    if verdict is not None:
        query = query.where(FileRow.verdict == verdict)
    return fetch_page(session, query, FILE_ORDER, limit, after, lambda row: _file(row[0]))


def find_file(session: Session, file_id: str) -> StoredFile | None:
    """One file by :func:`file_id_of`."""
    row = session.get(FileRow, file_id)
    return _file(row) if row else None


def list_rejections(
    session: Session,
    *,
    file_id: str | None = None,
    feed: str | None = None,
    code: str | None = None,
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[StoredRejection]:
    """Refused rows of the latest version of each file, by place."""
    query = select(RejectionRow).join(
        FileRow,
        and_(
            col(FileRow.file_id) == col(RejectionRow.file_id),
            col(FileRow.file_sha256) == col(RejectionRow.file_sha256),
        ),
    )
    for column, value in (
        (RejectionRow.file_id, file_id),
        (RejectionRow.feed, feed),
        (RejectionRow.code, code),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    return fetch_page(session, query, REJECTION_ORDER, limit, after, lambda row: _rejection(row[0]))


def _file(row: FileRow) -> StoredFile:
    return StoredFile(row.file_id, row.recorded_at, FileProcessed.model_validate_json(row.body))


def _rejection(row: RejectionRow) -> StoredRejection:
    refused = RowRejected.model_validate_json(row.body)
    return StoredRejection(row.id, row.file_id, row.recorded_at, refused)
