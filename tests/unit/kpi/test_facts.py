from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierlink.kpi.facts import BYTES_MAX, UnreadableFactError, read_fact
from tierlink.kpi.statements import Promised
from tierlink.schemas import deliveries, orders, records, stock
from tierlink.schemas.catalogue import EVENT_TYPES, UnreadableEventError, decode_event
from tierlink.schemas.envelope import Event, FactData, fact_event
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity

codes = st.text(
    st.characters(
        min_codepoint=33, max_codepoint=0x9FFF, blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")
    ),
    min_size=1,
    max_size=12,
)
names = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
days = st.dates(date(1970, 1, 1), date(2100, 1, 1))
amounts = st.decimals("-999999999", "999999999", places=4) | st.integers(-1000, 1000)
quantities = st.builds(Quantity, value=amounts, unit=st.sampled_from(["H87", "KGM", "MTR"]))
moneys = st.builds(Money, amount=amounts, currency=st.sampled_from(["CNY", "EUR"]))
parties = st.builds(Party, id=codes, name=names)
items = st.builds(Item, id=codes, name=names, seller_id=st.none() | codes)
instants = st.datetimes(timezones=st.just(UTC), allow_imaginary=False).filter(
    lambda at: 1970 <= at.year < 2200
)


def _facts(model: type[FactData], **fields: Any) -> st.SearchStrategy[FactData]:
    maybe = {name: st.none() | value for name, value in fields.items() if name.startswith("maybe_")}
    sure = {name: value for name, value in fields.items() if not name.startswith("maybe_")}
    return st.builds(model, **sure, **{name[6:]: value for name, value in maybe.items()})


_ORDER = {
    "buyer": codes,
    "po_no": codes,
    "maybe_po_line": codes,
    "maybe_sched_line": codes,
    "maybe_item": items,
    "maybe_supplier": parties,
    "asserted_by": st.sampled_from(Actor),
}
_STOCK = {"holder": parties, "site": codes, "item": items, "asserted_by": st.sampled_from(Actor)}
_PARCEL = {"maybe_shipment_id": codes, "maybe_tracking_no": codes, "maybe_carrier": names}

payloads = st.one_of(
    _facts(
        orders.LinePlaced,
        **_ORDER,
        quantity=quantities,
        maybe_ordered_on=days,
        maybe_requested_on=days,
        maybe_unit_price=moneys,
        maybe_ship_to=codes,
    ),
    _facts(
        orders.LinePromised,
        **_ORDER,
        promised_on=days,
        maybe_quantity=quantities,
        maybe_stated_on=days,
    ),
    _facts(
        orders.LineChanged,
        **_ORDER,
        maybe_quantity=quantities,
        maybe_requested_on=days,
        maybe_changed_on=days,
    ),
    _facts(orders.LineCancelled, **_ORDER, maybe_cancelled_on=days, maybe_reason=names),
    _facts(
        deliveries.ShipmentDespatched,
        **_ORDER,
        **_PARCEL,
        despatched_on=days,
        quantity=quantities,
        maybe_estimated_on=days,
    ),
    _facts(
        deliveries.ShipmentStatusChanged,
        **_ORDER,
        **_PARCEL,
        status=st.sampled_from(deliveries.ShipmentStatus),
        status_on=days,
        maybe_status_at=instants,
        maybe_estimated_on=days,
        maybe_quantity=quantities,
        maybe_location=names,
        maybe_reason=names,
    ),
    _facts(
        deliveries.GoodsReceived,
        **_ORDER,
        maybe_receipt_no=codes,
        maybe_receipt_line=codes,
        maybe_shipment_id=codes,
        received_on=days,
        maybe_posted_on=days,
        quantity=quantities,
        maybe_site=codes,
    ),
    _facts(
        deliveries.GoodsRejected,
        **_ORDER,
        maybe_receipt_no=codes,
        maybe_shipment_id=codes,
        rejected_on=days,
        quantity=quantities,
        maybe_reason=names,
    ),
    _facts(
        stock.StockCounted,
        **_STOCK,
        counted_on=days,
        quantity=quantities,
        maybe_unit_cost=moneys,
    ),
    _facts(
        stock.StockMoved,
        **_STOCK,
        moved_on=days,
        direction=st.sampled_from(stock.Direction),
        quantity=quantities,
        reason=st.sampled_from(stock.MovementReason),
        maybe_document_no=codes,
        maybe_unit_cost=moneys,
    ),
)


