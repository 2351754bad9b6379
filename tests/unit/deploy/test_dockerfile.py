"""deploy/Dockerfile without an engine: what it copies is there and is sent, and it runs as nobody special."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

import pytest

from unit.deploy.compose import ROOT, load, ours

TEXT = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.strip()
    for line in re.sub(r"\\\n", " ", TEXT).splitlines()
    if line.strip() and not line.startswith("#")
]


def arguments(instruction: str) -> list[str]:
    """Arguments of each use of an instruction, in the last stage and before."""
    return [
        line.partition(" ")[2] for line in INSTRUCTIONS if line.partition(" ")[0] == instruction
    ]


def copied() -> list[str]:
    """Sources copied from the build context."""
    return [
        source
        for words in (line.split() for line in arguments("COPY"))
        if not words[0].startswith("--from")
        for source in words[:-1]
    ]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through; the last pattern that fits decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        deep = pattern.removeprefix("**/")
        if (
            path == pattern
            or path.startswith(f"{pattern}/")
            or pattern == "*"
            or (deep != pattern and any(fnmatch(part, deep) for part in path.split("/")))
        ):
            sent = line.startswith("!")
    return sent


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_is_sent(source: str) -> None:
    assert (ROOT / source).exists()
    assert is_sent(source)


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    roots = {
        package.partition("/")[0]
        for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }
    assert roots | {"pyproject.toml", project["project"]["readme"]} <= set(copied())
    assert is_sent("services/tierlink/demo/samples/carrier/status.csv")


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".env",
        "tierlink-data/kafka/logs",
        "tests/conftest.py",
        "services/tierlink/api/__pycache__/app.cpython-311.pyc",
    ],
)
def test_what_is_no_part_of_the_image_is_not_sent(path: str) -> None:
    assert not is_sent(path)


def test_it_runs_as_the_user_the_compose_file_names() -> None:
    users = arguments("USER")
    assert users
    assert {service["user"] for service in ours(load()).values()} == {users[-1]}
    uid = users[-1].partition(":")[0]
    assert f"--uid {uid}" in TEXT
    assert int(uid) > 0


def test_the_last_stage_has_no_build_tools_and_no_source() -> None:
    last = TEXT.rpartition("\nFROM ")[2]
    assert "pip" not in last
    assert [
        line for line in last.splitlines() if line.startswith("COPY") and "--from=" not in line
    ] == []


def test_libraries_are_those_that_were_tested() -> None:
    assert "--constraint constraints.txt" in TEXT


def test_it_starts_the_program_the_wheel_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (entry,) = arguments("ENTRYPOINT")
    assert entry == '["tierlink"]'
    assert "tierlink" in project["project"]["scripts"]
    extras = re.findall(r"tierlink\[([\w,]+)\]", TEXT)
    assert set(extras[0].split(",")) <= set(project["project"]["optional-dependencies"])


def test_the_python_is_one_the_project_supports() -> None:
    versions = set(re.findall(r"^FROM python:(\d+\.\d+)-slim", TEXT, re.MULTILINE))
    assert len(versions) == 1, "both stages have the same Python, or the environment does not move"
    (version,) = versions
    assert tuple(map(int, version.split("."))) >= (3, 11)
