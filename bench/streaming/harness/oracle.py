"""What every engine must say in the end, reckoned from what the load was drawn from, without an engine's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from harness.load import Fact, Load, day_text

__all__ = ["Answer", "LineResult", "expected"]


@dataclass(frozen=True, slots=True)
class LineResult:
    """What is published of a line."""

    supplier: str
    result: str
    completed_on: str | None
    quantity: Decimal
    received: Decimal


@dataclass(frozen=True)
class Answer:
    """Results by line key; lines, on time and late by supplier."""

    lines: dict[str, LineResult]
    totals: dict[str, tuple[int, int, int]]


def expected(load: Load, codes: Iterable[int]) -> Answer:
    """The answer once the records with these codes have been read, in whatever order and how often."""
    facts: dict[int, set[int]] = {}
    for code in np.unique(np.asarray(codes)).tolist():
        facts.setdefault(code // 4, set()).add(code % 4)
    lines = {
        load.line_key(line): _line(load, line, said)
        for line, said in facts.items()
        if said & {Fact.PLACED, Fact.REVISED}
    }
    return Answer(lines, _totals(lines.values()))


def _line(load: Load, line: int, said: set[int]) -> LineResult:
    is_revised = Fact.REVISED in said
    ordered = int((load.revised_quantity if is_revised else load.quantity)[line])
    requested_on = int((load.revised_on if is_revised else load.requested_on)[line])
    receipts = []
    if Fact.RECEIVED in said:
        receipts.append((int(load.received_on[line]), int(load.first_quantity[line])))
    if Fact.RECEIVED_REST in said:
        receipts.append((int(load.rest_on[line]), int(load.rest_quantity[line])))
    days = sorted({day for day, _ in receipts})
    complete = [day for day in days if sum(part for on, part in receipts if on <= day) >= ordered]
    completed_on = complete[0] if complete else None
    result = "open"
    if completed_on is not None:
        result = "late" if completed_on > requested_on else "on_time"
    return LineResult(
        supplier=load.supplier_id(line),
        result=result,
        completed_on=None if completed_on is None else day_text(completed_on),
        quantity=_halves(ordered),
        received=_halves(sum(part for _, part in receipts)),
    )


def _halves(number: int) -> Decimal:
    half = Fraction(number, 2)
    return Decimal(half.numerator) / Decimal(half.denominator)


def _totals(lines: Iterable[LineResult]) -> dict[str, tuple[int, int, int]]:
    counts = Counter((line.supplier, line.result) for line in lines)
    return {
        supplier: (
            counts[supplier, "open"] + counts[supplier, "on_time"] + counts[supplier, "late"],
            counts[supplier, "on_time"],
            counts[supplier, "late"],
        )
        for supplier in {supplier for supplier, _ in counts}
    }
