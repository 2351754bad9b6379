"""The downstream developer's guide: its code runs, its tables are true."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from tierlink.broker.topics import create_topics, wanted_topics
from tierlink.kpi.facts import read_fact
from tierlink.kpi.ledger import Ledger, live_facts
from tierlink.kpi.ledger import merge as merge_facts
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.topics import ALL_TOPICS, KPI_OTD, Cleanup

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "downstream-guide.md").read_text(encoding="utf-8")
SUBSCRIBER, MERGE = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
SAMPLES = ROOT / "tests" / "contract" / "samples" / "v1"
LINE_SECONDS = 60.0


def sample(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return body


def test_every_topic_is_in_the_table_with_its_key_and_retention() -> None:
    rows = {
        cells[0].strip("` "): (cells[1].strip("` "), cells[3].strip())
        for line in GUIDE.splitlines()
        if line.startswith("| `") and len(cells := re.split(r"(?<!\\)\|", line.strip("|"))) == 4
    }
    assert set(rows) == {topic.name for topic in ALL_TOPICS if not topic.internal}
    for topic in ALL_TOPICS:
        if topic.internal:
            assert f"`{topic.name}` is internal" in GUIDE
            continue
        key, kept = rows[topic.name]
        assert topic.key.split(",")[0].split(" of ")[0] == key.replace("\\|", "|")
        assert kept == ("last per key" if topic.cleanup is Cleanup.COMPACT else "for ever")


def test_the_event_shown_is_one() -> None:
    shown = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]
    body = json.loads(shown)
    body["data"].pop("lineage")
    assert decode_event(json.dumps(body).encode()).subject == body["subject"]


def test_the_merge_shown_is_the_merge_the_processors_do() -> None:
    """Any order and any repetition: the guide's dictionary and our ledger hold the same facts."""
    scope: dict[str, Any] = {}
    exec(MERGE, scope)
    cancelled, retracted = (
        sample("purchaseorder.line.cancelled.erp"),
        sample("record.retracted.erp"),
    )
    placed = sample("purchaseorder.line.placed.erp")
    corrected = {**placed, "sequence": "0000000002", "id": "00000000-corrected"}
    corrected["data"] = {**placed["data"], "quantity": {"value": "77", "unit": "H87"}}
    again = {**cancelled, "sequence": "0000000003", "id": "00000000-again"}
    for events, alive in (
        ([placed, corrected, cancelled, retracted], [corrected["id"]]),
        ([placed, cancelled, retracted, again], [placed["id"], again["id"]]),
    ):
        for seed in range(20):
            log = random.Random(seed).choices(events, k=12) + events
            random.Random(seed).shuffle(log)
            state: dict[Any, Any] = {}
            for event in log:
                scope["merge"](state, event)
            facts = [read_fact(json.dumps(event).encode()) for event in log]
            ours, _ = merge_facts(Ledger({}), facts)
            assert sorted(event["id"] for event in scope["facts"](state)) == sorted(alive)
            assert sorted(fact.id for fact in live_facts(ours)) == sorted(alive)
            assert scope["merge"](state, log[0]) is False


@pytest.mark.kafka
def test_the_subscriber_runs(kafka: str, tmp_path: Path) -> None:
    prefix = f"t{uuid4().hex[:8]}."
    asyncio.run(create_topics(kafka, wanted_topics(prefix)))
    topic = KPI_OTD.full_name(prefix)
    month, whole = (
        sample("kpi.on_time_delivery.published.part-month"),
        sample("kpi.on_time_delivery.published.supplier-all"),
    )
    nothing = {**whole, "partitionkey": "100999||all"}
    nothing["data"] = {**whole["data"], "supplier": {"id": "100999"}, "due": 0}
    nothing["data"].pop("otd")
    asyncio.run(send(kafka, topic, [month, whole, nothing]))
    program = tmp_path / "subscriber.py"
    program.write_text(SUBSCRIBER, encoding="utf-8")
    with running(program, {"TIERLINK_KAFKA": kafka, "TIERLINK_TOPIC_PREFIX": prefix}) as lines:
        first = {lines.get(timeout=LINE_SECONDS) for _ in range(3)}
        assert first == {
            "100377 M-3100 2026-06 0 n=1",
            "100451 all parts all 0.75 n=32",
            "100999 all parts all nothing due n=0",
        }
        restated = {**month, "data": {**month["data"], "otd": "0.5", "due": 2}}
        asyncio.run(send(kafka, topic, [restated]))
        assert lines.get(timeout=LINE_SECONDS) == "100377 M-3100 2026-06 0.5 n=2"
        asyncio.run(
            send(kafka, topic, [{"partitionkey": month["partitionkey"], "tombstone": True}])
        )
        assert lines.get(timeout=LINE_SECONDS) == f"gone {month['partitionkey']}"


async def send(address: str, topic: str, events: list[dict[str, Any]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        for event in events:
            value = None if "tombstone" in event else json.dumps(event).encode()
            await producer.send_and_wait(topic, value, key=event["partitionkey"].encode())


@contextmanager
def running(program: Path, environment: dict[str, str]) -> Iterator[queue.Queue[str]]:
    """The program's lines as it prints them; it is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.rstrip("\n"))

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield lines
    finally:
        process.terminate()
        process.wait(LINE_SECONDS)
        listener.join(LINE_SECONDS)
        assert process.stdout is not None
        process.stdout.close()
