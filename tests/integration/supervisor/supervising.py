"""A supervisor in a process of its own: arguments are the folder and the behaviours of its children.

It prints what it tells the user; its exit code is 3 when a service failed, else 0.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tierlink.supervisor.service import ChildProcess
from tierlink.supervisor.supervisor import ServiceFailedError, Supervisor

CHILD = Path(__file__).with_name("child.py")


def child(folder: Path, behaviour: str, *more: str) -> ChildProcess:
    folder.mkdir(parents=True, exist_ok=True)
    return ChildProcess(
        [sys.executable, str(CHILD), str(folder), behaviour, *more],
        folder / "log" / f"{behaviour}.log",
        {},
        folder / f"{behaviour}.ready",
    )


def main(folder: Path, behaviours: list[str]) -> int:
    try:
        with Supervisor(lambda line: print(line, flush=True), grace_seconds=1).running() as watch:
            for behaviour in behaviours:
                watch.start(behaviour, child(folder, behaviour))
            watch.await_ready(behaviours, 60)
            print("ready", flush=True)
            watch.run_until_stopped()
    except ServiceFailedError as error:
        print(error, flush=True)
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
