"""More partitions than workers: workers share them, pass their state on, and do not wait for a hot one."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from integration.processors.cluster import (
    Chain,
    Sent,
    assert_equals_oracle,
    await_that,
    log_of,
    shuffled,
    supply_log,
)
from integration.processors.feeder import Feeder
from integration.processors.storm import backward_rows
from tierlink.schemas.envelope import fact_event
from tierlink.schemas.orders import LinePlaced, LinePromised
from tierlink.schemas.topics import ORDERS, RECEIPTS, SHIPMENTS
from tierlink.schemas.values import Actor, Item, Party, Quantity
from tierlink.streaming.delivery import partition_of
from tierlink.streaming.tables import changelog_name

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

PARTITIONS = 8
ALL = set(range(PARTITIONS))
FACTS = (ORDERS, SHIPMENTS, RECEIPTS)
DAY = date(2026, 3, 2)


@pytest.fixture
def partitions() -> int:
    return PARTITIONS


def shares(chain: Chain, instances: str) -> list[set[int]]:
    """Partitions each worker opened last."""
    found = []
    for instance in instances:
        log = (chain.home / f"on-time-{instance}.log").read_text()
        opened = re.findall(r"partitions \[([\d, ]*)\] recovered", log)
        found.append(
            {int(number) for number in opened[-1].split(", ") if number} if opened else set()
        )
    return found


def are_shared(chain: Chain, instances: str) -> bool:
    """Whether each partition is one worker's, and each worker has as many as any other."""
    found = shares(chain, instances)
    return (
        set().union(*found) == ALL
        and sum(map(len, found)) == PARTITIONS
        and {len(share) for share in found} == {PARTITIONS // len(found)}
        and all(chain.ready_file("on-time", one).exists() for one in instances)
    )


def test_one_two_and_four_workers_come_and_go_under_load(chain: Chain):
    log = supply_log(8, orders=300)
    small = {"TIERLINK_BATCH_RECORDS": "50"}
    chain.start("turnover", **small)
    running: dict[str, subprocess.Popen[bytes]] = {}
    with Feeder(chain, shuffled(log, Random(8)), at_once=25) as feeder:
        for instances in ("a", "ab", "abcd"):
            for instance in instances[len(running) :]:
                running[instance] = chain.start("on-time", instance, **small)
            feeder.allow(len(instances) / 6)
            await_that(lambda who=instances: are_shared(chain, who), instances, chain)  # type: ignore[misc]
        for instance in "cd":
            assert chain.stop(running[instance]) == 0
        feeder.allow(0.9)
        await_that(lambda: are_shared(chain, "ab"), "two share what four had", chain)
        chain.kill(running["b"])
        feeder.allow(1)
        await_that(lambda: are_shared(chain, "a"), "one has all", chain)
        await_that(feeder.is_done, "all records are sent", chain)
        chain.await_done()

    assert_equals_oracle(chain, log)
    assert list(backward_rows(chain)) == []
    assert chain.stop(running["a"]) == 0


def hot_order(count: int) -> list[Sent]:
    """An order of many lines, whose dates are promised again and again."""
    common: dict[str, Any] = {"buyer": "AC|ME", "po_no": "HOT"}
    facts: list[LinePlaced | LinePromised] = [
        LinePlaced(
            **common,
            po_line=str(number),
            supplier=Party(id=f"S{number % 5}"),
            item=Item(id=f"M{number % 8}"),
            asserted_by=Actor.BUYER,
            quantity=Quantity(value=100 + number),
            requested_on=DAY,
        )
        for number in range(40)
    ]
    facts += [
        LinePromised(
            **common,
            po_line=str(number % 40),
            asserted_by=Actor.SUPPLIER,
            promised_on=DAY + timedelta(days=number % 50),
        )
        for number in range(count - len(facts))
    ]
    return log_of(
        fact_event(
            fact,
            source="urn:tierlink:connector:erp_export/acme",
            fact_key=f"hot#{number}",
            revision=1,
            recorded_at=datetime(2026, 1, 5, 6, tzinfo=UTC) + timedelta(minutes=number),
        )
        for number, fact in enumerate(facts)
    )


def test_a_hot_order_does_not_hold_up_the_other_partitions(chain: Chain):
    """Half of all facts are about one order; the rows' changelog tells who worked when."""
    cold = [one for one in supply_log(9, orders=200) if one.topic in FACTS]
    log = [*cold, *hot_order(len(cold))]
    hot = partition_of(log[-1].key or b"", PARTITIONS)
    Random(9).shuffle(log)
    chain.send(log)
    worker = chain.start("on-time", TIERLINK_BATCH_RECORDS="50")
    chain.start("turnover")
    chain.await_done()

    written = defaultdict[int, list[int]](list)
    for row in chain.read(changelog_name(chain.group("on-time"), "purchase-orders")):
        written[row.partition].append(row.timestamp)
    last_of_others = max(max(times) for place, times in written.items() if place != hot)
    first, last = min(map(min, written.values())), max(written[hot])
    share = (last_of_others - first) / (last - first)
    print(f"\n{len(log)} facts: the others were done after {share:.0%} of the hot one's time")
    assert set(written) == ALL
    assert share < 0.75
    assert_equals_oracle(chain, log)
    assert chain.stop(worker) == 0
