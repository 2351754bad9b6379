import psutil
import pytest

from tierlink.connectors.contract import Cell, CellKind, Row, SheetStart
from tierlink.connectors.errors import UnreadableFileError
from tierlink.connectors.intake import reading
from tierlink.connectors.intake.reading import Sealed, Stopped, read_in_sandbox
from tierlink.connectors.intake.reasons import FILE_CODES, file_reason
from tierlink.connectors.intake.spool import read_rows, write_sheets
from unit.intake import toy

pytestmark = pytest.mark.slow  # real time and real reading processes


def readers():
    """Reading children of this process; a broker may be another child of the test run."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if toy.PROGRAM[1] in child.cmdline()
    ]


def read(tmp_path, text, **limits):
    file = tmp_path / "sealed"
    file.write_text(text, encoding="utf-8")
    spool = tmp_path / "spool"
    spool.mkdir()
    settings = toy.settings(limits=limits)
    return read_in_sandbox(Sealed("a.csv", file, ".csv"), settings, spool, program=toy.PROGRAM)


def test_rows_come_back_as_they_were_and_as_often_as_wanted(tmp_path):
    (first, second) = read(tmp_path, "== 订单\npo,quantity\n\n4500,,7\n== two\nx\n")

    assert (first.name, second.name) == ("订单", "two")
    rows = list(first.rows())
    assert rows[1] == Row(3, (Cell(1, "4500"), Cell(3, "7")))
    assert list(first.rows()) == rows


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ABORT", "SIGABRT"),
        ("SEGFAULT", "SIGSEGV"),
        ("MEMORY", "memory, limit 1073741824 bytes"),
        ("PANIC", "SystemExit"),
    ],
)
def test_a_file_that_kills_its_reader_is_held_with_a_reason(tmp_path, line, found):
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, f"po\n{line}\n")

    assert refused.value.held
    assert refused.value.reason.code == "reader-crashed"
    assert refused.value.reason.found == found
    assert all("a.csv" in sentence for sentence in refused.value.reason.text.values())


def test_a_file_that_keeps_its_reader_busy_for_ever_is_held(tmp_path):
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, "SPIN\n", reader_cpu_seconds=1)

    assert refused.value.held
    assert refused.value.reason.code == "reader-timeout"


def test_a_reader_that_waits_for_ever_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "wall_seconds", lambda _: 1.0)

    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, "SLEEP\n")
    assert refused.value.reason.code == "reader-timeout"
    assert not readers()


def test_a_file_that_would_fill_the_disk_with_rows_is_held(tmp_path):
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, "po,quantity\n" * 20_000, inflated_bytes_max=100_000)

    assert refused.value.held
    assert sum(file.stat().st_size for file in (tmp_path / "spool").iterdir()) < 200_000


def test_a_refusal_of_the_reader_names_the_users_file(tmp_path):
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path, "REFUSE\n")

    assert not refused.value.held
    assert refused.value.reason.text["de"] == "a.csv: file-damaged"


def test_asked_to_stop_it_ends_the_child_at_once(tmp_path):
    file = tmp_path / "sealed"
    file.write_text("SLEEP\n")

    with pytest.raises(Stopped):
        read_in_sandbox(
            Sealed("a.csv", file, ".csv"),
            toy.settings(),
            tmp_path,
            is_stopped=lambda: True,
            program=toy.PROGRAM,
        )
    assert not readers()


def test_the_child_knows_no_secret_of_the_service(tmp_path, monkeypatch):
    monkeypatch.setenv("TIERLINK_KAFKA_PASSWORD", "hunter2")

    assert "hunter2" not in str(reading._environment())


def test_odd_characters_survive_the_way_or_become_a_question_mark(tmp_path):
    odd = 'a\u2028b\x00c"\\\u0085\ud800'
    sheets = write_sheets(
        tmp_path, [SheetStart("s"), Row(1, (Cell(1, odd, CellKind.ERROR),), hidden=True)]
    )

    assert sheets[0].rows == 1
    (row,) = read_rows(tmp_path, 0)
    assert row == Row(1, (Cell(1, odd[:-1] + "?", CellKind.ERROR),), hidden=True)


def test_every_reason_speaks_three_languages_and_names_the_place():
    for code in FILE_CODES:
        reason = file_reason(code, "100234/台账.xlsx", found="F", expected="E")
        assert set(reason.text) == {"en", "zh", "de"}
        assert all(text.startswith("100234/台账.xlsx") for text in reason.text.values())
        assert len(set(reason.text.values())) == 3