@st.composite
def events(draw: st.DrawFn) -> Event[FactData]:
    return fact_event(
        draw(payloads),
        source="urn:tierlink:connector:" + draw(codes),
        fact_key=draw(codes),
        revision=draw(st.integers(1, 9_999_999_999)),
        recorded_at=draw(instants),
        time=draw(st.none() | instants),
    )


def _same(model: Any, struct: Any) -> None:
    """Compare a struct's every field with the model's of that name."""
    for name in struct.__struct_fields__:
        theirs, mine = getattr(model, name), getattr(struct, name)
        if isinstance(mine, msgspec.Struct):
            _same(theirs, mine)
        else:
            assert mine == theirs, name


@given(events())
@settings(max_examples=300)
def test_the_fast_view_of_an_event_equals_its_model_field_by_field(event):
    raw = event.to_bytes()
    model, fact = decode_event(raw), read_fact(raw)
    for name in ("id", "type", "source", "subject", "partitionkey", "factkey", "sequence"):
        assert getattr(fact, name) == getattr(model, name)
    assert fact.recordedtime == model.recordedtime
    assert fact.family + ".v1" == model.type
    _same(model.data, fact.data)
    assert fact.data is not None
    read = set(fact.data.__struct_fields__)
    assert read == set(type(model.data).model_fields) - {"lineage"}


def test_every_fact_type_of_the_catalogue_can_be_read():
    facts = {kind for kind, model in EVENT_TYPES.items() if issubclass(model, FactData)}
    for kind in facts - {records.RecordRetracted.event_type}:
        with pytest.raises(UnreadableFactError, match="missing required field"):
            read_fact(msgspec.json.encode(_envelope() | {"type": kind, "data": {}}))


def test_a_retraction_has_the_family_of_its_target_and_says_nothing():
    body = _envelope() | {
        "type": records.RecordRetracted.event_type,
        "data": {"retracted_type": "org.tierlink.goods.received.v1", "reason": "gone"},
    }
    fact = read_fact(msgspec.json.encode(body))
    assert (fact.family, fact.data) == ("org.tierlink.goods.received", None)


def _envelope() -> dict[str, Any]:
    event = fact_event(
        orders.LinePromised(
            buyer="ACME",
            po_no="1",
            po_line="10",
            asserted_by=Actor.SUPPLIER,
            promised_on=date(2026, 3, 10),
            quantity=Quantity(value=5),
        ),
        source="urn:tierlink:connector:test",
        fact_key="k",
        revision=1,
        recorded_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    return dict(msgspec.json.decode(event.to_bytes()))


BAD_ENVELOPES = [
    {"specversion": "0.3"},
    {"id": ""},
    {"id": None},
    {"id": 5},
    {"source": "http://x"},
    {"type": "org.tierlink.kpi.line.measured.v2"},
    {"type": 7},
    {"subject": ""},
    {"recordedtime": "2026-02-01T00:00:00"},
    {"recordedtime": "yesterday"},
    {"time": "2026-02-01T00:00:00"},
    {"partitionkey": ""},
    {"factkey": ""},
    {"sequence": "1"},
    {"sequence": "000000000x"},
    {"sequence": "0000000001\n"},
    {"sequence": 1},
    {"datacontenttype": "text/plain"},
    {"data": None},
    {"data": []},
]
BAD_DATA = [
    {"buyer": None},
    {"buyer": ""},
    {"buyer": "A" * 121},
    {"buyer": "A\x00"},
    {"po_no": 4500},
    {"po_line": ""},
    {"asserted_by": "god"},
    {"promised_on": "10.03.2026"},
    {"promised_on": "2026-02-30"},
    {"promised_on": None},
    {"quantity": {"value": 1.5, "unit": "H87"}},
    {"quantity": {"value": "NaN", "unit": "H87"}},
    {"quantity": {"value": "Infinity", "unit": "H87"}},
    {"quantity": {"value": "five", "unit": "H87"}},
    {"quantity": {"value": None, "unit": "H87"}},
    {"quantity": {"unit": "H87"}},
    {"quantity": {"value": "1", "unit": "pcs"}},
    {"quantity": "5"},
    {"item": {"name": "no id"}},
    {"supplier": "S1"},
]


@pytest.mark.parametrize("change", BAD_ENVELOPES, ids=str)
def test_an_envelope_the_model_refuses_is_refused(change):
    raw = msgspec.json.encode(_envelope() | change)
    with pytest.raises(UnreadableEventError):
        decode_event(raw)
    with pytest.raises(UnreadableFactError):
        read_fact(raw)


@pytest.mark.parametrize("change", BAD_DATA, ids=str)
def test_a_payload_the_model_refuses_is_refused(change):
    body = _envelope()
    raw = msgspec.json.encode(body | {"data": body["data"] | change})
    with pytest.raises(UnreadableEventError):
        decode_event(raw)
    with pytest.raises(UnreadableFactError):
        read_fact(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"7", b"\xff\xfe", b"[" * 200_000, b'{"x":' + b"[" * 200_000, b"x" * (BYTES_MAX + 1)],
    ids=lambda raw: repr(raw[:8]),
)  # fmt: skip
def test_bytes_that_are_no_event_are_refused_with_a_short_reason(raw):
    with pytest.raises(UnreadableFactError) as refused:
        read_fact(raw)
    assert 0 < len(refused.value.reason) <= 300


