"""KPIs as they were published."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from tierlink.api.models import ListAnswer, otd_published, turnover_published
from tierlink.api.paging import decode_cursor, encode_cursor
from tierlink.api.reading import Cursor, Limit, Reader
from tierlink.schemas.kpis import InventoryTurnoverPublished, OnTimeDeliveryPublished
from tierlink.store.kpis import OTD_ORDER, TURNOVER_ORDER, list_otd, list_turnover

__all__ = ["router"]

router = APIRouter(prefix="/kpis", tags=["kpis"])

Period = Annotated[
    str | None,
    Query(pattern=r"^(\d{4}-\d{2}|all)$", description="a month as YYYY-MM, or `all`"),
]


@router.get("/otd")
def on_time_delivery(
    access: Reader,
    group: Annotated[
        Literal["supplier", "part"] | None,
        Query(description="only totals of suppliers, or only their parts"),
    ] = None,
    period: Period = None,
    supplier: Annotated[str | None, Query(description="only this supplier")] = None,
    item: Annotated[str | None, Query(description="only this part")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[OnTimeDeliveryPublished]:
    """On-time delivery by supplier, part and month: rate, n and Wilson 95 % interval."""
    after = decode_cursor("otd", OTD_ORDER, cursor)
    with access.read() as session:
        page = list_otd(
            session,
            group=group,
            period=period,
            supplier_id=supplier,
            item_id=item,
            limit=limit,
            after=after,
        )
        return ListAnswer(
            items=[otd_published(row) for row in page.rows],
            next_cursor=encode_cursor("otd", page.next_after),
        )


@router.get("/turnover")
def inventory_turnover(
    access: Reader,
    period: Period = None,
    holder: Annotated[str | None, Query(description="only stock of this firm")] = None,
    site: Annotated[str | None, Query(description="only this warehouse or plant")] = None,
    item: Annotated[str | None, Query(description="only this part")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[InventoryTurnoverPublished]:
    """Inventory turnover by holder, site, item and month: turns, days, and the balances behind them."""
    after = decode_cursor("turnover", TURNOVER_ORDER, cursor)
    with access.read() as session:
        page = list_turnover(
            session,
            period=period,
            holder_id=holder,
            site=site,
            item_id=item,
            limit=limit,
            after=after,
        )
        return ListAnswer(
            items=[turnover_published(row) for row in page.rows],
            next_cursor=encode_cursor("turnover", page.next_after),
        )
