"""Pages: what they say, where they lead, and that hostile text stays text."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from tierlink.projector.batch import write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.kpis import LineState
from tierlink.schemas.topics import FILES, KPI_LINES
from tierlink.store.database import rebuild, writing
from unit.api.client import Client
from unit.api.conftest import client_of, writer_of
from unit.api.html import links, of, parse, words
from unit.store.seed import NOW, ODD_SUPPLIER, SUPPLIERS, Seed, kpi_event

LANGUAGES = ["en", "zh", "de"]


def late_line(seed: Seed):
    return next(line for line in seed.lines if line.state is LineState.LATE)


def paths(client: Client, seed: Seed) -> list[str]:
    """Every kind of page once."""
    line = late_line(seed)
    files = client.json("/api/v1/files?verdict=partly_published")["items"]
    return [
        "/",
        "/suppliers/100451",
        f"/suppliers/{quote(ODD_SUPPLIER, safe='')}?state=late",
        f"/lines/{quote(line.line_id, safe='')}",
        *(f"/events/{event_id}" for event_id in line.evidence),
        "/files",
        f"/files/{files[0]['file_id']}",
        "/docs",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_well_formed_in_every_language(
    client: Client, seed: Seed, language: str
) -> None:
    for path in paths(client, seed):
        page = client.page(path, language)
        elements = parse(page)
        (html,) = [one for one in elements if one.tag == "html"]
        assert html.attributes["lang"] == {"zh": "zh-Hans"}.get(language, language)
        assert len([one for one in elements if one.tag == "h1"]) == (path != "/docs"), path
        ids = [one.attributes["id"] for one in elements if one.attributes.get("id")]
        assert len(ids) == len(set(ids)), path
        assert all(one.attributes.get("scope") for one in elements if one.tag == "th"), path
        assert all(one.attributes.get("alt") is not None for one in elements if one.tag == "img")
        drawings = [
            one
            for one in elements
            if one.tag == "svg" and "mark" not in (one.attributes["class"] or "")
        ]
        assert all(one.attributes.get("aria-label") for one in drawings), path
        for name in ("aria-labelledby", "for"):
            assert {one.attributes[name] for one in elements if one.attributes.get(name)} <= set(
                ids
            )
        assert not any(
            name.startswith("on") or name == "style" for one in elements for name in one.attributes
        )
        assert all(one.attributes.get("src") for one in elements if one.tag == "script")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(client: Client, seed: Seed, language: str) -> None:
    seen: set[str] = set()
    queue = ["/"]
    while queue:
        path = queue.pop()
        page = client.page(path, language)
        ids = {one.attributes.get("id") for one in parse(page)}
        for link in links(page):
            target, _, anchor = link.partition("#")
            if not target:
                assert anchor in ids, (path, link)
            elif target.startswith("/") and target not in seen and len(seen) < 60:
                seen.add(target)
                queue.append(target)
    assert len(seen) == 60


def test_from_supplier_to_the_cell_by_links_alone(client: Client, seed: Seed) -> None:
    line = late_line(seed)
    board = client.page("/")
    supplier = f"/suppliers/{line.supplier.id}"
    assert supplier in links(board)
    line_path = f"/lines/{quote(line.line_id, safe='')}"
    assert line_path in links(client.page(supplier))
    page = client.page(line_path)
    events = [link for link in links(page) if link.startswith("/events/")]
    assert len(events) == len(line.evidence)
    stated = next(one for one in events if "承诺日期" in client.page(one))
    event = client.page(stated)
    assert line_path in links(event)
    assert supplier in links(event)
    rows = [words(row.text) for row in of(event, "tr")]
    (cell,) = [row for row in rows if "承诺日期" in row]
    assert line.first_promised_on is not None
    assert f"{line.first_promised_on:%d.%m.%Y}" in cell
    assert cell.startswith("F")
    (file,) = {link for link in links(event) if link.startswith("/files/")}
    assert "送货台账" in client.page(file)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Late by"), ("zh", "迟交"), ("de", "verspätet: fällig bis")],
)
def test_a_late_line_says_why(client: Client, seed: Seed, language: str, sentence: str) -> None:
    line = late_line(seed)
    page = words(client.page(f"/lines/{quote(line.line_id, safe='')}", language))
    assert sentence in page
    assert str(line.late_by_days) in page
    for event_id in line.evidence:
        assert f"/events/{event_id}" in page


def test_the_board_shows_rate_interval_and_n(client: Client) -> None:
    supplier = client.json("/api/v1/suppliers/100451")["otd"]
    (row,) = [words(row.text) for row in of(client.page("/"), "tr") if "Northfield" in row.text]
    assert f"{float(supplier['otd']):.1%}" in row
    assert f"{supplier['not_late']} of {supplier['due']}" in row
    assert f"{float(supplier['otd_low']):.0%} to {float(supplier['otd_high']):.0%}" in row
    assert str(supplier["overdue"]) in row


def test_hostile_names_stay_text(client: Client, seed: Seed) -> None:
    for path in paths(client, seed):
        page = client.page(path)
        assert "<script>alert" not in page
        assert "<b>.xlsx" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons" in client.page("/")


def test_lines_are_filtered_by_state(client: Client, seed: Seed) -> None:
    for state in ("late", "short", "on_time"):
        page = client.page(f"/suppliers/100451?state={state}")
        shown = [link for link in links(page) if link.startswith("/lines/")]
        expected = [x for x in seed.lines if x.supplier.id == "100451" and x.state == state]
        assert set(shown) == {f"/lines/{quote(line.line_id, safe='')}" for line in expected}
    assert client.get("/suppliers/100451?state=lost").status_code == 422


def test_pages_lead_to_the_next_page(home: Path, seed: Seed) -> None:
    client, engine = client_of(home), writer_of(home)
    many = []
    for number in range(120):
        line = late_line(seed).model_copy(
            update={"line_id": f"P|{number:03d}", "po_no": f"P{number}"}
        )
        value = kpi_event(line, line.line_id).to_bytes()
        many.append(Record(KPI_LINES, 0, 9000 + number, line.line_id.encode(), value))
    write_batch(engine, "tierlink.", many, NOW)
    engine.dispose()
    supplier = f"/suppliers/{late_line(seed).supplier.id}"
    found: set[str] = set()
    path = f"{supplier}?state=late"
    for _ in range(10):
        page = client.page(path)
        found |= {link for link in links(page) if link.startswith("/lines/P")}
        following = [
            one.attributes["href"] for one in of(page, "a") if one.attributes.get("rel") == "next"
        ]
        if not following:
            break
        path = f"{supplier}{following[0]}"
        assert "state=late" in path
    assert len(found) == 120
    assert client.get("/?cursor=nonsense").status_code == 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_refused_rows_come_in_the_readers_language(client: Client, language: str) -> None:
    (file,) = client.json("/api/v1/files?verdict=partly_published")["items"]
    refused = client.json(f"/api/v1/files/{file['file_id']}/rejections")["items"]
    page = client.page(f"/files/{file['file_id']}", language)
    for one in refused:
        assert one["rejection"]["reason"]["text"][language] in page
        assert one["rejection"]["cell"] in page


def test_the_language_is_asked_kept_or_the_browsers(client: Client) -> None:
    def language(path: str, **headers: str) -> str | None:
        answer = client.get(path, headers=headers)
        assert answer.headers["vary"] == "Accept-Language, Cookie"
        (html,) = of(answer.text, "html")
        assert html.attributes["lang"] == answer.headers["content-language"]
        return html.attributes["lang"]

    assert language("/") == "en"
    assert language("/", **{"Accept-Language": "fr, de-AT;q=0.7, zh;q=0.8"}) == "zh-Hans"
    assert language("/", **{"Accept-Language": "de;q=0, fr"}) == "en"
    assert language("/", **{"Accept-Language": ";;q=x,,"}) == "en"
    assert language("/?lang=de", **{"Accept-Language": "zh"}) == "de"
    assert language("/?lang=xx", **{"Accept-Language": "zh"}) == "zh-Hans"
    cookie = client.get("/?lang=de").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    kept = cookie.partition(";")[0]
    assert language("/", Cookie=kept, **{"Accept-Language": "zh"}) == "de"
    assert "set-cookie" not in client.get("/?lang=xx").headers


def test_a_language_link_keeps_the_rest_of_the_address(client: Client) -> None:
    page = client.page("/suppliers/100451?state=late&lang=de")
    switches = [one.attributes["href"] for one in of(page, "a") if one.attributes.get("hreflang")]
    assert switches == [f"?state=late&lang={code}" for code in LANGUAGES]


def test_freshness_is_said_and_doubted(home: Path) -> None:
    client, engine = client_of(home), writer_of(home)
    assert "up to date, checked 5 seconds ago" in client.page("/")
    with writing(engine) as session:
        session.execute(text("UPDATE rm_read_model SET lag_records = 1234"))
    assert "1,234 records behind" in client.page("/")
    assert "落后 1,234 条记录" in client.page("/", "zh")
    with writing(engine) as session:
        session.execute(text("UPDATE rm_read_model SET is_caught_up = false"))
    assert "Still reading" in client.page("/")
    engine.dispose()
    silent = client_of(home, api_silence_seconds=1)
    assert "Still reading" in silent.page("/")


def test_a_silent_projector_is_said(home: Path) -> None:
    page = client_of(home, api_silence_seconds=2).page("/")
    assert "Not live" in page
    assert "5 seconds ago" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_pages_say_what_to_do(home: Path, language: str) -> None:
    client, engine = client_of(home), writer_of(home)
    rebuild(engine, NOW)
    assert "inbox/erp" in client.page("/", language)
    assert "tierlink connector check" in client.page("/files", language)
    assert client.json("/api/v1/suppliers") == {"items": [], "next_cursor": None}
    engine.dispose()


def test_files_without_any_lines_lead_to_the_files(home: Path, seed: Seed) -> None:
    client, engine = client_of(home), writer_of(home)
    rebuild(engine, NOW)
    write_batch(engine, "tierlink.", [one for one in seed.records if one.topic is FILES], NOW)
    page = client.page("/")
    assert "Files have come in: 4" in page
    engine.dispose()


@pytest.mark.parametrize("state", LineState)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_its_sentence(
    home: Path, seed: Seed, state: LineState, language: str
) -> None:
    client, engine = client_of(home), writer_of(home)
    line = late_line(seed).model_copy(
        update={
            "state": state,
            "line_id": "S|1",
            "window_to": None,
            "window_from": None,
            "completed_on": None,
        }
        if state is LineState.UNDATED
        else {"state": state, "line_id": "S|1"}
    )
    value = kpi_event(line, line.line_id).to_bytes()
    write_batch(engine, "tierlink.", [Record(KPI_LINES, 0, 9000, b"S|1", value)], NOW)
    engine.dispose()
    page = client.page("/lines/S%7C1", language)
    (verdict,) = [one for one in parse(page) if one.attributes.get("class") == "verdict-sentence"]
    assert len(verdict.text) > 8
    assert "{" not in verdict.text
    if state is LineState.CANCELLED_BUYER:
        assert line.is_due  # so it is the sentence of a late cancellation


def test_all_suppliers_have_a_page(client: Client) -> None:
    for party, _, _ in SUPPLIERS:
        page = client.page(f"/suppliers/{quote(party.id, safe='')}")
        assert "<h1>" in page
