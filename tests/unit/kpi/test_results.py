"""The structs of the hot path say what the models of the contract say, byte for byte."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from inspect import get_annotations
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flow import supply_chain
from tierlink.kpi import results
from tierlink.kpi.facts import read_fact
from tierlink.kpi.ledger import Ledger, merge
from tierlink.kpi.on_time import assess, measure
from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy
from tierlink.kpi.rates import plain
from tierlink.kpi.results import Result, decode_line, encode, encode_line
from tierlink.kpi.rollup import Tally
from tierlink.kpi.statements import Amount, Item, Money, Party
from tierlink.kpi.turnover import turnover
from tierlink.schemas import kpis
from tierlink.schemas.envelope import canonical_hash, canonical_json, content_hash
from unit.kpi.views import MODELS, model_of, struct_of

AS_OF = date(2026, 4, 10)

codes = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=["Cc", "Cs"]),
    max_size=9,
).map(lambda text: f"x{text}x")
codes |= st.sampled_from(["E-7", "1E-7", 'a"b', "a\\b", "件 1", "100"])
names = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
decimals = st.decimals("-999999999999999", "999999999999999", places=9) | st.sampled_from(
    [Decimal(text) for text in ("0", "1E-9", "-0.0000001", "12.500", "1200", "0.000001000", "-0")]
)
amounts = decimals.map(plain)
parties = st.builds(Party, id=codes, name=names)
items = st.builds(Item, id=codes, name=names, seller_id=st.none() | codes)
moneys = st.builds(
    Money,
    amount=decimals.map(lambda number: Amount(plain(number))),
    currency=st.sampled_from(["CNY", "EUR"]),
)
counts = st.integers(0, 10**9)
flags = st.none() | st.booleans()


def _of(kind: type[Result]) -> st.SearchStrategy[Any]:
    """Any value of a result, drawn by its fields' types."""
    special = {
        "period": st.sampled_from(["all", "2026-03"]),
        "policy_id": codes,
        "evidence": st.lists(codes, max_size=3),
        "averaging": st.just("time_weighted"),
        "state": st.sampled_from(kpis.LineState),
        "baseline_basis": st.sampled_from(kpis.BaselineBasis),
        "actual_basis": st.sampled_from(kpis.ActualBasis),
        "basis": st.sampled_from(kpis.TurnoverBasis),
        "as_of": days,
    }
    by_hint = {
        "str": codes,
        "Code": codes,
        "int": counts,
        "bool": st.booleans(),
        "Decimal": amounts,
        "Party": parties,
        "Item": items,
        "Money": moneys,
        "date": days,
    }
    fields = {}
    for base in reversed(kind.__mro__):
        for name, hint in get_annotations(base).items():
            if name == "event_type":
                continue
            plain_hint = hint.removesuffix(" | None")
            drawn = special[name] if name in special else by_hint[plain_hint]
            fields[name] = st.none() | drawn if hint.endswith("| None") else drawn
    return st.builds(kind, **fields)


anything = st.one_of([_of(kind) for kind in MODELS])


def _results(policy: OtdPolicy) -> list[Result]:
    """Everything the core finds in a made-up supply chain."""
    ledgers: dict[str, Ledger] = {}
    for event in supply_chain.events(5, orders=30, items=10):
        fact = read_fact(event.to_bytes())
        ledgers[fact.partitionkey] = merge(ledgers.get(fact.partitionkey, Ledger()), [fact])[0]
    found: list[Result] = []
    tally = Tally()
    for ledger in ledgers.values():
        for line in measure(ledger, policy).values():
            assessed = assess(line, AS_OF, policy)
            tally.add(assessed)
            found += [line, assessed]
        found += turnover(ledger, AS_OF).values()
    totals = [tally.published(key, AS_OF, policy.policy_id) for key in tally.totals()]
    return [*found, *(total for total in totals if total is not None)]


FOUND = _results(OtdPolicy(under_tol=Decimal("0.05"), late_days=1))


def _is_canonical(result: Result) -> None:
    model = model_of(result)
    body = model.model_dump(mode="json", exclude_none=True)
    assert encode(result) == canonical_json(body)
    assert canonical_hash(result.event_type, encode(result)) == content_hash(model)
    assert struct_of(model) == result


@pytest.mark.parametrize("kind", MODELS)
def test_a_struct_has_its_models_fields_and_type(kind):
    assert set(kind.__struct_fields__) == set(MODELS[kind].model_fields)
    assert kind.event_type == MODELS[kind].event_type
    assert {type(found) for found in FOUND} == set(MODELS)


def test_what_the_core_finds_is_canonical_json_of_the_model():
    for result in FOUND:
        _is_canonical(result)


@given(anything)
@settings(max_examples=200)
def test_whatever_could_be_found_is_canonical_json_of_the_model(result):
    _is_canonical(result)


@given(_of(results.LineMeasured))
@settings(max_examples=50)
def test_a_line_comes_back_from_its_table_as_it_was_written(line):
    again = decode_line(encode_line(line))
    assert isinstance(again, results.LineMeasured)
    assert msgspec.structs.asdict(again) == msgspec.structs.asdict(line)
    assert encode_line(again) == encode_line(line)
    assert encode(assess(again, AS_OF, DEFAULT_POLICY)) == encode(
        assess(line, AS_OF, DEFAULT_POLICY)
    )


def test_equal_lines_are_equal_rows_however_their_numbers_came_about():
    ledger = Ledger()
    for event in supply_chain.events(5, orders=3, items=0):
        ledger = merge(ledger, [read_fact(event.to_bytes())])[0]
    lines = measure(ledger, DEFAULT_POLICY)
    shuffled = list(ledger.facts.items())
    Random(1).shuffle(shuffled)
    again = measure(Ledger(dict(shuffled)), DEFAULT_POLICY)
    assert [encode_line(line) for line in again.values()] == [
        encode_line(line) for line in lines.values()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.500", "1.5"), ("1.2E+3", "1200"), ("-0.00", "0"), ("0.0000001", "1E-7")],
)
def test_a_plain_number_has_no_zeros_behind(text, expected):
    assert str(plain(Decimal(text))) == expected
