"""The KPI tables as they were published, and the joined table the command line prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from sqlmodel import Session, col, select

from tierlink.store.keyset import Page, SortKey, fetch_page
from tierlink.store.suppliers import ALL_PERIODS
from tierlink.store.tables import OtdRow, TurnoverRow

__all__ = [
    "OTD_ORDER",
    "TURNOVER_ORDER",
    "KpiRow",
    "kpi_table",
    "list_otd",
    "list_turnover",
]

OTD_ORDER = (SortKey(col(OtdRow.key), str),)
TURNOVER_ORDER = (SortKey(col(TurnoverRow.key), str),)


@dataclass(frozen=True)
class KpiRow:
    """One line of ``tierlink kpi show``: a supplier (``item_id`` None) or one of its parts.

    ``turnover_days`` of a part is the median over the sites that hold it, of a supplier the median over its parts.
    ``otd`` and its interval are None when nothing is due; all counts are 0 for a part of which only stock is known.
    """

    supplier_id: str
    supplier_name: str | None
    item_id: str | None
    item_name: str | None
    as_of: date | None
    lines: int
    due: int
    overdue: int
    otd: Decimal | None
    otd_low: Decimal | None
    otd_high: Decimal | None
    otif: Decimal | None
    turnover_days: Decimal | None
    turns: Decimal | None


def list_otd(
    session: Session,
    *,
    group: str | None = None,
    period: str | None = None,
    supplier_id: str | None = None,
    item_id: str | None = None,
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[OtdRow]:
    """On-time delivery rows by key. ``group`` is ``supplier`` (all parts of each) or ``part``; None is both."""
    query = select(OtdRow)
    if group is not None:
        query = query.where(
            col(OtdRow.item_id) == "" if group == "supplier" else col(OtdRow.item_id) != ""
        )
    for column, value in (
        (OtdRow.period, period),
        (OtdRow.supplier_id, supplier_id),
        (OtdRow.item_id, item_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    return fetch_page(session, query, OTD_ORDER, limit, after, _entity)


def list_turnover(
    session: Session,
    *,
    period: str | None = None,
    holder_id: str | None = None,
    site: str | None = None,
    item_id: str | None = None,
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[TurnoverRow]:
    """Inventory turnover rows by key, that is by holder, site, item and period."""
    query = select(TurnoverRow)
    for column, value in (
        (TurnoverRow.period, period),
        (TurnoverRow.holder_id, holder_id),
        (TurnoverRow.site, site),
        (TurnoverRow.item_id, item_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    return fetch_page(session, query, TURNOVER_ORDER, limit, after, _entity)


def kpi_table(session: Session) -> list[KpiRow]:
    """On-time delivery over all periods joined with turnover: each supplier, then its parts, by id.

    A part's turnover is that of the supplier's own stock, else of whoever holds it. Stock of firms that deliver
    nothing is listed under its holder.
    """
    delivered = session.exec(select(OtdRow).where(OtdRow.period == ALL_PERIODS)).all()
    by_part: defaultdict[tuple[str, str], list[TurnoverRow]] = defaultdict(list)
    by_item: defaultdict[str, list[TurnoverRow]] = defaultdict(list)
    for stock in session.exec(select(TurnoverRow).where(TurnoverRow.period == ALL_PERIODS)):
        by_part[stock.holder_id, stock.item_id].append(stock)
        by_item[stock.item_id].append(stock)
    otd = {(row.supplier_id, row.item_id): row for row in delivered}
    supplied = {item for _, item in otd}
    parts = {key for key in by_part if key[0] in {s for s, _ in otd} or key[1] not in supplied}
    parts |= {key for key in otd if key[1]}
    suppliers = {supplier for supplier, _ in parts} | {supplier for supplier, _ in otd}
    rows: list[KpiRow] = []
    for supplier in sorted(suppliers):
        own = sorted(item for holder, item in parts if holder == supplier)
        stocks = {item: by_part.get((supplier, item)) or by_item.get(item, []) for item in own}
        everything = [stock for item in own for stock in stocks[item]]
        rows.append(_row(supplier, None, otd.get((supplier, "")), everything))
        rows += [_row(supplier, item, otd.get((supplier, item)), stocks[item]) for item in own]
    return rows


def _row(
    supplier: str, item: str | None, otd: OtdRow | None, stocks: Sequence[TurnoverRow]
) -> KpiRow:
    own = next((stock for stock in stocks if stock.holder_id == supplier), None)
    item_name = (otd.item_name if otd else None) or next((s.item_name for s in stocks), None)
    return KpiRow(
        supplier_id=supplier,
        supplier_name=(otd.supplier_name if otd else None) or (own.holder_name if own else None),
        item_id=item,
        item_name=item_name if item else None,
        as_of=otd.as_of if otd else max((stock.as_of for stock in stocks), default=None),
        lines=otd.lines if otd else 0,
        due=otd.due if otd else 0,
        overdue=otd.overdue if otd else 0,
        otd=otd.otd if otd else None,
        otd_low=otd.otd_low if otd else None,
        otd_high=otd.otd_high if otd else None,
        otif=otd.otif if otd else None,
        turnover_days=_median([stock.turnover_days for stock in stocks]),
        turns=_median([stock.turns for stock in stocks]),
    )


def _median(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _entity(row: Any) -> Any:
    return row[0]
