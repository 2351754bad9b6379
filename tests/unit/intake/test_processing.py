from collections import Counter

import pytest

from tierlink.connectors.intake import staging
from tierlink.schemas.intake import Verdict
from unit.intake.bench import Bench, bench, read_here

PROCESSING_READS = "tierlink.connectors.intake.processing.read_in_sandbox"
HEAD = "po,quantity,promised,mark\n"


@pytest.fixture(autouse=True)
def _no_child(monkeypatch):
    monkeypatch.setattr(PROCESSING_READS, read_here)


@pytest.fixture
def toy_feed(tmp_path):
    with bench(tmp_path) as feed:
        yield feed


def test_a_first_file_publishes_its_facts_with_revision_one(toy_feed: Bench):
    processed = toy_feed.drop(HEAD + "4500,10,2026-05-01,\n")

    assert processed.verdict is Verdict.PUBLISHED
    assert processed.events == 2
    assert toy_feed.facts() == [("placed", "placed@toy", 1), ("promised", "promised#1@toy", 1)]


def test_the_same_content_again_publishes_nothing(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,2026-05-01,\n")
    toy_feed.sent()

    again = toy_feed.drop(HEAD + "\n4500,10,2026-05-01,\n\n")

    assert again.verdict is Verdict.UNCHANGED
    assert (again.rows.unchanged, again.events) == (1, 0)
    assert toy_feed.facts() == []


def test_going_there_and_back_gives_three_revisions_with_three_ids(toy_feed: Bench):
    ids = []
    for quantity in (10, 20, 10):
        toy_feed.drop(HEAD + f"4500,{quantity},,\n")
        ids += [event.id for event in toy_feed.sent() if event.type.endswith("placed.v1")]

    assert len(set(ids)) == 3


def test_each_promise_is_a_fact_of_its_own(toy_feed: Bench):
    for promised in ("2026-05-01", "2026-05-08", "2026-05-08", "2026-05-01"):
        toy_feed.drop(HEAD + f"4500,10,{promised},\n")

    promises = [fact for fact in toy_feed.facts() if fact[0] == "promised"]
    assert promises == [
        ("promised", "promised#1@toy", 1),
        ("promised", "promised#2@toy", 1),
        ("promised", "promised#3@toy", 1),
    ]


def test_a_change_is_published_only_from_the_second_content_on(toy_feed: Bench):
    changes = []
    for quantity in (10, 10, 20, 10):
        toy_feed.drop(HEAD + f"4500,{quantity},,\n")
        changes.append([fact for fact in toy_feed.facts() if fact[0] == "changed"])

    assert changes == [
        [],
        [],
        [("changed", "changed#1@toy", 1)],
        [("changed", "changed#2@toy", 1)],
    ]


def test_an_emptied_mark_takes_the_cancellation_back_and_a_new_one_comes_after_it(toy_feed: Bench):
    told = []
    for mark in ("-", "x", "-", "-", "x"):
        toy_feed.drop(HEAD + f"4500,10,,{mark}\n")
        told.append([fact for fact in toy_feed.facts() if fact[1] == "cancelled@toy"])

    assert told == [
        [],
        [("cancelled", "cancelled@toy", 1)],
        [("retracted", "cancelled@toy", 2)],
        [],
        [("cancelled", "cancelled@toy", 3)],
    ]


def test_a_retraction_goes_where_its_target_went(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,,x\n")
    (record,) = [one for one in toy_feed.store.waiting_events(99) if b"cancelled.v1" in one.value]
    toy_feed.sent()
    toy_feed.drop(HEAD + "4500,10,,-\n")
    (back,) = [one for one in toy_feed.store.waiting_events(99) if b"retracted.v1" in one.value]

    assert (back.topic, back.key) == (record.topic, record.key)
    event = toy_feed.sent()[0]
    assert event.subject == "ACME|4500|||"
    assert event.data.retracted_type == "org.tierlink.purchaseorder.line.cancelled.v1"
    assert event.data.lineage.row == 2


def test_the_last_row_about_a_fact_counts_and_earlier_ones_are_superseded(toy_feed: Bench):
    processed = toy_feed.drop(HEAD + "4500,10,,\n4501,5,,\n4500,20,,\n")

    assert processed.rows.ignored == {"header": 1, "superseded": 1}
    assert processed.rows.published == 2
    placed = [event for event in toy_feed.sent() if event.type.endswith("placed.v1")]
    assert [(event.data.po_no, str(event.data.quantity.value)) for event in placed] == [
        ("4501", "5"),
        ("4500", "20"),
    ]


def test_a_row_with_one_new_fact_among_known_ones_is_published(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,,\n4501,10,,\n")

    processed = toy_feed.drop(HEAD + "4500,10,2026-05-01,\n4501,10,,\n")

    assert (processed.rows.published, processed.rows.unchanged, processed.events) == (1, 1, 1)


def test_a_vanished_row_is_counted_and_kept(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,2026-05-01,\n4501,10,,\n")
    toy_feed.sent()

    processed = toy_feed.drop(HEAD + "4501,10,,\n")

    assert (processed.vanished, processed.verdict) == (2, Verdict.UNCHANGED)
    assert toy_feed.facts() == []


def test_a_fact_that_another_document_still_states_has_not_vanished(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,,\n4501,10,,\n", "march.csv")
    toy_feed.drop(HEAD + "4500,10,,\n", "april.csv")

    assert toy_feed.drop(HEAD + "4501,10,,\n", "march.csv").vanished == 0


def test_refused_rows_beside_good_ones_make_it_partly_published(toy_feed: Bench):
    processed = toy_feed.drop(HEAD + "4500,10,,\n4501,bad,,\n4502,?,,\nnote\n")

    assert processed.verdict is Verdict.PARTLY_PUBLISHED
    assert (processed.rows.rejected, processed.rows.held) == (1, 1)
    refused = [event for event in toy_feed.sent() if event.type.endswith("row.rejected.v1")]
    assert [(event.data.cell, event.data.held) for event in refused] == [
        ("B3", False),
        ("B4", True),
    ]
    assert refused[0].subject == "toy|orders.csv||3"
    assert refused[0].partitionkey == "toy|orders.csv"
    assert refused[0].data.raw["po"].raw == "4501"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [("4500,bad,,\n4501,?,,\n", Verdict.REJECTED), ("4500,?,,\n", Verdict.HELD)],
)
def test_a_file_without_one_good_row_is_refused_with_a_reason(toy_feed: Bench, rows, verdict):
    processed = toy_feed.drop(HEAD + rows)

    assert processed.verdict is verdict
    assert processed.reason is not None
    assert processed.reason.code == "no-row-usable"
    assert set(processed.reason.text) == {"en", "zh", "de"}


def test_a_file_that_no_sheet_of_is_understood_says_which_headings_were_found(toy_feed: Bench):
    processed = toy_feed.drop("My firm\nArticle,Colour,Weight\nM-1,red,5\n")

    assert processed.verdict is Verdict.REJECTED
    assert processed.reason is not None
    assert "Article, Colour, Weight" in processed.reason.text["de"]
    assert processed.rows.seen == 3
    assert [event.type for event in toy_feed.sent()] == ["org.tierlink.intake.file.processed.v1"]


def test_a_refused_sheet_beside_a_good_one_is_told_at_its_heading(toy_feed: Bench):
    processed = toy_feed.drop(
        f"== orders\n{HEAD}4500,10,,\n== other\ntitle\nitem,quantity,x\nM,1\n"
    )
    assert processed.verdict is Verdict.PUBLISHED  # a title above: not even a near miss

    processed = toy_feed.drop(f"== orders\n{HEAD}4500,11,,\n== other\nitem,quantity,x\nM,1\n")
    assert processed.verdict is Verdict.PARTLY_PUBLISHED
    assert processed.rows.rejected == 2
    (told,) = [event for event in toy_feed.sent() if event.type.endswith("row.rejected.v1")]
    assert (told.data.sheet, told.data.row) == ("other", 1)


def test_when_no_sheet_can_be_used_each_is_told_and_the_file_has_a_reason(toy_feed: Bench):
    processed = toy_feed.drop("== one\nitem,quantity,x\nM,1\n== two\nitem,quantity,x\nM,1\nN,2\n")

    assert processed.verdict is Verdict.REJECTED
    assert processed.reason is not None
    assert processed.reason.code == "columns-missing"
    assert (processed.rows.seen, processed.rows.rejected) == (5, 5)
    told = [event.data for event in toy_feed.sent() if event.type.endswith("row.rejected.v1")]
    assert [(row.sheet, row.row) for row in told] == [("one", 1), ("two", 1)]


@pytest.mark.parametrize("content", ["", "\n\n,,\n"])
def test_a_file_without_rows_is_rejected(toy_feed: Bench, content, monkeypatch):
    monkeypatch.setattr("tierlink.connectors.intake.seal.find_gap", lambda *_: None)
    processed = toy_feed.drop(content)

    assert processed.verdict is Verdict.REJECTED
    assert processed.reason is not None
    assert processed.reason.code == "file-without-rows"


def test_a_fault_of_the_interpreter_holds_the_file_and_keeps_nothing_of_it(toy_feed: Bench):
    processed = toy_feed.drop(HEAD + "4500,10,,\n4501,boom,,\n")

    assert processed.verdict is Verdict.HELD
    assert processed.reason is not None
    assert processed.reason.code == "interpreter-failed"
    assert toy_feed.facts() == []
    assert toy_feed.drop(HEAD + "4500,10,,\n").events == 1


def test_a_file_of_another_type_is_rejected_by_its_name(toy_feed: Bench):
    processed = toy_feed.drop("anything", "photo.jpg")

    assert processed.reason is not None
    assert processed.reason.code == "file-type-not-taken"
    assert ".csv" in processed.reason.text["en"]


def test_a_refused_version_takes_nothing_back(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,,\n")
    toy_feed.sent()
    refused = toy_feed.drop("REFUSE\n")

    assert (refused.verdict, refused.vanished) == (Verdict.REJECTED, 0)
    assert refused.reason is not None
    assert refused.reason.code == "file-damaged"
    assert toy_feed.drop(HEAD + "4500,10,,\n").verdict is Verdict.UNCHANGED


def test_batches_do_not_change_what_is_published(tmp_path, monkeypatch):
    text = HEAD + "".join(f"{4500 + row % 40},{row},,\n" for row in range(100))
    with bench(tmp_path / "one") as feed:
        feed.drop(text)
        whole = [event.id for event in feed.sent() if ".intake." not in event.type]
    monkeypatch.setattr(staging, "_BATCH", 7)
    with bench(tmp_path / "two") as feed:
        feed.drop(text)
        parts = [event.id for event in feed.sent() if ".intake." not in event.type]

    assert parts == whole
    assert len(whole) == 40


def test_events_carry_when_the_file_was_sealed_and_who_says_so(toy_feed: Bench):
    processed = toy_feed.drop(HEAD + "4500,10,,\n")
    first, *_ = toy_feed.sent()

    assert first.recordedtime == processed.sealed_at
    assert first.source == "urn:tierlink:connector:toy-list/toy"
    assert first.data.lineage.file_sha256 == processed.file_sha256


def test_the_outcome_of_the_file_comes_after_all_its_events(toy_feed: Bench):
    toy_feed.drop(HEAD + "4500,10,,\n4501,bad,,\n")
    types = [event.type.split(".")[-2] for event in toy_feed.sent()]

    assert types[-1] == "processed"
    assert Counter(types) == {"placed": 1, "rejected": 1, "processed": 1}
