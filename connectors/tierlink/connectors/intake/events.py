"""Builds the events of one file: facts, retractions, refused rows and the file's outcome. Pure.

Every event fits into a broker's default message limit: what a file puts into headings is not ours to trust.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import msgspec
from pydantic import TypeAdapter

from tierlink.connectors.cells.messages import column_letters
from tierlink.connectors.contract import Document, Refused, RowOutcome
from tierlink.connectors.intake.revisions import published_key
from tierlink.schemas import topics
from tierlink.schemas.catalogue import EVENT_TYPES
from tierlink.schemas.envelope import (
    Event,
    FactData,
    fact_event,
    fact_id,
    sequence_text,
    state_event,
)
from tierlink.schemas.intake import FileProcessed, Reason, RowRejected, SheetMapping
from tierlink.schemas.records import RecordRetracted
from tierlink.schemas.values import join_key

__all__ = ["MESSAGE_BYTES_MAX", "EventMaker", "Outgoing", "Stated"]

MESSAGE_BYTES_MAX: Final = 900_000
"""Below Kafka's default ``message.max.bytes`` of 1,048,588 with room for key and framing."""
_HEADING_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record for a topic."""

    event_id: str
    topic: str
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as it was staged. ``payload`` is its JSON and ``content`` the hash of what it says."""

    type: str
    subject: str
    partition_key: str
    fact_key: str
    content: str
    payload: bytes


class _Envelope(msgspec.Struct, frozen=True):
    """:class:`Event` with a payload that is JSON already; a test keeps both alike."""

    id: str
    source: str
    type: str
    subject: str
    recordedtime: str
    partitionkey: str
    factkey: str
    sequence: str
    data: msgspec.Raw
    specversion: str = "1.0"
    time: str | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: str = "application/json"


class _WithInstant(msgspec.Struct, frozen=True):
    """Of a payload, the instant the source gave."""

    status_at: str | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class EventMaker:
    """Makes the events of one document of one feed."""

    connector: str
    feed: str
    document: Document

    @property
    def source(self) -> str:
        """CloudEvents source of everything this feed says."""
        return f"urn:tierlink:connector:{self.connector}/{self.feed}"

    def fact(self, stated: Stated, ordinal: int, revision: int) -> Outgoing:
        """A fact with its revision: the payload as it was staged, in an envelope; nothing is parsed again."""
        kind = EVENT_TYPES[stated.type]
        key = published_key(stated.fact_key, ordinal, self.feed)
        envelope = _Envelope(
            id=fact_id(self.source, stated.subject, stated.type, key, revision, stated.content),
            source=self.source,
            type=stated.type,
            subject=stated.subject,
            recordedtime=self._recorded_at,
            partitionkey=stated.partition_key,
            factkey=key,
            sequence=sequence_text(revision),
            data=msgspec.Raw(stated.payload),
        )
        if "status_at" in kind.model_fields:
            at = msgspec.json.decode(stated.payload, type=_WithInstant).status_at
            envelope = msgspec.structs.replace(envelope, time=at)
        value = msgspec.json.encode(envelope)
        if len(value) > MESSAGE_BYTES_MAX:
            return _outgoing(Event[kind].model_validate_json(value), topics.topic_of(kind).name)  # type: ignore[valid-type]
        key_bytes = stated.partition_key.encode()
        return Outgoing(envelope.id, topics.topic_of(kind).name, key_bytes, value)

    @cached_property
    def _recorded_at(self) -> str:
        return TypeAdapter(datetime).dump_python(self.document.sealed_at, mode="json")  # type: ignore[no-any-return]

    def retraction(
        self,
        data: RecordRetracted,
        *,
        subject: str,
        partition_key: str,
        fact_key: str,
        ordinal: int,
        revision: int,
    ) -> Outgoing:
        """Take a fact back, on the topic it went to."""
        event = fact_event(
            data,
            source=self.source,
            fact_key=published_key(fact_key, ordinal, self.feed),
            revision=revision,
            recorded_at=self.document.sealed_at,
            subject=subject,
            partition_key=partition_key,
        )
        return _outgoing(event, topics.topic_of(EVENT_TYPES[data.retracted_type]).name)

    def refused_row(self, sheet: str | None, outcome: RowOutcome, refused: Refused) -> Outgoing:
        """A row that was not published, as found."""
        return self._rejection(
            RowRejected(
                **self._file(),
                sheet=sheet,
                row=outcome.row,
                cell=f"{column_letters(refused.column)}{outcome.row}" if refused.column else None,
                field=refused.field,
                held=refused.held,
                reason=refused.reason,
                raw=outcome.raw,
            )
        )

    def refused_sheet(self, sheet: str | None, row: int, reason: Reason) -> Outgoing:
        """A sheet that was not understood beside others that were, told at its heading row."""
        return self._rejection(RowRejected(**self._file(), sheet=sheet, row=row, reason=reason))

    def file(self, processed: FileProcessed) -> Outgoing:
        """The file's outcome."""
        key = join_key(self.feed, self.document.name)
        fitting = processed.model_copy(
            update={"sheets": [_shortened(sheet) for sheet in processed.sheets]}
        )
        event = state_event(
            fitting,
            source=self.source,
            subject=key,
            partition_key=key,
            at=self.document.sealed_at,
        )
        return _outgoing(event, topics.FILES.name)

    def _rejection(self, data: RowRejected) -> Outgoing:
        event = state_event(
            data,
            source=self.source,
            subject=join_key(self.feed, self.document.name, data.sheet, str(data.row)),
            partition_key=join_key(self.feed, self.document.name),
            at=self.document.sealed_at,
        )
        return _outgoing(event, topics.REJECTIONS.name)

    def _file(self) -> dict[str, Any]:
        return {
            "connector": self.connector,
            "feed": self.feed,
            "document": self.document.name,
            "file_sha256": self.document.sha256,
        }


def _outgoing(event: Event[Any], topic: str) -> Outgoing:
    value = event.to_bytes()
    for slimmer in (_without_cells, _without_unknown_columns, _without_sheets):
        if len(value) <= MESSAGE_BYTES_MAX:
            break
        event = event.model_copy(update={"data": slimmer(event.data)})
        value = event.to_bytes()
    return Outgoing(event.id, topic, event.partitionkey.encode(), value)


def _without_cells(data: Any) -> Any:
    """Drop the cells as found; the row can be looked up in the sealed copy."""
    if isinstance(data, RowRejected):
        return data.model_copy(update={"raw": {}})
    if isinstance(data, FactData) and data.lineage:
        return data.model_copy(update={"lineage": data.lineage.model_copy(update={"cells": {}})})
    return data


def _without_unknown_columns(data: Any) -> Any:
    if not isinstance(data, FileProcessed):
        return data
    sheets = [sheet.model_copy(update={"unknown_columns": []}) for sheet in data.sheets]
    return data.model_copy(update={"sheets": sheets})


def _without_sheets(data: Any) -> Any:
    return data.model_copy(update={"sheets": []}) if isinstance(data, FileProcessed) else data


def _shortened(sheet: SheetMapping) -> SheetMapping:
    most = _HEADING_CHARACTERS_MAX
    return sheet.model_copy(
        update={
            "columns": {name: heading[:most] for name, heading in sheet.columns.items()},
            "unknown_columns": [heading[:most] for heading in sheet.unknown_columns],
        }
    )
