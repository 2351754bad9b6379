"""Whether a worker works, judged by what it did and not by what Faust says."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["mark_ready", "unmark_ready"]


def mark_ready(file: Path) -> None:
    """Write the ready file: the process id."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{os.getpid()}\n", encoding="ascii")


def unmark_ready(file: Path) -> None:
    """Remove the ready file."""
    file.unlink(missing_ok=True)
