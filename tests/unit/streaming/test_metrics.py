"""What is told to Prometheus: the right figures, few series, and nothing of partitions that went elsewhere."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from prometheus_client import generate_latest

from tierlink.streaming.metrics import Metrics


@pytest.fixture
def metrics(tmp_path):
    return Metrics("tierlink.on-time", "0", tmp_path / "faust" / "on-time-0")


def value(metrics: Metrics, name: str, **labels: str) -> Any:
    return metrics.registry.get_sample_value(name, labels)


def fill(metrics: Metrics) -> None:
    """Tell everything there is to tell."""
    metrics.state("open", is_ready=True)
    metrics.assignment([("orders", 0), ("orders", 1)])
    metrics.recovering("lines", 0, 1200)
    metrics.lag("orders", 0, 500)
    metrics.committed("orders", 0, 41)
    metrics.batch("measure", 2000, 0.03, oldest_seconds=0.19)
    metrics.handled("measure", "orders", 1500)
    metrics.handled("measure", "receipts", 500)
    metrics.step("lines", 0.01)
    metrics.changelog("lines", 1800, 420_000, 0.012)
    metrics.outputs("kpi.line", 1800, 0.011)
    metrics.dead_letters("orders", 3, "malformed")
    metrics.loop_delay(0.002)


def test_a_batch_is_counted_with_its_size_its_time_and_its_age(metrics):
    fill(metrics)
    metrics.batch("measure", 1, 4.0)
    metrics.handled("measure", "orders", 1)

    assert value(metrics, "tierlink_stream_records_total", agent="measure", topic="orders") == 1501
    assert value(metrics, "tierlink_stream_batch_records_count", agent="measure") == 2
    assert value(metrics, "tierlink_stream_batch_records_bucket", agent="measure", le="1.0") == 1
    assert value(metrics, "tierlink_stream_batch_seconds_sum", agent="measure") == 4.03
    assert value(metrics, "tierlink_stream_batch_seconds_bucket", agent="measure", le="0.2") == 1
    assert value(metrics, "tierlink_stream_record_age_seconds_count", agent="measure") == 1
    assert value(metrics, "tierlink_stream_step_seconds_sum", table="lines") == 0.01


def test_what_the_broker_acknowledged_is_counted(metrics):
    fill(metrics)

    assert value(metrics, "tierlink_stream_changelog_rows_total", table="lines") == 1800
    assert value(metrics, "tierlink_stream_changelog_bytes_total", table="lines") == 420_000
    assert value(metrics, "tierlink_stream_changelog_seconds_sum", table="lines") == 0.012
    assert value(metrics, "tierlink_stream_output_records_total", topic="kpi.line") == 1800
    assert value(metrics, "tierlink_stream_output_seconds_sum", topic="kpi.line") == 0.011


def test_a_partition_that_went_to_another_worker_is_told_no_more(metrics):
    fill(metrics)
    place = {"topic": "orders", "partition": "0"}
    assert value(metrics, "tierlink_stream_lag_records", **place) == 500
    assert value(metrics, "tierlink_stream_partitions") == 2

    metrics.assignment([("orders", 1)])
    metrics.lag("orders", 0, 900)  # an answer that comes late
    metrics.committed("orders", 0, 42)
    metrics.lag("orders", 1, 7)

    assert value(metrics, "tierlink_stream_lag_records", **place) is None
    assert value(metrics, "tierlink_stream_committed_offset", **place) is None
    assert value(metrics, "tierlink_stream_lag_records", topic="orders", partition="1") == 7
    assert value(metrics, "tierlink_stream_partitions") == 1
    assert value(metrics, "tierlink_stream_rebalances_total") == 2


def test_recovery_counts_down_and_is_gone_when_done(metrics):
    place = {"table": "lines", "partition": "0"}
    metrics.recovering("lines", 0, 1200)
    metrics.recovering("lines", 0, 200)
    assert value(metrics, "tierlink_stream_recovery_remaining_records", **place) == 200

    metrics.recovered(3.5)

    assert value(metrics, "tierlink_stream_recovery_remaining_records", **place) is None
    assert value(metrics, "tierlink_stream_recovery_seconds_bucket", le="5.0") == 1
    assert value(metrics, "tierlink_stream_recovery_seconds_bucket", le="2.0") == 0


def test_one_state_at_a_time(metrics):
    for state, is_ready in (("waiting", False), ("opening", False), ("open", True)):
        metrics.state(state, is_ready=is_ready)

    assert value(metrics, "tierlink_stream_state", state="waiting") == 0
    assert value(metrics, "tierlink_stream_state", state="opening") == 0
    assert value(metrics, "tierlink_stream_state", state="open") == 1
    assert value(metrics, "tierlink_stream_ready") == 1


def test_reasons_from_outside_cannot_make_series_without_end(metrics):
    for number in range(500):
        metrics.dead_letters("orders", 1, f"reason {number}")

    text = generate_latest(metrics.registry).decode()
    reasons = re.findall(
        r'^tierlink_stream_dead_letters_total\{reason="([^"]+)"', text, re.MULTILINE
    )
    assert len(reasons) == 21
    assert value(metrics, "tierlink_stream_dead_letters_total", topic="orders", reason="other") == (
        480
    )


def test_the_process_and_the_disk_are_told(metrics):
    assert value(metrics, "process_resident_memory_bytes") > 1_000_000
    assert 0 < time.time() - value(metrics, "process_start_time_seconds") < 86_400
    assert value(metrics, "tierlink_stream_disk_free_bytes") > 0
    about = generate_latest(metrics.registry).decode()
    assert 'app="tierlink.on-time"' in about
    assert 'faust_streaming="' in about


def test_names_follow_the_convention(metrics):
    """Base units in plural at the end, ``_total`` on counters only, and a sentence on each."""
    fill(metrics)
    for family in metrics.registry.collect():
        if not family.name.startswith("tierlink_stream"):
            continue
        assert re.fullmatch(r"tierlink_stream(_[a-z]+)*", family.name), family.name
        assert not re.search(r"_(ms|millis|kb|mb|count)$", family.name), family.name
        assert family.documentation.endswith(".") or family.type == "info", family.name
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_records")), family.name


def test_two_apps_do_not_share_a_figure(metrics, tmp_path):
    other = Metrics("tierlink.turnover", "0", tmp_path)
    fill(metrics)
    assert value(other, "tierlink_stream_records_total", agent="measure", topic="orders") is None


def test_it_is_cheap_enough_to_be_asked_per_batch(metrics):
    """Far below a batch of one record on an idle system (milliseconds)."""
    rounds = 2000
    began = time.perf_counter()
    for _ in range(rounds):
        metrics.batch("measure", 2000, 0.03, oldest_seconds=0.19)
        metrics.handled("measure", "orders", 2000)
        metrics.step("lines", 0.01)
        metrics.changelog("lines", 1800, 420_000, 0.012)
        metrics.outputs("kpi.line", 1800, 0.011)
    assert (time.perf_counter() - began) / rounds < 0.001
