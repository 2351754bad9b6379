import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tierlink.connectors.cells import workbook
from tierlink.connectors.cells.merged import MergedCells
from tierlink.connectors.cells.workbook import read_workbook
from tierlink.connectors.contract import Cell, CellKind, Row
from tierlink.connectors.settings import Limits


def test_a_value_is_lent_to_the_rows_below_and_no_further():
    merged = MergedCells(["A1:A3", "C1:C2"])
    first = (Cell(1, "4500"), Cell(3, "x"))

    assert merged.complete(1, first) == first
    assert merged.complete(2, (Cell(2, "b"),)) == (
        Cell(1, "4500", merged_from=1),
        Cell(2, "b"),
        Cell(3, "x", merged_from=1),
    )
    assert merged.complete(3, (Cell(2, "c"),)) == (Cell(1, "4500", merged_from=1), Cell(2, "c"))
    assert merged.complete(4, (Cell(2, "d"),)) == (Cell(2, "d"),)


def test_a_cells_own_value_goes_before_a_lent_one():
    merged = MergedCells(["A1:A3"])
    merged.complete(1, (Cell(1, "4500"),))

    assert merged.complete(2, (Cell(1, "4501"),)) == (Cell(1, "4501"),)


@pytest.mark.parametrize("place", ["A1:C1", "A3:A1", "nonsense", "A1", "", "A0:A00"])
def test_other_places_lend_nothing(place):
    merged = MergedCells([place])
    merged.complete(1, (Cell(1, "x"),))

    assert merged.complete(2, (Cell(2, "y"),)) == (Cell(2, "y"),)


def save(tmp_path, places, rows):
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for place in places:
        sheet.merge_cells(place)
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def read(file):
    return [one for one in read_workbook(file, Limits()) if isinstance(one, Row)]


def test_merged_places_of_a_workbook_are_seen_and_make_no_rows(tmp_path):
    file = save(tmp_path, ["A1:A2", "A3:A9"], [["po", 1], [None, 2], ["end", None]])

    assert read(file) == [
        Row(1, (Cell(1, "po"), Cell(2, "1", CellKind.NUMBER))),
        Row(2, (Cell(1, "po", merged_from=1), Cell(2, "2", CellKind.NUMBER))),
        Row(3, (Cell(1, "end"),)),
    ]


def test_a_sheet_with_too_many_merged_places_honours_none(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MERGED_RANGES_MAX", 1)
    file = save(tmp_path, ["A1:A2", "B1:B2"], [["po", 1, 1], [None, None, 2]])

    assert read(file)[1] == Row(2, (Cell(3, "2", CellKind.NUMBER),))


@pytest.mark.parametrize("block", [16, 50, 97])
def test_a_place_across_two_blocks_is_found(tmp_path, monkeypatch, block):
    monkeypatch.setattr(workbook, "_BLOCK_BYTES", block)
    places = [f"A{row}:A{row + 1}" for row in range(1, 21, 2)]
    file = save(tmp_path, places, [["po" if row % 2 else None, row] for row in range(1, 21)])

    assert all(len(row.cells) == 2 for row in read(file))


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(0, 4)), max_size=6),
    st.lists(st.dictionaries(st.integers(1, 4), st.sampled_from("abc"), min_size=1), max_size=8),
)
def test_lent_cells_never_hide_or_change_own_ones(places, lines):
    merged = MergedCells(
        [f"{chr(64 + column)}{top}:{chr(64 + column)}{top + more}" for column, top, more in places]
    )
    for number, line in enumerate(lines, 1):
        own = tuple(Cell(column, text) for column, text in sorted(line.items()))
        complete = merged.complete(number, own)
        assert [one for one in complete if one.merged_from is None] == list(own)
        assert [one.column for one in complete] == sorted({one.column for one in complete})
        assert all(one.merged_from < number for one in complete if one.merged_from is not None)
