"""Records that cannot be taken in: each is laid aside with reason and place, and nothing else changes for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from integration.processors.cluster import Chain, Sent, assert_equals_oracle, supply_log
from tierlink.processors.dead_letters import LETTER_BYTES_MAX, reason_kind
from tierlink.schemas.topics import (
    DEAD_LETTERS,
    LINE_MEASUREMENTS,
    ORDERS,
    RECEIPTS,
    SHIPMENTS,
    STOCK,
    Topic,
)

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

SOURCES = (ORDERS, SHIPMENTS, RECEIPTS, STOCK)
MANY = 1000
BOTH = ("on-time", "turnover")


def altered(good: Sent, change: Callable[[dict[str, Any]], None]) -> Sent:
    body = json.loads(good.value or b"{}")
    change(body)
    return good._replace(value=json.dumps(body).encode())


def without_a_field(good: Sent, random: Random) -> Sent:
    name = random.choice(["id", "source", "type", "partitionkey", "factkey", "sequence", "data"])
    return altered(good, lambda body: body.pop(name))


def of_another_type(good: Sent, random: Random) -> Sent:
    name = random.choice(["id", "type", "sequence", "recordedtime", "data"])
    return altered(good, lambda body: body.update({name: random.choice([7, None, ["x"], True])}))


def with_a_huge_number(good: Sent, random: Random) -> Sent:
    change: Mapping[str, Any] = random.choice(
        [{"sequence": "9" * 400}, {"sequence": 10**400}, {"recordedtime": f"{'9' * 30}-01-01"}]
    )
    return altered(good, lambda body: body.update(change))


KINDS: dict[str, Callable[[Sent, Random], Sent]] = {
    "no JSON": lambda good, random: good._replace(value=b"%d, no JSON" % random.randint(0, 99)),
    "cut off": lambda good, random: good._replace(value=(good.value or b"")[:-30]),
    "invalid UTF-8": lambda good, _: good._replace(value=b'{"id":"\xff\xfe\x00"}'),
    "empty": lambda good, _: good._replace(value=b""),
    "null": lambda good, _: good._replace(value=None),
    "another JSON": lambda good, random: good._replace(
        value=random.choice([b"[]", b"17", b"null", b'"text"', b"{}"])
    ),
    "unknown type": lambda good, _: altered(
        good, lambda body: body.update(type="org.tierlink.lunch.eaten.v1")
    ),
    "another field type": of_another_type,
    "missing field": without_a_field,
    "another key": lambda good, random: good._replace(key=b"another|%d" % random.randint(0, 99)),
    "no key": lambda good, _: good._replace(key=None),
    "too deep": lambda good, random: good._replace(
        value=random.choice([b"[" * 100_000, b'{"data":' * 20_000 + b"1" + b"}" * 20_000])
    ),
    "huge number": with_a_huge_number,
}


def poison_of(log: list[Sent], random: Random) -> list[Sent]:
    """A thousand, of all kinds on all topics; and some that are as large as Kafka takes them."""
    good = {topic: [one for one in log if one.topic is topic] for topic in SOURCES}
    kinds = [kind for kind in KINDS for _ in range(MANY // len(KINDS))]
    made = [KINDS[kind](random.choice(good[random.choice(SOURCES)]), random) for kind in kinds]
    measurement = Sent(LINE_MEASUREMENTS, b"a|line", b'{"no":"measurement"}')
    made += [measurement, measurement._replace(key=b"x"), measurement._replace(value=b"\xff")]
    while len(made) < MANY:
        body = b'{"id":"%s"' % (
            b"x" * random.randint(LETTER_BYTES_MAX - 9, LETTER_BYTES_MAX + 40_000)
        )
        made.append(random.choice(good[ORDERS])._replace(value=body))
    return made


def place_of(letter: Any) -> tuple[str, int, int]:
    headers = dict(letter.headers)
    place = (headers["topic"].decode(), int(headers["partition"]), int(headers["offset"]))
    assert letter.key == "|".join(map(str, place)).encode()
    assert headers["reason"]
    return place


def letters_of(chain: Chain, topics: tuple[Topic, ...]) -> dict[tuple[str, int, int], Any]:
    """Letters by place, each with what stood there."""
    letters = chain.read(DEAD_LETTERS)
    found = {place_of(letter): letter for letter in letters}
    assert len(found) == len(letters)
    for topic in topics:
        for record in chain.read(topic):
            letter = found.get((record.topic, record.partition, record.offset))
            if letter is None:
                continue
            headers = dict(letter.headers)
            value = record.value
            if "cut" in headers:
                assert int(headers["cut"]) == len(value)
                value = value[:LETTER_BYTES_MAX]
            assert letter.value == value
            assert headers.get("key") == record.key
    return found


def test_a_thousand_bad_records_among_many_good_ones(chain: Chain):
    log = supply_log(5, orders=600, items=40)
    random = Random(5)
    poison = poison_of(log, random)
    records = [*log, *poison]
    random.shuffle(records)
    workers = [chain.start(name) for name in BOTH]
    chain.send(records)
    chain.await_done()

    found = letters_of(chain, (*SOURCES, LINE_MEASUREMENTS))
    assert len(found) == len(poison) == MANY
    assert sum("cut" in dict(letter.headers) for letter in found.values()) > 0
    kinds = Counter(reason_kind(dict(one.headers)["reason"].decode()) for one in found.values())
    print(f"\n{len(log)} good and {MANY} bad records; dead letters: {dict(kinds)}")
    assert len(kinds) >= 5
    assert_equals_oracle(chain, log)
    assert [chain.stop(worker) for worker in workers] == [0, 0]


def test_an_order_the_core_fails_for_is_laid_aside_and_all_others_are_right(chain: Chain):
    log = supply_log(6, orders=80)
    key = max(
        (one.key or b"" for one in log if one.topic is ORDERS), key=[one.key for one in log].count
    )
    worker = chain.start("on-time", TEST_RAISE=key.decode())
    chain.start("turnover")
    chain.send(log)
    chain.await_done()

    found = letters_of(chain, SOURCES)
    assert sorted(one.value for one in found.values()) == sorted(
        one.value or b"" for one in log if one.key == key
    )
    for letter in found.values():
        assert b"no KPI for" in dict(letter.headers)["reason"]
    assert_equals_oracle(chain, [one for one in log if one.key != key])
    assert chain.stop(worker) == 0


def test_facts_an_order_has_no_room_for_are_laid_aside(chain: Chain):
    """Kafka takes no row above a megabyte: it would be refused for ever."""
    log = supply_log(7, orders=80)
    random = Random(7)
    fat = next(one for one in log if one.topic is ORDERS and b"line.promised" in (one.value or b""))

    def fattened(number: int) -> Sent:
        text = f"{number}-{random.randbytes(15_000).hex()}"
        return altered(fat, lambda body: body.update(factkey=text))

    log = [*log[:900], *(fattened(number) for number in range(120)), *log[900:]]
    worker = chain.start("on-time", TIERLINK_BATCH_RECORDS="50")
    chain.start("turnover")
    chain.send(log)
    chain.await_done()

    found = letters_of(chain, SOURCES)
    assert found
    assert {reason_kind(dict(one.headers)["reason"].decode()) for one in found.values()} == {
        "row-too-large"
    }
    refused = {one.value for one in found.values()}
    assert_equals_oracle(chain, [one for one in log if one.value not in refused])
    assert chain.stop(worker) == 0
