"""Every case folder: a file as users make them, and exactly what must come out of it.

A bug becomes a folder here first; folders are never deleted (research/style.md, habit 9).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cases.case_folder import CaseResult, case_settings, lines, run_case, run_file

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/case.toml"))
SHARED_DATA = Path("/work/shared/data")


def case_id(folder: Path) -> str:
    return str(folder.relative_to(HERE))


def expected(folder: Path, name: str) -> list[object]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_a_file_gives_exactly_the_facts_and_rejections_written_down_for_it(folder: Path) -> None:
    result = run_case(folder)
    assert result.facts == expected(folder, "expected.jsonl")
    assert result.rejected == expected(folder, "rejected.jsonl")


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_sheets_kinds_and_ignored_rows_are_as_written_down(folder: Path) -> None:
    result, case = run_case(folder), case_settings(folder)
    assert result.kinds == case.get("kinds", {})
    assert dict(result.ignored) == case.get("ignored", {})
    assert result.refusals == case.get("refusals", [])
    assert result.unknown_columns == case.get("unknown_columns", [])


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_every_case_says_why_it_exists(folder: Path) -> None:
    assert len(case_settings(folder)["why"]) > 20


def test_there_is_a_case_for_every_connector() -> None:
    assert {folder.parent.name for folder in CASES} == {
        "excel_ledger",
        "erp_export",
        "carrier_status",
    }
    assert len(CASES) >= 12


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_reading_a_file_twice_gives_the_same_facts_with_the_same_keys(folder: Path) -> None:
    first, second = run_case(folder), run_case(folder)
    assert lines(first.facts) == lines(second.facts)


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_a_fact_key_says_one_thing_per_subject_in_one_file(folder: Path) -> None:
    said: dict[tuple[str, str], object] = {}
    for fact in run_case(folder).facts:
        key = (str(fact["subject"]), str(fact["fact_key"]))
        assert said.setdefault(key, fact.get("data")) == fact.get("data")


@pytest.fixture(scope="module")
def sweep() -> list[str]:
    folders = [SHARED_DATA / name for name in ("business", "erp-templates", "torture")]
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("the sample files of other projects are not on this machine")
    command = [sys.executable, str(HERE / "sweep.py"), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.slow
def test_no_foreign_or_hostile_file_gives_anything_but_a_verdict(sweep: list[str]) -> None:
    assert [line for line in sweep if line.startswith("ESCAPED")] == []
    assert (
        len(
            {
                re.split(" excel-ledger: | erp-export: | carrier-status: |: ", line)[0]
                for line in sweep
            }
        )
        > 100
    )


@pytest.mark.slow
def test_old_and_protected_workbooks_are_named_for_what_they_are(sweep: list[str]) -> None:
    verdicts = {
        line.partition(": ")[0]: line.partition(": ")[2] for line in sweep if "UNREADABLE" in line
    }
    assert verdicts["UNREADABLE base.xls"].startswith("file-legacy-xls")
    assert verdicts["UNREADABLE base.xlsb"].startswith("file-other-format Excel binary")
    assert verdicts["UNREADABLE order_item_template.xls"].startswith("file-legacy-xls")


def test_a_sealed_copy_is_read_without_its_ending(tmp_path: Path) -> None:
    folder = HERE / "excel_ledger" / "zh_order_ledger"
    sealed = tmp_path / "0f3a"
    sealed.write_bytes((folder / "input.xlsx").read_bytes())
    result: CaseResult = run_file(
        sealed, kind="excel-ledger", name="100234/zh_order_ledger.xlsx", settings={}
    )
    assert result.facts == run_case(folder).facts
