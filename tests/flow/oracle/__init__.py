"""The oracle: KPIs recomputed from the raw log in DuckDB SQL, to compare the processors with.

It shares no code with ``tierlink.kpi``; it is set-based where that is step by step, and goes day by day
where that goes fact by fact. It takes any dump of the fact topics: record values, one JSON each, in any order.
Limits: quantities and costs up to 12 digits before and 6 after the point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import duckdb

__all__ = ["lines", "on_time", "turnover"]

SQL = Path(__file__).parent
_ON_TIME = ("facts", "lines", "terms", "arrivals", "on_time")
_TURNOVER = ("facts", "turnover")


class Policy(Protocol):
    """What the oracle reads of an on-time policy."""

    @property
    def early_days(self) -> int: ...
    @property
    def late_days(self) -> int: ...
    @property
    def weekdays(self) -> tuple[int, ...]: ...
    @property
    def holidays(self) -> tuple[date, ...]: ...
    @property
    def under_tol(self) -> Decimal: ...
    @property
    def over_tol(self) -> Decimal: ...


Key = tuple[str, str | None, str]


def on_time(log_lines: Iterable[bytes], as_of: date, policy: Policy) -> dict[Key, dict[str, Any]]:
    """Counts and rates by (supplier, item or None, period).

    Values: lines, due, not_late, in_window, in_full, overdue, undated (int); otd, otd_window, otif,
    coverage (float rounded to six places, or None).
    """
    with _computed(log_lines, as_of, policy, _ON_TIME) as db:
        rows = _rows(db, "FROM totals")
    return {(row.pop("supplier"), row.pop("part"), row.pop("period")): row for row in rows}


def lines(log_lines: Iterable[bytes], as_of: date, policy: Policy) -> dict[str, dict[str, Any]]:
    """What each line comes to, by line_id: to find where two computations part."""
    columns = (
        "line_id, supplier, item, qty AS quantity, unit, baseline_on, window_from, window_to, "
        "received AS received_quantity, by_due AS by_due_quantity, in_window AS in_window_quantity, "
        "is_due, cancelled_by, cancelled_on"
    )
    with _computed(log_lines, as_of, policy, _ON_TIME) as db:
        rows = _rows(db, f"SELECT {columns} FROM judged")
    return {row.pop("line_id"): row for row in rows}


def turnover(log_lines: Iterable[bytes], as_of: date) -> dict[tuple[str, ...], dict[str, Any]]:
    """Turnover by (holder, site, item, period).

    Values: as ``InventoryTurnoverPublished``; quantities are Decimal, average_balance, turns and
    turnover_days float rounded to six places or None.
    """
    with _computed(log_lines, as_of, None, _TURNOVER) as db:
        rows = _rows(db, "FROM turnover")
    names = ("holder", "site", "item", "period")
    return {tuple(row.pop(name) for name in names): row for row in rows}


@contextmanager
def _computed(
    log_lines: Iterable[bytes], as_of: date, policy: Policy | None, scripts: tuple[str, ...]
) -> Iterator[duckdb.DuckDBPyConnection]:
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        log = Path(folder) / "log.ndjson"
        log.write_bytes(b"".join(line.strip() + b"\n" for line in log_lines))
        db.execute("SET threads = 1")
        db.execute("CREATE TEMP TABLE log(body JSON)")
        if log.stat().st_size:
            db.execute("INSERT INTO log SELECT json FROM read_ndjson_objects(?)", [str(log)])
        db.execute(
            "CREATE TEMP TABLE settings(as_of DATE, early_days INT, late_days INT, weekdays INT[], "
            "under_tol DECIMAL(9, 6), over_tol DECIMAL(9, 6))"
        )
        db.execute("CREATE TEMP TABLE holidays(day DATE)")
        if policy is None:
            db.execute("INSERT INTO settings(as_of) VALUES (?)", [as_of])
        else:
            tolerances = [policy.under_tol, policy.over_tol]
            terms = [policy.early_days, policy.late_days, list(policy.weekdays), *tolerances]
            db.execute("INSERT INTO settings VALUES (?, ?, ?, ?, ?, ?)", [as_of, *terms])
            for day in policy.holidays:
                db.execute("INSERT INTO holidays VALUES (?)", [day])
        for name in scripts:
            db.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        yield db


def _rows(db: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = db.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
