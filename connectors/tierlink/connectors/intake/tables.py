"""What intake keeps in SQL, one SQLite file per feed: documents, facts, the outbox; and the staging of one file.

Staging is in a file of its own, attached while a document is processed and thrown away after it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Integer, MetaData, text
from sqlmodel import Field, SQLModel

__all__ = ["DocumentRow", "FactRow", "OutboxRow", "StagedEvent", "StagedFact", "Statement"]


class _Kept(SQLModel):
    """Base of the lasting tables."""

    metadata: ClassVar[MetaData] = MetaData()


class _Staged(SQLModel):
    """Base of the tables of one file."""

    metadata: ClassVar[MetaData] = MetaData(schema="staging")


class DocumentRow(_Kept, table=True):
    """One document by its name, how far its newest version is, and how its last finished version ended.

    ``state``: seen, settling, sealed, then the verdict, then archived (all its events are with the broker).
    """

    __tablename__ = "document"
    name: str = Field(primary_key=True)
    state: str
    reason: str | None = None
    size: int = Field(default=0, sa_type=BigInteger)
    mtime_ns: int = Field(default=0, sa_type=BigInteger)
    ctime_ns: int = Field(default=0, sa_type=BigInteger)
    inode: str = Field(default="0", description="text: may be past a signed 64-bit number")
    sha256: str | None = Field(default=None, description="sealed version, maybe not finished")
    sealed_at: str | None = Field(default=None, description="ISO 8601 with zone")
    done_sha256: str | None = Field(default=None, description="last finished version")
    done_profile: str | None = Field(default=None, description="settings it was read with")
    done_version: str | None = Field(default=None, description="tierlink that read it")
    verdict: str | None = None
    seq: int = Field(default=0, description="number of the last finished version, feed-wide")
    outbox_last: int = Field(default=0, sa_type=BigInteger, description="its last outbox row")


class FactRow(_Kept, table=True):
    """The newest state of each fact this feed ever stated."""

    __tablename__ = "fact"
    __table_args__: Any = (
        Index("fact_by_document", "document", "seq"),
        {"sqlite_with_rowid": False},
    )
    subject: str = Field(primary_key=True)
    fact_key: str = Field(primary_key=True)
    type: str = Field(primary_key=True)
    ordinal: int
    revision: int
    content: str
    retracted: bool
    document: str = Field(description="last document that spoke of it")
    seq: int = Field(description="number of that version")


class OutboxRow(_Kept, table=True):
    """An event on its way to the broker, in order. Sent again after a crash with the very same bytes."""

    __tablename__ = "outbox"
    __table_args__: Any = (
        Index("outbox_waiting", "id", sqlite_where=text("published = 0")),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    event_id: str
    topic: str = Field(description="without the prefix of the installation")
    key: bytes
    value: bytes
    published: bool = False


class Statement(_Staged, table=True):
    """A draft or an absence, as stated."""

    __tablename__ = "statement"
    __table_args__: Any = (Index("statement_by_fact", "subject", "fact_key", "type", "position"),)
    position: int = Field(primary_key=True, sa_type=Integer)
    row_index: int
    subject: str
    fact_key: str
    type: str
    partition_key: str
    history: str | None = Field(default=None, description="null: an absence")
    content: str = ""
    payload: bytes = b""


class StagedEvent(_Staged, table=True):
    """An event to be put into the outbox when the file is done."""

    __tablename__ = "event"
    position: int = Field(primary_key=True, sa_type=Integer)
    event_id: str
    topic: str
    key: bytes
    value: bytes


class StagedFact(_Staged, table=True):
    """The state of a fact after this file."""

    __tablename__ = "fact_after"
    subject: str = Field(primary_key=True)
    fact_key: str = Field(primary_key=True)
    type: str = Field(primary_key=True)
    ordinal: int
    revision: int
    content: str
    retracted: bool
