"""Every sentence a record is refused with has its kind, and no record can invent one."""

from __future__ import annotations

import json

import pytest

from flow import supply_chain
from tierlink.kpi.facts import BYTES_MAX, UnreadableFactError
from tierlink.processors.dead_letters import REASON_KINDS, reason_kind
from tierlink.processors.intake import read_record
from unit.streaming.records import record

EVENT = json.loads(next(iter(supply_chain.events(1, orders=1, items=0))).to_bytes())
KEY = EVENT["partitionkey"].encode()


def changed(**attributes: object) -> bytes:
    return json.dumps({**EVENT, **attributes}).encode()


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        ("no-value", None, KEY),
        ("too-large", b" " * (BYTES_MAX + 1), KEY),
        ("unknown-type", changed(type="org.tierlink.weather.v1"), KEY),
        ("unknown-type", changed(type="no value"), KEY),
        ("wrong-key", changed(), b"another"),
        ("wrong-key", changed(partitionkey="another|1"), b"another|1"),
        ("malformed", b"\xff\x00", KEY),
        ("malformed", b"", KEY),
        ("malformed", b"{}", KEY),
        ("malformed", changed(sequence="no value"), KEY),
        ("malformed", changed(data={}), KEY),
    ],
)
def test_a_refusal_has_its_kind(kind, value, key):
    with pytest.raises(UnreadableFactError) as refused:
        read_record(record(0, value, key))

    assert reason_kind(refused.value.reason) == kind
    assert kind in REASON_KINDS


def test_what_is_not_foreseen_is_malformed():
    assert reason_kind("something new") == "malformed"
    assert reason_kind("nested too deeply") == "too-deep"
    assert reason_kind("with it the row would have 9 bytes, 1 are possible") == "row-too-large"
    assert reason_kind("with it a result would have 9 bytes, 1 are possible") == "result-too-large"


@pytest.mark.parametrize("error", [KeyError("a"), ValueError("no value"), UnreadableFactError("x")])
def test_a_fault_of_our_own_is_told_from_a_record_nobody_can_read(error):
    assert reason_kind(f"{type(error).__name__}: {error}") == "step-failed"
