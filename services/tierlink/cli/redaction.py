"""Keeping passwords out of the log, whatever an error's text quotes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from urllib.parse import unquote

__all__ = ["Redaction", "is_secret_name"]

_HIDDEN = "***"
_SECRET_NAME = re.compile(r"(?i)passw|passphrase|secret|token|credential|api_?key|private_?key")
_IN_ADDRESS = re.compile(r"(?<=://)(?P<user>[^\s:/@]*):(?P<password>[^\s/@]+)@")
_IN_VARIABLE = re.compile(r"(?<=://)[^\s:/@]*:(?P<password>\S+)@")
"""People also set passwords that an address may not have unless encoded."""
_CHARACTERS_MIN = 6
"""A shorter password is hidden inside addresses only: as a word it may stand in any line."""


def is_secret_name(name: str) -> bool:
    """Whether what has this name is not for the log."""
    return _SECRET_NAME.search(name) is not None


class Redaction:
    """Hides passwords inside addresses, and those the environment holds wherever they stand."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        words = {value for name, value in environment.items() if is_secret_name(name)}
        for value in environment.values():
            for found in _IN_VARIABLE.finditer(value):
                words |= {found["password"], unquote(found["password"])}
        forms = {form for word in words if len(word) >= _CHARACTERS_MIN for form in _forms(word)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def hide(self, text: str) -> str:
        """The text without the passwords."""
        if self._words is not None:
            text = self._words.sub(_HIDDEN, text)
        return _IN_ADDRESS.sub(rf"\g<user>:{_HIDDEN}@", text)


def _forms(word: str) -> set[str]:
    """A word as it is, as JSON writes it and as Python shows it."""
    return {
        word,
        json.dumps(word)[1:-1],
        json.dumps(word, ensure_ascii=False)[1:-1],
        repr(word)[1:-1],
    }
