"""docs/errors.md lists exactly the codes that users may see."""

import re
from pathlib import Path

import pytest

from tierlink.cli import main
from tierlink.connectors.cells.message_texts import MESSAGES
from tierlink.connectors.intake.reasons import FILE_CODES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([a-z-]+)` \| (.+) \| (.+) \|$", TEXT, re.MULTILINE)
CODES = set(MESSAGES) | FILE_CODES
SOURCES = [file.read_text(encoding="utf-8") for file in (ROOT / "connectors").rglob("*.py")]


def test_every_code_is_listed_once_and_no_other():
    listed = [code for code, _, _ in ROWS]

    assert sorted(listed) == sorted(CODES)


def test_every_code_has_a_meaning_and_a_remedy():
    assert all(len(meaning) > 3 and len(remedy) > 3 for _, meaning, remedy in ROWS)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_used(code):
    used = sum(source.count(f'"{code}"') for source in SOURCES)

    assert used >= 2, "once where its sentence stands, at least once where it is raised"


def test_no_code_is_raised_that_has_no_sentence():
    raised = {
        code
        for source in SOURCES
        for code in re.findall(
            r'(?:ValueRefusedError|unreadable|\breason|file_reason|\.refuse)\(\s*"([a-z-]+)"',
            source,
        )
    }
    assert raised <= CODES
    assert len(raised) > len(CODES) / 2


def test_exit_codes_are_those_of_the_command_line():
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}

    assert listed - {0, 1, 2} == {code for _, code in main.EXIT_CODES}


def test_reasons_for_rows_left_out_are_all_named():
    reasons = ["title", "header", "blank", "total", "note", "hidden", "superseded"]

    for why in (*reasons, "no movement", "no milestone yet", "no goods receipt"):
        assert f"`{why}`" in TEXT
        assert any(f'"{why}"' in source for source in SOURCES)
