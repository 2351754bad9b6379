"""One reader's language: its texts, and its way of writing numbers, days and quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal

from tierlink.api.pages.texts import LANGUAGES, TEXTS

__all__ = ["LANGUAGE_NAMES", "Words", "choose_language"]

LANGUAGE_NAMES = {"en": "English", "zh": "中文", "de": "Deutsch"}
_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "de": "de_DE"}
_HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans", "de": "de"}
_ACCEPT_MAX = 500
_DAYS_MAX = 999_999_999
_NEVER = 1e12
"""Days are not written as weeks or months, however many."""
_THIN_SPACE = "\u202f"


def choose_language(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language to answer in.

    Args:
        asked: in the address.
        kept: in the cookie.
        accepted: the Accept-Language header.
    """
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return wish
    weighed: list[tuple[float, int, str]] = []
    for position, entry in enumerate(accepted[:_ACCEPT_MAX].split(",")):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), position, tag.strip()[:2].lower()))
        except ValueError:
            continue
    return next(
        (tag for weight, _, tag in sorted(weighed) if tag in LANGUAGES and weight < 0), "en"
    )


@dataclass(frozen=True)
class Words:
    """Everything that is written differently in another language."""

    language: str

    @cached_property
    def locale(self) -> Locale:
        """Babel's."""
        return Locale.parse(_LOCALES[self.language])

    @property
    def html_language(self) -> str:
        """For the ``lang`` attribute."""
        return _HTML_LANGUAGES[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """A text of the catalogue.

        Raises:
            KeyError: there is none of this key, or a value is missing.
        """
        template = TEXTS[key][LANGUAGES.index(self.language)]
        return template.format(**values) if values else template

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in TEXTS

    def name(self, kind: str, code: str) -> str:
        """Word for a code (``field.po_no``), or the code itself where the catalogue has none."""
        key = f"{kind}.{code}"
        return self(key) if key in TEXTS else code

    def pick(self, texts: Mapping[str, str]) -> str:
        """From sentences by language: this one, else English, else any."""
        return texts.get(self.language) or texts.get("en") or next(iter(texts.values()), "")

    def number(self, value: Decimal | int) -> str:
        """All its digits."""
        return format_decimal(value, locale=self.locale, decimal_quantization=False)

    def rounded(self, value: Decimal) -> str:
        """One place after the point; none from 100 on."""
        pattern = "#,##0" if abs(value) >= 100 else "#,##0.#"
        return format_decimal(value, format=pattern, locale=self.locale)

    def percent(self, rate: Decimal, places: int = 1) -> str:
        """A rate from 0 to 1 as per cent."""
        pattern = f"0.{'0' * places}" if places else "0"
        digits = format_decimal(rate * 100, format=pattern, locale=self.locale)
        return f"{digits}{_THIN_SPACE if self.language == 'de' else ''}%"

    def quantity(self, value: Decimal | str, unit: str | None = None) -> str:
        """A quantity with its unit."""
        written = self.number(Decimal(value))
        if unit is None:
            return written
        space = "" if self.language == "zh" else "\u00a0"
        return f"{written}{space}{self.name('unit', unit)}"

    def money(self, amount: Decimal | str, currency: str) -> str:
        """An amount with all its digits and the currency's code."""
        return format_currency(
            Decimal(amount), currency, format="#,##0.## ¤¤", locale=self.locale, currency_digits=False,
            decimal_quantization=False,
        )  # fmt: skip

    def day(self, day: date) -> str:
        """A calendar day."""
        return format_date(day, format="medium", locale=self.locale)

    def short_day(self, day: date) -> str:
        """Day and month, for an axis."""
        return format_skeleton("MMMd", day, locale=self.locale)

    def month(self, period: str) -> str:
        """A period ``YYYY-MM``."""
        first = _first_day(period)
        return format_skeleton("yMMM", first, locale=self.locale) if first else period

    def short_month(self, period: str) -> str:
        """A month without its year, for an axis."""
        first = _first_day(period)
        return format_date(first, "LLL", locale=self.locale) if first else period

    def instant(self, instant: datetime) -> str:
        """Day and time in UTC."""
        return f"{format_datetime(instant, format='medium', locale=self.locale)} UTC"

    def ago(self, then: datetime, now: datetime) -> str:
        """How long ago."""
        delta = then - now
        if delta > timedelta(seconds=-2):
            return self("just-now")
        return format_timedelta(delta, add_direction=True, threshold=1.2, locale=self.locale)

    def days(self, count: int) -> str:
        """A number of days."""
        span = timedelta(days=min(count, _DAYS_MAX))
        return format_timedelta(span, granularity="day", threshold=_NEVER, locale=self.locale)

    def size(self, size: int) -> str:
        """A number of bytes."""
        if size < 1000:
            return f"{size} B"
        unit, divisor = ("kB", 1000) if size < 1_000_000 else ("MB", 1_000_000)
        return f"{self.rounded(Decimal(size) / divisor)} {unit}"


def _first_day(period: str) -> date | None:
    try:
        return date.fromisoformat(f"{period}-01")
    except ValueError:
        return None
