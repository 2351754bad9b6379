"""The shell around a pure step: what is kept, what is sent, in which order, and what is laid aside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tierlink.streaming import stepping
from tierlink.streaming.batches import Batch, SourceRecord
from tierlink.streaming.delivery import Outgoing, Row
from tierlink.streaming.metrics import Metrics
from tierlink.streaming.stepping import RefusedRecordError, StepProcessor
from unit.streaming.records import record


class Diary:
    """Table, delivery and dead letters in one; writes down what is asked in order."""

    def __init__(self, rows: dict[bytes, bytes] | None = None) -> None:
        self.rows = rows or {}
        self.said: list[Any] = []
        self.delivery = self
        self.name = "sums"
        self.metrics = Metrics("test", "0", Path())
        self.letters = Letters(self)

    async def get_many(self, partition: int, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.rows.get(key) for key in keys]

    async def write(self, partition: int, items: Sequence[Row]) -> None:
        self.said.append(("rows", list(items)))
        self.rows.update({key: value for key, value in items if value is not None})

    async def send(self, outputs: Iterable[Outgoing]) -> None:
        self.said.append(("outputs", [(one.key, one.value) for one in outputs]))


class Letters:
    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def send(self, refused: list[tuple[SourceRecord, str]]) -> None:
        self._diary.said.append(("refused", [(one.offset, reason) for one, reason in refused]))


class Sum(StepProcessor[int, int]):
    """Adds numbers up by key; 13 is bad luck for the sum it would make."""

    def read(self, record: SourceRecord) -> tuple[bytes, int]:
        if not record.value or not record.value.isdigit():
            raise RefusedRecordError("no number")
        return record.key or b"", int(record.value)

    def load(self, raw: bytes | None) -> int:
        return int(raw or b"0")

    def dump(self, state: int) -> bytes | None:
        return str(state).encode() if state else None

    def step_batch(
        self, partition: int, states: Mapping[bytes, int], events: Mapping[bytes, Sequence[int]]
    ) -> tuple[Mapping[bytes, int], Iterable[Outgoing]]:
        sums = {key: states[key] + sum(numbers) for key, numbers in events.items()}
        if 13 in sums.values():
            raise ArithmeticError("thirteen")
        return sums, [Outgoing("out", partition, key, b"%d" % one) for key, one in sums.items()]


class SumOutputsFirst(Sum):
    outputs_first = True

    def marks(self, partition: int) -> Sequence[Row]:
        return [(b"mark", b"%d" % partition)]


def handle(processor: type[Sum], diary: Diary, *records: tuple[bytes, bytes | None]) -> None:
    batch = Batch("t", 2, [record(at, value, key) for at, (key, value) in enumerate(records)])
    table: Any = diary
    asyncio.run(processor(table, diary.letters).handle(batch))


def test_rows_come_before_the_outputs_they_call_for():
    diary = Diary({b"a": b"5"})
    handle(Sum, diary, (b"a", b"1"), (b"b", b"2"), (b"a", b"3"))
    assert diary.said == [
        ("rows", [(b"a", b"9"), (b"b", b"2")]),
        ("outputs", [(b"a", b"9"), (b"b", b"2")]),
    ]


def test_outputs_come_first_where_the_processor_says_so_and_marks_go_with_the_rows():
    diary = Diary()
    handle(SumOutputsFirst, diary, (b"a", b"1"))
    assert diary.said == [("outputs", [(b"a", b"1")]), ("rows", [(b"mark", b"2"), (b"a", b"1")])]


def test_a_state_of_nothing_is_no_row():
    diary = Diary({b"a": b"5"})
    handle(Sum, diary, (b"a", b"0"), (b"b", b"0"))
    assert diary.said[0] == ("rows", [(b"a", b"5"), (b"b", None)])


def test_an_unreadable_record_is_laid_aside_and_the_rest_goes_on():
    diary = Diary()
    handle(Sum, diary, (b"a", b"x"), (b"a", b"1"), (b"b", None))
    assert diary.said[0] == ("refused", [(0, "no number"), (2, "no number")])
    assert diary.said[1] == ("rows", [(b"a", b"1")])


def test_a_record_at_fault_is_laid_aside_and_the_others_of_its_key_and_batch_go_on():
    diary = Diary({b"bad": b"6"})
    handle(Sum, diary, (b"a", b"1"), (b"bad", b"3"), (b"bad", b"4"), (b"b", b"2"))
    assert diary.said == [
        ("rows", [(b"a", b"1")]),
        ("outputs", [(b"a", b"1")]),
        ("rows", [(b"b", b"2")]),
        ("outputs", [(b"b", b"2")]),
        ("rows", [(b"bad", b"9")]),
        ("outputs", [(b"bad", b"9")]),
        ("refused", [(2, "ArithmeticError: thirteen")]),
    ]


def test_a_row_that_no_record_can_hold_is_not_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stepping, "ROW_BYTES_MAX", 5)
    diary = Diary({b"a": b"9998"})
    handle(Sum, diary, (b"a", b"2"), (b"b", b"1"), (b"a", b"1"))
    reason = "with it the row would have 6 bytes, 5 are possible"
    assert diary.said == [
        ("rows", [(b"b", b"1")]),
        ("outputs", [(b"b", b"1")]),
        ("refused", [(0, reason)]),
        ("rows", [(b"a", b"9999")]),
        ("outputs", [(b"a", b"9999")]),
    ]


def test_a_result_that_no_record_can_hold_is_not_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Sum, "output_bytes_max", 4)
    diary = Diary({b"a": b"9998"})
    handle(Sum, diary, (b"a", b"2"), (b"b", b"1"))
    assert diary.said == [
        ("rows", [(b"b", b"1")]),
        ("outputs", [(b"b", b"1")]),
        ("refused", [(0, "with it a result would have 5 bytes, 4 are possible")]),
    ]


def test_a_batch_of_nothing_readable_writes_nothing():
    diary = Diary()
    handle(Sum, diary, (b"a", b"x"))
    assert diary.said == [("refused", [(0, "no number")])]
