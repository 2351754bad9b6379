"""Named points at which a test may let the process die as ``kill -9`` would; nothing happens unless asked for."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["FAULT_POINTS", "die_here"]

FAULT_POINTS: Final = (
    "after_seal",
    "after_read",
    "before_commit",
    "after_commit",
    "after_send_before_mark",
)
"""The steps between which a crash must lose and double nothing, in order."""

_VARIABLE: Final = "TIERLINK_FAULT"
_KILLED: Final = 137


def die_here(point: str) -> None:
    """End the process at once, without cleaning up, if ``TIERLINK_FAULT`` names this point.

    Raises:
        LookupError: the point is not one of ``FAULT_POINTS``.
    """
    if point not in FAULT_POINTS:
        raise LookupError(f"no fault point {point!r}")
    if os.environ.get(_VARIABLE) == point:
        os._exit(_KILLED)
