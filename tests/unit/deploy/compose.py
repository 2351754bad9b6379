"""docker-compose.yml as Compose would see it: anchors resolved, variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docker-compose.yml"
NEEDED = {"POSTGRES_PASSWORD": "p@ss/word:1", "TIERLINK_INBOX": "/srv/inbox"}

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?:(?P<rule>:[-?])(?P<rest>[^}]*))?\}")


class UnsetError(Exception):
    """A variable that must be set is not; the text is what the file's author wants said."""


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    """Put in ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}``, the only forms the file uses."""

    def value(found: re.Match[str]) -> str:
        given = environment.get(found["name"], "")
        if given or found["rule"] is None:
            return given
        if found["rule"] == ":?":
            raise UnsetError(f"{found['name']}: {found['rest']}")
        return found["rest"]

    return _VARIABLE.sub(value, text)


def load(environment: Mapping[str, str] = NEEDED) -> dict[str, Any]:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return interpolate(node, environment) if isinstance(node, str) else node

    resolved: dict[str, Any] = walk(raw)
    return resolved


def ours(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run the tierlink image."""
    return {
        name: service
        for name, service in document["services"].items()
        if service["image"].startswith("tierlink:")
    }
