"""Suppliers and their lines."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from tierlink.api.models import (
    ListAnswer,
    SupplierAnswer,
    SupplierDetailAnswer,
    supplier_answer,
    supplier_detail_answer,
)
from tierlink.api.paging import decode_cursor, encode_cursor
from tierlink.api.problems import not_found
from tierlink.api.reading import Cursor, Limit, Reader
from tierlink.api.resources.lines import LineOrder, answer_lines
from tierlink.schemas.kpis import LineAssessed, LineState
from tierlink.store.lines import LineFilter
from tierlink.store.suppliers import ORDERS, find_supplier, list_suppliers

__all__ = ["router"]

router = APIRouter(prefix="/suppliers", tags=["suppliers"])

SupplierId = Annotated[str, Path(description="the buyer's code of the supplier")]


@router.get("")
def suppliers(
    access: Reader,
    sort: Annotated[
        Literal["worst", "id"],
        Query(
            description="`worst`: most overdue lines first, then whose on-time delivery is surely low"
        ),
    ] = "worst",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[SupplierAnswer]:
    """Suppliers with on-time delivery, its months, states of their lines and turnover days."""
    order = f"suppliers:{sort}"
    after = decode_cursor(order, ORDERS[sort], cursor)
    with access.read() as session:
        page = list_suppliers(session, sort=sort, limit=limit, after=after)
        return ListAnswer(
            items=[supplier_answer(row) for row in page.rows],
            next_cursor=encode_cursor(order, page.next_after),
        )


@router.get("/{supplier_id:segment}")
def supplier(access: Reader, supplier_id: SupplierId) -> SupplierDetailAnswer:
    """One supplier with its parts, stocks and files."""
    with access.read() as session:
        found = find_supplier(session, supplier_id)
        if found is None:
            raise not_found("supplier", supplier_id)
        return supplier_detail_answer(found)


@router.get("/{supplier_id:segment}/lines")
def supplier_lines(
    access: Reader,
    supplier_id: SupplierId,
    state: Annotated[LineState | None, Query(description="only lines in this state")] = None,
    late: Annotated[
        bool | None, Query(description="due and not all there in time, or not so")
    ] = None,
    item: Annotated[str | None, Query(description="only lines of this part")] = None,
    sort: LineOrder = "-late_by_days",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[LineAssessed]:
    """Its schedule lines. A supplier nobody named has none."""
    wanted = LineFilter(supplier_id=supplier_id, state=state, item_id=item, is_late=late)
    return answer_lines(access, wanted, sort, limit, cursor)
