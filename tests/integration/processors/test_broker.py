"""A broker that comes late, goes away under load and comes back; topics that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import free_port
from integration.processors.cluster import Chain, assert_equals_oracle, await_that, supply_log
from tierlink.broker.embedded import EmbeddedBroker
from tierlink.broker.settings import BrokerSettings
from tierlink.schemas.topics import LINE_MEASUREMENTS

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

LOG = supply_log(2, orders=120)


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
    chain = Chain(broker.address, tmp_path / "home")
    small = {"TIERLINK_BATCH_RECORDS": "20"}
    workers = [chain.start(name, **small) for name in ("on-time", "turnover")]
    log = chain.home / "on-time-0.log"
    try:
        await_that(lambda: "no Kafka broker answers" in log.read_text(), "it says so", chain)
        broker.start()
        chain.create()
        chain.send(LOG)
        await_that(lambda: bool(chain.read(LINE_MEASUREMENTS)), "it is at work", chain)
        broker.stop()
        await_that(lambda: "Unable connect" in log.read_text(), "it misses the broker", chain)
        broker.start()
        chain.await_done()

        assert_equals_oracle(chain, LOG)
        assert [chain.stop(worker) for worker in workers] == [0, 0]
    finally:
        chain.kill_all()


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
