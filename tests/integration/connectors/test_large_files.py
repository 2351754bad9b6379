"""Memory of both processes on files of different length: what grows with the file is bounded per row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contract.connectors import samples
from contract.connectors.suite import run_process
from tierlink.connectors.settings import FeedSettings

MEGABYTE = 1_000_000
FEW, MANY = 1_000, 25_000
PARENT_MAX = 200 * MEGABYTE
CHILD_MAX = 150 * MEGABYTE
PARENT_BYTES_PER_ROW = 3_000
"""What interpreters remember of each order line to tell contradictions: 1.6 to 2.2 kB measured, as the allocator
falls out; the drafts and events of a row would be several kB more."""
CHILD_GROWTH_MAX = 40 * MEGABYTE
"""Shared strings of a workbook grow with it; rows do not stay."""

Maker = Callable[[int], bytes]


@pytest.mark.parametrize(
    ("settings", "name", "make"),
    [
        (samples.ERP_SETTINGS, "po.csv", samples.erp),
        (samples.LEDGER_SETTINGS, "100234/ledger.xlsx", samples.ledger),
        (samples.CARRIER_SETTINGS, "status.csv", samples.carrier),
    ],
    ids=["erp-export", "excel-ledger", "carrier-status"],
)
def test_memory_does_not_follow_the_length_of_a_file(
    tmp_path: Path, settings: FeedSettings, name: str, make: Maker
):
    few = _peak(tmp_path / "few", settings, name, make(FEW))
    many = _peak(tmp_path / "many", settings, name, make(MANY))

    assert many["own"] < PARENT_MAX
    assert many["child"] < CHILD_MAX
    assert many["own"] - few["own"] < PARENT_BYTES_PER_ROW * (MANY - FEW)
    assert many["child"] - few["child"] < CHILD_GROWTH_MAX


def _peak(home: Path, settings: FeedSettings, name: str, content: bytes) -> dict[str, int]:
    file = home / "in" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return run_process(settings, home, publish=home / "sent")
