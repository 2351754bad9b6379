"""Gives statements their revisions: what was known of a fact, and what a file says now, make what is published. Pure.

Known facts are counted, never compared by time: A, then B, then A again is three revisions, so a replay in any
order ends at the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tierlink.connectors.contract import History

__all__ = ["Decision", "Known", "assert_fact", "published_key", "retract_fact"]


@dataclass(frozen=True)
class Known:
    """The newest state of one fact.

    Attributes:
        ordinal: 0, or n where each content is a fact of its own (``key#n``).
        revision: of that fact; 0 while its first content is only remembered.
        content: hash of the newest content.
        retracted: the newest revision takes it back.
    """

    ordinal: int
    revision: int
    content: str
    retracted: bool = False


@dataclass(frozen=True)
class Decision:
    """What is known from now on, and whether that is news."""

    known: Known | None
    publish: bool


def assert_fact(known: Known | None, history: History, content: str) -> Decision:
    """A file states a fact.

    Args:
        known: its newest state, if it was ever stated.
        history: how contents of it become revisions.
        content: hash of what is stated.
    """
    if known is None:
        match history:
            case History.LATEST:
                return Decision(Known(0, 1, content), publish=True)
            case History.EVERY:
                return Decision(Known(1, 1, content), publish=True)
            case History.CHANGES:
                return Decision(Known(0, 0, content), publish=False)
    if known.content == content and not known.retracted:
        return Decision(known, publish=False)
    if history is History.LATEST or known.content == content:
        return Decision(Known(known.ordinal, known.revision + 1, content), publish=True)
    return Decision(Known(known.ordinal + 1, 1, content), publish=True)


def retract_fact(known: Known | None) -> Decision:
    """A file says a fact is not so. News only if it was published and not taken back yet."""
    if known is None or known.retracted or known.revision == 0:
        return Decision(known, publish=False)
    return Decision(replace(known, revision=known.revision + 1, retracted=True), publish=True)


def published_key(fact_key: str, ordinal: int, feed: str) -> str:
    """The ``factkey`` on the topic.

    >>> published_key("placed", 0, "erp"), published_key("promised", 2, "erp")
    ('placed@erp', 'promised#2@erp')
    """
    return f"{fact_key}@{feed}" if ordinal == 0 else f"{fact_key}#{ordinal}@{feed}"
