"""Paging sees every row that was there all the time exactly once, whatever is written meanwhile."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tierlink.store.database import writing
from tierlink.store.kpis import list_otd
from tierlink.store.lines import LINE_ORDERS, LineFilter, list_lines
from tierlink.store.suppliers import ORDERS, list_suppliers
from tierlink.store.tables import LineRow
from unit.store.seed import NOW, Seed


@pytest.mark.parametrize("sort", LINE_ORDERS)
@pytest.mark.parametrize("limit", [1, 7, 50, 200])
def test_all_lines_once(filled: Engine, seed: Seed, sort: str, limit: int) -> None:
    found: list[str] = []
    after: Any = None
    while True:
        with writing(filled) as session:
            page = list_lines(session, LineFilter(), sort=sort, limit=limit, after=after)
        assert len(page.rows) <= limit
        found += [line.line_id for line in page.rows]
        after = page.next_after
        if after is None:
            break
    assert sorted(found) == sorted(line.line_id for line in seed.lines)


@pytest.mark.parametrize("sort", LINE_ORDERS)
def test_rows_that_come_and_go_meanwhile_shift_nothing(
    filled: Engine, seed: Seed, sort: str
) -> None:
    source = random.Random(5)
    found: list[str] = []
    gone: set[str] = set()
    after: Any = None
    for number in range(1000):
        with writing(filled) as session:
            page = list_lines(session, LineFilter(), sort=sort, limit=9, after=after)
        found += [line.line_id for line in page.rows]
        after = page.next_after
        if after is None:
            break
        with writing(filled) as session:
            template = seed.lines[0]
            key, rank = f"new|{source.random()}|{number}", source.randint(-5, 40)
            document = template.model_copy(update={"line_id": key}).model_dump_json()
            session.add(
                LineRow(
                    line_id=key, partition=0, recorded_at=NOW, supplier_id="s", item_id="", state="late",
                    period="", is_due=True, is_late=True, late_rank=rank, document=document,
                )
            )  # fmt: skip
            victim = source.choice(seed.lines).line_id
            gone.add(victim)
            session.execute(text("DELETE FROM rm_line WHERE line_id = :id"), {"id": victim})
    assert after is None
    stayed = {line.line_id for line in seed.lines} - gone
    seen = [key for key in found if not key.startswith("new|")]
    assert stayed <= set(seen)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("sort", ORDERS)
def test_suppliers_one_by_one(filled: Engine, sort: str) -> None:
    with writing(filled) as session:
        whole = [row.id for row in list_suppliers(session, sort=sort).rows]
        singly, after = [], None
        while True:
            page = list_suppliers(session, sort=sort, limit=1, after=after)
            singly += [row.id for row in page.rows]
            after = page.next_after
            if after is None:
                break
    assert singly == whole
    assert len(whole) == 5


def test_a_supplier_with_nothing_due_is_paged_too(filled: Engine) -> None:
    with writing(filled) as session:
        session.execute(
            text("UPDATE rm_supplier_otd SET otd = NULL, otd_low = NULL, otd_high = NULL, overdue = 0 "
                 "WHERE supplier_id IN ('100377', '100999')")
        )  # fmt: skip
        found, after = [], None
        while True:
            page = list_suppliers(session, limit=2, after=after)
            found += [row.id for row in page.rows]
            after = page.next_after
            if after is None:
                break
    assert found[-2:] == ["100377", "100999"]
    assert len(found) == 5


def test_order_is_by_code_point_in_both_databases(filled: Engine) -> None:
    with writing(filled) as session:
        keys = [row.key for row in list_otd(session, limit=200).rows]
    assert keys == sorted(keys, key=lambda key: key.encode())
