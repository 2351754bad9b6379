"""The JSON API against the seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tierlink.projector.batch import write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.kpis import LineAssessed, LineState
from tierlink.schemas.topics import KPI_LINES
from unit.api.client import Client
from unit.api.conftest import client_of, writer_of
from unit.store.seed import NOW, ODD_SUPPLIER, SUPPLIERS, Seed, kpi_event


def all_items(client: Client, path: str) -> list[Any]:
    """Every item of a list, page by page."""
    items, cursor = [], ""
    while True:
        page = client.json(f"{path}{'&' if '?' in path else '?'}limit=7{cursor}")
        assert len(page["items"]) <= 7
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"


def test_suppliers_worst_first(client: Client, seed: Seed) -> None:
    items = client.json("/api/v1/suppliers")["items"]
    assert items[0]["id"] == "100451"
    assert {item["id"] for item in items} == {party.id for party, _, _ in SUPPLIERS}
    for item in items:
        lines = [line for line in seed.lines if line.supplier.id == item["id"]]
        assert item["otd"]["lines"] == len(lines)
        assert item["late_lines"] == sum(line.is_not_late is False for line in lines)
        assert sum(item["states"].values()) == len(lines)
        assert isinstance(item["otd"]["otd"], str)


def test_one_supplier_with_parts_stocks_and_files(client: Client) -> None:
    found = client.json("/api/v1/suppliers/100451")
    assert found["name"] == "Northfield Castings Ltd"
    assert [part["item"]["id"] for part in found["parts"]] == ["M-4007", "M-4012"]
    assert [stock["turns"] for stock in found["turnover"]] == ["12.345678", None]
    assert found["turnover_days"] == "29.565002"
    assert [file["outcome"]["rows"]["rejected"] for file in found["files"]] == [2]
    assert found["refused_rows"] == 2


def test_lines_have_the_shape_of_their_topic(client: Client, seed: Seed) -> None:
    items = all_items(client, "/api/v1/lines")
    found = {item["line_id"]: LineAssessed.model_validate(item) for item in items}
    assert found == {line.line_id: line for line in seed.lines}


def test_lines_by_filter(client: Client, seed: Seed) -> None:
    for query, fits in (
        ("state=late", lambda line: line.state is LineState.LATE),
        ("late=true", lambda line: line.is_not_late is False),
        ("late=false", lambda line: line.is_not_late is not False),
        ("item=x%2Fy%7C%252F", lambda line: line.item.id == "x/y|%2F"),
        ("period=2026-10", lambda line: f"{line.window_to:%Y-%m}" == "2026-10"),
        (f"supplier={quote(ODD_SUPPLIER)}", lambda line: line.supplier.id == ODD_SUPPLIER),
    ):
        found = {item["line_id"] for item in all_items(client, f"/api/v1/lines?{query}")}
        assert found == {line.line_id for line in seed.lines if fits(line)}
        assert found


def test_lines_of_a_supplier(client: Client, seed: Seed) -> None:
    supplier = quote(ODD_SUPPLIER, safe="")
    found = all_items(client, f"/api/v1/suppliers/{supplier}/lines?late=true")
    expected = [x for x in seed.lines if x.supplier.id == ODD_SUPPLIER and x.is_not_late is False]
    assert {item["line_id"] for item in found} == {line.line_id for line in expected}
    assert client.json("/api/v1/suppliers/nobody/lines")["items"] == []


def test_every_late_line_leads_to_its_cells(client: Client, seed: Seed) -> None:
    late = [line for line in seed.lines if line.is_not_late is False]
    for line in late[::5]:
        found = client.json(f"/api/v1/lines/{quote(line.line_id, safe='')}")
        assert found["line"]["line_id"] == line.line_id
        assert sorted(event["id"] for event in found["evidence"]) == sorted(line.evidence)
        assert found["missing_evidence"] == []
        for entry in found["evidence"]:
            event = client.json(f"/api/v1/events/{entry['id']}")
            assert event == entry
            lineage = event["event"]["data"]["lineage"]
            assert all(
                cell["ref"].endswith(str(lineage["row"])) for cell in lineage["cells"].values()
            )


def test_kpis_as_published(client: Client) -> None:
    totals = all_items(client, "/api/v1/kpis/otd?group=supplier&period=all")
    assert {row["supplier"]["id"] for row in totals} == {party.id for party, _, _ in SUPPLIERS}
    parts = all_items(client, "/api/v1/kpis/otd?group=part&period=all&supplier=100451")
    of_supplier = next(row for row in totals if row["supplier"]["id"] == "100451")
    assert sum(row["due"] for row in parts) == of_supplier["due"]
    turnover = all_items(client, "/api/v1/kpis/turnover?period=2026-10")
    assert len(turnover) == 6
    assert {row["note"] for row in turnover if row["turns"] is None} == {"no_movement"}


def test_files_and_their_refused_rows(client: Client) -> None:
    files = all_items(client, "/api/v1/files")
    assert len(files) == 4
    partly = client.json("/api/v1/files?verdict=partly_published")["items"]
    (file,) = partly
    assert client.json(f"/api/v1/files/{file['file_id']}") == file
    rows = file["outcome"]["rows"]
    ignored = sum(rows["ignored"].values())
    assert rows["seen"] == ignored + sum(
        rows[key] for key in ("published", "unchanged", "held", "rejected")
    )
    refused = all_items(client, f"/api/v1/files/{file['file_id']}/rejections")
    assert [one["rejection"]["cell"] for one in refused] == ["E50", "E51"]
    assert set(refused[0]["rejection"]["reason"]["text"]) == {"en", "zh", "de"}


@pytest.mark.parametrize(
    "path", ["/api/v1/lines", "/api/v1/lines?sort=line_id", "/api/v1/kpis/otd"]
)
def test_paging_while_rows_come_in(home: Path, seed: Seed, path: str) -> None:
    client, engine = client_of(home), writer_of(home)
    before = {str(item) for item in all_items(client, path)}
    seen: list[str] = []
    cursor = ""
    for number in range(500):
        page = client.json(f"{path}{'&' if '?' in path else '?'}limit=11{cursor}")
        seen += [str(item) for item in page["items"]]
        template = seed.lines[number % len(seed.lines)]
        line = template.model_copy(update={"line_id": f"ZZ|{number}", "late_by_days": number % 30})
        value = kpi_event(line, line.line_id).to_bytes()
        record = Record(KPI_LINES, 0, 50_000 + number, line.line_id.encode(), value)
        write_batch(engine, "tierlink.", [record], NOW)
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    engine.dispose()
    assert page["next_cursor"] is None
    assert before <= set(seen)
    assert len(seen) == len(set(seen))


def test_the_description_is_complete(client: Client) -> None:
    described = client.json("/api/v1/openapi.json")
    for path, methods in described["paths"].items():
        (operation,) = methods.values()
        assert operation["summary"], path
        assert len(operation["description"]) > 15, path
        assert "4XX" in operation["responses"], path
        assert "503" in operation["responses"], path
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])
            if parameter["in"] == "path":
                assert f"{{{parameter['name']}}}" in path
    assert "Problem" in described["components"]["schemas"]
    assert not any("<" in path or ":segment" in path for path in described["paths"])


def test_every_path_of_the_description_answers(client: Client, seed: Seed) -> None:
    file_id = client.json("/api/v1/files")["items"][0]["file_id"]
    line = seed.lines[0]
    values = {
        "supplier_id": line.supplier.id,
        "line_id": quote(line.line_id, safe=""),
        "event_id": line.evidence[0],
        "file_id": file_id,
    }
    for path in client.json("/api/v1/openapi.json")["paths"]:
        assert client.get(path.format(**values)).status_code == 200, path
