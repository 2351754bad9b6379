"""Dates written by people: the order of day and month decided per column, never guessed; a day stays a day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.texts import is_empty_marker, is_not_yet_known, refuse_error_cell
from tierlink.connectors.contract import Cell, CellKind

__all__ = [
    "DateColumn",
    "DateOrder",
    "Moment",
    "find_date",
    "is_serial",
    "parse_clock",
    "parse_date",
    "parse_moment",
]

DateOrder = Literal["dmy", "mdy", "ymd"]

YEAR_MIN: Final = 1990
YEAR_MAX: Final = 2099
SHORT_YEAR_WINDOW: Final = 8
"""A two-digit year is believed only this many years around the document's own: ``10.03.26`` is not 2010."""
SERIAL_MIN: Final = 20_000
SERIAL_MAX: Final = 80_000
FRIDAY: Final = 5
_OFFSET_MINUTES_MAX: Final = 14 * 60
_SERIAL_EPOCH: Final = date(1899, 12, 30)
_SERIAL_LIKELY: Final = range(36_526, 55_153)  # 2000 to 2050

_MONTHS: Final[dict[str, int]] = {
    name: month
    for month, names in enumerate(
        (
            "jan january januar jänner", "feb february februar", "mar march mär märz mrz maerz", "apr april",
            "may mai", "jun june juni", "jul july juli", "aug august", "sep sept september", "oct october okt oktober",
            "nov november", "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_EMPTY_DATES: Final = frozenset(
    {"0", "00000000", "0000-00-00", "00.00.0000", "00/00/0000", "0000/00/00", "00:00:00", "99991231", "9999-12-31",
     "31.12.9999", "12/31/9999", "31/12/9999"}
)  # fmt: skip
_CLOCK: Final = re.compile(
    r"(?:^|[T, ]|(?<=[日号]))\s*(?P<before>上午|下午|早上|晚上|中午)?\s*"
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}[时点]\d{1,2}分?)(?:[.,]\d+)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?:uhr|h\b)?\s*"
    r"(?P<zone>Z|\(?(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?\)?|\(?[A-Z]{3,5}\)?|[A-Z][a-z]+/[A-Z][A-Za-z_]+)?$",
    re.IGNORECASE,
)
_ZONES: Final = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "HKT": 480, "SGT": 480, "JST": 540, "KST": 540, "EST": -300, "EDT": -240, "CDT": -300,
    "MDT": -360, "PDT": -420,
}  # fmt: skip
"""Minutes east of UTC, of names that mean one zone (CST, IST, BST, MST and PST mean several)."""
_THREE: Final = re.compile(r"^(\d{1,4})\s*([-./])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?$")
_CHINESE: Final = re.compile(r"^(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$")
_COMPACT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_DAY_MONTH_NAME: Final = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th)?[.\s-]*([a-zäöü]{3,9})\.?[\s,-]*(\d{4}|\d{2})$"
)
_MONTH_NAME_DAY: Final = re.compile(
    r"^([a-zäöü]{3,9})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[\s,-]+(\d{4}|\d{2})$"
)
_WEEK: Final = (
    re.compile(r"^(?P<year>\d{4})\s*[-/ ]?\s*(?:kw|cw|wk|w|week)\s*\.?-?\s*(?P<week>\d{1,2})$"),
    re.compile(r"^(?:kw|cw|wk|w|week)\s*\.?\s*(?P<week>\d{1,2})\s*[-/., ]\s*(?P<year>\d{4})$"),
    re.compile(r"^(?P<year>\d{4})\s*年?\s*第?\s*(?P<week>\d{1,2})\s*周$"),
)
_PARTIAL: Final = re.compile(
    r"^(?:\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{4}\s*年\s*\d{1,2}\s*月|\d{1,2}\s*[./-]\s*\d{1,2}\.?|\d{4}[-/.]\d{1,2}"
    r"|(?:kw|cw|wk|w|week)\s*\.?\s*\d{1,2}|第?\s*\d{1,2}\s*周|[a-zäöü]{3,9}\.?\s*\d{2,4})$"
)
_IN_TEXT: Final = re.compile(
    r"(?<!\d)(?:(20\d{2})[-./_ ]?(0[1-9]|1[0-2])[-./_ ]?(0[1-9]|[12]\d|3[01])"
    r"|(20\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
    r"|(\d{1,2})\.(\d{1,2})\.(20\d{2})|(20\d{2})[-./](\d{1,2})[-./](\d{1,2}))(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A local calendar day, and the instant when the source gave a clock time with its zone."""

    day: date
    at: datetime | None = None


class DateColumn:
    """What all values of one column say about the order of day, month and year; constant memory."""

    def __init__(self, setting: Literal["auto", "dmy", "mdy", "ymd"], near: date) -> None:
        """Start undecided.

        Args:
            setting: the feed's ``date_order``.
            near: the document's own day; bounds what two-digit years may mean.
        """
        self._setting = setting
        self.near = near
        self._orders: set[DateOrder] = {"dmy", "mdy", "ymd"}
        self._adopted: DateOrder | None = None

    def observe(self, cell: Cell) -> None:
        """Take one cell into account; cells whose order is not in question say nothing."""
        if cell.kind is not CellKind.TEXT:
            return
        readings = _three_part_readings(_normalise(cell.text)[0], self.near)
        if readings and not _is_year_first(cell.text):
            self._orders &= set(readings)

    @property
    def order(self) -> DateOrder | None:
        """The order; null when undecided or when the column contradicts itself."""
        if self._setting != "auto":
            return self._setting
        return self.proven or self._adopted

    @property
    def proven(self) -> DateOrder | None:
        """The order its own values prove."""
        return next(iter(self._orders)) if len(self._orders) == 1 else None

    @property
    def is_contradictory(self) -> bool:
        """Tell whether no order fits all values."""
        return not self._orders

    def adopt(self, notation: DateOrder) -> None:
        """Read undecided values as the other columns of the list are written."""
        if notation in self._orders:
            self._adopted = notation


def parse_date(cell: Cell, column: DateColumn) -> date | None:
    """Read a calendar day; null for an empty marker. A week means its Friday (domain 6.1).

    Raises:
        ValueRefusedError: unreadable, impossible, incomplete, out of range, or (held) of two readings.
    """
    moment = parse_moment(cell, column)
    return None if moment is None else moment.day


def parse_moment(cell: Cell, column: DateColumn, clock_beside: str | None = None) -> Moment | None:
    """Read a day and, when clock time and zone are given, the instant; null for an empty marker.

    Args:
        cell: the day, perhaps with the time.
        column: what its column says about the order of day and month.
        clock_beside: the time of day from a cell of its own, as :func:`parse_clock` gave it.

    Raises:
        ValueRefusedError: as :func:`parse_date`.
    """
    refuse_error_cell(cell)
    text, clock = _normalise(cell.text)
    if text in _EMPTY_DATES or is_empty_marker(text) or is_not_yet_known(text):
        return None
    if cell.kind is CellKind.BOOLEAN:
        raise ValueRefusedError("date-unreadable", cell.text)
    day = _serial_day(text, cell.kind, column.near)
    if day is None:
        day = _read_day(text, cell.text, column)
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueRefusedError("date-implausible", cell.text, expected=f"{YEAR_MIN}-{YEAR_MAX}")
    if clock is None and clock_beside is not None:
        clock = _CLOCK.match(clock_beside)
    return Moment(day, _instant(day, clock, cell.text))


def find_date(text: str) -> date | None:
    """Find the one whole date in a title, sheet or file name (``库存表 2026-03-10``); null if none or several."""
    found = set()
    for groups in _IN_TEXT.findall(unicodedata.normalize("NFKC", text)):
        compact, chinese, german, loose = groups[0:3], groups[3:6], groups[8:5:-1], groups[9:12]
        year, month, day = next(parts for parts in (compact, chinese, german, loose) if parts[0])
        whole = _whole(int(year), int(month), int(day))
        if whole is not None:
            found.add(whole)
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=8_192)
def _normalise(text: str) -> tuple[str, re.Match[str] | None]:
    plain = " ".join(
        unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-").split()
    )
    clock = _CLOCK.search(plain)
    if clock is not None and clock.start() > 0:
        return plain[: clock.start()].strip().casefold(), clock
    return plain.casefold(), None


