import asyncio
import logging
import os
import shutil
import zipfile

import pytest

from tierlink.connectors.contract import Draft
from tierlink.connectors.errors import StopError
from tierlink.connectors.intake import feed as feed_module
from tierlink.connectors.intake.store import ARCHIVED, IntakeStore
from tierlink.connectors.runner import check, preview, run_feed
from tierlink.schemas.cluster import ClusterSettings
from tierlink.schemas.intake import Verdict
from unit.intake import toy
from unit.intake.bench import read_here
from unit.intake.memory_publisher import MemoryPublisher, run_once, run_while

pytestmark = pytest.mark.slow  # real time and real reading processes

HEAD = "po,quantity,promised,mark\n"


@pytest.fixture
def reading_child():
    """Asked for by tests that start the reading child; for the others the same reader runs in this process."""


@pytest.fixture(autouse=True)
def _reading(request, monkeypatch):
    if "reading_child" not in request.fixturenames:
        monkeypatch.setattr("tierlink.connectors.intake.processing.read_in_sandbox", read_here)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path


def drop(home, name, text):
    """Put a file there the way a careful program does: whole, at once."""
    file = home / "inbox" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    passing = file.with_name(f".{file.name}.passing")
    passing.write_text(text, encoding="utf-8")
    passing.rename(file)
    return file


def placed(publisher):
    return [event.data.po_no for event in publisher.events() if event.type.endswith("placed.v1")]


def test_running_once_ends_when_every_file_is_done_and_every_event_sent(home, reading_child):
    drop(home, "100234/a.csv", HEAD + "4500,1,,\n")
    drop(home, "100377/b.csv", HEAD + "4501,1,,\n4502,bad,,\n")
    publisher = MemoryPublisher()

    run_once(home, publisher)

    assert sorted(placed(publisher)) == ["4500", "4501"]
    assert {file.document: file.verdict for file in publisher.files()} == {
        "100234/a.csv": Verdict.PUBLISHED,
        "100377/b.csv": Verdict.PARTLY_PUBLISHED,
    }
    assert publisher.closed
    with IntakeStore(home / "intake", "toy") as store:
        assert {one.state for one in store.documents().values()} == {ARCHIVED}
        assert store.backlog() == 0


def test_running_again_finds_nothing_new(home):
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    run_once(home, MemoryPublisher())
    again = MemoryPublisher()

    run_once(home, again)

    assert again.records == []


def test_the_same_bytes_saved_again_are_a_no_op(home):
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    run_once(home, MemoryPublisher())
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    again = MemoryPublisher()

    run_once(home, again)

    assert again.records == []


def test_a_newer_version_gives_only_what_changed(home):
    drop(home, "a.csv", HEAD + "4500,1,,\n4501,1,,\n")
    run_once(home, MemoryPublisher())
    drop(home, "a.csv", HEAD + "4500,1,,\n4501,2,,\n")
    publisher = MemoryPublisher()

    run_once(home, publisher)

    assert placed(publisher) == ["4501"]
    assert publisher.files()[0].rows.unchanged == 1


def test_other_settings_read_what_was_done_again(home):
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    run_once(home, MemoryPublisher())
    again = MemoryPublisher()

    run_once(home, again, toy.settings(unit="KGM"))

    assert [file.verdict for file in again.files()] == [Verdict.UNCHANGED]


@pytest.mark.parametrize("line", ["ABORT"])
def test_a_file_that_kills_its_reader_does_not_stop_the_others(home, reading_child, line):
    drop(home, "1.csv", f"po\n{line}\n")
    drop(home, "2.csv", HEAD + "4500,1,,\n")
    publisher = MemoryPublisher()

    run_once(home, publisher)

    assert {file.document: file.verdict for file in publisher.files()} == {
        "1.csv": Verdict.HELD,
        "2.csv": Verdict.PUBLISHED,
    }
    again = MemoryPublisher()
    run_once(home, again)
    assert again.records == []  # it is not read over and over


