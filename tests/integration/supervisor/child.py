"""A child for the supervisor's tests: writes its process number, then behaves as told.

Arguments: folder, behaviour (``serve``, ``stubborn``, ``fail CODE``, ``parent``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path


def main(folder: Path, behaviour: str, *more: str) -> None:
    # One file per launch, complete at once: a reader never sees half a number.
    hidden = folder / f".{uuid.uuid4()}"
    hidden.write_text(str(os.getpid()))
    if behaviour == "fail":
        hidden.rename(folder / f"{behaviour}-{os.getpid()}.pid")
        print("the end of my log")
        sys.exit(int(more[0]))
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "parent":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, __file__, str(folder), "serve"])
    hidden.rename(folder / f"{behaviour}-{os.getpid()}.pid")
    (folder / f"{behaviour}.ready").touch()
    while True:
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
