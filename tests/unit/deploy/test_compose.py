"""docker-compose.yml without an engine: valid by the specification, and true to the program it starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from compose_spec import PyCompose
from pydantic_settings import BaseSettings
from typer.core import TyperGroup

from tierlink.api.settings import ApiSettings
from tierlink.broker import embedded
from tierlink.broker.settings import BrokerSettings
from tierlink.cli.main import app
from tierlink.installation.configuration import Configuration, read_configuration
from tierlink.installation.processes import commands
from tierlink.installation.settings import InstallationSettings
from tierlink.processors.settings import ProcessorSettings
from tierlink.projector.settings import ProjectorSettings
from unit.deploy.compose import NEEDED, ROOT, UnsetError, load, ours

SETTINGS: tuple[type[BaseSettings], ...] = (
    ApiSettings,
    BrokerSettings,
    InstallationSettings,
    ProcessorSettings,
    ProjectorSettings,
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return load()


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return read_configuration(ROOT / "deploy" / "tierlink.yaml")


def test_it_is_valid_by_the_compose_specification(document: dict[str, Any]) -> None:
    parsed = PyCompose.from_json(json.dumps(document))
    assert set(parsed.service_names()) == set(document["services"])
    broken = {**document, "services": {**document["services"], "x": {"imagee": "y"}}}
    with pytest.raises(ValueError, match="imagee"):
        PyCompose.from_json(json.dumps(broken))


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_what_must_be_set_is_asked_for(missing: str) -> None:
    rest = {name: value for name, value in NEEDED.items() if name != missing}
    with pytest.raises(UnsetError, match=f"{missing}: set {missing}"):
        load(rest)
    with pytest.raises(UnsetError, match=missing):
        load({**rest, missing: ""})


def test_there_is_one_service_for_each_process(
    document: dict[str, Any], configuration: Configuration
) -> None:
    """The same processes as ``tierlink up`` starts, under the same names, and topic creation before them."""
    started = {name: service["command"] for name, service in ours(document).items()}
    assert started == {**commands(configuration), "topics": ["topics", "create"]}


def test_every_command_is_one_the_command_line_takes(document: dict[str, Any]) -> None:
    for service in ours(document).values():
        parse(service["command"])
    for wrong, said in (
        (["projectt"], "No such command"),
        (["worker"], "Missing parameter: name"),
        (["api", "x"], "extra"),
    ):
        with pytest.raises(Exception, match=said):
            parse(wrong)


def parse(words: list[str]) -> None:
    """Let the program's own command line take the words apart, without running anything."""
    command: Any = typer.main.get_command(app)
    parent, rest = None, list(words)
    while isinstance(command, TyperGroup):
        parent = command.context_class(command, info_name=command.name, parent=parent)
        _, command, rest = command.resolve_command(parent, rest)
    command.make_context(command.name, rest, parent=parent)


def test_every_variable_is_a_setting(document: dict[str, Any]) -> None:
    known = {
        field.validation_alias
        if isinstance(field.validation_alias, str)
        else f"{model.model_config['env_prefix']}{name.upper()}"
        for model in SETTINGS
        for name, field in model.model_fields.items()
    }
    for name, service in ours(document).items():
        given = {key for key in service["environment"] if key.startswith("TIERLINK_")}
        assert given
        assert given <= known, f"{name} sets {sorted(given - known)}, which nothing reads"


