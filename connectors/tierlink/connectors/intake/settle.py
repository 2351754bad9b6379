"""Decides whether a file has come to rest: a pure function of what was observed and of the time. No clock, no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = [
    "LOCK_DELAY_SECONDS",
    "FileIdentity",
    "Observation",
    "Ready",
    "Waiting",
    "back_off",
    "remember",
    "settle",
]

LOCK_DELAY_SECONDS: Final = 30.0
"""How long an owner file (``~$name``) holds back a file that no longer changes. Office leaves them behind when it
crashes, and people keep a ledger open all day, so it cannot hold back for ever."""

_WAIT_SHORTEST: Final = 1.0
_WAIT_LONGEST: Final = 60.0


@dataclass(frozen=True)
class FileIdentity:
    """What the file system says of one version of a file; any write changes at least one of the four."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True)
class Observation:
    """One look at a file. ``at`` is our own monotonic clock in seconds: a server's clock proves nothing."""

    at: float
    identity: FileIdentity
    locked: bool = False


@dataclass(frozen=True)
class Ready:
    """The file is at rest, as far as can be told from outside."""

    identity: FileIdentity


@dataclass(frozen=True)
class Waiting:
    """Not yet. ``reason`` says what is being waited for."""

    reason: str


def settle(
    history: Sequence[Observation],
    now: float,
    *,
    settle_seconds: float,
    lock_delay_seconds: float = LOCK_DELAY_SECONDS,
) -> Ready | Waiting:
    """Judge a file by the observations of it, oldest first.

    Args:
        history: as kept by :func:`remember`.
        now: monotonic seconds.
        settle_seconds: how long the file must have been the same.
        lock_delay_seconds: how long an owner file beside it may delay it after its last change.
    """
    if not history:
        return Waiting("not seen yet")
    last = history[-1]
    since = last.at
    for observation in reversed(history):
        if observation.identity != last.identity:
            break
        since = observation.at
    quiet = now - since
    if len(history) < 2 or quiet < settle_seconds:
        return Waiting(f"still changing: {last.identity.size} bytes so far")
    if last.locked and quiet < lock_delay_seconds:
        return Waiting("open in a spreadsheet program")
    return Ready(last.identity)


def remember(history: Sequence[Observation], seen: Observation) -> tuple[Observation, ...]:
    """Add an observation and keep only what :func:`settle` needs: the first and the newest of the present identity."""
    same = [entry for entry in history if entry.identity == seen.identity]
    return (same[0], seen) if same else (seen,)


def back_off(tries: int) -> float:
    """Seconds until a file that was not complete is looked at again: 1, 2, 4 ... 60, and never none.

    >>> [back_off(tries) for tries in (1, 2, 3, 20)]
    [1.0, 2.0, 4.0, 60.0]
    """
    return min(_WAIT_SHORTEST * 2.0 ** min(tries - 1, 16), _WAIT_LONGEST)
