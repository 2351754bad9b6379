"""The load: order lines and their receipts as the ERP export connector publishes them, deterministic by seed.

What a line says (quantities, days, supplier) is drawn once with numpy; a record's bytes are made when asked for, by
filling in a template that the project's own models wrote (:mod:`harness.templates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property

import numpy as np

from harness.templates import PlacedText, ReceiptText, records_differ

__all__ = ["BUYER", "Fact", "Load", "Record", "Shape", "day_text", "halves_text"]

Record = tuple[bytes, bytes]
"""Key and value."""

BUYER = "ACME"
LINES_PER_ORDER = 4
SUPPLIERS = 200
ITEMS = 997
FIRST_DAY = date(2026, 1, 5)
DAYS = 420
QUANTITY_MOST = 5_000
_SAMPLE = 1_000
_KINDS = 4
_REPEATS = 0.02
_REVISED = 0.01
_SPLIT = 0.2
_EARLY = 0.05
_SHORT = 0.03
_OVER = 0.02


class Fact(IntEnum):
    """What a record says of its line. A record's code is ``line * 4 + fact``."""

    PLACED = 0
    RECEIVED = 1
    RECEIVED_REST = 2
    REVISED = 3


@dataclass(frozen=True)
class Shape:
    """How large a load is, and the seed of everything random in it."""

    lines: int
    seed: int = 20261125


