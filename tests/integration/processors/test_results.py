"""The processors on a real broker say what SQL over the log says, in any order and whatever is killed."""

from __future__ import annotations

import shutil
import signal
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from integration.processors.cluster import (
    AS_OF,
    Chain,
    Sent,
    assert_equals_oracle,
    await_that,
    shuffled,
    supply_log,
)
from tierlink.schemas.topics import DEAD_LETTERS, ORDERS, STOCK

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

LOG = supply_log(1)
BOTH = ("on-time", "turnover")


def test_any_order_with_repetitions_gives_what_sql_gives(chain: Chain, tmp_path: Path):
    other = Chain(chain.kafka, tmp_path / "other")
    other.create()
    try:
        for number, one in enumerate((chain, other)):
            one.send(shuffled(LOG, Random(number)))
            workers = [one.start(name) for name in BOTH]
            one.await_done()
            for name in BOTH:
                one.await_ready(name)
            assert [one.stop(worker) for worker in workers] == [0, 0]
            assert not any(one.ready_file(name).exists() for name in BOTH)
    finally:
        other.kill_all()

    assert_equals_oracle(chain, LOG)
    assert other.results() == chain.results()


def test_an_unreadable_record_is_laid_aside_and_the_rest_goes_on(chain: Chain):
    order, stock = (next(one for one in LOG if one.topic is topic) for topic in (ORDERS, STOCK))
    poison = [
        Sent(ORDERS, order.key, b"\xff\x00 no JSON"),
        Sent(ORDERS, order.key, (order.value or b"").replace(b"placed.v1", b"eaten.v1")),
        Sent(ORDERS, b"another|key", order.value),
        Sent(STOCK, stock.key, b"[" * 100_000),
    ]
    records = [*LOG[:400], *poison, *LOG[400:]]
    chain.send(records)
    for name in BOTH:
        chain.start(name)
    chain.await_done()

    letters = chain.read(DEAD_LETTERS)
    assert sorted(letter.value for letter in letters) == sorted(one.value or b"" for one in poison)
    for letter in letters:
        headers = dict(letter.headers)
        place = b"|".join((headers["topic"], headers["partition"], headers["offset"]))
        assert letter.key == place
        assert headers["reason"]
    assert_equals_oracle(chain, LOG)


def test_two_instances_share_the_work_and_one_takes_over(chain: Chain):
    first, second = chain.start("on-time", "a"), chain.start("on-time", "b")
    chain.start("turnover")
    for instance in ("a", "b"):
        chain.await_ready("on-time", instance)
    half = len(LOG) // 2
    chain.send(LOG[:half])
    chain.await_done()
    shares = [set(chain.home.glob(f"faust/on-time-{name}/**/lines-*.db")) for name in ("a", "b")]
    assert all(shares)
    chain.kill(second)
    chain.send(LOG[half:])
    chain.await_done()

    assert_equals_oracle(chain, LOG)
    assert chain.stop(first) == 0


def test_a_process_that_stands_still_ends_and_one_without_work_does_not(chain: Chain):
    idle = chain.start("on-time", TIERLINK_STALL_SECONDS="2")
    stuck = chain.start("turnover", TIERLINK_STALL_SECONDS="2", TEST_HANG="1")
    chain.await_ready("on-time")
    sent = [one for one in LOG if one.topic is STOCK]
    chain.send(sent)

    assert stuck.wait(60) == 70
    chain.workers.remove(stuck)
    assert "no progress" in (chain.home / "turnover-0.log").read_text()
    assert idle.poll() is None
    assert chain.lag(chain.group("turnover"), chain.full([STOCK])) == len(sent)


@pytest.mark.parametrize("seek_seconds", ["0", "1.5"])
def test_rows_are_recovered_from_the_changelog(chain: Chain, seek_seconds: str):
    """Also where Faust is slow: when it lets records through it empties its queues, and some are in them already."""
    half = len(LOG) // 2
    chain.send(LOG[:half])
    workers = [chain.start(name) for name in BOTH]
    chain.await_done()
    for worker in workers:
        chain.kill(worker)
    shutil.rmtree(chain.home / "faust")
    chain.send(LOG[half:])
    for name in BOTH:
        chain.start(name, TEST_SLOW_SEEK=seek_seconds, TIERLINK_BATCH_RECORDS="10")
    chain.await_done()

    assert_equals_oracle(chain, LOG)


def test_what_waits_while_rows_are_recovered_is_not_lost(chain: Chain):
    """Faust throws away what it fetches of sources meanwhile, and goes back only to what is committed: nothing yet."""
    chain.send(LOG)
    dying = [chain.start(n, TEST_DIE_AT="stored:1", TIERLINK_BATCH_RECORDS="25") for n in BOTH]
    for worker in dying:
        assert worker.wait(60) == -signal.SIGKILL
        chain.workers.remove(worker)
    shutil.rmtree(chain.home / "faust")
    for name in BOTH:
        chain.start(name, TIERLINK_BATCH_RECORDS="25")
    chain.await_done()

    assert_equals_oracle(chain, LOG)


def test_a_day_that_begins_is_seen_while_running_and_after_sleeping(chain: Chain):
    clock = chain.home / "clock"
    chain.as_of = None
    ask = {"TEST_CLOCK": str(clock), "TIERLINK_TICK_SECONDS": "0.2", "TIERLINK_ZONE": "UTC"}

    def say(days_before: int) -> None:
        day = AS_OF - timedelta(days=days_before)
        clock.with_suffix(".new").write_text(f"{day}T12:00:00+00:00", encoding="ascii")
        clock.with_suffix(".new").rename(clock)

    def log_says(text: str) -> bool:
        return all(text in (chain.home / f"{name}-0.log").read_text() for name in BOTH)

    say(30)
    chain.send(LOG)
    workers = [chain.start(name, **ask) for name in BOTH]
    chain.await_done()
    say(20)
    day = (AS_OF - timedelta(days=20)).isoformat()
    await_that(
        lambda: all(log_says(f"partition {part} as of {day}") for part in range(4)), day, chain
    )
    assert [chain.stop(worker) for worker in workers] == [0, 0]
    say(0)
    for name in BOTH:
        chain.start(name, **ask)
        chain.await_ready(name)

    assert_equals_oracle(chain, LOG)
