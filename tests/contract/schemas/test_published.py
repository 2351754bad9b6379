"""The published form of the contract: no drift from the models, no loose end, valid by the standards it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from tierlink.schemas import generate
from tierlink.schemas.catalogue import EVENT_TYPES
from tierlink.schemas.topics import ALL_TOPICS, Cleanup

PUBLISHED = Path(generate.__file__).parent / "json_schema"
HERE = Path(__file__).parent


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    return load(PUBLISHED / "asyncapi.json")


def test_the_files_are_what_the_models_say(capsys: pytest.CaptureFixture[str]) -> None:
    code = generate.main(["--check"])
    assert code == 0, capsys.readouterr().err


def test_drift_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "_SCHEMAS", tmp_path)
    monkeypatch.setattr(generate, "_ASYNCAPI", tmp_path / "asyncapi.json")
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "org.tierlink.gone.v1.json").write_text("{}")
    assert generate.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "asyncapi.json differs" in said
    assert "org.tierlink.gone.v1.json differs" in said
    assert generate.main([]) == 0
    assert not (tmp_path / "org.tierlink.gone.v1.json").exists()


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_each_schema_is_a_json_schema(kind: str) -> None:
    Draft202012Validator.check_schema(load(PUBLISHED / f"{kind}.json"))


def test_the_document_is_valid_asyncapi(asyncapi: dict[str, Any]) -> None:
    schema = load(HERE / "asyncapi-3.0.0.json")
    validator = validator_for(schema)(schema)
    faults = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(asyncapi)]
    assert faults == []
    broken = {**asyncapi, "operations": {"x": {"action": "subscribe"}}}
    assert not validator.is_valid(broken), "the standard's schema refuses what is wrong"


def test_every_reference_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    references = list(references_in(asyncapi))
    assert len(references) > len(ALL_TOPICS)
    for reference in references:
        file, _, pointer = reference.partition("#")
        document = load(PUBLISHED / file) if file else asyncapi
        resolve(document, pointer)
    for path in PUBLISHED.glob("org.*.json"):
        schema = load(path)
        for reference in references_in(schema):
            assert reference.startswith("#/$defs/"), f"{path.name} must stand alone"
            resolve(schema, reference[1:])


def test_a_loose_reference_would_be_found() -> None:
    with pytest.raises(KeyError):
        resolve({"a": {}}, "/a/b")


def test_every_topic_is_in_it_with_its_types(asyncapi: dict[str, Any]) -> None:
    channels = {channel["address"]: channel for channel in asyncapi["channels"].values()}
    assert set(channels) == {topic.full_name("tierlink.") for topic in ALL_TOPICS}
    for topic in ALL_TOPICS:
        channel = channels[topic.full_name("tierlink.")]
        types = {reference.rpartition("/")[2] for reference in references_in(channel["messages"])}
        assert types == {model.event_type for model in topic.types}
        policy = channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        assert policy == ["compact" if topic.cleanup is Cleanup.COMPACT else "delete"]
    assert set(asyncapi["components"]["messages"]) == set(EVENT_TYPES)


def test_what_is_internal_is_not_offered(asyncapi: dict[str, Any]) -> None:
    offered = {
        resolve(asyncapi, operation["channel"]["$ref"][1:])["address"]
        for operation in asyncapi["operations"].values()
    }
    assert offered == {topic.full_name("tierlink.") for topic in ALL_TOPICS if not topic.internal}


def references_in(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references_in(value)]
    if isinstance(node, list):
        return [found for value in node for found in references_in(value)]
    return []


def resolve(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document