def test_links_pipes_and_hard_links_get_a_verdict_each_and_only_once(home, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "real.csv"
    outside.write_text(HEAD)
    (home / "inbox" / "link.csv").symlink_to(outside)
    os.mkfifo(home / "inbox" / "pipe.csv")
    os.link(outside, home / "inbox" / "hard.csv")
    publisher = MemoryPublisher()

    run_once(home, publisher)
    run_once(home, publisher)

    assert {file.document: file.reason.code for file in publisher.files() if file.reason} == {
        "link.csv": "file-is-link",
        "pipe.csv": "file-not-plain",
        "hard.csv": "file-has-other-name",
    }
    assert len(publisher.records) == 3


def test_a_broker_that_comes_back_gets_everything_in_order(home, caplog, monkeypatch):
    monkeypatch.setattr("tierlink.connectors.publisher._PAUSE_SHORTEST", 0.01)
    caplog.set_level(logging.INFO)
    drop(home, "a.csv", HEAD + "".join(f"{po},1,,\n" for po in range(4500, 4510)))
    publisher = MemoryPublisher(failures=2)

    run_once(home, publisher)

    last = {record.event_id: at for at, record in enumerate(publisher.records)}
    ids = [record.event_id for record in publisher.records[-11:]]
    assert sorted(last, key=lambda one: last[one]) == ids
    assert len({record.value for record in publisher.records}) == 11  # twice, but the same bytes
    assert sum("events wait" in message for message in caplog.messages) == 1
    assert sum("flow again" in message for message in caplog.messages) == 1


def test_a_service_that_runs_sees_new_files_new_folders_and_corrections(home):
    publisher = MemoryPublisher()

    async def story(until):
        drop(home, "a.csv", HEAD + "4500,1,,\n")
        await until(lambda: placed(publisher) == ["4500"])
        drop(home, "100999/new/b.csv", HEAD + "4501,1,,\n")
        await until(lambda: placed(publisher) == ["4500", "4501"])
        drop(home, "a.csv", HEAD + "4500,2,,\n")
        await until(lambda: len(placed(publisher)) == 3)

    run_while(home, publisher, story)

    assert publisher.events()[-2].revision == 1  # changed#1
    assert [event.revision for event in publisher.events() if event.factkey == "placed@toy"] == [
        1,
        1,
        2,
    ]


def test_a_folder_that_vanishes_is_waited_for_and_said_once(home, caplog):
    caplog.set_level(logging.INFO)
    publisher = MemoryPublisher()
    away = home / "unmounted"

    async def story(until):
        drop(home, "a.csv", HEAD + "4500,1,,\n")
        await until(lambda: len(placed(publisher)) == 1)
        (home / "inbox").rename(away)
        await until(lambda: any("cannot be read" in message for message in caplog.messages))
        looks = len(caplog.messages)
        await asyncio.sleep(0.3)
        assert len(caplog.messages) == looks
        away.rename(home / "inbox")
        drop(home, "b.csv", HEAD + "4501,1,,\n")
        await until(lambda: len(placed(publisher)) == 2)

    run_while(home, publisher, story)

    assert sum("cannot be read" in message for message in caplog.messages) == 1
    assert sum("is back" in message for message in caplog.messages) == 1


def test_a_read_only_folder_is_fine(home):
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    (home / "inbox").chmod(0o555)
    publisher = MemoryPublisher()

    run_once(home, publisher)

    assert placed(publisher) == ["4500"]
    assert [file.name for file in (home / "inbox").iterdir()] == ["a.csv"]


def test_a_copy_under_way_is_taken_only_when_it_is_whole(home, reading_child):
    source = home / "whole.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("a", os.urandom(200_000).hex())
    whole = source.read_bytes()
    publisher = MemoryPublisher()
    target = home / "inbox" / "a.zip"

    async def story(until):
        with target.open("wb") as copy:
            copy.truncate(len(whole))  # final size from the first second on
            for start in range(0, len(whole), len(whole) // 5):
                copy.seek(start)
                copy.write(whole[start : start + len(whole) // 5])
                copy.flush()
                await asyncio.sleep(0.15)
                if start + len(whole) // 5 < len(whole):
                    assert publisher.records == []
        drop(home, "later.csv", HEAD + "4500,1,,\n")
        await until(lambda: len(publisher.files()) == 2)

    run_while(home, publisher, story)

    (taken,) = [file for file in publisher.files() if file.document == "a.zip"]
    assert taken.size_bytes == len(whole)


def test_an_incomplete_file_is_told_in_the_end_and_taken_when_it_is_completed(home, monkeypatch):
    monkeypatch.setattr("tierlink.connectors.intake.taking.INCOMPLETE_SECONDS", 0.2)
    publisher = MemoryPublisher()
    target = home / "inbox" / "a.csv"

    async def story(until):
        target.touch()
        await until(lambda: len(publisher.files()) == 1)
        assert publisher.files()[0].verdict is Verdict.REJECTED
        drop(home, "a.csv", HEAD + "4500,1,,\n")
        await until(lambda: placed(publisher) == ["4500"])

    run_while(home, publisher, story)


def test_a_type_that_is_not_taken_is_not_waited_for_to_be_whole(home, monkeypatch):
    monkeypatch.setattr("tierlink.connectors.intake.taking.INCOMPLETE_SECONDS", 1e9)
    (home / "inbox" / "notes.docx").write_bytes(b"PK\x03\x04 the rest is missing")
    publisher = MemoryPublisher()

    async def story(until):
        await until(lambda: len(publisher.files()) == 1)

    run_while(home, publisher, story)

    (told,) = publisher.files()
    assert told.reason is not None
    assert told.reason.code == "file-type-not-taken"


def test_no_further_file_is_taken_while_the_broker_does_not_keep_up(home, monkeypatch, caplog):
    monkeypatch.setattr(feed_module, "BACKLOG_MAX", 1)
    monkeypatch.setattr("tierlink.connectors.publisher._PAUSE_SHORTEST", 0.01)
    monkeypatch.setattr("tierlink.connectors.publisher._PAUSE_LONGEST", 0.05)
    for name in ("1.csv", "2.csv"):
        drop(home, name, HEAD + f"{name},1,,\n")
        os.utime(home / "inbox" / name, (int(name[0]), int(name[0])))
    publisher = MemoryPublisher(failures=1_000_000)

    async def story(until):
        await until(lambda: any("no file is taken" in message for message in caplog.messages))
        assert {record.key for record in publisher.records} <= {b"ACME|1.csv", b"toy|1.csv"}
        publisher.failures = 0
        await until(lambda: len(publisher.files()) == 2)

    run_while(home, publisher, story)


def test_two_services_on_one_feed_are_refused(home):
    with (
        IntakeStore(home / "intake", "toy"),
        pytest.raises(StopError, match=f"process {os.getpid()}"),
    ):
        run_once(home, MemoryPublisher())


def test_a_long_file_does_not_keep_a_feed_from_stopping_and_is_begun_again(home, reading_child):
    publisher = MemoryPublisher()
    drop(home, "a.csv", "SLEEP\n")

    async def story(until):
        await until(lambda: any((home / "intake" / "spool").glob("*/stderr")))

    run_while(home, publisher, story)

    assert publisher.records == []
    with IntakeStore(home / "intake", "toy") as store:
        assert store.documents()["a.csv"].state == "sealed"


def test_preview_shows_what_would_be_published_and_keeps_nothing(home):
    file = drop(home, "100234/a.csv", HEAD + "4500,1,2026-05-01,\n4501,bad,,\n")
    before = sorted(home.rglob("*"))

    shown = preview(toy.settings(folder=str(home / "inbox")), file, program=toy.PROGRAM)

    assert shown.document == "100234/a.csv"
    assert [type(draft.data).__name__ for draft in shown.drafts if isinstance(draft, Draft)] == [
        "LinePlaced",
        "LineChanged",
        "LinePromised",
    ]
    assert (shown.rows.published, shown.rows.rejected, shown.statements) == (1, 1, 3)
    assert shown.refused[0].row == 3
    assert sorted(home.rglob("*")) == before


def test_preview_of_a_file_that_is_not_understood_says_why(home):
    file = drop(home, "a.csv", "colour,weight\nred,5\n")

    shown = preview(toy.settings(), file, program=toy.PROGRAM)

    assert shown.reason is not None
    assert shown.reason.code == "no-sheet-understood"


def test_check_names_what_is_wrong(tmp_path):
    assert check(toy.settings(), tmp_path) == []
    (problem,) = check(toy.settings(folder=str(tmp_path / "share")), tmp_path)
    assert "share" in problem
    (problem,) = check(toy.settings(folder=str(tmp_path / "sealed" / "in")), tmp_path)[-1:]
    assert "tierlink's own" in problem


def test_a_feed_without_connector_is_refused(tmp_path, monkeypatch):
    from tierlink.connectors import registry

    monkeypatch.delitem(registry.CONNECTORS, toy.KIND)

    with pytest.raises(StopError, match="allowed are"):
        asyncio.run(
            run_feed(toy.settings(), tmp_path, ClusterSettings(), stop=asyncio.Event(), once=True)
        )


def test_nothing_of_a_file_stays_behind_in_the_working_folders(home, reading_child):
    drop(home, "a.csv", HEAD + "4500,1,,\n")
    run_once(home, MemoryPublisher())

    assert list((home / "intake" / "spool").iterdir()) == []
    assert list((home / "sealed" / "incoming").iterdir()) == []
    shutil.rmtree(home / "inbox")
    run_once(home, MemoryPublisher())  # the folder is ours: made again
    assert (home / "inbox").is_dir()
