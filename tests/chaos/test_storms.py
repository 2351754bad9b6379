"""Fifty random kills with one worker and fifty with two: ``pytest -s -m chaos tests/chaos``.

``TIERLINK_CHAOS_SEED`` and ``TIERLINK_CHAOS_KILLS`` repeat one storm or make it longer.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import SystemRandom

import pytest

from integration.processors.cluster import supply_log
from integration.processors.storm import storm

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

SEED = int(os.environ.get("TIERLINK_CHAOS_SEED", SystemRandom().randint(1, 999_999)))
KILLS = int(os.environ.get("TIERLINK_CHAOS_KILLS", "50"))


@pytest.mark.parametrize("instances", [("a",), ("a", "b")], ids=["one-worker", "two-workers"])
def test_nothing_is_lost_doubled_or_wrong(kafka: str, tmp_path: Path, instances: tuple[str, ...]):
    print(f"\nTIERLINK_CHAOS_SEED={SEED} TIERLINK_CHAOS_KILLS={KILLS}")
    report = storm(
        kafka, tmp_path, SEED, KILLS, instances, supply_log(SEED, orders=6 * KILLS, items=60)
    )

    assert report.kills.total() >= KILLS
    report.assert_clean()
