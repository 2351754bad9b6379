"""Currencies: ISO 4217 codes and the few words and signs that mean exactly one of them (``¥`` and ``$`` do not)."""

from __future__ import annotations

import re
from typing import Final

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.texts import word_key

__all__ = ["parse_currency"]

_WORDS: Final = {
    "rmb": "CNY", "人民币": "CNY", "cnh": "CNY", "euro": "EUR", "€": "EUR", "欧元": "EUR", "us$": "USD", "美元": "USD",
    "us dollar": "USD", "£": "GBP", "英镑": "GBP", "日元": "JPY", "港币": "HKD", "sfr": "CHF", "sfr.": "CHF",
}  # fmt: skip
_CODE: Final = re.compile(r"^[a-z]{3}$")


def parse_currency(text: str) -> str:
    """Give the ISO 4217 code.

    Raises:
        ValueRefusedError: the text does not mean exactly one currency.
    """
    key = word_key(text)
    if key in _WORDS:
        return _WORDS[key]
    if _CODE.match(key):
        return key.upper()
    raise ValueRefusedError("currency-unknown", text)
