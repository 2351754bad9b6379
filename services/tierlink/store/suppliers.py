"""Suppliers with everything one row of the board shows, in six queries whatever their number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_
from sqlmodel import Session, col, select

from tierlink.store.columns import PlainText
from tierlink.store.keyset import Page, SortKey, fetch_page
from tierlink.store.tables import FileRow, LineRow, OtdRow, SupplierFile, TurnoverRow

__all__ = [
    "ALL_PERIODS",
    "ORDERS",
    "Board",
    "SupplierSummary",
    "find_supplier",
    "list_suppliers",
    "read_board",
]

ALL_PERIODS = "all"
_NO_RATE = literal("~")
"""Sorts behind every rate: suppliers with nothing due come last."""

_WORST_FIRST = (
    SortKey(col(OtdRow.overdue), int, descending=True),
    SortKey(func.coalesce(col(OtdRow.otd_high), _NO_RATE, type_=PlainText), str),
    SortKey(col(OtdRow.supplier_id), str),
)
_BY_ID = (SortKey(col(OtdRow.supplier_id), str),)
ORDERS: dict[str, tuple[SortKey, ...]] = {"worst": _WORST_FIRST, "id": _BY_ID}
"""``worst``: most overdue lines first; then whose OTD is surely low (upper end of the Wilson interval)."""


@dataclass
class SupplierSummary:
    """One supplier. ``total`` is None for one that only holds stock."""

    id: str
    name: str | None = None
    total: OtdRow | None = None
    months: list[OtdRow] = field(default_factory=list)
    """Oldest first; months without lines are not there."""
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    """Lines due and not all there in time: delivered late, short, overdue or cancelled by the supplier."""
    parts: list[OtdRow] = field(default_factory=list)
    turnover: list[TurnoverRow] = field(default_factory=list)
    """Over all periods: its own stock, else the stock others hold of its parts."""
    files: list[FileRow] = field(default_factory=list)
    """Newest first."""

    @property
    def turnover_days(self) -> Decimal | None:
        """Median over its items and sites; None where nothing moved."""
        days = [row.turnover_days for row in self.turnover if row.turnover_days is not None]
        return median(days) if days else None

    @property
    def refused_rows(self) -> int:
        """Rows held or rejected in the latest versions of its files."""
        return sum(row.held + row.rejected for row in self.files)


@dataclass(frozen=True)
class Board:
    """All suppliers together. ``as_of`` is None when there is none."""

    as_of: date | None
    suppliers: int
    lines: int
    due: int
    not_late: int
    overdue: int
    refused_rows: int
    files: int

    @property
    def rate(self) -> Decimal | None:
        """On-time delivery over all suppliers; None when nothing is due."""
        return Decimal(self.not_late) / self.due if self.due else None


def read_board(session: Session) -> Board:
    """Totals over all suppliers and files."""
    sums = [
        func.coalesce(func.sum(column), 0)
        for column in (OtdRow.lines, OtdRow.due, OtdRow.not_late, OtdRow.overdue)
    ]
    totals = select(func.max(OtdRow.as_of), func.count(), *sums).where(
        OtdRow.period == ALL_PERIODS, OtdRow.item_id == ""
    )
    refused = func.coalesce(func.sum(col(FileRow.held) + col(FileRow.rejected)), 0)
    as_of, *counts = session.execute(totals).one()
    refused_rows, files = session.execute(select(refused, func.count()).select_from(FileRow)).one()
    suppliers, lines, due, not_late, overdue = map(int, counts)
    return Board(
        as_of=as_of,
        suppliers=suppliers,
        lines=lines,
        due=due,
        not_late=not_late,
        overdue=overdue,
        refused_rows=int(refused_rows),
        files=int(files),
    )


def list_suppliers(
    session: Session,
    *,
    sort: str = "worst",
    limit: int = 50,
    after: Sequence[Any] | None = None,
) -> Page[SupplierSummary]:
    """Suppliers with at least one schedule line.

    Args:
        session: of the read model.
        sort: a key of ORDERS.
        limit: rows at most.
        after: where the last page ended.
    """
    totals = select(OtdRow).where(OtdRow.period == ALL_PERIODS, OtdRow.item_id == "")
    page = fetch_page(session, totals, ORDERS[sort], limit, after, lambda row: _from_total(row[0]))
    _complete(session, {supplier.id: supplier for supplier in page.rows})
    return page


def find_supplier(session: Session, supplier_id: str) -> SupplierSummary | None:
    """One supplier, also one of which only stock or a file is known; None when nobody ever named it."""
    total = session.exec(
        select(OtdRow).where(
            OtdRow.supplier_id == supplier_id, OtdRow.period == ALL_PERIODS, OtdRow.item_id == ""
        )
    ).first()
    supplier = _from_total(total) if total else SupplierSummary(supplier_id)
    _complete(session, {supplier_id: supplier})
    if total is None and supplier.turnover:
        supplier.name = supplier.turnover[0].holder_name
    is_known = total or supplier.turnover or supplier.states or supplier.files
    return supplier if is_known else None


def _from_total(total: OtdRow) -> SupplierSummary:
    return SupplierSummary(total.supplier_id, total.supplier_name, total)


def _complete(session: Session, suppliers: dict[str, SupplierSummary]) -> None:
    if not suppliers:
        return
    _add_otd(session, suppliers)
    _add_states(session, suppliers)
    _add_turnover(session, suppliers)
    _add_files(session, suppliers)


def _add_otd(session: Session, suppliers: dict[str, SupplierSummary]) -> None:
    wanted = select(OtdRow).where(
        col(OtdRow.supplier_id).in_(suppliers),
        or_(_is(OtdRow.item_id, ""), _is(OtdRow.period, ALL_PERIODS)),
    )
    for row in session.exec(wanted.order_by(col(OtdRow.period), col(OtdRow.item_id))):
        supplier = suppliers[row.supplier_id]
        if row.item_id:
            supplier.parts.append(row)
        elif row.period != ALL_PERIODS:
            supplier.months.append(row)


def _add_states(session: Session, suppliers: dict[str, SupplierSummary]) -> None:
    counts = (
        select(LineRow.supplier_id, LineRow.state, LineRow.is_late, func.count())
        .where(col(LineRow.supplier_id).in_(suppliers))
        .group_by(col(LineRow.supplier_id), col(LineRow.state), col(LineRow.is_late))
    )
    for supplier_id, state, is_late, count in session.exec(counts):
        suppliers[supplier_id].states[state] += count
        suppliers[supplier_id].late += count if is_late else 0


def _add_turnover(session: Session, suppliers: dict[str, SupplierSummary]) -> None:
    suppliers_of_item: defaultdict[str, list[str]] = defaultdict(list)
    for supplier in suppliers.values():
        for part in supplier.parts:
            suppliers_of_item[part.item_id].append(supplier.id)
    wanted = select(TurnoverRow).where(
        TurnoverRow.period == ALL_PERIODS,
        or_(
            col(TurnoverRow.holder_id).in_(suppliers),
            col(TurnoverRow.item_id).in_(suppliers_of_item),
        ),
    )
    elsewhere: defaultdict[str, list[TurnoverRow]] = defaultdict(list)
    for row in session.exec(wanted.order_by(col(TurnoverRow.item_id), col(TurnoverRow.key))):
        if row.holder_id in suppliers:
            suppliers[row.holder_id].turnover.append(row)
            continue
        for supplier_id in suppliers_of_item[row.item_id]:
            elsewhere[supplier_id].append(row)
    for supplier_id, rows in elsewhere.items():
        own = {row.item_id for row in suppliers[supplier_id].turnover}
        suppliers[supplier_id].turnover += [row for row in rows if row.item_id not in own]


def _add_files(session: Session, suppliers: dict[str, SupplierSummary]) -> None:
    by_fact = (
        select(SupplierFile.supplier_id, FileRow)
        .join(FileRow, col(FileRow.file_id) == col(SupplierFile.file_id))
        .where(col(SupplierFile.supplier_id).in_(suppliers))
    )
    by_folder = select(FileRow.folder, FileRow).where(col(FileRow.folder).in_(suppliers))
    found: dict[tuple[str, str], FileRow] = {}
    for supplier_id, row in [*session.exec(by_fact), *session.exec(by_folder)]:
        assert supplier_id is not None
        found[supplier_id, row.file_id] = row
    for (supplier_id, _), row in sorted(
        found.items(), key=lambda entry: (entry[1].recorded_at, entry[1].file_id), reverse=True
    ):
        suppliers[supplier_id].files.append(row)


def _is(column: Any, value: str) -> ColumnElement[bool]:
    return col(column) == value
