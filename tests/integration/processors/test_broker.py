"""A broker that comes late, goes away under load and comes back; topics that are not there."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from conftest import free_port
from integration.processors.cluster import (
    Chain,
    assert_equals_oracle,
    await_that,
    shuffled,
    supply_log,
)
from integration.processors.feeder import Feeder
from integration.processors.storm import backward_rows
from tierlink.broker.embedded import EmbeddedBroker
from tierlink.broker.settings import BrokerSettings
from tierlink.schemas.topics import LINE_MEASUREMENTS

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

LOG = supply_log(2, orders=120)
SMALL = {"TIERLINK_BATCH_RECORDS": "20"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker that is not started yet."""
    settings = BrokerSettings(port=free_port(), controller_port=free_port(), free_mb_needed=200)
    broker = EmbeddedBroker(tmp_path / "broker", settings)
    try:
        yield broker
    finally:
        broker.stop()


def test_it_waits_for_a_broker_and_outlives_its_absence(broker: EmbeddedBroker, tmp_path: Path):
    """Killed, stopped in good order and killed again under load; who ends for it is started anew."""
    chain = Chain(broker.address, tmp_path / "home")
    workers = {name: chain.start(name, **SMALL) for name in ("on-time", "turnover")}
    log = chain.home / "on-time-0.log"
    catching_up = []
    restarts: list[str] = []
    try:
        await_that(lambda: "no Kafka broker answers" in log.read_text(), "it says so", chain)
        broker.start()
        chain.create()
        records = shuffled(LOG, Random(2))
        with Feeder(chain, records, at_once=30) as feeder:
            for number, is_clean in enumerate((False, True, False), 1):
                feeder.allow(number / 4)
                enough = len(records) * (number - 0.5) / 4
                until(partial(has_fed, feeder, enough), chain, workers, restarts)
                stop(broker, is_clean=is_clean)
                feeder.allow((number + 0.5) / 4)  # it goes on sending to nobody
                time.sleep(1)
                broker.start()
                up_at, rows = time.monotonic(), len(chain.read(LINE_MEASUREMENTS))
                until(partial(has_measured, chain, rows), chain, workers, restarts)
                catching_up.append(time.monotonic() - up_at)
            feeder.allow(1)
            until(feeder.is_done, chain, workers, restarts)
        chain.await_done()

        print(f"\nworking again after {catching_up}, started anew: {restarts}")
        assert "Unable connect" in log.read_text()
        assert max(catching_up) < 30
        assert_equals_oracle(chain, LOG)
        assert list(backward_rows(chain)) == []
        assert [chain.stop(worker) for worker in workers.values()] == [0, 0]
    finally:
        chain.kill_all()


def has_fed(feeder: Feeder, count: float) -> bool:
    return feeder.is_done() or feeder.sent >= count


def has_measured(chain: Chain, count: int) -> bool:
    return len(chain.read(LINE_MEASUREMENTS)) > count


def stop(broker: EmbeddedBroker, *, is_clean: bool) -> None:
    if not is_clean and broker.process:
        broker.process.kill()
        broker.process.wait(30)
    broker.stop()


def until(
    holds: Callable[[], bool],
    chain: Chain,
    workers: dict[str, subprocess.Popen[bytes]],
    restarts: list[str],
) -> None:
    """Wait, and meanwhile do what the supervisor does."""
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline
        for name, worker in workers.items():
            if worker.poll() is not None:
                assert worker.returncode == 70
                chain.workers.remove(worker)
                restarts.append(name)
                workers[name] = chain.start(name, **SMALL)
        time.sleep(0.2)


def test_it_stops_while_the_broker_is_away(broker: EmbeddedBroker, tmp_path: Path):
    chain = Chain(broker.address, tmp_path / "home")
    broker.start()
    chain.create()
    worker = chain.start("turnover")
    try:
        chain.await_ready("turnover")
        broker.stop()
        assert chain.stop(worker) == 0
        assert not chain.ready_file("turnover").exists()
    finally:
        chain.kill_all()


@pytest.mark.parametrize("name", ["on-time", "turnover"])
def test_missing_topics_are_named_and_end_it(kafka: str, tmp_path: Path, name: str):
    chain = Chain(kafka, tmp_path)
    worker = chain.start(name, TIERLINK_TOPICS_SECONDS="0.5")

    assert worker.wait(60) == 78
    said = (tmp_path / f"{name}-0.log").read_text()
    assert f"{chain.prefix}{name}-" in said
    assert "TIERLINK_TOPIC_PREFIX" in said
