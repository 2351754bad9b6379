import os
from datetime import UTC, datetime

import pytest

from tierlink.connectors.errors import RetryLaterError, StopError
from tierlink.connectors.intake import store as store_module
from tierlink.connectors.intake.settle import FileIdentity
from tierlink.connectors.intake.staging import FinishedAs
from tierlink.connectors.intake.store import ARCHIVED, SETTLING, IntakeStore
from tierlink.connectors.intake.taking import is_current
from unit.intake.bench import bench, read_here

HEAD = "po,quantity,promised,mark\n"
IDENTITY = FileIdentity(5, 6, 7, 2**64 - 1)


@pytest.fixture(autouse=True)
def _no_child(monkeypatch):
    monkeypatch.setattr("tierlink.connectors.intake.processing.read_in_sandbox", read_here)


def test_a_second_process_is_told_who_has_the_feed(tmp_path):
    with (
        IntakeStore(tmp_path, "erp"),
        pytest.raises(StopError, match=f"process {os.getpid()} runs it"),
    ):
        IntakeStore(tmp_path, "erp")
    IntakeStore(tmp_path, "erp").close()  # free again


def test_feeds_do_not_disturb_each_other(tmp_path):
    with IntakeStore(tmp_path, "erp"), IntakeStore(tmp_path, "ledgers"):
        pass


def test_a_home_that_cannot_be_written_is_a_clear_message(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StopError, match="opening the books of feed 'erp'"):
        IntakeStore(tmp_path / "file" / "intake", "erp")


def test_what_a_file_waits_for_is_kept_and_does_not_erase_what_was_done(tmp_path):
    with bench(tmp_path) as feed:
        done = feed.drop(HEAD + "4500,1,,\n")
        feed.store.note([("orders.csv", SETTLING, "still changing"), ("new.csv", SETTLING, "open")])

        known = feed.store.documents()
        assert known["orders.csv"].state == SETTLING
        assert known["orders.csv"].done_sha256 == done.file_sha256
        assert known["new.csv"].done_sha256 is None


def test_identities_and_times_survive_as_they_are(tmp_path):
    at = datetime(2026, 4, 1, 12, 0, 0, 123456, tzinfo=UTC)
    with IntakeStore(tmp_path, "erp") as store:
        store.record_sealed("a.csv", IDENTITY, "ab" * 32, at)
        known = store.document("a.csv")

    assert known is not None
    assert (known.identity, known.sealed_at) == (IDENTITY, at)


def test_a_document_is_archived_when_its_last_event_is_acknowledged(tmp_path):
    with bench(tmp_path) as feed:
        feed.drop(HEAD + "4500,1,,\n", "a.csv")
        feed.drop(HEAD + "4501,1,,\n", "b.csv")
        records = feed.store.waiting_events(99)

        feed.store.mark_published(records[:1])
        assert {one.state for one in feed.store.documents().values()} == {"published"}
        feed.store.mark_published(records[1:2])
        assert feed.store.documents()["a.csv"].state == ARCHIVED
        assert feed.store.documents()["b.csv"].state == "published"
        assert feed.store.waiting_events(99) == records[2:]


def test_the_outbox_does_not_grow_for_ever_and_numbers_are_not_used_again(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "_SENT_KEPT", 0)
    with bench(tmp_path) as feed:
        numbers = []
        for quantity in (1, 2, 3):
            feed.drop(HEAD + f"4500,{quantity},,\n")
            records = feed.store.waiting_events(99)
            numbers += [record.id for record in records]
            feed.store.mark_published(records)
        with feed.store.writing() as connection:
            left = connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()

    assert left == 0
    assert numbers == sorted(set(numbers))


def test_a_database_that_cannot_be_written_now_is_tried_later_and_nothing_is_half_done(tmp_path):
    def write_twice(feed):
        with feed.store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM document")
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.exec_driver_sql("DELETE FROM fact")

    with bench(tmp_path) as feed:
        feed.drop(HEAD + "4500,1,,\n")
        with pytest.raises(RetryLaterError, match="cannot be written"):
            write_twice(feed)
        assert list(feed.store.documents()) == ["orders.csv"]


@pytest.mark.parametrize(
    ("text", "same_version", "current"),
    [
        (HEAD + "4500,1,,\n", False, True),
        (HEAD + "4500,?,,\n", True, True),
        (HEAD + "4500,?,,\n", False, False),
    ],
)
def test_a_refused_document_is_read_again_by_another_version_of_tierlink(
    tmp_path, text, same_version, current
):
    with bench(tmp_path) as feed:
        feed.drop(text)
        known = feed.store.documents()["orders.csv"]
        how = feed.workshop.read_as
        how = how if same_version else FinishedAs(how.profile, "99.0")

        assert is_current(known, how) is current
        assert not is_current(known, FinishedAs("other settings", how.version))
