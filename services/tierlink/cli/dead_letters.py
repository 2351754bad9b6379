"""``tierlink dead-letters``: records a processor could not read."""

from __future__ import annotations

import json
import re

from aiokafka.errors import KafkaError
from rich.table import Table
from rich.text import Text

from tierlink.broker.errors import BrokerUnreachableError
from tierlink.cli.console import OUT, tell
from tierlink.installation.dead_letters import Letter, read_letters
from tierlink.installation.settings import InstallationSettings

__all__ = ["list_dead_letters"]

_ANSWER_SECONDS = 20.0
_SHOWN_CHARACTERS = 80


def list_dead_letters(limit: int, *, as_json: bool) -> None:
    """Print the newest letters, newest first.

    Raises:
        BrokerUnreachableError: nobody answers.
    """
    settings = InstallationSettings()
    try:
        letters = read_letters(settings, limit)
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnreachableError(settings.address, _ANSWER_SECONDS, str(error)) from error
    if as_json:
        OUT.print_json(json.dumps([_object(letter) for letter in letters]))
    elif letters:
        _print(letters)
    else:
        tell("no dead letters: every record could be read")


def _print(letters: list[Letter]) -> None:
    table = Table("laid aside (UTC)", title=f"the newest {len(letters)} dead letters")
    for heading in ("stands at", "why", "first bytes"):
        table.add_column(heading, overflow="fold")
    for letter in letters:
        table.add_row(
            f"{letter.laid_aside_at:%Y-%m-%d %H:%M:%S}",
            Text(_harmless(letter.place)),
            Text(_harmless(letter.reason)),
            Text(_beginning(letter)),
        )
    OUT.print(table)
    tell("what to do: docs/operations.md, dead letters")


def _beginning(letter: Letter) -> str:
    if letter.head is None:
        return "no value"
    text = _harmless(_text(letter.head))
    is_whole = letter.size == len(letter.head) and len(text) <= _SHOWN_CHARACTERS
    return text if is_whole else f"{text[:_SHOWN_CHARACTERS]}... ({letter.size:,} bytes)"


def _object(letter: Letter) -> dict[str, str | int | None]:
    return {
        "laid_aside_at": letter.laid_aside_at.isoformat(),
        "reason": letter.reason,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "key": None if letter.key is None else _text(letter.key),
        "head": None if letter.head is None else _text(letter.head),
        "size": letter.size,
    }


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _harmless(text: str) -> str:
    """Without what would steer the terminal: a refused record may hold anything."""
    return re.sub(r".", _shown, text, flags=re.DOTALL)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else character.encode("unicode_escape").decode()
