import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlink.connectors.contract import Document, Draft, Refused, RowOutcome
from tierlink.connectors.intake.events import MESSAGE_BYTES_MAX, EventMaker, Stated
from tierlink.connectors.intake.revisions import published_key
from tierlink.connectors.intake.staging import _draft
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.deliveries import ShipmentStatus, ShipmentStatusChanged
from tierlink.schemas.envelope import CellRef, Lineage, fact_event
from tierlink.schemas.intake import FileProcessed, RowCounts, SheetMapping, Verdict
from tierlink.schemas.orders import LineCancelled
from tierlink.schemas.values import Actor, day
from unit.intake import toy

AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
DOCUMENT = Document("100234/a.xlsx", "ab" * 32, 5, AT, Path("copy"))
HUGE = "标题" * 5_000


def stated(data, fact_key):
    """As staging keeps it."""
    return Stated(
        **{
            name: value
            for name, value in _draft(Draft(fact_key, data), {}).items()
            if name != "history"
        }
    )


@pytest.fixture
def maker():
    return EventMaker("toy-list", "toy", DOCUMENT)


def test_a_fact_from_a_hostile_sheet_still_fits_into_a_message(maker):
    cells = {f"f{n}": CellRef(ref="A1", raw="x", header=HUGE) for n in range(100)}
    lineage = Lineage(document="a", file_sha256="ab" * 32, row=7, cells=cells, mapping="toy/1")
    fact = LineCancelled(buyer="ACME", po_no="1", asserted_by=Actor.BUYER, lineage=lineage)

    outgoing = maker.fact(stated(fact, "cancelled"), 0, 1)

    assert len(outgoing.value) <= MESSAGE_BYTES_MAX
    kept = decode_event(outgoing.value)
    assert kept.data.lineage.row == 7
    assert (
        kept.id
        == maker.fact(stated(fact.model_copy(update={"lineage": None}), "cancelled"), 0, 1).event_id
    )


def test_a_refused_row_from_a_hostile_sheet_still_fits_into_a_message(maker):
    raw = {f"{HUGE}{n}": CellRef(ref="A1", raw="x", header=HUGE) for n in range(50)}
    refused = Refused(toy.reason("number-unreadable", "B7"), column=28)

    outgoing = maker.refused_row("订单", RowOutcome(7, refused, raw), refused)

    assert len(outgoing.value) <= MESSAGE_BYTES_MAX
    event = decode_event(outgoing.value)
    assert (event.data.cell, event.data.reason.code) == ("AB7", "number-unreadable")
    assert event.subject == "toy|100234/a.xlsx|订单|7"


@pytest.mark.parametrize("headings", [3, 20_000])
def test_the_outcome_of_a_file_fits_into_a_message_however_wide_its_sheets_are(maker, headings):
    sheet = SheetMapping(
        kind="toy", header_row=1, columns={"po_no": HUGE}, unknown_columns=[HUGE] * headings
    )
    processed = FileProcessed(
        connector="toy-list",
        feed="toy",
        document=DOCUMENT.name,
        file_sha256=DOCUMENT.sha256,
        size_bytes=5,
        sealed_at=AT,
        verdict=Verdict.UNCHANGED,
        rows=RowCounts(seen=0),
        events=0,
        sheets=[sheet],
    )

    outgoing = maker.file(processed)

    assert len(outgoing.value) <= MESSAGE_BYTES_MAX
    (kept,) = decode_event(outgoing.value).data.sheets
    assert len(kept.columns["po_no"]) == 200
    assert len(kept.unknown_columns) == (3 if headings == 3 else 0)


def test_an_instant_the_source_gave_is_the_time_of_the_event(maker):
    status = ShipmentStatusChanged(
        buyer="ACME",
        po_no="1",
        asserted_by=Actor.CARRIER,
        status=ShipmentStatus.DELIVERED,
        status_on=day("2026-03-31"),
        status_at=datetime(2026, 3, 31, 9, tzinfo=UTC),
    )

    event = decode_event(maker.fact(stated(status, "status"), 0, 1).value)

    assert event.time == status.status_at
    assert event.recordedtime == AT


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    at=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1)),  # noqa: DTZ001
    revision=st.integers(1, 10**6),
    ordinal=st.integers(0, 3),
)
def test_a_fact_is_the_same_event_as_the_schema_would_make_of_it(text, at, revision, ordinal):
    maker = EventMaker("toy-list", "toy", DOCUMENT)
    cells = {"status": CellRef(ref="A1", raw=text, header=None)}
    status = ShipmentStatusChanged(
        buyer="ACME",
        po_no="4500|1",
        asserted_by=Actor.CARRIER,
        status=ShipmentStatus.DELIVERED,
        status_on=day("2026-03-31"),
        status_at=at,
        location=text,
        lineage=Lineage(document=text, file_sha256="ab" * 32, row=7, cells=cells, mapping="toy/1"),
    )

    outgoing = maker.fact(stated(status, "status"), ordinal, revision)

    event = fact_event(
        status,
        source=maker.source,
        fact_key=published_key("status", ordinal, "toy"),
        revision=revision,
        recorded_at=AT,
        time=at,
    )
    assert json.loads(outgoing.value) == json.loads(event.to_bytes())
    assert outgoing.event_id == event.id
    assert outgoing.key == event.partitionkey.encode()
