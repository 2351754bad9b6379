"""The end of a process that may not go on: like ``kill -9``, which every step here is proved to survive."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

__all__ = ["INTERNAL", "end_process"]

_LOG = logging.getLogger(__name__)

INTERNAL = 70
"""EX_SOFTWARE: the supervisor starts the process again."""


def end_process(what: str, error: BaseException | None = None) -> NoReturn:
    """Log and leave at once. Nothing is acknowledged, flushed or closed on the way out."""
    _LOG.critical("ending: %s", what, exc_info=error)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(INTERNAL)
