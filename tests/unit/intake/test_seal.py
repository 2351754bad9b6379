import errno
import hashlib
import io
import os
import zipfile

import pytest

from tierlink.connectors.errors import RetryLaterError, UnreadableFileError
from tierlink.connectors.intake import seal as sealing
from tierlink.connectors.intake.completeness import find_gap
from tierlink.connectors.intake.seal import IncompleteFileError, seal, sealed_path, sweep


def take(path, vault, **changes):
    return seal(path, vault, **{"document": path.name, "bytes_max": 1_000_000, **changes})


def workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(5):
            archive.writestr(f"part{part}.xml", os.urandom(3000).hex())
    return content.getvalue()


def gap(content: bytes) -> str | None:
    return find_gap(io.BytesIO(content), len(content))


def test_the_copy_is_named_by_its_content_and_read_only(tmp_path):
    original = tmp_path / "a.csv"
    original.write_bytes(b"po\n4500\n")

    sealed = take(original, tmp_path / "vault")

    assert sealed.sha256 == hashlib.sha256(b"po\n4500\n").hexdigest()
    assert sealed.path == sealed_path(tmp_path / "vault", sealed.sha256)
    assert sealed.path.read_bytes() == b"po\n4500\n"
    assert sealed.path.stat().st_mode & 0o222 == 0
    assert list((tmp_path / "vault" / "incoming").iterdir()) == []


def test_the_same_content_is_kept_once(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"same")
        take(tmp_path / name, tmp_path / "vault")

    assert len([file for file in (tmp_path / "vault").rglob("*") if file.is_file()]) == 1


def test_a_link_is_refused(tmp_path):
    (tmp_path / "real.csv").write_text("x")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")

    with pytest.raises(UnreadableFileError) as refused:
        take(tmp_path / "link.csv", tmp_path / "vault")
    assert refused.value.reason.code == "file-is-link"


def test_a_hard_link_is_refused(tmp_path):
    (tmp_path / "real.csv").write_text("x")
    os.link(tmp_path / "real.csv", tmp_path / "second.csv")

    with pytest.raises(UnreadableFileError) as refused:
        take(tmp_path / "second.csv", tmp_path / "vault")
    assert refused.value.reason.code == "file-has-other-name"


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")

    with pytest.raises(UnreadableFileError) as refused:
        take(tmp_path / "pipe.csv", tmp_path / "vault")
    assert refused.value.reason.code == "file-not-plain"


def test_a_file_past_the_limit_is_refused_unread(tmp_path):
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(5_000_000_000)

    with pytest.raises(UnreadableFileError) as refused:
        take(tmp_path / "big.csv", tmp_path / "vault")
    assert refused.value.reason.code == "file-too-big"
    assert "5000000000" in refused.value.reason.text["zh"]


def test_a_file_written_while_it_is_copied_is_taken_later(tmp_path, monkeypatch):
    original = tmp_path / "a.csv"
    original.write_bytes(b"first")

    def check_and_write(file, size):
        with original.open("ab") as other_program:
            other_program.write(b" second")

    monkeypatch.setattr(sealing, "find_gap", check_and_write)

    with pytest.raises(RetryLaterError, match=r"changed|grew"):
        take(original, tmp_path / "vault")
    assert list((tmp_path / "vault" / "incoming").iterdir()) == []


def test_a_full_disk_is_waited_for(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"x")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(RetryLaterError, match="no space left"):
        take(tmp_path / "a.csv", tmp_path / "vault")
    assert list((tmp_path / "vault" / "incoming").iterdir()) == []


def test_sweeping_takes_only_half_made_copies_of_its_own(tmp_path):
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in ("erp.x1", "erp-two.x2"):
        (incoming / name).write_text("half")

    sweep(tmp_path, "erp")

    assert [left.name for left in incoming.iterdir()] == ["erp-two.x2"]


def test_a_whole_zip_and_any_text_have_no_gap():
    assert gap(workbook()) is None
    assert gap(b"po;qty\n4500;1") is None


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_or_preallocated_zip_is_incomplete(share):
    whole = workbook()
    part = whole[: int(len(whole) * share)]

    assert gap(part) is not None
    assert gap(part + bytes(len(whole) - len(part))) is not None


def test_a_hole_in_the_middle_of_a_zip_is_found_by_its_sums():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/a.xml", os.urandom(20_000))
    whole = bytearray(made.getvalue())
    middle = len(whole) // 2
    whole[middle : middle + 500] = bytes(500)

    assert "part of the zip is missing" in (gap(bytes(whole)) or "")


def test_an_empty_file_may_still_be_on_its_way(tmp_path):
    (tmp_path / "a.csv").touch()

    with pytest.raises(IncompleteFileError, match="empty"):
        take(tmp_path / "a.csv", tmp_path / "vault")
    assert take(tmp_path / "a.csv", tmp_path / "vault", must_be_complete=False).size_bytes == 0


def test_a_zip_bomb_is_left_to_the_reader_and_not_unpacked_here():
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb", "w") as member,
    ):
        for _ in range(400):
            member.write(bytes(1_000_000))
    bomb = bytearray(content.getvalue())
    at = bomb.index(b"PK\x01\x02")
    bomb[at + 16 : at + 20] = b"\0\0\0\0"  # its checksum is wrong, which only unpacking would show

    assert gap(bytes(bomb)) is None
