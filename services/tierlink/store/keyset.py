"""Pages by keyset: where the last page ended is a value, not a count, so rows that come in between shift nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_
from sqlmodel import Session

__all__ = ["LIMIT_MAX", "Page", "SortKey", "fetch_page"]

LIMIT_MAX = 200

T = TypeVar("T")


@dataclass(frozen=True)
class SortKey:
    """One column of an order; together the columns of an order are unique and never null.

    ``column`` is a mapped attribute or an SQL expression, ``kind`` the Python type of its values.
    """

    column: Any
    kind: type
    descending: bool = False

    def after(self, value: Any) -> ColumnElement[bool]:
        """Rows past ``value``."""
        past: ColumnElement[bool] = self.column < value if self.descending else self.column > value
        return past

    def ordered(self) -> ColumnElement[Any]:
        """For ORDER BY."""
        ordered: ColumnElement[Any] = self.column.desc() if self.descending else self.column.asc()
        return ordered


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows, and the sort values of the last one when more follow."""

    rows: list[T]
    next_after: tuple[Any, ...] | None


def fetch_page(
    session: Session,
    select: Select[Any],
    order: Sequence[SortKey],
    limit: int,
    after: Sequence[Any] | None,
    build: Callable[[Any], T],
) -> Page[T]:
    """Run ``select`` from where the last page ended.

    Args:
        session: of the read model.
        select: what to read, without order; one entity or several columns.
        order: unique together.
        limit: 1 to LIMIT_MAX rows.
        after: sort values of the last row seen; None for the first page.
        build: from a result row to what is handed back.
    """
    if after is not None:
        select = select.where(_past(order, after))
    statement = select.add_columns(*(key.column for key in order))
    statement = statement.order_by(*(key.ordered() for key in order)).limit(limit + 1)
    found = list(session.execute(statement))
    rows, width = found[:limit], len(order)
    following = tuple(rows[-1][-width:]) if len(found) > limit else None
    return Page([build(row[:-width]) for row in rows], following)


def _past(order: Sequence[SortKey], after: Sequence[Any]) -> ColumnElement[bool]:
    """``(a, b, c)`` past ``(x, y, z)``: a past x, or a = x and b past y, and so on."""
    condition: ColumnElement[bool] = false()
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(order, after, strict=True):
        condition = or_(condition, and_(*equal, key.after(value)))
        equal.append(key.column == value)
    return condition
