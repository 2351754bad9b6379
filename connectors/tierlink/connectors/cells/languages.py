"""Which language the headings of a sheet are in, as far as it says how people write thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

__all__ = ["grouping_sign"]

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_TECHNICAL: Final = re.compile(r"^[A-Z][A-Z0-9_]{2,9}$")
"""Names of fields in programs (``MENGE``) are not chosen by who writes the numbers."""
_GERMAN: Final = re.compile(
    r"[äöüß]|nr\b|nummer|menge|anzahl|bestell|auftrag|artikel|liefer|\blief|termin|datum|preis|einheit|versand|versend"
    r"|wunsch|zugesagt|zusage|bestand|lager|zugang|abgang|eingang|ausgang|teile|sach|zeile|bezeichnung|benennung|kund"
    r"|werk|gelief|empf|sendung|spedit|\bist\b|\bsoll\b|stk\b|\bme\b|saldo|tag\b|\bam\b|w(?:ae|ä)hrung",
)
_ENGLISH: Final = re.compile(
    r"\b(?:orders?|ordered|numbers?|no|qty|quantity|date|dates?|due|parts?|items?|lines?|units?|uom|price|shipp?(?:ed|ing|ment)?"
    r"|delivery|delivered|promised?|confirmed|requested|required|received|receipt|description|by|on|customer|purchase|stock"
    r"|balance|on hand|warehouse|location|packing|slip|note|cost|committed|commit|need|vendor|supplier|code|count)\b",
)
_HEADINGS_MIN: Final = 2


def grouping_sign(headings: Iterable[str]) -> Literal[",", "."] | None:
    """Say which sign groups thousands where headings are in these words; null when none or both are said.

    >>> grouping_sign(["PO No", "Due Date"]), grouping_sign(["Menge", "Liefertermin"])
    (',', '.')
    >>> grouping_sign(["MENGE", "EINDT"]), grouping_sign(["Order Qty", "Liefertermin"])
    (None, None)
    """
    commas = dots = 0
    for heading in headings:
        if _TECHNICAL.match(heading.strip()):
            continue
        words = heading.casefold()
        german = _GERMAN.search(words) is not None
        other = _CHINESE.search(words) is not None or _ENGLISH.search(words) is not None
        dots += german
        commas += other
    if commas and dots:
        return None
    if max(commas, dots) < _HEADINGS_MIN:
        return None
    return "," if commas else "."
