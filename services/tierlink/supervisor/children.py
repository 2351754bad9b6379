"""Child processes that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

__all__ = ["die_with_parent"]

_PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends the child ``how`` when its parent dies, even by kill -9.

    Linux only; elsewhere it does nothing and an orderly stop is what ends the children.
    """
    if sys.platform != "linux":
        return lambda: None
    library, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # died between fork and prctl
            os._exit(1)

    return ask
