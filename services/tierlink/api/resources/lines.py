"""Schedule lines, and why each is as it is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from tierlink.api.models import LineAnswer, ListAnswer, line_answer
from tierlink.api.paging import decode_cursor, encode_cursor
from tierlink.api.problems import not_found
from tierlink.api.reading import Access, Cursor, Limit, Reader
from tierlink.schemas.kpis import LineAssessed, LineState
from tierlink.store.lines import LINE_ORDERS, LineFilter, find_line, list_lines

__all__ = ["LineOrder", "answer_lines", "router"]

router = APIRouter(prefix="/lines", tags=["lines"])

LineOrder = Annotated[
    Literal["-late_by_days", "late_by_days", "line_id"],
    Query(description="`-late_by_days`: the latest first; lines not due count as least late"),
]


@router.get("")
def lines(  # noqa: PLR0913, PLR0917 each is a query parameter
    access: Reader,
    supplier: Annotated[str | None, Query(description="only lines of this supplier")] = None,
    item: Annotated[str | None, Query(description="only lines of this part")] = None,
    state: Annotated[LineState | None, Query(description="only lines in this state")] = None,
    period: Annotated[
        str | None,
        Query(pattern=r"^\d{4}-\d{2}$", description="only lines whose window ends in this month"),
    ] = None,
    late: Annotated[
        bool | None, Query(description="due and not all there in time, or not so")
    ] = None,
    sort: LineOrder = "-late_by_days",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[LineAssessed]:
    """Schedule lines as assessed."""
    wanted = LineFilter(
        supplier_id=supplier, item_id=item, state=state, period=period, is_late=late
    )
    return answer_lines(access, wanted, sort, limit, cursor)


@router.get("/{line_id:segment}")
def line(
    access: Reader,
    line_id: Annotated[
        str, Path(description="buyer|po_no|po_line|sched_line|item, percent-encoded as one segment")
    ],
) -> LineAnswer:
    """One line with the events that decided it, each with file, sheet and cell."""
    with access.read() as session:
        found = find_line(session, line_id)
    if found is None:
        raise not_found("line", line_id)
    return line_answer(found)


def answer_lines(
    access: Access, wanted: LineFilter, sort: str, limit: int, cursor: str | None
) -> ListAnswer[LineAssessed]:
    """One page of lines."""
    order = f"lines:{sort}"
    after = decode_cursor(order, LINE_ORDERS[sort], cursor)
    with access.read() as session:
        page = list_lines(session, wanted, sort=sort, limit=limit, after=after)
    return ListAnswer(items=page.rows, next_cursor=encode_cursor(order, page.next_after))
