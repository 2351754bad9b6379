import pytest

from tierlink.connectors.cells.identifiers import parse_code, parse_line_number, parse_padded_code
from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.contract import Cell, CellKind


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("4500012345", CellKind.NUMBER, "4500012345"),
        ("0004500123", CellKind.TEXT, "0004500123"),
        ("1001.0", CellKind.TEXT, "1001"),
        ('="00123"', CellKind.TEXT, "00123"),
        ("'00123", CellKind.TEXT, "00123"),
        ("ＰＯ－１", CellKind.TEXT, "PO-1"),
        (" A  B ", CellKind.TEXT, "A B"),
        ("4,50000E+05", CellKind.TEXT, "450000"),
        ("-", CellKind.TEXT, None),
        ("n/a", CellKind.TEXT, None),
        ("EP-07", CellKind.TEXT, "EP-07"),
    ],
)
def test_a_code_stays_what_its_owner_writes(text, kind, code):
    assert parse_code(Cell(1, text, kind)) == code


@pytest.mark.parametrize(
    ("text", "kind", "refusal", "held"),
    [
        ("4,5E+09", CellKind.TEXT, "id-rounded", True),
        ("4.50002E+09", CellKind.TEXT, "id-rounded", True),
        ("1234567890123456789", CellKind.NUMBER, "id-digits-lost", False),
        ("12.5", CellKind.NUMBER, "id-unusable", False),
        ("-7", CellKind.NUMBER, "id-unusable", False),
        ("2026-05-03", CellKind.DATE, "id-became-date", False),
        ("x" * 121, CellKind.TEXT, "id-unusable", False),
        ("#N/A", CellKind.ERROR, "cell-error-value", False),
        ("=A1", CellKind.ERROR, "cell-formula-not-calculated", False),
        ("x" * 40_000, CellKind.ERROR, "cell-too-long", False),
    ],
)
def test_a_damaged_code_is_refused(text, kind, refusal, held):
    with pytest.raises(ValueRefusedError) as refused:
        parse_code(Cell(1, text, kind))

    assert (refused.value.code, refused.value.held) == (refusal, held)


@pytest.mark.parametrize(
    ("text", "line"), [("00010", "10"), ("10.0", "10"), ("0", "0"), ("10a", "10a"), ("A01", "A01")]
)
def test_lines_lose_their_leading_zeros(text, line):
    assert parse_line_number(Cell(1, text)) == line


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000100234", "100234"),
        ("000000000000200300", "200300"),
        ("00123", "00123"),
        ("M-001", "M-001"),
    ],
)
def test_only_saps_padding_is_taken_off(text, code):
    assert parse_padded_code(Cell(1, text)) == code
