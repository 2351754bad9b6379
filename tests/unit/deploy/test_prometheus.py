"""The scrape configuration finds the workers, and the rules speak of metrics there are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tierlink.installation.processes import metrics_ports
from tierlink.processors.main import PROCESSORS
from tierlink.processors.settings import ProcessorSettings
from tierlink.streaming.metrics import Metrics
from unit.deploy.compose import ROOT, load, ours

FOLDER = ROOT / "deploy" / "prometheus"
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
NAME = re.compile(r"\b(?:tierlink|process)_[a-z_]+")


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    return [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]


def names(metrics: Metrics) -> set[str]:
    """Every series name there can be, also of those that have no sample yet."""
    suffixes = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_count", "_sum"),
        "info": ("_info",),
    }
    return {
        f"{family.name}{suffix}"
        for family in metrics.registry.collect()
        for suffix in suffixes.get(family.type, ("",))
    }


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return names(Metrics("tierlink.on-time", "0", tmp_path_factory.mktemp("metrics")))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_speaks_of_metrics_there_are_and_says_what_is_the_matter(
    rule: dict[str, Any], known: set[str]
) -> None:
    used = set(NAME.findall(rule["expr"]))
    assert used or rule["expr"].startswith("up{")
    assert used <= known, f"no such metric: {sorted(used - known)}"
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert len(rule["annotations"]["summary"]) > 20


def test_every_alert_has_its_place_in_the_guide() -> None:
    told = re.findall(r"^### (Tierlink\w+)$", GUIDE, re.MULTILINE)
    assert told == [rule["alert"] for rule in rules()]


def test_every_metric_has_its_place_in_the_guide_and_no_other(known: set[str]) -> None:
    told = set(re.findall(r"^\| `(tierlink_stream_[a-z_]+)`", GUIDE, re.MULTILINE))
    series = {re.sub(r"_(bucket|count|sum)$", "", name) for name in known}
    assert told == {name for name in series if name.startswith("tierlink_stream")}
    assert set(NAME.findall(GUIDE)) <= known | series


def test_the_targets_are_the_workers_of_the_compose_file() -> None:
    services = ours(load())
    (job,) = read("prometheus.yml")["scrape_configs"]
    found = {entry["labels"]["worker"]: entry["targets"] for entry in job["static_configs"]}
    assert found == {
        name: [f"{name}:{services[name]['environment']['TIERLINK_METRICS_PORT']}"]
        for name in PROCESSORS
    }
    assert job["job_name"] == "tierlink"
    assert read("prometheus.yml")["rule_files"] == ["alerts.yml"]


def test_only_the_workers_are_observed_and_from_their_network_only() -> None:
    for name, service in ours(load()).items():
        is_worker = name in PROCESSORS
        assert ("TIERLINK_METRICS_PORT" in service["environment"]) is is_worker, name
        assert not is_worker or "ports" not in service


def test_the_memory_rule_speaks_before_the_container_is_killed() -> None:
    (rule,) = [rule for rule in rules() if rule["alert"] == "TierlinkMemoryHigh"]
    limit = float(rule["expr"].rpartition(">")[2])
    for name in PROCESSORS:
        memory = ours(load())[name]["deploy"]["resources"]["limits"]["memory"]
        allowed = int(memory.removesuffix("M")) * 1024 * 1024
        assert 0.6 * allowed < limit < 0.95 * allowed


def test_workers_on_one_machine_have_ports_of_their_own() -> None:
    assert metrics_ports(0) == {}
    ports = metrics_ports(9464)
    assert ports == {"on-time": 9464, "turnover": 9465}
    text = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    for name, port in ports.items():
        assert f"127.0.0.1:{port} ({name})" in text


def test_metrics_are_off_and_local_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [name for name in os.environ if name.startswith("TIERLINK_")]:
        monkeypatch.delenv(key)
    settings = ProcessorSettings(home=Path("/x"))
    assert (settings.metrics_port, settings.metrics_host) == (0, "127.0.0.1")


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool on this machine")
def test_promtool_takes_the_configuration_and_the_rules_alert_when_they_should() -> None:
    for words in (
        ["check", "config", str(FOLDER / "prometheus.yml")],
        ["test", "rules", str(Path(__file__).with_name("alerts_test.yml"))],
    ):
        done = subprocess.run(
            [str(PROMTOOL), *words], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
