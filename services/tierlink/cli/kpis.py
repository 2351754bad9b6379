"""``tierlink kpi``: the figures in the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from tierlink.cli.console import OUT, tell
from tierlink.installation.errors import ConfigurationError
from tierlink.store.database import ReadModelUnavailableError, reading_once
from tierlink.store.kpis import KpiRow, kpi_table
from tierlink.store.settings import StoreSettings
from tierlink.store.suppliers import read_board

__all__ = ["print_kpis", "show_kpis"]

T = TypeVar("T")
_GOOD, _FAIR = Decimal("0.95"), Decimal("0.8")


def show_kpis(supplier: str | None, *, as_json: bool) -> None:
    """Print the figures of one supplier, or of all.

    Raises:
        ConfigurationError: there is no read model.
    """
    rows = [row for row in _read(kpi_table) if supplier in (None, row.supplier_id)]
    if as_json:
        OUT.print_json(json.dumps([asdict(row) for row in rows], default=str))
    else:
        _print(rows)


def print_kpis() -> None:
    """Print the table of all suppliers and parts, and what became of the files.

    Raises:
        ConfigurationError: there is no read model.
    """
    _print(_read(kpi_table))
    board = _read(read_board)
    tell(
        f"{board.files} files read, {board.refused_rows} of their rows refused: the page shows each cell and remedy."
    )


def _read(query: Callable[[Session], T]) -> T:
    try:
        with reading_once(StoreSettings().read_model_url) as session:
            return query(session)
    except ReadModelUnavailableError as error:
        raise ConfigurationError(
            f"{error}. Is TIERLINK_HOME right, and has 'tierlink up' or 'tierlink project' run there?"
        ) from error


def _print(rows: list[KpiRow]) -> None:
    if not rows:
        tell("no order line and no stock yet: drop a file into a watched folder")
        return
    table = Table(
        title=f"on-time delivery and inventory turnover as of {_as_of(rows)}", box=SIMPLE_HEAD
    )
    table.add_column("supplier, part", overflow="fold")
    for heading in ("  OTD", "95 % int.", "due", "overdue", " OTIF", "turnover"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    before = None
    for row in rows:
        if row.supplier_id != before:
            table.add_section()
        before = row.supplier_id
        table.add_row(*_cells(row), style="bold" if row.item_id is None else None)
    OUT.print(table)
    tell(
        "OTD: share of the due order lines that were all there by the agreed day. Turnover: days stock lasts."
    )


def _as_of(rows: list[KpiRow]) -> date | None:
    return max((row.as_of for row in rows if row.as_of), default=None)


def _cells(row: KpiRow) -> list[str | Text]:
    name = (
        f"  {row.item_id} {row.item_name or ''}"
        if row.item_id
        else f"{row.supplier_id} {row.supplier_name or ''}"
    )
    return [
        name.rstrip(),
        Text(_percent(row.otd), style=_colour(row.otd)),
        _interval(row),
        str(row.due),
        str(row.overdue) if row.overdue else "",
        _percent(row.otif),
        f"{row.turnover_days:.0f} d" if row.turnover_days is not None else "",
    ]


def _percent(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate * 100:.0f} %"


def _interval(row: KpiRow) -> str:
    if row.otd_low is None or row.otd_high is None:
        return ""
    return f"{row.otd_low * 100:.0f}-{row.otd_high * 100:.0f} %"


def _colour(rate: Decimal | None) -> str:
    if rate is None:
        return ""
    return "green" if rate >= _GOOD else "yellow" if rate >= _FAIR else "red"
