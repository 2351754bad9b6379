"""A processor as its own process, as the command line starts it: ``python worker.py on-time``.

Three things a test may ask for through the environment: ``TEST_DIE_AT=17`` kills the process with SIGKILL at the 17th
point before or after something was handed to the broker; ``TEST_CLOCK`` names a file that says what time it is;
``TEST_HANG`` makes the turnover processor stand still.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tierlink.processors import main
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker
from tierlink.streaming.delivery import Delivery


def die_at(number: int) -> None:
    """Wrap what sends records: each call passes one point before and one after."""
    points = count(1)

    def pass_point() -> None:
        if next(points) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        async def passing(*args: Any, **kwargs: Any) -> Any:
            pass_point()
            result = await call(*args, **kwargs)
            pass_point()
            return result

        return passing

    for name in ("send", "append", "_submit"):
        setattr(Delivery, name, wrapped(getattr(Delivery, name)))


def hang() -> None:
    """Make every batch take for ever."""

    async def for_ever(*_: Any) -> None:
        await asyncio.Event().wait()

    Stocktaker.handle = for_ever  # type: ignore[method-assign,assignment]


def clock_of(file: Path) -> Callable[[], datetime]:
    return lambda: datetime.fromisoformat(file.read_text(encoding="ascii"))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if "TEST_DIE_AT" in os.environ:
        die_at(int(os.environ["TEST_DIE_AT"]))
    if "TEST_HANG" in os.environ:
        hang()
    if "TEST_CLOCK" in os.environ:
        clock = clock_of(Path(os.environ["TEST_CLOCK"]))
        for name, build in list(main.PROCESSORS.items()):
            main.PROCESSORS[name] = partial(build, clock=clock)
    sys.exit(main.run(sys.argv[1], ProcessorSettings()))
