"""Writes the published form of the contract: JSON Schema per event version, and one AsyncAPI 3 document.

``python -m tierlink.schemas.generate`` rewrites ``schemas/.../json_schema/`` and ``docs/asyncapi.json``;
with ``--check`` it only compares. A test runs the check, so the files cannot drift from the models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tierlink.schemas.catalogue import EVENT_TYPES
from tierlink.schemas.envelope import Data, Event
from tierlink.schemas.topics import ALL_TOPICS, Cleanup, Topic

__all__ = ["asyncapi", "documents", "event_schema", "main"]

_SCHEMAS = Path(__file__).parent / "json_schema"
_ASYNCAPI = _SCHEMAS / "asyncapi.json"


def event_schema(model: type[Data]) -> dict[str, Any]:
    """JSON Schema (2020-12) of the whole event that carries ``model``."""
    schema = TypeAdapter(Event[model]).json_schema()  # type: ignore[valid-type]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = model.event_type
    schema["description"] = (model.__doc__ or "").strip()
    schema["properties"]["type"] = {"const": model.event_type, "type": "string"}
    return schema


def asyncapi(prefix: str = "tierlink.") -> dict[str, Any]:
    """AsyncAPI 3.0 document of all topics, as a subscriber sees them."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "tierlink topics",
            "version": "1.0.0",
            "description": "CloudEvents 1.0.2 in structured JSON content mode. Facts merge by (subject, factkey): "
            "the highest (sequence, id) wins, so any order and any repetition gives the same state.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_name(topic): _channel(topic, prefix) for topic in ALL_TOPICS},
        "operations": {
            f"receive-{_name(topic)}": {
                "action": "receive",
                "summary": f"Subscribe to: {topic.about}",
                "channel": {"$ref": f"#/channels/{_name(topic)}"},
            }
            for topic in ALL_TOPICS
            if not topic.internal
        },
        "components": {
            "messages": {
                kind: {
                    "name": kind,
                    "title": model.__name__,
                    "summary": (model.__doc__ or "").strip().splitlines()[0],
                    "contentType": "application/cloudevents+json",
                    "payload": {"$ref": f"./{kind}.json"},
                }
                for kind, model in sorted(EVENT_TYPES.items())
            }
        },
    }


def _name(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _channel(topic: Topic, prefix: str) -> dict[str, Any]:
    return {
        "address": topic.full_name(prefix),
        "description": f"{topic.about} Record key: {topic.key}. Written by: {topic.owner}.",
        "messages": {
            model.__name__: {"$ref": f"#/components/messages/{model.event_type}"}
            for model in topic.types
        },
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup.value],
                    **({"retention.ms": -1} if topic.cleanup is Cleanup.KEEP else {}),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def documents() -> dict[Path, str]:
    """Every generated file and its text."""
    files = {_SCHEMAS / f"{kind}.json": event_schema(model) for kind, model in EVENT_TYPES.items()}
    files[_ASYNCAPI] = asyncapi()
    return {path: json.dumps(body, indent=1, sort_keys=True) + "\n" for path, body in files.items()}


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` report the ones that differ. Exit code 1 on drift."""
    wanted = documents()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in _SCHEMAS.glob("*.json") if path not in wanted]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(
                f"{path.name} differs from the models: run python -m tierlink.schemas.generate\n"
            )
        return 1 if stale else 0
    _SCHEMAS.mkdir(exist_ok=True)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path])
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
