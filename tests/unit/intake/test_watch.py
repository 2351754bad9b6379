import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.connectors.intake.watch import DEPTH_MAX, document_name, is_passing, scan


def names(folder):
    return [found.document for found in scan(folder)]


@pytest.mark.parametrize(
    "name",
    [
        "~$ledger.xlsx",
        ".~lock.ledger.xlsx#",
        ".hidden.csv",
        "x.tmp",
        "X.TMP",
        "x.part",
        "x.crdownload",
        "Thumbs.db",
    ],
)
def test_files_in_passing_are_not_data(tmp_path, name):
    (tmp_path / name).write_text("x")
    (tmp_path / "ledger.xlsx").write_text("x")

    assert is_passing(name)
    assert names(tmp_path) == ["ledger.xlsx"]


def test_folders_of_suppliers_are_looked_into_as_deep_as_allowed(tmp_path):
    place = tmp_path
    for level in range(DEPTH_MAX + 2):
        (place / f"at{level}.csv").write_text("x")
        place = place / f"d{level}"
        place.mkdir()

    assert {name.count("/") for name in names(tmp_path)} == set(range(DEPTH_MAX + 1))


def test_a_linked_folder_is_not_followed(tmp_path):
    inside = tmp_path / "watched"
    outside = tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
    (outside / "secret.csv").write_text("x")
    (inside / "way-out").symlink_to(outside)

    assert names(inside) == ["way-out"]  # listed as what it is; sealing refuses it


def test_older_changes_come_first_so_that_newer_statements_win(tmp_path):
    for name, at in (("a.csv", 300), ("b.csv", 100), ("c.csv", 200)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (at, at))

    assert names(tmp_path) == ["b.csv", "c.csv", "a.csv"]


@pytest.mark.parametrize("owner", ["~$ledger.xlsx", ".~lock.ledger.xlsx#"])
def test_an_owner_file_marks_its_neighbour_as_open(tmp_path, owner):
    (tmp_path / "ledger.xlsx").write_text("x")
    (tmp_path / "other.xlsx").write_text("x")
    (tmp_path / owner).write_text("x")

    assert {found.document: found.locked for found in scan(tmp_path)} == {
        "ledger.xlsx": True,
        "other.xlsx": False,
    }


def test_a_missing_folder_is_an_error_of_the_folder(tmp_path):
    with pytest.raises(OSError, match="gone"):
        scan(tmp_path / "gone")


def test_a_name_that_is_no_utf8_can_be_kept_and_sent(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xe5.csv")).touch()

    (name,) = names(tmp_path)
    assert name == "\\xff\\xe5.csv"
    name.encode("utf-8")


def test_direction_marks_cannot_disguise_a_name():
    assert document_name("ledger\u202excsv.exe") == "ledger\\u202excsv.exe"


@given(st.text(), st.text())
def test_two_paths_never_share_a_name(one, other):
    assert (document_name(one) == document_name(other)) == (one == other)
