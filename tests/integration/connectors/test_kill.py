"""A feed in a process of its own dies by force between two steps and is started again."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from contract.connectors import samples
from contract.connectors.suite import Samples, run_process
from tierlink.connectors.intake.faults import FAULT_POINTS
from tierlink.connectors.settings import FeedSettings

KILLED = 137
CASES = [
    pytest.param(samples.TOY_SETTINGS, samples.TOY, id="toy-list"),
    pytest.param(samples.LEDGER_SETTINGS, samples.LEDGER, id="excel-ledger"),
]


def story(
    home: Path, settings: FeedSettings, files: Samples, fault: str | None = None
) -> list[tuple]:
    """Two versions of a document; the second is interrupted. All records ever acknowledged, in order."""
    file = home / "in" / files.name
    file.parent.mkdir(parents=True)
    sent = home / "sent"
    for version, content in enumerate((files.bad, files.corrected)):
        file.write_bytes(content)
        if fault and version == 1:
            assert run_process(settings, home, fault=fault, publish=sent) == {"exit": KILLED}
        run_process(settings, home, publish=sent)
    return [tuple(json.loads(line)) for line in sent.read_text().splitlines()]


def ids(records: list[tuple]) -> list[str]:
    return [json.loads(base64.b64decode(value))["id"] for _, _, value in records]


@pytest.mark.parametrize(("settings", "files"), CASES)
def test_a_killed_feed_loses_and_doubles_nothing(
    tmp_path: Path, settings: FeedSettings, files: Samples
):
    calm = story(tmp_path / "calm", settings, files)
    assert len(set(ids(calm))) == len(calm)

    for fault in FAULT_POINTS:
        records = story(tmp_path / fault, settings, files, fault)

        once = list(dict.fromkeys(records))
        assert once == calm, f"killed {fault}"
        assert not any((tmp_path / fault / "intake" / "spool").iterdir())
        assert len(set(ids(once))) == len(once), "a second time is the same bytes"
        doubled = len(records) - len(once)
        assert (doubled > 0) == (fault == "after_send_before_mark")