def is_serial(text: str) -> bool:
    """Tell whether a number may be one of Excel's day numbers: five digits, of this half century."""
    whole = text.partition(".")[0]
    return whole.isascii() and whole.isdigit() and int(whole[:9]) in _SERIAL_LIKELY


def _serial_day(text: str, kind: CellKind, near: date) -> date | None:
    """Excel's day number as a day. As text (a CSV made of General cells) only close to the document's own day."""
    whole = text.partition(".")[0]
    if not (whole.isascii() and whole.isdigit() and len(whole) == 5):
        return None
    if not SERIAL_MIN <= int(whole) <= SERIAL_MAX:
        return None
    found = _SERIAL_EPOCH + timedelta(days=int(whole))
    if kind is not CellKind.NUMBER and abs(found.year - near.year) > SHORT_YEAR_WINDOW:
        return None
    return found


def _read_day(text: str, found: str, column: DateColumn) -> date:
    fixed = _fixed_order(text, column.near)
    if fixed is not None:
        day = _whole(*fixed)
        if day is None:
            raise ValueRefusedError("date-impossible", found)
        return day
    if (week := _week_friday(text, found)) is not None:
        return week
    if _THREE.match(text):
        return _three_part_day(text, found, column)
    if _PARTIAL.match(text):
        raise ValueRefusedError("date-incomplete", found)
    raise ValueRefusedError("date-unreadable", found)


