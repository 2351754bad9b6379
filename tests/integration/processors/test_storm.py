"""Killed at every place there is, workers go on to the same result. The long storms are in ``tests/chaos``."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.processors.cluster import supply_log
from integration.processors.faults import POINTS
from integration.processors.storm import storm

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_killed_at_every_place_they_go_on_to_the_same_result(kafka: str, tmp_path: Path):
    report = storm(kafka, tmp_path, 1, len(POINTS), ("a", "b"), supply_log(1, orders=100, items=30))

    report.assert_clean()
