"""The pages: from supplier to line to event to file and cell."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tierlink.api.pages.evidence import field_rows
from tierlink.api.pages.freshness import read_freshness
from tierlink.api.pages.plots import interval_bar, month_plot, sparkline, stacked_bar
from tierlink.api.pages.rendering import language_of, render
from tierlink.api.pages.stories import plot_story, tell, tell_story, where_it_stands, why
from tierlink.api.paging import decode_cursor, encode_cursor
from tierlink.api.problems import not_found
from tierlink.api.reading import Reader
from tierlink.schemas.kpis import LineState
from tierlink.store.events import find_event
from tierlink.store.files import (
    FILE_ORDER,
    REJECTION_ORDER,
    StoredFile,
    find_file,
    list_files,
    list_rejections,
)
from tierlink.store.lines import (
    LINE_ORDERS,
    LineFilter,
    find_line,
    list_lines,
    list_lines_decided_by,
)
from tierlink.store.suppliers import ORDERS, find_supplier, list_suppliers, read_board
from tierlink.store.tables import OtdRow, TurnoverRow

__all__ = ["router"]

router = APIRouter()

_ROWS = 50
_LATE = "late-ones"
_LINE_ORDER = "-late_by_days"

PageCursor = Annotated[str | None, Query(alias="cursor")]


@router.get("/")
def board(request: Request, access: Reader, cursor: PageCursor = None) -> HTMLResponse:
    """Suppliers, the worst first."""
    words = language_of(request)
    after = decode_cursor("board", ORDERS["worst"], cursor)
    with access.read() as session:
        totals = read_board(session)
        page = list_suppliers(session, limit=_ROWS, after=after)
        return render(
            request,
            "board.html",
            words=words,
            refresh=access.settings.api_refresh_seconds,
            totals=totals,
            rows=[(row, _bar(row.total), sparkline(row.months)) for row in page.rows],
            cursor=cursor,
            next_cursor=encode_cursor("board", page.next_after),
            freshness=read_freshness(session, access, words, totals.as_of),
        )


def _bar(row: OtdRow | None) -> object:
    if row is None or row.otd is None or row.otd_low is None or row.otd_high is None:
        return None
    return interval_bar(row.otd, row.otd_low, row.otd_high)


@router.get("/suppliers/{supplier_id:segment}")
def supplier(
    request: Request,
    access: Reader,
    supplier_id: str,
    state: LineState | Literal["late-ones"] | None = None,
    item: str | None = None,
    cursor: PageCursor = None,
) -> HTMLResponse:
    """One supplier: its months, parts, lines and files."""
    words = language_of(request)
    wanted = LineFilter(
        supplier_id=supplier_id,
        state=state if isinstance(state, LineState) else None,
        is_late=True if state == _LATE else None,
        item_id=item,
    )
    after = decode_cursor("supplier-lines", LINE_ORDERS[_LINE_ORDER], cursor)
    with access.read() as session:
        found = find_supplier(session, supplier_id)
        if found is None:
            raise not_found("supplier", supplier_id)
        page = list_lines(session, wanted, sort=_LINE_ORDER, limit=_ROWS, after=after)
        return render(
            request,
            "supplier.html",
            words=words,
            refresh=access.settings.api_refresh_seconds,
            supplier=found,
            bar=_bar(found.total),
            plot=month_plot(found.months),
            parts=_parts(found.parts, found.turnover),
            filters=_filters(found.states, found.late),
            state=state.value if isinstance(state, LineState) else state,
            item=item,
            lines=page.rows,
            cursor=cursor,
            next_cursor=encode_cursor("supplier-lines", page.next_after),
            freshness=read_freshness(
                session, access, words, found.total.as_of if found.total else None
            ),
        )


def _parts(
    delivered: list[OtdRow], stocks: list[TurnoverRow]
) -> list[tuple[str, str | None, OtdRow | None, list[TurnoverRow]]]:
    """Each part with its delivery and its stocks; also parts of which only stock is known."""
    otd = {row.item_id: row for row in delivered}
    items = sorted(otd.keys() | {row.item_id for row in stocks})
    parts = []
    for item in items:
        row, held = otd.get(item), [stock for stock in stocks if stock.item_id == item]
        name = (row.item_name if row else None) or next((s.item_name for s in held), None)
        parts.append((item, name, row, held))
    return parts


def _filters(states: dict[str, int], late: int) -> list[tuple[str, int]]:
    """What lines can be filtered by, with counts; the troubles first."""
    order = [LineState.OVERDUE, LineState.SHORT, LineState.LATE, LineState.CANCELLED_SUPPLIER]
    order += [state for state in LineState if state not in order]
    counted = [(state.value, states.get(state.value, 0)) for state in order]
    return [(_LATE, late), *((state, count) for state, count in counted if count)]


@router.get("/lines/{line_id:segment}")
def line(request: Request, access: Reader, line_id: str) -> HTMLResponse:
    """Why a line is as it is."""
    words = language_of(request)
    with access.read() as session:
        found = find_line(session, line_id)
        if found is None:
            raise not_found("line", line_id)
        story = tell_story(found.evidence, words)
        return render(
            request,
            "line.html",
            words=words,
            refresh=access.settings.api_refresh_seconds,
            line=found.line,
            reasons=why(found.line, words),
            story=story,
            plot=plot_story(found.line, story),
            missing=len(found.missing),
            others=[tell(0, event, words) for event in found.others],
            freshness=read_freshness(session, access, words, found.line.as_of),
        )


@router.get("/events/{event_id:segment}")
def event(request: Request, access: Reader, event_id: str) -> HTMLResponse:
    """What one row of one file says, cell by cell."""
    words = language_of(request)
    with access.read() as session:
        found = find_event(session, event_id)
        if found is None:
            raise not_found("event", event_id)
        return render(
            request,
            "event.html",
            words=words,
            event=found,
            told=tell(0, found, words),
            where=where_it_stands(found, words),
            fields=field_rows(found, words),
            raw_json=json.dumps(found.body, ensure_ascii=False, indent=2),
            lines=list_lines_decided_by(session, found),
            has_file=found.file_id is not None and find_file(session, found.file_id) is not None,
            freshness=None,
        )


@router.get("/files")
def files(request: Request, access: Reader, cursor: PageCursor = None) -> HTMLResponse:
    """What became of each file."""
    words = language_of(request)
    after = decode_cursor("files", FILE_ORDER, cursor)
    with access.read() as session:
        page = list_files(session, limit=_ROWS, after=after)
        return render(
            request,
            "files.html",
            words=words,
            refresh=access.settings.api_refresh_seconds,
            files=[(file, stacked_bar(_outcomes(file))) for file in page.rows],
            cursor=cursor,
            next_cursor=encode_cursor("files", page.next_after),
            freshness=read_freshness(session, access, words, None),
        )


@router.get("/files/{file_id:segment}")
def file(request: Request, access: Reader, file_id: str, cursor: PageCursor = None) -> HTMLResponse:
    """One file: its rows, its sheets, and every row that was not taken over."""
    words = language_of(request)
    after = decode_cursor("file-rejections", REJECTION_ORDER, cursor)
    with access.read() as session:
        found = find_file(session, file_id)
        if found is None:
            raise not_found("file", file_id)
        page = list_rejections(session, file_id=file_id, limit=_ROWS, after=after)
        return render(
            request,
            "file.html",
            words=words,
            refresh=access.settings.api_refresh_seconds,
            file=found,
            outcome=found.outcome,
            outcomes=_outcomes(found),
            bar=stacked_bar(_outcomes(found)),
            rejections=page.rows,
            cursor=cursor,
            next_cursor=encode_cursor("file-rejections", page.next_after),
            freshness=read_freshness(session, access, words, None),
        )


def _outcomes(file: StoredFile) -> list[tuple[str, int]]:
    rows = file.outcome.rows
    return [
        ("published", rows.published),
        ("unchanged", rows.unchanged),
        ("held", rows.held),
        ("rejected", rows.rejected),
        ("ignored", sum(rows.ignored.values())),
    ]


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API's documentation."""
    return render(request, "docs.html", words=language_of(request), freshness=None)
