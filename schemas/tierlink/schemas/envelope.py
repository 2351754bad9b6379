"""The envelope of everything on a topic: CloudEvents 1.0.2, structured JSON, with identity and lineage.

A fact is addressed by ``subject`` (what it is about) and ``factkey`` (which statement about it);
``sequence`` is its revision. Merging takes the highest (sequence, id), so any order and any repetition
of the log gives the same state (DESIGN section 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec
from pydantic import AwareDatetime, Field, SerializeAsAny, StringConstraints

from tierlink.schemas.values import Model

__all__ = [
    "CellRef",
    "Data",
    "Event",
    "FactData",
    "Lineage",
    "body_hash",
    "canonical_hash",
    "content_hash",
    "fact_event",
    "fact_id",
    "sequence_text",
    "state_bytes",
    "state_event",
]

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:tierlink:event")
_NAMED = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class CellRef(Model):
    """Where one value came from and what stood there, before anyone interpreted it."""

    ref: str = Field(
        description="A1 address; for delimited files the line is the row", examples=["D14"]
    )
    raw: str = Field(description="the text as found, unparsed, shortened to 500 characters")
    header: str | None = Field(default=None, description="the column's own heading")


class Lineage(Model):
    """The way back from an event to the file, sheet and cells that say it."""

    document: str = Field(description="path of the file inside its watched folder")
    file_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="names the sealed copy")
    sheet: str | None = Field(default=None, description="worksheet; null for delimited files")
    row: int = Field(ge=1, description="1-based, as the spreadsheet program shows it")
    cells: dict[str, CellRef] = Field(default_factory=dict, description="canonical field to cell")
    mapping: str = Field(description="version of the rules that read the row")


class Data(Model):
    """Base of every event payload. ``event_type`` is the CloudEvents type it travels under."""

    event_type: ClassVar[str]


class FactData(Data):
    """Base of payloads that state a fact about a business key."""

    lineage: Lineage | None = None

    @property
    def subject(self) -> str:
        """Business key the fact is about."""
        raise NotImplementedError

    @property
    def partition_key(self) -> str:
        """Kafka key: facts that must meet in one aggregate share it."""
        raise NotImplementedError


D = TypeVar("D", bound=Data)


class Event(Model, Generic[D]):
    """One CloudEvent. ``time`` is set only when the source gave an instant: a day is not midnight."""

    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")] = "1.0"
    id: str = Field(min_length=1, description="deterministic: the same statement has the same id")
    source: str = Field(
        pattern=r"^urn:tierlink:", description="who published: connector feed or processor"
    )
    type: str = Field(pattern=r"^org\.tierlink\.[a-z0-9_.]+\.v\d+$")
    subject: str = Field(min_length=1)
    time: AwareDatetime | None = Field(
        default=None, description="when it happened, if known as an instant"
    )
    recordedtime: AwareDatetime = Field(description="when tierlink first recorded the statement")
    partitionkey: str = Field(min_length=1, description="the Kafka record key")
    factkey: str = Field(min_length=1, description="which statement about the subject this is")
    sequence: str = Field(
        pattern=r"^\d{10}$",
        description="revision of the fact, zero-padded so text order is number order",
    )
    datacontenttype: Annotated[str, StringConstraints(pattern=r"^application/json$")] = (
        "application/json"
    )
    data: SerializeAsAny[D]

    @property
    def revision(self) -> int:
        """The sequence as a number, from 1."""
        return int(self.sequence)

    def to_bytes(self) -> bytes:
        """The JSON that goes on the topic (structured content mode), without absent fields."""
        return self.model_dump_json(exclude_none=True).encode()


def content_hash(data: Data) -> str:
    """SHA-256 over what a payload says, leaving out where it was found (``lineage``)."""
    return body_hash(data.event_type, data.model_dump(mode="json", exclude_none=True))


def body_hash(event_type: str, body: Mapping[str, Any]) -> str:
    """:func:`content_hash` of a payload that was dumped already (JSON mode, absent fields left out)."""
    said = {name: value for name, value in body.items() if name != "lineage"}
    return canonical_hash(event_type, canonical_json(said))


def canonical_hash(event_type: str, body: bytes) -> str:
    """:func:`content_hash` of a payload without lineage that is canonical JSON already."""
    return hashlib.sha256(event_type.encode() + body).hexdigest()


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no white space: equal values give equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def sequence_text(revision: int) -> str:
    """Revision as the ``sequence`` attribute: ``sequence_text(3) == "0000000003"``."""
    return f"{revision:010d}"


def fact_id(
    source: str, subject: str, event_type: str, fact_key: str, revision: int, content: str
) -> str:
    """The id of a fact's event: the same statement, from whatever run, has the same id."""
    return _named("\x1f".join((source, subject, event_type, fact_key, str(revision), content)))


