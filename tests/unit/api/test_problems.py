"""Wrong requests, hostile identifiers, other host names, and a read model that is not there."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tierlink.projector.batch import write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.topics import KPI_LINES
from tierlink.store.database import writing
from tierlink.store.progress import note_progress
from unit.api.client import Client
from unit.api.conftest import client_of, writer_of
from unit.store.seed import NOW, Seed, kpi_event

LISTS = [f"/api/v1/{name}" for name in ("suppliers", "lines", "kpis/otd", "kpis/turnover", "files")]
HOSTILE = [
    "a/b",
    "a%2Fb",
    "a%252Fb",
    "a|b",
    "../../etc/passwd",
    "lines",
    "x/lines",
    "é中文🚚",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "a?b#c&d=e",
    "a b+c",
    "nul\x00byte",
    "%",
    "\\",
    "{{7*7}}",
    "-",
    "~",
]


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "!!!!",
        "é",
        "A" * 20_000,
        cursor_of(),
        cursor_of("of another list", 1, "a", 0),
        cursor_of("lines:-late_by_days", "text", "a", 0),
        cursor_of("lines:-late_by_days", 10**40, "a", 0),
        cursor_of("lines:-late_by_days", True, "a", 0),
        cursor_of("lines:-late_by_days", 1, "a", 0, 0),
        cursor_of("files", "2026-11-24T00:00:00", "a"),
        cursor_of("files", "yesterday", "a"),
        cursor_of("suppliers:worst", 1, "\ud800", "a"),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_bad_cursor_is_a_bad_request(client: Client, path: str, cursor: str) -> None:
    assert client.problem(f"{path}?cursor={quote(cursor)}", 400)["type"].endswith(":bad-cursor")


def test_a_cursor_of_another_order_is_refused(client: Client) -> None:
    cursor = client.json("/api/v1/lines?limit=1")["next_cursor"]
    assert client.json(f"/api/v1/lines?limit=1&cursor={cursor}")["items"]
    client.problem(f"/api/v1/lines?limit=1&sort=line_id&cursor={cursor}", 400)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", "1.5", ""])
def test_limits_have_bounds(client: Client, path: str, limit: str) -> None:
    body = client.problem(f"{path}?limit={limit}", 422)
    assert body["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize("query", ["state=lost", "late=perhaps", "period=2026", "sort=by+luck"])
def test_filters_have_bounds(client: Client, query: str) -> None:
    client.problem(f"/api/v1/lines?{query}", 422)


@pytest.mark.parametrize("kind", ["suppliers", "lines", "events", "files"])
@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_id_is_just_not_found(client: Client, kind: str, key: str) -> None:
    sent = quote(key, safe="")
    body = client.problem(f"/api/v1/{kind}/{sent}", 404)
    assert body["type"].endswith(":not-found")
    page = client.get(f"/{kind}/{sent}")
    assert page.status_code == 404
    assert "<script>alert(1)" not in page.text
    assert "49" not in page.text.split("<main")[1].split("</main>")[0].replace("'é", "")


@pytest.mark.parametrize("key", [key for key in HOSTILE if "\x00" not in key])
def test_a_hostile_id_is_found_when_it_exists(home: Path, seed: Seed, key: str) -> None:
    client, engine = client_of(home), writer_of(home)
    line = seed.lines[0].model_copy(update={"line_id": key})
    value = kpi_event(line, key).to_bytes()
    write_batch(engine, "tierlink.", [Record(KPI_LINES, 0, 99, key.encode(), value)], NOW)
    engine.dispose()
    sent = quote(key, safe="")
    assert client.json(f"/api/v1/lines/{sent}")["line"]["line_id"] == key
    assert "<script>alert(1)" not in client.page(f"/lines/{sent}")


@pytest.mark.parametrize("sent", ["%", "%zz", "%ff", "%c3", "%00", "%2e%2e%2f", "a%0d%0ab"])
def test_broken_escapes_are_not_found(client: Client, sent: str) -> None:
    assert client.get(f"/api/v1/lines/{sent}").status_code == 404


def test_unknown_paths_and_methods(client: Client) -> None:
    client.problem("/api/v1/nothing", 404)
    client.problem("/api/v2/suppliers", 404)
    answer = client.request("POST", "/api/v1/suppliers")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET"
    page = client.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "10.1.2.3", "pages.example"]
)  # fmt: skip
def test_our_host_names_are_answered(seeded_home: Path, host: str) -> None:
    client = client_of(seeded_home, api_names="pages.example, other.example")
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "a:b:c:d", "localhost:80:80"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/v1/suppliers", "/static/tierlink.css", "/docs"])
def test_other_host_names_are_not(client: Client, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert "Northfield" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1/suppliers", "/nothing", "/api/v1/nothing", "/docs", "/healthz"],
)
def test_every_answer_is_protected(client: Client, path: str) -> None:
    headers = client.get(path, headers={"Origin": "http://evil.example"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_head_is_get_without_a_body(client: Client) -> None:
    for path in ("/", "/api/v1/suppliers", "/static/tierlink.css"):
        answer = client.request("HEAD", path)
        assert answer.status_code == 200
        assert answer.content == b""
        assert int(answer.headers["content-length"]) > 0


def test_static_files_stay_inside(client: Client) -> None:
    for path in ("/static/..%2fapp.py", "/static/%2e%2e/app.py", "/docs-ui/..%2f__init__.py"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/suppliers", "/api/v1/lines/x", "/readyz"])
def test_without_a_read_model_it_says_so(tmp_path: Path, path: str) -> None:
    client = client_of(tmp_path)
    body = client.problem(path, 503)
    assert "not built" in body["detail"]
    assert client.get(path).headers["retry-after"] == "2"
    assert client.get("/healthz").json() == {"status": "ok"}
    assert not (tmp_path / "read-model.db").exists()


def test_without_a_read_model_the_page_says_what_to_do(tmp_path: Path) -> None:
    answer = client_of(tmp_path).get("/")
    assert answer.status_code == 503
    assert "tierlink up" in answer.text
    assert 'data-refresh="3"' in answer.text


def test_the_read_model_may_come_later(tmp_path: Path, seed: Seed) -> None:
    from unit.api.conftest import fill

    client = client_of(tmp_path)
    assert client.get("/").status_code == 503
    fill(tmp_path, seed)
    assert client.get("/").status_code == 200


def test_a_rebuild_under_a_running_api(home: Path) -> None:
    client, engine = client_of(home), writer_of(home)
    assert client.json("/api/v1/suppliers")["items"]
    with writing(engine) as session:
        session.execute(text("UPDATE rm_read_model SET schema_version = 0"))
    client.problem("/api/v1/suppliers", 503)
    with writing(engine) as session:
        session.execute(text("DROP TABLE rm_read_model"))
    client.problem("/api/v1/suppliers", 503)
    engine.dispose()


def test_ready_only_when_caught_up_and_alive(home: Path) -> None:
    client, engine = client_of(home), writer_of(home)
    ready = client.json("/readyz")
    assert ready["status"] == "ready"
    assert ready["as_of"] == "2026-11-24"
    with writing(engine) as session:
        note_progress(session, checked_at=NOW - timedelta(minutes=5), lag_records=7, is_caught_up=True)  # fmt: skip
    body = client.problem("/readyz", 503)
    assert "silent for 305 s" in body["detail"]
    assert body["lag_records"] == 7
    with writing(engine) as session:
        session.execute(text("UPDATE rm_read_model SET is_caught_up = false"))
    assert "not read all topics" in client.problem("/readyz", 503)["detail"]
    engine.dispose()


def test_a_fault_of_the_program_is_an_answer_without_secrets(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(home)

    def fail() -> None:
        raise RuntimeError("the secret")

    assert isinstance(client.app, FastAPI)
    client.app.add_api_route("/api/v1/fault", fail)
    client.app.add_api_route("/fault", fail)
    body = client.problem("/api/v1/fault", 500)
    assert "secret" not in str(body)
    page = client.get("/fault")
    assert page.status_code == 500
    assert "secret" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "the secret" in caplog.text
