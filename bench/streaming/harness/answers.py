"""Whether an engine said what is right: the newest result of every line, and every supplier's totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from harness.oracle import Answer, LineResult
from harness.runs import Run

__all__ = ["WrongAnswerError", "check_answer", "differences"]

_SHOWN = 5
_decode_line = msgspec.json.Decoder(dict[str, str | None]).decode
_decode_totals = msgspec.json.Decoder(list[int]).decode


class WrongAnswerError(Exception):
    """An engine's output is not what the load says."""


def check_answer(run: Run, wanted: Answer) -> None:
    """Compare an engine's output with the expected answer.

    Raises:
        WrongAnswerError: with the first differences.
    """
    found = differences(run, wanted)
    if found:
        raise WrongAnswerError(f"{run.engine.label}: " + "; ".join(found))


def differences(run: Run, wanted: Answer) -> list[str]:
    """The first differences of lines and of totals; none is right."""
    lines, totals = _lines(run), _totals(run)
    return [*_compare("line", lines, wanted.lines), *_compare("totals of", totals, wanted.totals)]


def _lines(run: Run) -> dict[str, LineResult]:
    newest: dict[bytes, bytes] = {}
    for message in run.cluster.read(run.names.output, run.partitions):
        newest[message.key()] = message.value()
    return {key.decode(): _line(value) for key, value in newest.items()}


def _line(value: bytes) -> LineResult:
    said = _decode_line(value)
    return LineResult(
        supplier=str(said["supplier"]),
        result=str(said["result"]),
        completed_on=said["completed_on"],
        quantity=Decimal(said["quantity"] or ""),
        received=Decimal(said["received"] or ""),
    )


def _totals(run: Run) -> dict[str, tuple[int, int, int]]:
    """Newest totals of each supplier and partition, added up over the partitions."""
    topic = run.engine.totals_topic(run.names)
    newest: dict[tuple[int, str], bytes] = {}
    for message in run.cluster.read(topic, run.partitions):
        supplier = run.engine.totals_key(message.key())
        if supplier is not None:
            newest[message.partition(), supplier] = message.value()
    sums: dict[str, tuple[int, int, int]] = {}
    for (_, supplier), value in newest.items():
        lines, on_time, late = _decode_totals(value)
        before = sums.get(supplier, (0, 0, 0))
        sums[supplier] = (before[0] + lines, before[1] + on_time, before[2] + late)
    return {supplier: numbers for supplier, numbers in sums.items() if numbers[0]}


def _compare(what: str, found: dict, wanted: dict) -> Iterator[str]:
    wrong = [key for key in wanted if found.get(key) != wanted[key]]
    surplus = [key for key in found if key not in wanted]
    if wrong or surplus:
        yield f"{len(wrong)} of {len(wanted)} wrong, {len(surplus)} too many"
    for key in wrong[:_SHOWN]:
        yield f"{what} {key}: {found.get(key)} for {wanted[key]}"