def fact_event(
    data: FactData,
    *,
    source: str,
    fact_key: str,
    revision: int,
    recorded_at: datetime,
    time: datetime | None = None,
    subject: str | None = None,
    partition_key: str | None = None,
) -> Event[FactData]:
    """Wrap a fact, giving it the id that the same statement always has.

    Args:
        data: the payload.
        source: ``urn:tierlink:connector:<connector>/<feed>``.
        fact_key: which statement about the subject, unique per source.
        revision: 1 for the first content of this fact, one more for each change of it.
        recorded_at: when the file was sealed or the message taken in; timezone-aware.
        time: instant of the occurrence, only if the source gives one.
        subject: overrides the payload's own subject (retractions).
        partition_key: overrides the payload's own key (retractions).
    """
    subject = subject or data.subject
    return Event[FactData](
        id=fact_id(source, subject, data.event_type, fact_key, revision, content_hash(data)),
        source=source,
        type=data.event_type,
        subject=subject,
        time=time,
        recordedtime=recorded_at,
        partitionkey=partition_key or data.partition_key,
        factkey=fact_key,
        sequence=sequence_text(revision),
        data=data,
    )


def state_event(
    data: Data, *, source: str, subject: str, partition_key: str, at: datetime
) -> Event[Data]:
    """Wrap a derived statement (a KPI, a file's outcome): latest per subject wins, so revision is 1."""
    return Event[Data](
        id=_state_id(source, subject, data.event_type, content_hash(data)),
        source=source,
        type=data.event_type,
        subject=subject,
        recordedtime=at,
        partitionkey=partition_key,
        factkey=_state_key(data.event_type),
        sequence=sequence_text(1),
        data=data,
    )


class _StateEnvelope(msgspec.Struct, frozen=True):
    """:class:`Event` around a derived statement that is JSON already."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    recordedtime: datetime
    partitionkey: str
    factkey: str
    sequence: str
    datacontenttype: str
    data: msgspec.Raw


_FIRST = sequence_text(1)
_write = msgspec.json.Encoder().encode


def state_bytes(
    event_type: str, body: bytes, content: str, *, source: str, key: str, at: datetime
) -> bytes:
    """:func:`state_event` as JSON for the hot path: the same event with the same id, from a payload that is JSON.

    Args:
        event_type: of the payload.
        body: as :func:`canonical_json` writes it, without absent fields.
        content: its :func:`canonical_hash`.
        source: who publishes.
        key: what it is about, and the Kafka record key.
        at: when it is said.
    """
    event = _StateEnvelope(
        specversion="1.0",
        id=_state_id(source, key, event_type, content),
        source=source,
        type=event_type,
        subject=key,
        recordedtime=at,
        partitionkey=key,
        factkey=_state_key(event_type),
        sequence=_FIRST,
        datacontenttype="application/json",
        data=msgspec.Raw(body),
    )
    return _write(event)


def _state_key(event_type: str) -> str:
    return event_type.rsplit(".", 2)[-2]


def _state_id(source: str, subject: str, event_type: str, content: str) -> str:
    return _named(f"{source}\x1f{subject}\x1f{event_type}\x1f{content}")


def _named(name: str) -> str:
    """``str(uuid5(_NAMESPACE, name))``, several times as fast."""
    named = _NAMED.copy()
    named.update(name.encode())
    digits = named.hexdigest()
    variant = _VARIANT[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