def test_the_values_are_accepted_and_meet(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clear(monkeypatch)
    for name, service in ours(document).items():
        for key, value in service["environment"].items():
            monkeypatch.setenv(key, value)
        settings = InstallationSettings()
        assert settings.kafka in {
            listener.partition("://")[2]
            for listener in document["services"]["kafka"]["environment"][
                "KAFKA_ADVERTISED_LISTENERS"
            ].split(",")
        }
        assert not settings.has_own_broker
        mounted = {target(volume) for volume in service["volumes"]}
        assert str(settings.home) in mounted
        assert str(settings.config_file) in mounted
        if name in ("api", "projector"):
            assert ProjectorSettings().read_model_url == (
                "postgresql+psycopg://tierlink@postgres:5432/tierlink"
            )
            assert service["environment"]["PGPASSWORD"] == NEEDED["POSTGRES_PASSWORD"]


def clear(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in os.environ:
        if key.startswith("TIERLINK_"):
            monkeypatch.delenv(key)


def target(volume: str) -> str:
    return volume.removesuffix(":ro").rpartition(":")[2]


def test_health_checks_look_where_the_processes_say_they_are_ready(
    document: dict[str, Any], configuration: Configuration
) -> None:
    home = Path("/var/lib/tierlink")
    by_settings = {
        "projector": ProjectorSettings(home=home).ready_file,
        "on-time": ProcessorSettings(home=home).ready_file("on-time"),
        "turnover": ProcessorSettings(home=home).ready_file("turnover"),
        **{
            f"connector-{feed.name}": InstallationSettings(home=home).run_folder
            / f"connector-{feed.name}.ready"
            for feed in configuration.feeds
        },
    }
    services = ours(document)
    for name, file in by_settings.items():
        assert services[name]["healthcheck"]["test"] == ["CMD", "test", "-f", str(file)]
    checked = {name for name, service in services.items() if "healthcheck" in service}
    assert checked == set(services) - {"topics"}


def test_the_page_is_checked_where_it_listens(document: dict[str, Any]) -> None:
    from tierlink.api.app import create_app

    service = ours(document)["api"]
    script = service["healthcheck"]["test"][-1]
    compile(script, "healthcheck", "exec")
    found = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", script)
    assert found
    assert found[1] == service["environment"]["TIERLINK_API_PORT"]
    assert found[2] in create_app(ApiSettings()).openapi()["paths"]


def test_a_ready_file_does_not_outlive_its_process(document: dict[str, Any]) -> None:
    for service in ours(document).values():
        run = [entry for entry in service["tmpfs"] if entry.startswith("/var/lib/tierlink/run:")]
        assert len(run) == 1
        uid = service["user"].partition(":")[0]
        assert f"uid={uid}" in run[0]


def test_nothing_is_offered_beyond_this_machine(document: dict[str, Any]) -> None:
    published = [
        port for service in document["services"].values() for port in service.get("ports", [])
    ]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    inner = {
        service: [port.rpartition(":")[2] for port in body["ports"]]
        for service, body in document["services"].items()
        if "ports" in body
    }
    listeners = document["services"]["kafka"]["environment"]["KAFKA_LISTENERS"]
    assert inner == {"api": ["8080"], "kafka": [re.findall(r"OUTSIDE://:(\d+)", listeners)[0]]}


def test_containers_have_no_more_rights_than_they_need(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= limits.keys(), name
    for name, service in ours(document).items():
        assert service["read_only"] is True, name
        assert service["user"] not in ("", "0", "root", "0:0"), name
        assert "cap_add" not in service, name
        inboxes = [volume for volume in service["volumes"] if ":/inbox" in volume]
        assert len(inboxes) == name.startswith("connector-")
        assert all(volume.endswith(":ro") for volume in inboxes)


def test_images_are_pinned(document: dict[str, Any]) -> None:
    files = [service["image"] for service in document["services"].values()]
    files += re.findall(
        r"^FROM (\S+)", (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    for image in files:
        assert re.search(r":\d", image), f"{image} may be another tomorrow"
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert {service["image"] for service in ours(document).values()} == {f"tierlink:{version[1]}"}


def test_the_broker_is_the_version_the_embedded_one_is(document: dict[str, Any]) -> None:
    from tierlink.broker.settings import KAFKA_ENDPOINT

    version = re.findall(r"kafka_[\d.]+:([\d.]+)", KAFKA_ENDPOINT)[0]
    assert document["services"]["kafka"]["image"] == f"apache/kafka:{version}"
    own = dict(
        line.split("=", 1)
        for line in embedded._PROPERTIES.splitlines()
        if "=" in line and line[0] != "#"
    )
    environment = document["services"]["kafka"]["environment"]
    about_places = {
        "node.id", "process.roles", "log.dirs", "listeners", "advertised.listeners",
        "controller.quorum.bootstrap.servers", "controller.listener.names", "listener.security.protocol.map",
    }  # fmt: skip
    for key in own.keys() - about_places:
        assert environment[f"KAFKA_{key.upper().replace('.', '_')}"] == own[key], key


def test_every_volume_is_declared_and_used(document: dict[str, Any]) -> None:
    named = {
        volume.partition(":")[0]
        for service in document["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("/", "."))
    }
    assert named == set(document["volumes"])


def test_services_wait_for_what_they_need(document: dict[str, Any]) -> None:
    services = document["services"]
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            assert other in services
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} would wait for ever for {other}"
            else:
                assert services[other]["restart"] == "no", f"{other} must be able to complete"
    for name in set(ours(document)) - {"topics", "api"}:
        assert services[name]["depends_on"]["topics"] == {
            "condition": "service_completed_successfully"
        }
    for name in ("api", "projector"):
        assert services[name]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_no_secret_is_written_down(document: dict[str, Any]) -> None:
    """Every place that takes a secret takes it from the caller's environment."""
    marker = "only-the-callers-environment-has-this"
    filled = load({**NEEDED, "POSTGRES_PASSWORD": marker})
    taken = [
        (path, value)
        for path, value in leaves(filled)
        if re.search(r"password|secret|token|api_?key", path.lower())
    ]
    assert taken
    for path, value in taken:
        assert value in (
            marker,
            "POSTGRES_PASSWORD",
            "postgres_password",
            "/run/secrets/postgres_password",
        ), path
    for place in (file for file in (ROOT / "deploy").rglob("*") if file.is_file()):
        assert not re.search(
            r"(?i)password\s*[:=]\s*\S{6,}\s*$", place.read_text(encoding="utf-8"), re.MULTILINE
        )


def leaves(node: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, f"{path}.{key}")]
    if isinstance(node, list):
        return [leaf for value in node for leaf in leaves(value, path)]
    return [(path, node)]


def test_the_guide_names_every_variable() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert set(re.findall(r"^\| `([A-Z_]+)`", guide, re.MULTILINE)) == used


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    != 0,
    reason="no docker compose on this machine",
)
def test_docker_compose_takes_it() -> None:
    done = subprocess.run(
        ["docker", "compose", "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"],
        env={**os.environ, **NEEDED},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
