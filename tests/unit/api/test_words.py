"""The catalogue is complete, and numbers and days are written as in each language."""

from __future__ import annotations

import re
import string
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tierlink.api import pages
from tierlink.api.pages.texts import LANGUAGES, TEXTS
from tierlink.api.pages.words import Words, choose_language
from tierlink.connectors.cells.message_texts import FIELD_LABELS
from tierlink.schemas.catalogue import EVENT_TYPES
from tierlink.schemas.deliveries import ShipmentStatus
from tierlink.schemas.envelope import FactData
from tierlink.schemas.intake import Verdict
from tierlink.schemas.kpis import ActualBasis, BaselineBasis, LineState
from tierlink.schemas.stock import Direction
from tierlink.schemas.values import Actor
from unit.store.seed import NOW

FOLDER = Path(pages.__file__).parent
EN, ZH, DE = (Words(language) for language in LANGUAGES)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_is_there_in_every_language_with_the_same_values(key: str) -> None:
    texts = TEXTS[key]
    assert len(texts) == len(LANGUAGES)
    assert all(text.strip() == text and text for text in texts)
    assert len({frozenset(fields(text)) for text in texts}) == 1


def test_chinese_is_chinese_and_no_text_was_forgotten() -> None:
    same = {"API", "{type}", "kg", "g", "t", "m", "m²", "m³", "l"}
    for key, (english, chinese, _) in TEXTS.items():
        if english in same or not re.search(r"[A-Za-z]{2}", re.sub(r"{\w+}", "", english)):
            continue
        assert re.search(r"[\u4e00-\u9fff]", chinese) or chinese == "{not_late} / {due}", key


def test_every_key_that_is_used_exists_and_every_key_is_used() -> None:
    source = "\n".join(
        path.read_text()
        for path in FOLDER.rglob("*")
        if path.suffix in {".py", ".html"} and path.name != "texts.py"
    )
    called = set(re.findall(r"""\b(?:w|words)\(\s*['"]([a-z0-9_.-]+)['"]\s*[,)]""", source))
    assert called <= set(TEXTS)
    quoted = set(re.findall(r"""['"]([a-zA-Z0-9_. -]+)['"]""", source))
    composed = re.compile(
        r"^(state|why|baseline|actual|verdict|actor|said|status|rows|ignored|kind|unit|field|error)\."
    )
    unused = sorted(key for key in TEXTS if key not in quoted and not composed.match(key))
    assert unused == []


def test_every_code_a_page_can_meet_has_a_word() -> None:
    needed = {f"state.{state.value}" for state in LineState}
    needed |= {f"why.{state.value}" for state in LineState} | {"why.cancelled_buyer_after"}
    needed |= {f"baseline.{basis.value}" for basis in BaselineBasis if basis.value != "none"}
    needed |= {f"actual.{basis.value}" for basis in ActualBasis if basis.value != "none"}
    needed |= {f"verdict.{verdict.value}" for verdict in Verdict}
    needed |= {f"actor.{actor.value}" for actor in Actor} | {"actor.other"}
    needed |= {f"status.{status.value}" for status in ShipmentStatus}
    needed |= {f"said.moved-{direction.value}" for direction in Direction}
    needed |= {f"field.{name}" for name in FIELD_LABELS}
    for model in EVENT_TYPES.values():
        if issubclass(model, FactData):
            needed |= {f"field.{name}" for name in model.model_fields if name != "lineage"}
    assert needed - set(TEXTS) == set()


def test_numbers() -> None:
    value = Decimal("1234567.125")
    assert EN.number(value) == "1,234,567.125"
    assert DE.number(value) == "1.234.567,125"
    assert ZH.number(value) == "1,234,567.125"
    assert (EN.percent(Decimal("0.387097")), DE.percent(Decimal("0.387097"))) == (
        "38.7%",
        "38,7\u202f%",
    )
    assert EN.percent(Decimal(1), 0) == "100%"
    assert (EN.rounded(Decimal("29.565")), EN.rounded(Decimal("1234.5"))) == ("29.6", "1,234")
    assert EN.quantity("1200.50", "H87") == "1,200.5\u00a0pcs"
    assert ZH.quantity("1200", "H87") == "1,200件"
    assert EN.quantity("3", "ZZZ") == "3\u00a0ZZZ"
    assert EN.money("0.000425", "EUR") == "0.000425 EUR"
    assert DE.money("1234.5", "CNY") == "1.234,5 CNY"
    assert [EN.size(size) for size in (999, 18_432, 2_500_000)] == ["999 B", "18.4 kB", "2.5 MB"]


def test_days() -> None:
    day = date(2026, 11, 4)
    assert [words.day(day) for words in (EN, ZH, DE)] == [
        "4 Nov 2026",
        "2026年11月4日",
        "04.11.2026",
    ]
    assert [words.month("2026-11") for words in (EN, ZH, DE)] == [
        "Nov 2026",
        "2026年11月",
        "Nov. 2026",
    ]
    assert EN.month("2026-99") == "2026-99"
    assert EN.short_month("0000-00") == "0000-00"
    assert [EN.days(1), EN.days(12), DE.days(1), ZH.days(3)] == ["1 day", "12 days", "1 Tag", "3天"]
    assert EN.instant(NOW) == "24 Nov 2026, 09:30:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-60, "just now"),
        (0, "just now"),
        (1, "just now"),
        (3, "3 seconds ago"),
        (7200, "2 hours ago"),
    ],
)
def test_how_long_ago(seconds: int, text: str) -> None:
    assert EN.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_a_sentence_in_another_language_is_better_than_none() -> None:
    assert ZH.pick({"en": "a", "zh": "b"}) == "b"
    assert ZH.pick({"en": "a", "de": "c"}) == "a"
    assert ZH.pick({"de": "c"}) == "c"
    assert ZH.pick({}) == ""


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        ("zh", "de", "en", "zh"),
        ("xx", "de", "en", "de"),
        (None, "xx", "de-CH,en;q=0.5", "de"),
        (None, None, "en;q=0.5, de;q=0.9", "de"),
        (None, None, "*", "en"),
        (None, None, "", "en"),
        (None, None, "zh-TW", "zh"),
        (None, None, "x" * 100_000, "en"),
    ],
)
def test_choosing(asked: str | None, kept: str | None, accepted: str, chosen: str) -> None:
    assert choose_language(asked, kept, accepted) == chosen
