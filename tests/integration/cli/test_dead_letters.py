"""Records nobody could read, as the command line shows them: from a real topic, with hostile bytes in it."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from tierlink.broker.tail import arrived, newest
from tierlink.broker.topics import Wanted, create_topics
from tierlink.cli import main as command_line
from tierlink.installation.processes import required_topics
from tierlink.installation.settings import InstallationSettings
from tierlink.processors.dead_letters import LETTER_BYTES_MAX, dead_letter
from tierlink.schemas.topics import DEAD_LETTERS
from tierlink.streaming.delivery import Outgoing
from unit.streaming.records import record

pytestmark = pytest.mark.kafka

PARTITIONS = 4
HOSTILE = b'\x1b[2J\x1b]0;owned\x07 {"id": "1"}\xff [bold]'


@pytest.fixture
def prefix(kafka, tmp_path, monkeypatch):
    prefix = f"d-{uuid4().hex[:8]}."
    for name, value in (("KAFKA", kafka), ("TOPIC_PREFIX", prefix), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"TIERLINK_{name}", value)
    monkeypatch.setenv("COLUMNS", "220")
    asyncio.run(create_topics(kafka, required_topics(InstallationSettings())))
    return prefix


@pytest.fixture
def tierlink(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tierlink", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return ended.value.code or 0, capsys.readouterr().out

    return run


def letter(prefix: str, offset: int, value: bytes | None, reason: str, key: bytes = b"k"):
    refused = record(offset, value, key, f"{prefix}orders.line.v1", 2)
    return dead_letter(refused, reason, prefix, PARTITIONS)


def send(kafka: str, letters: list[Outgoing], first_at: datetime | None = None) -> None:
    """Each a second after the one before."""
    began = first_at or datetime.now(UTC) - timedelta(minutes=5)

    async def produce() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=kafka, max_request_size=2_000_000
        ) as producer:
            for number, one in enumerate(letters):
                moment = began + timedelta(seconds=number)
                await producer.send_and_wait(
                    one.topic,
                    one.value,
                    one.key,
                    one.partition,
                    timestamp_ms=int(moment.timestamp() * 1000),
                    headers=list(one.headers),
                )

    asyncio.run(produce())


def test_none_is_good_news(prefix, tierlink):
    assert tierlink("dead-letters") == (0, "    no dead letters: every record could be read\n")
    code, out = tierlink("dead-letters", "--json")
    assert (code, json.loads(out)) == (0, [])
    _, found = tierlink("doctor")
    assert "none: every record could be read" in found


def test_letters_are_listed_newest_first_with_reason_place_and_beginning(kafka, prefix, tierlink):
    send(
        kafka,
        [letter(prefix, number, b"%d" % number, f"reason {number}") for number in range(30)],
    )
    code, out = tierlink("dead-letters", "--limit", "5")
    assert code == 0
    assert [f"reason {number}" in out for number in range(25, 30)] == [True] * 5
    assert "reason 24" not in out
    assert out.index("reason 29") < out.index("reason 25")
    assert f"{prefix}orders.line.v1[2]@29" in out
    assert "docs/operations.md" in out


def test_what_they_hold_does_not_steer_the_terminal(kafka, prefix, tierlink):
    send(kafka, [letter(prefix, 1, HOSTILE, "\x1b[31mred\u202eder"), letter(prefix, 2, None, "no")])
    _, out = tierlink("dead-letters")
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert r"\x1b[2J" in out
    assert "[bold]" in out
    assert "no value" in out


def test_json_is_for_programs_and_says_the_whole_size(kafka, prefix, tierlink):
    big = b"x" * (LETTER_BYTES_MAX + 10)
    send(kafka, [letter(prefix, 7, big, "larger than 1048576 bytes", b"ACME|4711")])
    _, out = tierlink("dead-letters", "--json")
    (one,) = json.loads(out)
    assert one["size"] == len(big)
    assert one["head"] == "x" * 200
    assert one["key"] == "ACME|4711"
    assert (one["topic"], one["partition"], one["offset"]) == (f"{prefix}orders.line.v1", "2", "7")
    assert datetime.fromisoformat(one["laid_aside_at"]).tzinfo is not None


def test_a_record_that_is_no_letter_of_ours_is_shown_all_the_same(kafka, prefix, tierlink):
    topic = DEAD_LETTERS.full_name(prefix)
    send(kafka, [Outgoing(topic, 1, b"k", b"by hand", [("reason", b"\xff")])])
    code, out = tierlink("dead-letters")
    assert code == 0
    assert "by hand" in out
    assert "?[?]@?" in out


def test_the_doctor_counts_old_and_new_ones(kafka, prefix, tierlink):
    long_ago = datetime.now(UTC) - timedelta(days=30)
    send(kafka, [letter(prefix, number, b"x", "no") for number in range(3)], long_ago)
    _, out = tierlink("doctor")
    assert "0 in the last 7 days, 3 in all" in out
    send(kafka, [letter(prefix, 9, b"x", "no")])
    _, out = tierlink("doctor")
    assert "1 in the last 7 days, 4 in all; 'tierlink dead-letters' lists them" in out


def test_a_topic_that_is_not_there_has_no_records(kafka):
    async def look():
        records = [one async for one in newest(kafka, f"never-{uuid4().hex}", 5)]
        return records, await arrived(kafka, f"never-{uuid4().hex}", datetime.now(UTC))

    assert asyncio.run(look()) == ([], (0, 0))


def test_the_last_of_every_partition_are_read_from_where_the_topic_begins(kafka):
    topic = f"tail-{uuid4().hex}"

    asyncio.run(create_topics(kafka, [Wanted(topic, 3)]))
    send(kafka, [Outgoing(topic, number % 3, b"k", b"%d" % number) for number in range(20)])

    async def look():
        return sorted([int(one.value) async for one in newest(kafka, topic, 2)])

    assert asyncio.run(look()) == list(range(14, 20))


def test_without_a_broker_it_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TIERLINK_KAFKA", "127.0.0.1:1")
    monkeypatch.setattr(sys, "argv", ["tierlink", "dead-letters"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 69
    assert "127.0.0.1:1" in capsys.readouterr().err
