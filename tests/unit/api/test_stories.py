"""Every kind of event is put into words and cells in every language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tierlink.api.pages.evidence import field_rows
from tierlink.api.pages.stories import plot_story, say_event, tell_story, where_it_stands, why
from tierlink.api.pages.words import Words
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.deliveries import (
    GoodsReceived,
    GoodsRejected,
    ShipmentDespatched,
    ShipmentStatus,
    ShipmentStatusChanged,
)
from tierlink.schemas.envelope import CellRef, FactData, Lineage, fact_event
from tierlink.schemas.kpis import LineState
from tierlink.schemas.orders import LineCancelled, LineChanged, LinePlaced, LinePromised
from tierlink.schemas.records import RecordRetracted
from tierlink.schemas.stock import Direction, StockCounted, StockMoved
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity
from tierlink.store.events import StoredEvent
from unit.store.seed import NOW, SOURCE, Seed, sha

EN, ZH, DE = Words("en"), Words("zh"), Words("de")
DAY = date(2026, 11, 4)


def order(actor: Actor = Actor.SUPPLIER, **fields: Any) -> dict[str, Any]:
    return {
        "buyer": "ACME",
        "po_no": "4500012301",
        "po_line": "10",
        "item": Item(id="M-1", name="Pin", seller_id="S-9"),
        "supplier": Party(id="100234", name="宁波"),
        "asserted_by": actor,
        **fields,
    }


def stored(data: FactData, **envelope: Any) -> StoredEvent:
    event = fact_event(data, source=SOURCE, fact_key="k", revision=1, recorded_at=NOW, **envelope)
    body = decode_event(event.to_bytes()).model_dump(mode="json", exclude_none=True)
    return StoredEvent(event.id, event.type, event.subject, SOURCE, NOW, None, body)


PIECES = Quantity(value=Decimal(1200))
STOCK = {"holder": Party(id="100234"), "item": Item(id="M-1"), "asserted_by": Actor.SUPPLIER}
EVENTS: dict[str, FactData] = {
    "Ordered: 1,200 pcs": LinePlaced(**order(), quantity=PIECES),
    "Ordered: 1,200 pcs, wanted by 4 Nov 2026": LinePlaced(**order(), quantity=PIECES, requested_on=DAY),
    "Promised for 4 Nov 2026": LinePromised(**order(), promised_on=DAY),
    "Changed by the buyer": LineChanged(**order(Actor.BUYER)),
    "Changed by the buyer to 4 Nov 2026, 1,200 pcs": LineChanged(
        **order(Actor.BUYER), requested_on=DAY, quantity=PIECES
    ),
    "Cancelled": LineCancelled(**order(), cancelled_on=DAY),
    "Despatched: 1,200 pcs": ShipmentDespatched(**order(), despatched_on=DAY, quantity=PIECES),
    "On the way: delivered": ShipmentStatusChanged(
        **order(Actor.CARRIER), status=ShipmentStatus.DELIVERED, status_on=DAY,
        status_at=datetime(2026, 11, 4, 8, 30, tzinfo=UTC),
    ),
    "Received: -1,200 pcs": GoodsReceived(
        **order(Actor.BUYER), received_on=DAY, quantity=Quantity(value=Decimal(-1200))
    ),
    "Rejected on receipt: 1,200 pcs": GoodsRejected(
        **order(Actor.BUYER), rejected_on=DAY, quantity=PIECES, reason="scratched"
    ),
    "Counted: 1,200 pcs": StockCounted(**STOCK, counted_on=DAY, quantity=PIECES),
    "In: 1,200 pcs": StockMoved(**STOCK, moved_on=DAY, direction=Direction.IN, quantity=PIECES),
    "Out: 1,200 pcs": StockMoved(**STOCK, moved_on=DAY, direction=Direction.OUT, quantity=PIECES),
}  # fmt: skip


@pytest.mark.parametrize("sentence", EVENTS)
def test_an_event_in_words(sentence: str) -> None:
    event = stored(EVENTS[sentence])
    assert say_event(event, EN).replace("\u00a0", " ") == sentence
    for words in (EN, ZH, DE):
        (told,) = tell_story([event], words)
        assert told.number == 1
        assert "{" not in told.sentence
        assert told.where is None
        rows = field_rows(event, words)
        assert all(row.cell is None for row in rows)
        assert len(rows) == len(event.data)


def test_a_retraction_in_words() -> None:
    gone = RecordRetracted(
        retracted_type="org.tierlink.goods.received.v1", reason="row was emptied"
    )
    event = stored(gone, subject="s", partition_key="s")
    assert say_event(event, EN) == "Taken back: row was emptied"


def test_cells_become_fields_in_the_order_of_the_columns() -> None:
    cells = {
        "quantity": CellRef(ref="AA7", raw="1.200", header="Menge"),
        "unit": CellRef(ref="B7", raw="Stk"),
        "item": CellRef(ref="C7", raw=" M-1", header="Teil"),
        "item_name": CellRef(ref="D7", raw="Pin", header="Bez."),
        "seller_item": CellRef(ref="E7", raw="S-9"),
        "unit_price": CellRef(ref="F7", raw="3,2"),
        "currency": CellRef(ref="G7", raw="€"),
        "requested_on": CellRef(ref="H7", raw="04.11.26"),
        "balance": CellRef(ref="I7", raw=""),
        "note": CellRef(ref="J7", raw="bitte anrufen", header="Bemerkung"),
    }
    lineage = Lineage(
        document="a/b.xlsx", file_sha256=sha("x"), sheet="März", row=7, cells=cells, mapping="m/1"
    )
    placed = LinePlaced(
        **order(), quantity=PIECES, requested_on=DAY, lineage=lineage,
        unit_price=Money(amount=Decimal("3.2"), currency="EUR"),
    )  # fmt: skip
    event = stored(placed)
    rows = field_rows(event, EN)
    shown = [(row.cell, row.raw, row.value and row.value.replace("\u00a0", " ")) for row in rows]
    assert shown[:10] == [
        ("B7", "Stk", "pcs"),
        ("C7", " M-1", "M-1 · Pin · S-9"),
        ("D7", "Pin", "Pin"),
        ("E7", "S-9", "S-9"),
        ("F7", "3,2", "3.2 EUR"),
        ("G7", "€", "EUR"),
        ("H7", "04.11.26", "4 Nov 2026"),
        ("I7", "", "1,200 pcs"),
        ("J7", "bitte anrufen", None),
        ("AA7", "1.200", "1,200 pcs"),
    ]
    assert {row.field for row in rows[10:]} == {
        "buyer",
        "PO number",
        "PO line",
        "supplier",
        "stated by",
    }
    assert where_it_stands(event, EN) == "a/b.xlsx › März › row 7"
    assert where_it_stands(event, ZH) == "a/b.xlsx › März › 第 7 行"


def test_columns_of_a_status_name_the_status() -> None:
    cells = {
        "delivered_on": CellRef(ref="C2", raw="2026-11-04 08:30"),
        "status_code": CellRef(ref="D2", raw="DLV"),
    }
    lineage = Lineage(document="c.csv", file_sha256=sha("x"), row=2, cells=cells, mapping="m/1")
    event = stored(
        ShipmentStatusChanged(
            **order(Actor.CARRIER), status=ShipmentStatus.DELIVERED, status_on=DAY, lineage=lineage
        )
    )
    rows = {row.cell: row.value for row in field_rows(event, EN)}
    assert (rows["C2"], rows["D2"]) == ("4 Nov 2026", "delivered")


def test_a_story_is_told_by_day_with_the_undated_first() -> None:
    events = [
        stored(LinePromised(**order(), promised_on=date(2026, 11, 9))),
        stored(LinePlaced(**order(), quantity=PIECES)),
        stored(GoodsReceived(**order(Actor.BUYER), received_on=DAY, quantity=PIECES)),
    ]
    story = tell_story(events, EN)
    assert [told.kind for told in story] == ["placed", "received", "promised"]
    assert [told.number for told in story] == [1, 2, 3]


def test_an_arrival_after_the_window_looks_late(seed: Seed) -> None:
    line = next(one for one in seed.lines if one.state is LineState.LATE)
    assert line.window_to is not None
    assert line.completed_on is not None
    for day, kind in ((line.window_to, "received"), (line.completed_on, "received-late")):
        event = stored(GoodsReceived(**order(Actor.BUYER), received_on=day, quantity=PIECES))
        plot = plot_story(line, tell_story([event], EN))
        assert plot is not None
        assert [mark.kind for mark in plot.marks] == [kind]
        assert plot.today is None


def test_a_later_promise_is_said_not_to_move_the_day(seed: Seed) -> None:
    line = next(one for one in seed.lines if one.state is LineState.LATE)
    later = line.model_copy(update={"last_promised_on": date(2026, 12, 24)})
    assert not any("does not move" in sentence for sentence in why(line, EN))
    assert any("24 Dec 2026, does not move" in sentence for sentence in why(later, EN))


def test_an_open_line_shows_the_day_it_is_judged(seed: Seed) -> None:
    line = next(one for one in seed.lines if one.state is LineState.OVERDUE)
    plot = plot_story(line, [])
    assert plot is not None
    assert plot.today is not None
    assert plot.due is not None
    assert plot.today > plot.due
