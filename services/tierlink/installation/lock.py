"""One supervisor per home folder, also across the sudden death of the last one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import psutil

from tierlink.installation.errors import AlreadyRunningError

__all__ = ["occupy"]

_LEFTOVER_SECONDS = 60.0


@contextlib.contextmanager
def occupy(home: Path, tell: Callable[[str], None]) -> Iterator[int]:
    """Hold the home folder for as long as the block lasts.

    The lock belongs to the open file, which the children inherit: after a kill -9 of the supervisor it is
    free only when the last child is gone, and until then a new start waits.

    Returns:
        The open file's number, for the children to inherit.

    Raises:
        AlreadyRunningError: a supervisor runs, or children do not end within a minute.
        OSError: the folder cannot be written.
    """
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as file:
        _acquire(file, home, tell)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file.fileno()


def _acquire(file: TextIO, home: Path, tell: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    has_told = False
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        file.seek(0)
        owner = file.read().strip()
        if owner.isdigit() and psutil.pid_exists(int(owner)):
            raise AlreadyRunningError(
                f"tierlink already runs in {home.resolve()} (process {owner}). "
                "Stop it with Ctrl-C there, or set TIERLINK_HOME to another folder."
            )
        if time.monotonic() > deadline:
            raise AlreadyRunningError(
                f"processes of an earlier run still hold {home.resolve()}; end them and start again."
            )
        if not has_told:
            tell("waiting for the processes of the last run to end")
            has_told = True
        time.sleep(0.2)
