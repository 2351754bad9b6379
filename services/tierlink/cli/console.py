"""What the command line prints: steps with their time, tables, and errors with what to do."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

__all__ = ["ERR", "OUT", "complain", "log_to_stderr", "step", "tell"]

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(text: str) -> Iterator[Callable[[str], None]]:
    """Show that something is being done, and when done how long it took. The text can be replaced meanwhile."""
    began = time.monotonic()
    if not OUT.is_terminal:
        OUT.print(f"... {escape(text)}")
        yield lambda _: None
    else:
        with OUT.status(escape(text)) as status:
            yield lambda now: status.update(escape(now))
    OUT.print(f"[green]ok[/]  {escape(text)} [dim]({time.monotonic() - began:.1f} s)[/]")


def tell(text: str) -> None:
    """Show one line beside the steps."""
    OUT.print(f"    {escape(text)}")


def complain(text: str) -> None:
    """Show an error."""
    ERR.print(f"[bold red]tierlink:[/] {escape(text)}")


def log_to_stderr() -> None:
    """For the services, whose standard error is their log."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for noisy in ("aiokafka", "faust", "mode", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
