"""What the pages ask for, checked against the seed itself."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from statistics import median

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tierlink.schemas.kpis import LineState
from tierlink.store.database import writing
from tierlink.store.events import find_event, list_events_about
from tierlink.store.files import file_id_of, find_file, list_files, list_rejections
from tierlink.store.kpis import kpi_table, list_otd, list_turnover
from tierlink.store.lines import (
    LINE_ORDERS,
    LineFilter,
    find_line,
    list_lines,
    list_lines_decided_by,
)
from tierlink.store.suppliers import find_supplier, list_suppliers, read_board
from unit.store.seed import ODD_SUPPLIER, SUPPLIERS, TODAY, Seed, lineage


@pytest.fixture
def session(filled: Engine):
    with writing(filled) as session:
        yield session


def test_the_board_adds_up(session: Session, seed: Seed) -> None:
    board = read_board(session)
    due = [line for line in seed.lines if line.is_due]
    assert board.as_of == TODAY
    assert board.suppliers == len(SUPPLIERS)
    assert board.lines == len(seed.lines)
    assert (board.due, board.not_late) == (len(due), sum(bool(x.is_not_late) for x in due))
    assert board.overdue == sum(x.state in (LineState.OVERDUE, LineState.SHORT) for x in due)
    assert (board.refused_rows, board.files) == (2, 4)
    assert board.rate == Decimal(board.not_late) / board.due


def test_suppliers_come_worst_first(session: Session) -> None:
    rows = list_suppliers(session).rows
    keys = [(-row.total.overdue, row.total.otd_high, row.id) for row in rows if row.total]
    assert keys == sorted(keys)
    assert len(keys) == len(SUPPLIERS)
    assert rows[0].id == "100451"


def test_a_supplier_says_what_its_lines_say(session: Session, seed: Seed) -> None:
    for party, _, items in SUPPLIERS:
        found = find_supplier(session, party.id)
        assert found is not None
        lines = [line for line in seed.lines if line.supplier.id == party.id]
        assert found.name == party.name
        assert found.states == Counter(line.state.value for line in lines)
        assert found.late == sum(line.is_not_late is False for line in lines)
        assert [row.item_id for row in found.parts] == sorted(item.id for item in items)
        assert [row.period for row in found.months] == sorted({row.period for row in found.months})
        assert sum(row.due for row in found.months) == sum(line.is_due for line in lines)


def test_turnover_days_are_the_median_of_the_parts_that_moved(session: Session) -> None:
    found = find_supplier(session, "100377")
    assert found is not None
    days = [row.turnover_days for row in found.turnover if row.turnover_days is not None]
    assert found.turnover_days == median(days) == Decimal("29.565002")
    without = find_supplier(session, "100999")
    assert without is not None
    assert without.turnover_days is None


def test_files_of_a_supplier_and_its_refused_rows(session: Session) -> None:
    found = find_supplier(session, "100451")
    assert found is not None
    assert [file.document for file in found.files] == [lineage("100451", 1, {}).document]
    assert found.refused_rows == 2
    odd = find_supplier(session, ODD_SUPPLIER)
    assert odd is not None
    assert len(odd.files) == 1  # its folder is named otherwise: found through what it states


def test_nobody_is_no_supplier(session: Session) -> None:
    assert find_supplier(session, "' OR 1=1 --") is None
    assert find_supplier(session, "") is None


@pytest.mark.parametrize("sort", LINE_ORDERS)
def test_lines_are_filtered_and_sorted(session: Session, seed: Seed, sort: str) -> None:
    for wanted in (
        LineFilter(),
        LineFilter(supplier_id="100451", state=LineState.LATE),
        LineFilter(is_late=True),
        LineFilter(is_late=False, supplier_id="100234"),
        LineFilter(item_id="x/y|%2F"),
        LineFilter(period="2026-10"),
        LineFilter(supplier_id="nobody"),
    ):
        expected = {
            line.line_id
            for line in seed.lines
            if wanted.supplier_id in (None, line.supplier.id)
            and wanted.item_id in (None, line.item.id if line.item else "")
            and wanted.state in (None, line.state)
            and wanted.is_late in (None, line.is_not_late is False)
            and wanted.period in (None, f"{line.window_to:%Y-%m}")
        }
        page = list_lines(session, wanted, sort=sort, limit=200)
        assert {line.line_id for line in page.rows} == expected
        days = [line.late_by_days for line in page.rows if line.late_by_days is not None]
        if sort == "line_id":
            assert [x.line_id for x in page.rows] == sorted(expected)
        else:
            assert days == sorted(days, reverse=sort.startswith("-"))


def test_a_line_brings_its_evidence(session: Session, seed: Seed) -> None:
    for line in seed.lines[::17]:
        found = find_line(session, line.line_id)
        assert found is not None
        assert found.line == line
        assert sorted(event.id for event in found.evidence) == sorted(line.evidence)
        assert found.missing == []
        for event in found.evidence:
            assert find_event(session, event.id) == event
            assert [one.line_id for one in list_lines_decided_by(session, event)] == [line.line_id]


def test_evidence_not_projected_yet_is_named(session: Session, seed: Seed) -> None:
    from tierlink.store.tables import EventRow

    line = seed.lines[0]
    gone = session.get(EventRow, line.evidence[0])
    session.delete(gone)
    session.flush()
    found = find_line(session, line.line_id)
    assert found is not None
    assert found.missing == [line.evidence[0]]


def test_events_about_a_subject(session: Session, seed: Seed) -> None:
    events = list_events_about(session, "ACME|4500012301|10||", 50)
    assert {event.type.split(".")[-2] for event in events} >= {"placed", "promised"}
    assert all(event.lineage and event.file_id for event in events)
    assert find_event(session, "nothing") is None


def test_files_by_feed_and_verdict(session: Session) -> None:
    assert len(list_files(session).rows) == 4
    (partly,) = list_files(session, verdict="partly_published").rows
    assert find_file(session, partly.file_id) == partly
    assert partly.file_id == file_id_of("suppliers", partly.outcome.document)
    assert list_files(session, feed="another").rows == []
    rejections = list_rejections(session, file_id=partly.file_id).rows
    assert [one.rejection.row for one in rejections] == [50, 51]
    assert list_rejections(session, code="another").rows == []


def test_kpi_lists_and_the_table(session: Session) -> None:
    suppliers = list_otd(session, group="supplier", period="all").rows
    assert [row.supplier_id for row in suppliers] == sorted(party.id for party, _, _ in SUPPLIERS)
    assert all(row.item_id for row in list_otd(session, group="part", limit=200).rows)
    assert len(list_turnover(session, period="2026-10").rows) == 6
    table = kpi_table(session)
    of = {(row.supplier_id, row.item_id): row for row in table}
    assert of["100451", None].due == sum(
        row.due for (s, i), row in of.items() if s == "100451" and i
    )
    assert of["100451", "M-4007"].turns == Decimal("12.345678")
    assert of["100451", "M-4012"].turns is None
