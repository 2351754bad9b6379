"""Workers come, go and freeze while records come in; nobody writes what is no longer his to write."""

from __future__ import annotations

import signal
import time
from random import Random

import psutil
import pytest

from integration.processors.cluster import (
    Chain,
    assert_equals_oracle,
    await_that,
    shuffled,
    supply_log,
)
from integration.processors.feeder import Feeder
from integration.processors.storm import backward_rows

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

LOG = supply_log(3, orders=150)
SMALL = {"TIERLINK_BATCH_RECORDS": "10"}
FROZEN = ("before-changelog", "changelog-sent", "changelog-delivered", "stored", "before-commit")


@pytest.fixture
def partitions() -> int:
    return 8


def has_taken_in(feeder: Feeder, count: int) -> bool:
    feeder.is_done()
    return feeder.sent >= count


def test_workers_join_and_leave_under_load(chain: Chain):
    chain.start("turnover", **SMALL)
    first = chain.start("on-time", "a", **SMALL)
    records = shuffled(LOG, Random(3))
    with Feeder(chain, records, at_once=20) as feeder:
        feeder.allow(1)
        await_that(lambda: has_taken_in(feeder, 300), "there is load", chain)
        second = chain.start("on-time", "b", **SMALL)
        chain.await_ready("on-time", "b")
        assert not feeder.is_done()
        assert chain.stop(first) == 0
        third = chain.start("on-time", "c", **SMALL)
        chain.await_ready("on-time", "c")
        assert chain.stop(second) == 0
        await_that(feeder.is_done, "all records are sent", chain)
        chain.await_done()

    assert_equals_oracle(chain, LOG)
    assert list(backward_rows(chain)) == []
    assert chain.stop(third) == 0


def test_whoever_was_frozen_with_work_in_its_hands_writes_nothing_when_it_wakes(chain: Chain):
    """Each of them is frozen at a place of its own, past the session, and another takes over."""
    chain.start("turnover", **SMALL)
    frozen = {
        point: chain.start(
            "on-time",
            point,
            TEST_DIE_AT=f"{point}:1",
            TEST_DIE_BY="SIGSTOP",
            **SMALL,
        )
        for point in FROZEN
    }
    healthy = chain.start("on-time", "healthy", **SMALL)
    for point in frozen:
        chain.await_ready("on-time", point)
    records = shuffled(LOG, Random(4))
    with Feeder(chain, records, at_once=40) as feeder:
        feeder.allow(1)
        for process in frozen.values():
            state = psutil.Process(process.pid).status
            await_that(lambda state=state: state() == psutil.STATUS_STOPPED, "it froze", chain)  # type: ignore[misc]
        await_that(feeder.is_done, "all records are sent", chain)
        chain.await_done()  # the healthy one has all partitions

    for process in frozen.values():
        process.send_signal(signal.SIGCONT)
    for point, process in frozen.items():
        assert process.wait(30) == 70, point
        chain.workers.remove(process)
        assert "stood still" in (chain.home / f"on-time-{point}.log").read_text()
    time.sleep(0.5)
    assert_equals_oracle(chain, LOG)
    assert list(backward_rows(chain)) == []
    assert chain.stop(healthy) == 0
