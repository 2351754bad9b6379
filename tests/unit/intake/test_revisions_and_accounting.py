import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tierlink.connectors.contract import History
from tierlink.connectors.intake.accounting import Tally, verdict_of
from tierlink.connectors.intake.revisions import Known, assert_fact, published_key, retract_fact
from tierlink.schemas.intake import RowCounts, Verdict

steps = st.lists(st.sampled_from(["A", "B", "C", None]), max_size=12)


@given(st.sampled_from(History), steps)
def test_no_two_publications_share_a_key_and_revision(history, contents):
    known: Known | None = None
    published = []
    for content in contents:
        decision = retract_fact(known) if content is None else assert_fact(known, history, content)
        known = decision.known
        if decision.publish:
            assert known is not None
            published.append((published_key("k", known.ordinal, "f"), known.revision))

    assert len(set(published)) == len(published)


@given(st.sampled_from(History), steps)
def test_stating_the_same_twice_in_a_row_is_no_news(history, contents):
    known: Known | None = None
    for content in contents:
        decision = retract_fact(known) if content is None else assert_fact(known, history, content)
        known = decision.known
        again = retract_fact(known) if content is None else assert_fact(known, history, content)
        assert not again.publish
        assert again.known == known


@given(steps)
def test_the_newest_revision_of_a_latest_fact_says_what_was_stated_last(contents):
    known: Known | None = None
    log: dict[int, str | None] = {}
    for content in contents:
        decision = (
            retract_fact(known) if content is None else assert_fact(known, History.LATEST, content)
        )
        known = decision.known
        if decision.publish:
            assert known is not None
            log[known.revision] = content

    newest = log[max(log)] if log else None
    assert newest == (contents[-1] if contents else None)


def test_what_was_never_published_cannot_be_taken_back():
    remembered = assert_fact(None, History.CHANGES, "A").known

    assert not retract_fact(None).publish
    assert not retract_fact(remembered).publish


def test_rows_that_are_neither_news_nor_known_were_superseded():
    tally = Tally(stated=5, held=1, rejected=2)
    tally.ignored["header"] += 1

    rows = tally.close(published=2, unchanged=1)

    assert rows.ignored == {"header": 1, "superseded": 2}
    assert rows.seen == 9


def test_an_account_that_does_not_balance_is_an_error():
    with pytest.raises(ValueError, match="balance"):
        Tally(stated=1).close(published=2, unchanged=0)
    with pytest.raises(ValidationError, match="balance"):
        RowCounts(seen=3, published=1)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ({"published": 1}, Verdict.PUBLISHED),
        ({"unchanged": 2}, Verdict.UNCHANGED),
        ({}, Verdict.UNCHANGED),
        ({"published": 1, "unchanged": 5}, Verdict.PUBLISHED),
        ({"published": 1, "held": 1}, Verdict.PARTLY_PUBLISHED),
        ({"unchanged": 1, "rejected": 1}, Verdict.PARTLY_PUBLISHED),
        ({"held": 1, "rejected": 1}, Verdict.REJECTED),
        ({"held": 1}, Verdict.HELD),
    ],
)
def test_the_verdict_follows_from_the_rows(rows, verdict):
    assert verdict_of(RowCounts(seen=sum(rows.values()), **rows)) is verdict