class Load:
    """Facts of ``lines`` schedule lines, four to a purchase order."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        count, draw = shape.lines, np.random.default_rng(shape.seed)
        self.supplier = draw.integers(0, SUPPLIERS, count)
        self.item = draw.integers(0, ITEMS, count)
        halves = draw.integers(1, QUANTITY_MOST, count) * 2
        self.quantity = halves + (draw.random(count) < 0.1)
        self.ordered_on = draw.integers(0, DAYS - 120, count)
        self.requested_on = self.ordered_on + draw.integers(15, 60, count)
        lag = np.clip(np.rint(draw.normal(-0.5, 3, count)), -12, 20).astype(np.int64)
        self.received_on = self.requested_on + lag
        self.rest_on = self.received_on + draw.integers(0, 6, count)
        self.is_split = draw.random(count) < _SPLIT
        self.is_revised = draw.random(count) < _REVISED
        self.is_whole = draw.random(count) >= _SHORT + _OVER
        is_short = ~self.is_whole & (draw.random(count) < _SHORT / (_SHORT + _OVER))
        factor = np.where(self.is_whole, 100, np.where(is_short, 70, 110))
        received = np.maximum(self.quantity * factor // 100, 1)
        first = np.maximum(received * draw.integers(20, 80, count) // 100, 1)
        self.first_quantity = np.where(self.is_split, first, received)
        self.rest_quantity = np.maximum(received - first, 1)
        is_of_quantity = draw.random(count) < 0.5
        self.revised_quantity = np.where(is_of_quantity, self.quantity + 20, self.quantity)
        self.revised_on = np.where(is_of_quantity, self.requested_on, self.requested_on + 7)
        self._draw = draw

    @cached_property
    def shuffled(self) -> np.ndarray:
        """Codes of all records in the order in which they are sent.

        A receipt follows its order line after 2 to 20 % of the lines; one in twenty precedes it. Second revisions
        may precede the first. Two records in a hundred come twice.
        """
        count, draw = self.shape.lines, self._draw
        lines = np.arange(count)

        def after_the_line(part: np.ndarray) -> np.ndarray:
            gap = draw.uniform(0.02, 0.2, part.size)
            early = draw.uniform(-0.02, 0, part.size)
            return part + count * np.where(draw.random(part.size) < _EARLY, early, gap)

        split, revised = lines[self.is_split], lines[self.is_revised]
        codes = np.concatenate(
            [
                lines * _KINDS + Fact.PLACED,
                lines * _KINDS + Fact.RECEIVED,
                split * _KINDS + Fact.RECEIVED_REST,
                revised * _KINDS + Fact.REVISED,
            ]
        )
        places = np.concatenate(
            [
                lines.astype(float),
                after_the_line(lines),
                after_the_line(split),
                revised + count * draw.uniform(-0.01, 0.15, revised.size),
            ]
        )
        again = draw.integers(0, codes.size, int(codes.size * _REPEATS))
        codes = np.concatenate([codes, codes[again]])
        places = np.concatenate([places, places[again] + count * draw.uniform(0, 0.1, again.size)])
        return codes[np.argsort(places, kind="stable")]

    @cached_property
    def placed_only(self) -> np.ndarray:
        """Codes of the order lines alone, in order."""
        return np.arange(self.shape.lines) * _KINDS + Fact.PLACED

    def records(self, codes: Iterable[int]) -> Iterator[Record]:
        """Records of codes, one after the other."""
        for code in codes:
            line, fact = divmod(int(code), _KINDS)
            yield self.record(line, Fact(fact))

    def record(self, line: int, fact: Fact) -> Record:
        """Key and value of a record."""
        if fact is Fact.PLACED:
            return self.placed(line, 1, self.quantity[line], self.requested_on[line])
        if fact is Fact.REVISED:
            return self.placed(line, 2, self.revised_quantity[line], self.revised_on[line])
        return self._receipt(line, fact).record()

    def placed(self, line: int, revision: int, halves: int, requested_on: int) -> Record:
        """An order line's record; the quantity counts halves, the day counts from the first."""
        return self._placed(line, revision, halves, requested_on).record()

    def line_key(self, line: int) -> str:
        """Subject of a line's facts."""
        order, number = _order_line(line)
        return f"{BUYER}|{order}|{number}||"

    def supplier_id(self, line: int) -> str:
        """Supplier of a line."""
        return _supplier_id(int(self.supplier[line]))

    def check(self) -> int:
        """Make a sample of records with the project's models and compare byte for byte; returns how many.

        Raises:
            ValueError: one differs, or two have the same id.
        """
        codes = np.unique(self.shuffled)
        step = max(1, codes.size // _SAMPLE)
        texts = []
        for code in codes[::step][:_SAMPLE]:
            line, fact = divmod(int(code), _KINDS)
            texts.append(self._text(line, Fact(fact)))
        difference = records_differ(texts)
        if difference:
            raise ValueError(f"the load is not what the models write: {difference}")
        return len(texts)

    def _text(self, line: int, fact: Fact) -> PlacedText | ReceiptText:
        if fact is Fact.PLACED:
            return self._placed(line, 1, self.quantity[line], self.requested_on[line])
        if fact is Fact.REVISED:
            return self._placed(line, 2, self.revised_quantity[line], self.revised_on[line])
        return self._receipt(line, fact)

    def _placed(self, line: int, revision: int, halves: int, requested_on: int) -> PlacedText:
        order, number = _order_line(line)
        supplier, item = int(self.supplier[line]), int(self.item[line])
        return PlacedText(
            buyer=BUYER,
            po_no=order,
            po_line=number,
            supplier=_supplier_id(supplier),
            supplier_name=SUPPLIER_NAMES[supplier],
            item=f"M-{2000 + item}",
            item_name=ITEM_NAMES[item],
            quantity=halves_text(int(halves)),
            quantity_raw=_HALVES_RAW[int(halves)],
            ordered_on=_DAYS[self.ordered_on[line]],
            ordered_raw=_DAYS_RAW[self.ordered_on[line]],
            requested_on=_DAYS[requested_on],
            requested_raw=_DAYS_RAW[requested_on],
            row=line + 2,
            revision=revision,
        )

    def _receipt(self, line: int, fact: Fact) -> ReceiptText:
        order, number = _order_line(line)
        is_rest = fact is Fact.RECEIVED_REST
        halves = int((self.rest_quantity if is_rest else self.first_quantity)[line])
        received_on = int((self.rest_on if is_rest else self.received_on)[line])
        receipt = line * 2 + is_rest
        return ReceiptText(
            buyer=BUYER,
            po_no=order,
            po_line=number,
            item=f"M-{2000 + int(self.item[line])}",
            quantity=halves_text(halves),
            quantity_raw=_HALVES_RAW[halves],
            received_on=_DAYS[received_on],
            received_raw=_DAYS_RAW[received_on],
            posted_on=_DAYS[received_on + 1],
            posted_raw=_DAYS_RAW[received_on + 1],
            receipt_no=str(5_000_000_000 + receipt // 3),
            receipt_line=str(receipt % 3 + 1),
            year=_DAYS[received_on][:4],
            row=receipt + 2,
            revision=1,
        )


def _order_line(line: int) -> tuple[str, str]:
    order, number = divmod(line, LINES_PER_ORDER)
    return str(4_500_000_000 + order), str((number + 1) * 10)


def _supplier_id(number: int) -> str:
    return str(100_200 + number)


def day_text(number: int) -> str:
    """ISO day of a day's number."""
    return _DAYS[number]


def halves_text(halves: int) -> str:
    """Decimal text of a number of halves."""
    return _HALVES[halves]


_CITIES = ("宁波", "苏州", "东莞", "无锡", "青岛", "佛山", "温州", "常州", "厦门", "沈阳")
_TRADES = ("精工机械", "紧固件", "电子元件", "橡塑制品", "轴承")
SUPPLIER_NAMES = tuple(
    f"{_CITIES[number % 10]}{_TRADES[number // 10 % 5]}{'甲乙丙丁'[number // 50]}有限公司"
    for number in range(SUPPLIERS)
)
_PARTS = ("定位销", "六角螺栓", "密封圈", "轴承座", "联轴器", "弹簧垫圈", "导轨滑块")
ITEM_NAMES = tuple(
    f"{_PARTS[number % 7]} {number % 20 + 4}x{number // 20 * 5 + 10}" for number in range(ITEMS)
)
_CALENDAR = tuple(FIRST_DAY + timedelta(days=number) for number in range(DAYS + 120))
_DAYS = tuple(day.isoformat() for day in _CALENDAR)
_DAYS_RAW = tuple(f"{day:%d.%m.%Y}" for day in _CALENDAR)
_HALVES_MOST = QUANTITY_MOST * 3
_HALVES = tuple(str(halves // 2) + (".5" if halves % 2 else "") for halves in range(_HALVES_MOST))
_HALVES_RAW = tuple(
    f"{halves // 2:,}".replace(",", ".") + (",500" if halves % 2 else ",000")
    for halves in range(_HALVES_MOST)
)
