"""A processor as its own process, as the command line starts it: ``python -m integration.processors.worker on-time``.

What a test may ask for through the environment: ``TEST_DIE_AT=stored:3`` kills the process with SIGKILL at a place of
:mod:`faults`; ``TEST_RAISE`` names the order the KPI core fails for; ``TEST_SLOW_SEEK`` makes starting slow at the
point where Faust may lose records; ``TEST_CLOCK`` names a file that says what time it is; ``TEST_HANG`` makes the
turnover processor stand still.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tierlink.processors import main
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker


def hang() -> None:
    """Make every batch take for ever."""

    async def for_ever(*_: Any) -> None:
        await asyncio.Event().wait()

    Stocktaker.handle = for_ever  # type: ignore[method-assign,assignment]


def clock_of(file: Path) -> Callable[[], datetime]:
    return lambda: datetime.fromisoformat(file.read_text(encoding="ascii"))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if {"TEST_DIE_AT", "TEST_RAISE", "TEST_SLOW_SEEK"} & os.environ.keys():
        from integration.processors import faults

        if "TEST_DIE_AT" in os.environ:
            faults.arm(os.environ["TEST_DIE_AT"])
        if "TEST_RAISE" in os.environ:
            faults.raise_for(os.environ["TEST_RAISE"])
        if "TEST_SLOW_SEEK" in os.environ:
            faults.slow_seek(float(os.environ["TEST_SLOW_SEEK"]))
    if "TEST_HANG" in os.environ:
        hang()
    if "TEST_CLOCK" in os.environ:
        clock = clock_of(Path(os.environ["TEST_CLOCK"]))
        for name, build in list(main.PROCESSORS.items()):
            main.PROCESSORS[name] = partial(build, clock=clock)
    sys.exit(main.run(sys.argv[1], ProcessorSettings()))
