"""Where things stand in the drawings. Pure; the templates draw them as SVG.

Across, positions are percentages of the width, so a drawing keeps its letters readable on a phone;
downwards they are pixels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from tierlink.store.tables import OtdRow

__all__ = [
    "IntervalBar",
    "Mark",
    "MonthColumn",
    "MonthPlot",
    "Part",
    "Sparkline",
    "TimelinePlot",
    "interval_bar",
    "month_plot",
    "months_between",
    "sparkline",
    "stacked_bar",
    "timeline_plot",
]

_MONTHS_MAX = 13
_MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
_PLOT_HEIGHT = 150
_PLOT_TOP = 8
_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_EDGE = 112, 28, 4
_LANE_HEIGHT = 40
_LANES_TOP = 30
_SAME_PLACE = 5.0
_EDGE = 4.0


@dataclass(frozen=True)
class IntervalBar:
    """The interval of a rate on a track from 0 to 100 %."""

    left: float
    width: float
    dot: float


def interval_bar(rate: Decimal, low: Decimal, high: Decimal) -> IntervalBar:
    """Place a rate and its interval, all from 0 to 1."""
    left, right = float(low) * 100, float(high) * 100
    return IntervalBar(_round(left), _round(max(right - left, 1)), _round(float(rate) * 100))


def months_between(first: str, last: str) -> list[str]:
    """Every month ``YYYY-MM`` from the first to the last."""
    return [
        f"{index // 12:04d}-{index % 12 + 1:02d}"
        for index in range(_month_number(first), _month_number(last) + 1)
    ]


def _month_number(period: str) -> int:
    year, month = period.split("-")
    return int(year) * 12 + int(month) - 1


def _latest_months(rows: Sequence[OtdRow]) -> list[tuple[str, OtdRow | None]]:
    """Months up to the last one with a due line, those without lines too."""
    due = {row.period: row for row in rows if row.otd is not None and _is_month(row.period)}
    if not due:
        return []
    # A due date mistyped by a century must not make a thousand months.
    last = max(due)
    return [(period, due.get(period)) for period in _year_before(min(due), last)]


def _year_before(first: str, last: str) -> list[str]:
    number = _month_number(last)
    begin = max(_month_number(first), number - _MONTHS_MAX + 1)
    return months_between(f"{begin // 12:04d}-{begin % 12 + 1:02d}", last)


def _is_month(period: str) -> bool:
    """The pattern of the contract lets 2026-99 pass, and digits of other scripts."""
    return _MONTH.fullmatch(period) is not None


@dataclass(frozen=True)
class Sparkline:
    """A small line over the months; a month without due lines interrupts it."""

    runs: list[str]
    """Each run as the points of an SVG polyline."""
    dots: list[tuple[float, float]]
    """Months that have no neighbour."""
    last: tuple[float, float]
    width: int = _SPARK_WIDTH
    height: int = _SPARK_HEIGHT


def sparkline(rows: Sequence[OtdRow]) -> Sparkline | None:
    """Draw the months of a supplier; None when no month has a due line."""
    months = _latest_months(rows)
    if not months:
        return None
    step = (_SPARK_WIDTH - 2 * _SPARK_EDGE) / max(len(months) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for position, (_, row) in enumerate(months):
        if row is None or row.otd is None:
            runs.append([])
            continue
        inner = _SPARK_HEIGHT - 2 * _SPARK_EDGE
        runs[-1].append(
            (
                _round(_SPARK_EDGE + position * step),
                _round(_SPARK_EDGE + (1 - float(row.otd)) * inner),
            )
        )
    return Sparkline(
        runs=[" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1],
        dots=[run[0] for run in runs if len(run) == 1],
        last=runs[-1][-1],
    )


@dataclass(frozen=True)
class MonthColumn:
    """One month of the plot. ``row`` is None where nothing was due."""

    period: str
    x: float
    row: OtdRow | None
    y: float = 0
    top: float = 0
    bottom: float = 0


@dataclass(frozen=True)
class MonthPlot:
    """Rate and interval per month. ``links`` join neighbouring months: x1, y1, x2, y2."""

    columns: list[MonthColumn]
    links: list[tuple[float, float, float, float]]
    grid: list[tuple[int, float]]
    top: int = _PLOT_TOP
    height: int = _PLOT_HEIGHT


def month_plot(rows: Sequence[OtdRow]) -> MonthPlot | None:
    """Place the months of a supplier; None when no month has a due line."""
    months = _latest_months(rows)
    if not months:
        return None
    left, width = 9.0, 89.0
    step = width / len(months)
    columns = [_column(period, left + (i + 0.5) * step, row) for i, (period, row) in enumerate(months)]  # fmt: skip
    links = [
        (one.x, one.y, other.x, other.y)
        for one, other in pairwise(columns)
        if one.row and other.row
    ]
    return MonthPlot(columns, links, [(share, _height(share / 100)) for share in (0, 50, 100)])


def _column(period: str, x: float, row: OtdRow | None) -> MonthColumn:
    if row is None or row.otd is None or row.otd_low is None or row.otd_high is None:
        return MonthColumn(period, _round(x), None)
    return MonthColumn(
        period,
        _round(x),
        row,
        _height(float(row.otd)),
        _height(float(row.otd_high)),
        _height(float(row.otd_low)),
    )


def _height(rate: float) -> float:
    return _round(_PLOT_TOP + (1 - rate) * _PLOT_HEIGHT)


@dataclass(frozen=True)
class Part:
    """One piece of a stacked bar, in per cent of its length."""

    name: str
    count: int
    left: float
    width: float


def stacked_bar(counts: Sequence[tuple[str, int]]) -> list[Part]:
    """Lay counts end to end; those of zero are left out."""
    total = sum(count for _, count in counts)
    parts: list[Part] = []
    for name, count in counts:
        if count:
            left = parts[-1].left + parts[-1].width if parts else 0.0
            parts.append(Part(name, count, _round(left), _round(100 * count / total)))
    return parts


@dataclass(frozen=True)
class Mark:
    """A numbered event on the time line; ``kind`` gives its shape, ``level`` lifts it off a neighbour."""

    number: int
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class TimelinePlot:
    """Lanes by who speaks, the window as a band, marks by day."""

    lanes: list[tuple[str, float]]
    marks: list[Mark]
    band: tuple[float, float] | None
    due: float | None
    today: float | None
    ticks: list[tuple[float, date]]
    height: int
    """Of the lanes, in pixels; the days stand below."""


def timeline_plot(
    events: Sequence[tuple[int, str, str, date]],
    window: tuple[date, date] | None,
    today: date | None,
) -> TimelinePlot | None:
    """Place what happened to a line.

    Args:
        events: number, lane, kind and day of each.
        window: first and last day inside it.
        today: the day an open line is judged as of.
    """
    days = [day for *_, day in events] + list(window or ()) + ([today] if today else [])
    if not days:
        return None
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def across(day: date) -> float:
        return _round(_EDGE + (100 - 2 * _EDGE) * (day - first).days / span)

    lanes = list(dict.fromkeys(lane for _, lane, _, _ in sorted(events, key=_by_lane)))
    marks = [
        mark
        for index, lane in enumerate(lanes)
        for mark in _marks(
            [(n, kind, across(day)) for n, where, kind, day in events if where == lane],
            _LANES_TOP + index * _LANE_HEIGHT,
        )
    ]
    return TimelinePlot(
        lanes=[(lane, _LANES_TOP + index * _LANE_HEIGHT) for index, lane in enumerate(lanes)],
        marks=marks,
        band=_band(across(window[0]), across(window[1])) if window else None,
        due=across(window[1]) if window else None,
        today=across(today) if today else None,
        ticks=[(across(day), day) for day in _ticks(first, last)],
        height=_LANES_TOP + max(len(lanes), 1) * _LANE_HEIGHT - 10,
    )


def _band(left: float, right: float) -> tuple[float, float]:
    """Left end and width; a window of one day can be seen too."""
    return left, _round(max(right - left, 0.5))


def _by_lane(event: tuple[int, str, str, date]) -> int:
    return {"buyer": 0, "supplier": 1, "carrier": 2}.get(event[1], 3)


def _marks(events: list[tuple[int, str, float]], y: float) -> list[Mark]:
    """Side by side where they would cover each other."""
    marks: list[Mark] = []
    for number, kind, x in sorted(events, key=lambda event: (event[2], event[0])):
        place = max(x, marks[-1].x + _SAME_PLACE) if marks else x
        marks.append(Mark(number, kind, _round(min(place, 98.5)), y))
    return marks


def _ticks(first: date, last: date) -> list[date]:
    """A handful of days for the axis: months' beginnings, else even steps."""
    span = (last - first).days
    firsts = [
        date(day.year, day.month, 1)
        for day in (first + timedelta(days=offset) for offset in range(0, min(span, 4000) + 1, 28))
    ]
    months = sorted({day for day in firsts if first <= day <= last})
    if 3 <= len(months) <= 5:
        return months
    step = max(span // 4, 1)
    return [first + timedelta(days=offset) for offset in range(0, span + 1, step)][:5]


def _round(value: float) -> float:
    return round(value, 2)