def _fixed_order(text: str, near: date) -> tuple[int, int, int] | None:
    """Year, month and day where the notation itself says which is which."""
    if chinese := _CHINESE.match(text):
        return _full_year(chinese[1], near), int(chinese[2]), int(chinese[3])
    if compact := _COMPACT.match(text):
        return int(compact[1]), int(compact[2]), int(compact[3])
    if (named := _DAY_MONTH_NAME.match(text)) and named[2] in _MONTHS:
        return _full_year(named[3], near), _MONTHS[named[2]], int(named[1])
    if (named := _MONTH_NAME_DAY.match(text)) and named[1] in _MONTHS:
        return _full_year(named[3], near), _MONTHS[named[1]], int(named[2])
    return None


def _week_friday(text: str, found: str) -> date | None:
    for pattern in _WEEK:
        if week := pattern.match(text):
            try:
                return date.fromisocalendar(int(week["year"]), int(week["week"]), FRIDAY)
            except ValueError as error:
                raise ValueRefusedError("date-impossible", found) from error
    return None


def _three_part_day(text: str, found: str, column: DateColumn) -> date:
    readings = _three_part_readings(text, column.near)
    if not readings:
        raise ValueRefusedError("date-impossible", found)
    order = column.order
    if order is not None and order in readings:
        return readings[order]
    days = sorted(set(readings.values()))
    if len(days) > 1:
        raise ValueRefusedError(
            "date-ambiguous", found, expected=" / ".join(day.isoformat() for day in days), held=True
        )
    if order is not None and not _is_year_first(text) and "." not in text:
        raise ValueRefusedError("date-impossible", found, expected=order)
    return days[0]


def _is_year_first(text: str) -> bool:
    return bool(re.match(r"^\s*\d{4}", unicodedata.normalize("NFKC", text)))


@lru_cache(maxsize=8_192)
def _three_part_readings(text: str, near: date) -> Mapping[DateOrder, date]:
    """Every order in which three numbers are a real day. Dots never mean month first."""
    three = _THREE.match(text)
    if three is None:
        return {}
    first, mark, middle, last = three.groups()
    candidates: dict[DateOrder, tuple[str, str, str]] = {}
    if len(first) == 4:
        candidates["ymd"] = (first, middle, last)
    else:
        candidates["dmy"] = (last, middle, first)
        if mark != ".":
            candidates["mdy"] = (last, first, middle)
        if len(first) == 2 and len(last) <= 2:
            candidates["ymd"] = (first, middle, last)
    readings: dict[DateOrder, date] = {}
    for order, (year, month, day) in candidates.items():
        if len(year) not in {2, 4} or len(month) > 2 or len(day) > 2:
            continue
        whole = _whole(_full_year(year, near), int(month), int(day))
        if whole is not None and (
            len(year) == 4 or abs(whole.year - near.year) <= SHORT_YEAR_WINDOW
        ):
            readings[order] = whole
    return readings


def _full_year(year: str, near: date) -> int:
    return int(year) if len(year) == 4 else near.year // 100 * 100 + int(year)


def _whole(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_clock(text: str) -> str | None:
    """Read a time of day from a cell of its own (``14:30``, ``2:30 PM +08:00``); null where there is none."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return plain if _CLOCK.match(plain) else None


def _instant(day: date, clock: re.Match[str] | None, found: str) -> datetime | None:
    """An instant needs a zone: without one, or with a name of several zones, a clock time stays unread."""
    if clock is None or clock["zone"] is None:
        return None
    local = datetime.combine(day, _time_of_day(clock, found), tzinfo=UTC)
    name = clock["zone"].strip("()")
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", name, re.IGNORECASE)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > _OFFSET_MINUTES_MAX:
            raise ValueRefusedError("date-impossible", found)
        return local - timedelta(minutes=-minutes if offset[1] == "-" else minutes)
    if "/" in name:
        try:
            return local.replace(tzinfo=ZoneInfo(name)).astimezone(UTC)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    east = _ZONES.get(name.upper())
    return None if east is None else local - timedelta(minutes=east)


def _time_of_day(clock: re.Match[str], found: str) -> time:
    hour, minute, second = (int(part) for part in [*re.findall(r"\d+", clock["clock"]), "0"][:3])
    half = (clock["half"] or "").lower()
    if half and hour > 12:
        raise ValueRefusedError("date-impossible", found)
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif clock["before"] in {"下午", "晚上"} and hour < 12:
        hour += 12
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise ValueRefusedError("date-impossible", found) from error
