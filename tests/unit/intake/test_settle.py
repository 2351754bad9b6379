from itertools import pairwise

import pytest

from tierlink.connectors.intake.settle import (
    LOCK_DELAY_SECONDS,
    FileIdentity,
    Observation,
    Ready,
    Waiting,
    back_off,
    remember,
    settle,
)

SMALL = FileIdentity(size=100, mtime_ns=1, ctime_ns=1, inode=7)
LARGE = FileIdentity(size=200, mtime_ns=2, ctime_ns=2, inode=7)


def judge(*seen: Observation, now: float, settle_seconds: float = 2.0) -> Ready | Waiting:
    history: tuple[Observation, ...] = ()
    for observation in seen:
        history = remember(history, observation)
    return settle(history, now, settle_seconds=settle_seconds)


def test_a_file_seen_once_is_not_ready_however_long_ago_it_was_written():
    assert isinstance(judge(Observation(0, SMALL), now=1000), Waiting)


def test_a_file_that_stays_the_same_long_enough_is_ready():
    seen = [Observation(at, SMALL) for at in (0, 1, 2)]

    assert isinstance(judge(*seen[:2], now=1), Waiting)
    assert judge(*seen, now=2) == Ready(SMALL)


def test_each_change_starts_the_wait_again():
    seen = [Observation(0, SMALL), Observation(2, LARGE), Observation(3, LARGE)]

    assert judge(*seen, now=3) == Waiting("still changing: 200 bytes so far")
    assert judge(*seen, Observation(4, LARGE), now=4) == Ready(LARGE)


@pytest.mark.parametrize("field", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_any_part_of_the_identity_counts_as_a_change(field):
    changed = FileIdentity(**{**vars(SMALL), field: 99})

    assert isinstance(judge(Observation(0, SMALL), Observation(5, changed), now=5), Waiting)


def test_a_file_that_returns_to_an_earlier_identity_waits_again():
    seen = [Observation(0, SMALL), Observation(1, LARGE), Observation(2, SMALL)]

    assert isinstance(judge(*seen, now=2), Waiting)


def test_an_owner_file_delays_but_not_for_ever():
    seen = [Observation(0, SMALL, locked=True), Observation(5, SMALL, locked=True)]

    assert judge(*seen, now=5) == Waiting("open in a spreadsheet program")
    late = LOCK_DELAY_SECONDS
    assert judge(*seen, Observation(late, SMALL, locked=True), now=late) == Ready(SMALL)


def test_a_closed_file_does_not_wait_for_the_lock_delay():
    seen = [Observation(0, SMALL, locked=True), Observation(5, SMALL)]

    assert judge(*seen, now=5) == Ready(SMALL)


def test_history_stays_short_however_often_a_file_is_looked_at():
    history: tuple[Observation, ...] = ()
    for at in range(1000):
        history = remember(history, Observation(at, SMALL))

    assert [one.at for one in history] == [0, 999]


def test_pauses_grow_and_never_end():
    pauses = [back_off(tries) for tries in range(1, 5000)]

    assert all(before <= after for before, after in pairwise(pauses))
    assert pauses[0] == 1
    assert pauses[-1] == 60
