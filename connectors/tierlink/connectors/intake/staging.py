"""One file between reading and the outbox: its statements are staged, compared with what is known, and committed.

Memory stays bounded: statements go to SQL in batches, the comparison comes back in batches, and the changes reach
the lasting tables in one short transaction of set operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, func, insert, select, text, update
from sqlmodel import col

from tierlink.connectors.contract import Absent, Draft, Facts, History
from tierlink.connectors.intake.events import EventMaker, Outgoing, Stated
from tierlink.connectors.intake.revisions import Decision, Known, assert_fact, retract_fact
from tierlink.connectors.intake.store import IntakeStore
from tierlink.connectors.intake.tables import (
    DocumentRow,
    OutboxRow,
    Statement,
)
from tierlink.schemas.envelope import body_hash
from tierlink.schemas.intake import FileProcessed
from tierlink.schemas.records import RecordRetracted

__all__ = ["Comparison", "FinishedAs", "Staging", "stage_document"]

_BATCH: Final = 2_000
_SUPERSEDED: Final = 0
_KNOWN: Final = 1
_NEWS: Final = 2

# The last statement about a fact in a file is the one that counts, joined with what is known of the fact.
_WINNERS: Final = text("""
    SELECT s.position, s.row_index, s.subject, s.fact_key, s.type, s.partition_key, s.history, s.content, s.payload,
           f.ordinal, f.revision, f.content AS known_content, f.retracted
    FROM staging.statement AS s
    LEFT JOIN main.fact AS f
      ON f.subject = s.subject AND f.fact_key = s.fact_key AND f.type = s.type
    WHERE s.position > :after
      AND NOT EXISTS (SELECT 1 FROM staging.statement AS later
                      WHERE later.subject = s.subject AND later.fact_key = s.fact_key
                        AND later.type = s.type AND later.position > s.position)
    ORDER BY s.position LIMIT :most
""")
_KEEP_FACTS: Final = text("""
    INSERT INTO main.fact (subject, fact_key, type, ordinal, revision, content, retracted, document, seq)
    SELECT subject, fact_key, type, ordinal, revision, content, retracted, :document, :seq
    FROM staging.fact_after WHERE true
    ON CONFLICT (subject, fact_key, type) DO UPDATE SET
      ordinal = excluded.ordinal, revision = excluded.revision, content = excluded.content,
      retracted = excluded.retracted, document = excluded.document, seq = excluded.seq
""")
_SEND_EVENTS: Final = text("""
    INSERT INTO main.outbox (event_id, topic, key, value, published)
    SELECT event_id, topic, key, value, 0 FROM staging.event ORDER BY position
""")
# Rows by the hundred thousand: past SQLAlchemy's own handling of parameters, which costs as much as SQLite's work.
_STAGE_STATEMENT: Final = (
    "INSERT INTO staging.statement "
    "(position, row_index, subject, fact_key, type, partition_key, history, content, payload) "
    "VALUES (:position, :row_index, :subject, :fact_key, :type, :partition_key, :history, :content, :payload)"
)
_STAGE_EVENT: Final = (
    "INSERT INTO staging.event (position, event_id, topic, key, value) "
    "VALUES (:position, :event_id, :topic, :key, :value)"
)
_STAGE_FACT: Final = (
    "INSERT INTO staging.fact_after (subject, fact_key, type, ordinal, revision, content, retracted) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_VANISHED: Final = text("""
    SELECT count(*) FROM main.fact
    WHERE document = :document AND seq < :seq AND retracted = 0 AND revision > 0
""")


@dataclass(frozen=True)
class Comparison:
    """What a file's statements came to: rows with news, rows all known, and events made."""

    published_rows: int
    unchanged_rows: int
    events: int


@dataclass(frozen=True)
class FinishedAs:
    """What is remembered of how a file was read, to know when it is worth reading again."""

    profile: str
    version: str


@contextmanager
def stage_document(store: IntakeStore, maker: EventMaker) -> Iterator[Staging]:
    """Open the staging of one document. Left without commit, nothing has happened."""
    with store.staging() as connection:
        Statement.metadata.create_all(connection)
        connection.commit()
        yield Staging(connection, maker)