@pytest.mark.parametrize(
    "digits", ["1E+999999999", "1E-999999999", "9" * 16, "0." + "1" * 10, " " * 100]
)
def test_a_number_too_long_to_be_a_quantity_is_refused_before_it_costs_memory(digits):
    body = _envelope()
    body["data"]["quantity"]["value"] = digits
    with pytest.raises(UnreadableFactError):
        read_fact(msgspec.json.encode(body))


@pytest.mark.parametrize("text", ["0E+99", "-0", "0.000000000000"])
def test_zero_is_zero_however_it_is_written(text):
    body = _envelope()
    body["data"]["quantity"]["value"] = text
    data = read_fact(msgspec.json.encode(body)).data
    assert isinstance(data, Promised)
    assert data.quantity is not None
    assert data.quantity.value == Decimal(0)


@pytest.mark.parametrize("raw", ['"\\ud800"', '"a\\u0000"'])
def test_text_that_could_not_be_written_back_is_refused(raw):
    body = msgspec.json.encode(_envelope()).replace(b'"ACME"', raw.encode(), 1)
    with pytest.raises(UnreadableFactError):
        read_fact(body)


def test_unknown_fields_are_ignored_so_that_newer_writers_may_add_some():
    body = _envelope() | {"traceparent": "00-abc"}
    body["data"] |= {"incoterm": "DAP", "kind": {"deep": [1, 2]}}
    assert read_fact(msgspec.json.encode(body)) == read_fact(msgspec.json.encode(_envelope()))


def test_a_fact_keyed_to_another_order_is_refused():
    with pytest.raises(UnreadableFactError, match="partitionkey"):
        read_fact(msgspec.json.encode(_envelope() | {"partitionkey": "ACME|2"}))


def test_instants_are_kept_in_utc_whatever_zone_they_were_written_in():
    east = read_fact(
        msgspec.json.encode(_envelope() | {"recordedtime": "2026-02-01T01:00:00+08:00"})
    )
    assert east.recordedtime.isoformat() == "2026-01-31T17:00:00+00:00"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused_never_worse(value):
    with pytest.raises(UnreadableFactError):
        read_fact(msgspec.json.encode(_envelope() | {"data": value}))


def test_stock_from_before_computers_is_refused():
    count = stock.StockCounted(
        holder=Party(id="S1"),
        item=Item(id="M1"),
        asserted_by=Actor.SUPPLIER,
        counted_on=date(1900, 1, 1),
        quantity=Quantity(value=1),
    )
    event = fact_event(
        count,
        source="urn:tierlink:connector:x",
        fact_key="k",
        revision=1,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(UnreadableFactError, match="1900-01-01"):
        read_fact(event.to_bytes())
