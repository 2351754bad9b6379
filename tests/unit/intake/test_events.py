from datetime import UTC, datetime
from pathlib import Path

import pytest

from tierlink.connectors.contract import Document, Refused, RowOutcome
from tierlink.connectors.intake.events import MESSAGE_BYTES_MAX, EventMaker
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.deliveries import ShipmentStatus, ShipmentStatusChanged
from tierlink.schemas.envelope import CellRef, Lineage
from tierlink.schemas.intake import FileProcessed, RowCounts, SheetMapping, Verdict
from tierlink.schemas.orders import LineCancelled
from tierlink.schemas.values import Actor, day
from unit.intake import toy

AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
DOCUMENT = Document("100234/a.xlsx", "ab" * 32, 5, AT, Path("copy"))
HUGE = "标题" * 5_000


@pytest.fixture
def maker():
    return EventMaker("toy-list", "toy", DOCUMENT)


def test_a_fact_from_a_hostile_sheet_still_fits_into_a_message(maker):
    cells = {f"f{n}": CellRef(ref="A1", raw="x", header=HUGE) for n in range(100)}
    lineage = Lineage(document="a", file_sha256="ab" * 32, row=7, cells=cells, mapping="toy/1")
    fact = LineCancelled(buyer="ACME", po_no="1", asserted_by=Actor.BUYER, lineage=lineage)

    outgoing = maker.fact(fact, "cancelled", 0, 1)

    assert len(outgoing.value) <= MESSAGE_BYTES_MAX
    kept = decode_event(outgoing.value)
    assert kept.data.lineage.row == 7
    assert (
        kept.id == maker.fact(fact.model_copy(update={"lineage": None}), "cancelled", 0, 1).event_id
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

    event = decode_event(maker.fact(status, "status", 0, 1).value)

    assert event.time == status.status_at
    assert event.recordedtime == AT
