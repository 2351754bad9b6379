"""docs/operations.md tells every setting of a worker as it is, and what it names is there."""

from __future__ import annotations

import json
import os
import re
from dataclasses import MISSING, asdict, fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tierlink import streaming
from tierlink.cli.json_lines import JsonLines
from tierlink.cli.redaction import Redaction
from tierlink.processors.config import stream_config
from tierlink.processors.dead_letters import REASON_KINDS
from tierlink.processors.settings import ProcessorSettings
from tierlink.streaming.app import StreamConfig

GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
OTHERS = {"TIERLINK_DATABASE_URL", "TIERLINK_PARTITIONS", "TIERLINK_REPLICATION"}
"""Variables the guide names though they are not a worker's."""


def table(first: str) -> dict[str, list[str]]:
    """Rows of the table whose heading begins with ``first``, by the name in their first cell."""
    (found,) = re.findall(rf"^\| {first} \|.*\n\|[ -|]+\|\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
    rows = [
        [cell.strip() for cell in line.strip("|\n ").split(" | ")] for line in found.splitlines()
    ]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.fixture
def settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("TIERLINK_")]:
        monkeypatch.delenv(name)
    return ProcessorSettings()


def shown(value: object) -> str:
    if value is None:
        return "unset"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def test_every_setting_is_told_with_its_default(settings):
    told = {name: row[0] for name, row in table("Variable").items()}
    assert told == {
        f"TIERLINK_{name.upper()}": shown(getattr(settings, name))
        for name in ProcessorSettings.model_fields
    }


def test_every_setting_has_a_meaning_a_reason_and_an_occasion():
    for name, (_, meaning, reason, occasion) in table("Variable").items():
        assert min(map(len, (meaning, reason, occasion))) > 10, name


def other(value: object) -> list[Any]:
    """Values unlike this one; the first that the settings allow is taken."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [one for one in (value * 0.95, int(value * 0.9), value + 1) if one != value]
    return ["other", "0.0.0.0", f"{value}x."]


def test_what_no_setting_sets_is_told_with_its_value(settings):
    """Which field of StreamConfig belongs to a setting is found by changing the settings one by one."""
    before = asdict(stream_config(settings, "on-time"))
    is_set = set()
    for name in ProcessorSettings.model_fields:
        for value in other(getattr(settings, name)):
            try:
                changed = ProcessorSettings(**{name: value})
            except ValueError:
                continue
            after = asdict(stream_config(changed, "on-time"))
            is_set |= {field for field in after if after[field] != before[field]}
            break
    fixed = {
        field.name: shown(field.default)
        for field in fields(StreamConfig)
        if field.name not in is_set and field.default is not MISSING
    }
    told = table("Field")
    assert {name: row[0] for name, row in told.items()} == fixed
    for name, (_, meaning, reason) in told.items():
        assert min(map(len, (meaning, reason))) > 7, name
    left = [field.name for field in fields(StreamConfig) if field.default is MISSING]
    assert set(left) <= is_set


def test_every_variable_named_is_a_setting():
    known = {f"TIERLINK_{name.upper()}" for name in ProcessorSettings.model_fields}
    assert set(re.findall(r"TIERLINK_[A-Z_]+[A-Z]", GUIDE)) <= known | OTHERS


def test_every_reason_of_a_dead_letter_is_told():
    told = set(re.findall(r"`([a-z-]+)`", " ".join(table("reason"))))
    told |= {name for names in table("reason") for name in re.findall(r"[a-z]+(?:-[a-z]+)*", names)}
    assert told == REASON_KINDS


def test_last_words_of_a_worker_are_those_it_says():
    section = GUIDE.split("### TierlinkWorkerRestarting")[1].split("###")[0]
    said = re.findall(r"^\| `([A-Za-z ]+?)(?: \.\.\..*)?` \|", section, re.MULTILINE)
    folder = Path(streaming.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    assert len(said) == 4
    assert [
        words for words in said if f'"{words}' not in source and f"{words} {{" not in source
    ] == []


def test_the_example_of_a_log_line_has_the_fields_of_one():
    import logging

    (example,) = re.findall(r"^```json\n(.*)\n```", GUIDE, re.MULTILINE)
    record = logging.LogRecord(
        "tierlink.streaming.worker", logging.INFO, __file__, 1, "ready", (), None
    )
    written = json.loads(JsonLines("on-time", "0", Redaction({})).format(record))
    assert {**json.loads(example), "time": written["time"]} == written