class Staging:
    """Collects statements and refusals in file order, compares, commits."""

    def __init__(self, connection: Connection, maker: EventMaker) -> None:
        self._connection = connection
        self._maker = maker
        self._position = 0
        self._best = bytearray()
        """For each row with facts what the best of them came to: one byte a row, however long the file is."""
        self._statements: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._made = 0

    def add_facts(self, facts: Facts) -> None:
        """Stage what one row states."""
        self._best.append(_SUPERSEDED)
        row = len(self._best) - 1
        reading = _lineage(facts)
        lineages: dict[int, bytes] = {}
        for stated in facts.drafts:
            self._position += 1
            values = (
                _draft(stated, lineages) if isinstance(stated, Draft) else _absent(stated, reading)
            )
            self._statements.append({"position": self._position, "row_index": row, **values})
        if len(self._statements) >= _BATCH:
            self._flush()

    def add_event(self, outgoing: Outgoing) -> None:
        """Stage an event that needs no comparison (a refused row)."""
        self._position += 1
        self._stage_event(self._position, outgoing)
        if len(self._events) >= _BATCH:
            self._flush()

    def compare(self, tick: Callable[[], None]) -> Comparison:
        """Compare every statement that counts with what is known, and make the events.

        Args:
            tick: called between batches; may raise to stop.
        """
        self._flush()
        after = 0
        while True:
            tick()
            query = {"after": after, "most": _BATCH}
            winners = self._connection.execute(_WINNERS, query).mappings().all()
            if not winners:
                break
            after = winners[-1]["position"]
            self._compare_batch(winners)
        self._connection.commit()
        return Comparison(self._best.count(_NEWS), self._best.count(_KNOWN), self._made)

    def commit(
        self,
        finish: Callable[[int], FileProcessed],
        how: FinishedAs,
        *,
        before_commit: Callable[[], None] = lambda: None,
    ) -> FileProcessed:
        """Make everything this file brings lasting, in one transaction.

        Args:
            finish: builds the file's outcome from the number of vanished facts.
            how: with what it was read.
            before_commit: called inside the transaction, as its last step.
        """
        self._flush()
        document = self._maker.document
        connection = self._connection.execution_options(immediate=True)
        with connection.begin():
            newest = select(func.coalesce(func.max(DocumentRow.seq), 0))
            place = {"document": document.name, "seq": connection.execute(newest).scalar_one() + 1}
            connection.execute(_KEEP_FACTS, place)
            vanished = connection.execute(_VANISHED, place).scalar_one()
            processed = finish(vanished)
            connection.execute(_SEND_EVENTS)
            outcome = _values(self._maker.file(processed))
            last = connection.execute(insert(OutboxRow).values(**outcome, published=False))
            connection.execute(
                update(DocumentRow)
                .where(col(DocumentRow.name) == document.name)
                .values(
                    state=processed.verdict.value,
                    reason=processed.reason.code if processed.reason else None,
                    verdict=processed.verdict.value,
                    done_sha256=document.sha256,
                    done_profile=how.profile,
                    done_version=how.version,
                    seq=place["seq"],
                    outbox_last=last.lastrowid,
                )
            )
            before_commit()
        return processed

    def drop(self) -> None:
        """Forget everything staged so far: the file is refused as a whole."""
        self._statements.clear()
        self._events.clear()
        for table in ("statement", "event", "fact_after"):
            self._connection.execute(text(f"DELETE FROM staging.{table}"))  # noqa: S608 our own names
        self._connection.commit()

    def _compare_batch(self, winners: Any) -> None:
        facts = []
        for row in winners:
            decision = _decide(row)
            outcome = _NEWS if decision.publish else _KNOWN
            self._best[row["row_index"]] = max(self._best[row["row_index"]], outcome)
            known = decision.known
            if known is None:
                continue
            facts.append(
                (row["subject"], row["fact_key"], row["type"], known.ordinal, known.revision,
                 known.content, known.retracted)
            )  # fmt: skip
            if decision.publish:
                self._made += 1
                self._stage_event(row["position"], self._event(row, known))
        if facts:
            self._connection.exec_driver_sql(_STAGE_FACT, facts)
        self._flush()

    def _event(self, row: Any, known: Known) -> Outgoing:
        if row["history"] is None:
            return self._maker.retraction(
                RecordRetracted.model_validate_json(row["payload"]),
                subject=row["subject"],
                partition_key=row["partition_key"],
                fact_key=row["fact_key"],
                ordinal=known.ordinal,
                revision=known.revision,
            )
        stated = Stated(
            row["type"],
            row["subject"],
            row["partition_key"],
            row["fact_key"],
            row["content"],
            row["payload"],
        )
        return self._maker.fact(stated, known.ordinal, known.revision)

    def _stage_event(self, position: int, outgoing: Outgoing) -> None:
        self._events.append({"position": position, **_values(outgoing)})

    def _flush(self) -> None:
        if self._statements:
            self._connection.exec_driver_sql(_STAGE_STATEMENT, self._statements)
            self._statements.clear()
        if self._events:
            self._connection.exec_driver_sql(_STAGE_EVENT, self._events)
            self._events.clear()
        self._connection.commit()


def _draft(draft: Draft, lineages: dict[int, bytes]) -> dict[str, Any]:
    """A draft as a row of the staging table; the drafts of one row share the JSON of their lineage."""
    data = draft.data
    body = data.model_dump(mode="json", exclude={"lineage"}, exclude_none=True)
    payload = to_json(body)
    if data.lineage is not None:
        lineage = lineages.get(id(data.lineage))
        if lineage is None:
            lineage = data.lineage.model_dump_json(exclude_none=True).encode()
            lineages[id(data.lineage)] = lineage
        payload = b'{"lineage":' + lineage + (b"," if body else b"") + payload[1:]
    return {
        "subject": data.subject,
        "fact_key": draft.fact_key,
        "type": data.event_type,
        "partition_key": data.partition_key,
        "history": draft.history.value,
        "content": body_hash(data.event_type, body),
        "payload": payload,
    }


def _absent(absent: Absent, lineage: Any) -> dict[str, Any]:
    retraction = RecordRetracted(
        retracted_type=absent.kind.event_type, reason=absent.reason, lineage=lineage
    )
    return {
        "subject": absent.subject,
        "fact_key": absent.fact_key,
        "type": absent.kind.event_type,
        "partition_key": absent.partition_key,
        "history": None,
        "content": "",
        "payload": retraction.model_dump_json(exclude_none=True).encode(),
    }


def _lineage(facts: Facts) -> Any:
    """Where the row stands: an absence has no data of its own to say so, its neighbours do."""
    return next((one.data.lineage for one in facts.drafts if isinstance(one, Draft)), None)


def _decide(row: Any) -> Decision:
    known = (
        None
        if row["ordinal"] is None
        else Known(row["ordinal"], row["revision"], row["known_content"], bool(row["retracted"]))
    )
    if row["history"] is None:
        return retract_fact(known)
    return assert_fact(known, History(row["history"]), row["content"])


def _values(outgoing: Outgoing) -> dict[str, Any]:
    return {
        "event_id": outgoing.event_id,
        "topic": outgoing.topic,
        "key": outgoing.key,
        "value": outgoing.value,
    }
