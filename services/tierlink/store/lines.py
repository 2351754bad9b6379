"""Schedule lines as assessed: filtered, worst first, page by page; and one with the events that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from tierlink.schemas.kpis import LineAssessed, LineState
from tierlink.store.events import StoredEvent, find_events, list_events_about
from tierlink.store.keyset import Page, SortKey, fetch_page
from tierlink.store.tables import LineRow

__all__ = [
    "LINE_ORDERS",
    "LineFilter",
    "LineWithEvidence",
    "find_line",
    "list_lines",
    "list_lines_decided_by",
]

_IDENTITY = (SortKey(col(LineRow.line_id), str), SortKey(col(LineRow.partition), int))
LINE_ORDERS: dict[str, tuple[SortKey, ...]] = {
    "-late_by_days": (SortKey(col(LineRow.late_rank), int, descending=True), *_IDENTITY),
    "late_by_days": (SortKey(col(LineRow.late_rank), int), *_IDENTITY),
    "line_id": _IDENTITY,
}
_OTHERS_MAX = 50
_LINES_OF_ORDER_MAX = 500
_BEHIND_ALL = "\U0010ffff"


@dataclass(frozen=True)
class LineFilter:
    """What to list; None does not restrict. ``period`` is the month the line counts in (of its window's end)."""

    supplier_id: str | None = None
    item_id: str | None = None
    state: LineState | None = None
    period: str | None = None
    is_late: bool | None = None


@dataclass(frozen=True)
class LineWithEvidence:
    """A line, the events its measurement names, and what else was said about the same subject.

    ``missing`` are evidence ids whose event has not been projected (yet).
    """

    line: LineAssessed
    evidence: list[StoredEvent]
    missing: list[str]
    others: list[StoredEvent]


def list_lines(
    session: Session,
    wanted: LineFilter,
    *,
    sort: str = "-late_by_days",
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[LineAssessed]:
    """Lines that fit the filter, in one of LINE_ORDERS; lines without lateness count as least late."""
    query = select(LineRow.document)
    for column, value in (
        (LineRow.supplier_id, wanted.supplier_id),
        (LineRow.item_id, wanted.item_id),
        (LineRow.state, wanted.state.value if wanted.state else None),
        (LineRow.period, wanted.period),
        (LineRow.is_late, wanted.is_late),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    return fetch_page(
        session,
        query,
        LINE_ORDERS[sort],
        limit,
        after,
        lambda row: LineAssessed.model_validate_json(row[0]),
    )


def find_line(session: Session, line_id: str) -> LineWithEvidence | None:
    """A line by its id, with the events behind it in the order they were recorded."""
    newest = (
        select(LineRow).where(LineRow.line_id == line_id).order_by(col(LineRow.recorded_at).desc())
    )
    row = session.exec(newest).first()
    if row is None:
        return None
    line = LineAssessed.model_validate_json(row.document)
    evidence = find_events(session, line.evidence)
    known = {event.id for event in evidence}
    others = [
        event for event in list_events_about(session, line_id, _OTHERS_MAX) if event.id not in known
    ]
    missing = [event_id for event_id in line.evidence if event_id not in known]
    return LineWithEvidence(line, evidence, missing, others)


def list_lines_decided_by(session: Session, event: StoredEvent) -> list[LineAssessed]:
    """Lines that name the event as evidence, by id. Looks through the event's purchase order."""
    order = f"{event.body['partitionkey']}|"
    query = (
        select(LineRow.document)
        .where(LineRow.line_id >= order, LineRow.line_id < order + _BEHIND_ALL)
        .order_by(col(LineRow.line_id))
        .limit(_LINES_OF_ORDER_MAX)
    )
    lines = [LineAssessed.model_validate_json(document) for document in session.exec(query)]
    return [line for line in lines if event.id in line.evidence]
