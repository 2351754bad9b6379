"""What the documents promise is there: commands, links, variables, exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tierlink.api.settings import ApiSettings
from tierlink.broker.settings import BrokerSettings
from tierlink.cli.main import app
from tierlink.installation.settings import InstallationSettings
from tierlink.processors.settings import ProcessorSettings
from tierlink.projector.settings import ProjectorSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    "demo",
    "up",
    "connector",
    "worker",
    "project",
    "api",
    "topics",
    "kpi",
    "dead-letters",
    "doctor",
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    missing = [
        link
        for link in links
        if "://" not in link and not (document.parent / link).resolve().exists()
    ]
    assert missing == []


def test_the_first_two_commands_are_targets_of_the_makefile():
    commands = re.findall(r"^make (\w+)", README, re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text()
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_ci_runs_the_second_command():
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text()


def test_every_variable_in_the_readme_is_a_setting():
    fields = set()
    for settings in (InstallationSettings, ProcessorSettings, ProjectorSettings, ApiSettings):
        fields |= {f"TIERLINK_{name.upper()}" for name in settings.model_fields}
    fields |= {f"TIERLINK_BROKER_{name.upper()}" for name in BrokerSettings.model_fields}
    named = set(re.findall(r"`(TIERLINK_[A-Z_]+)`", README))
    assert named
    assert named <= fields


def test_rooms_in_the_readme_exist():
    table = README.split("## Where is what")[1].split("## Settings")[0]
    rooms = re.findall(r"^\| `([a-z/]+)`", table, re.MULTILINE)
    assert len(rooms) >= 6
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_every_package_has_its_place_in_the_readme():
    table = README.split("## Where is what")[1].split("## Settings")[0]
    packages = {
        path.parent.name
        for root in ("schemas", "connectors", "services")
        for path in (ROOT / root / "tierlink").glob("*/__init__.py")
    }
    assert {name for name in packages if f"{name}/" not in table} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_a_person_understands(command):
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.split()) > 15


def test_help_lists_all_commands():
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s+\w", shown, re.MULTILINE), command
