"""What the command line prints: steps with their time, tables, and errors with what to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from tierlink.cli.logs import is_structured

__all__ = ["ERR", "OUT", "complain", "step", "tell"]

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
    """Show an error; a service that logs JSON logs it."""
    if is_structured():
        logging.getLogger("tierlink").error(text)
        return
    ERR.print(f"[bold red]tierlink:[/] {escape(text)}")
