"""``tierlink doctor``: is every part well?"""

from __future__ import annotations

from rich.table import Table

from tierlink.cli.console import OUT
from tierlink.installation.diagnosis import State, examine
from tierlink.installation.settings import InstallationSettings

__all__ = ["show_findings"]

_COLOURS = {State.OK: "green", State.NOTE: "yellow", State.WRONG: "bold red"}


def show_findings() -> bool:
    """Print what was found at each part. Returns whether nothing is wrong."""
    table = Table("part", "state")
    table.add_column("found", overflow="fold")
    findings = list(examine(InstallationSettings()))
    for finding in findings:
        table.add_row(finding.part, f"[{_COLOURS[finding.state]}]{finding.state}[/]", finding.text)
    OUT.print(table)
    return all(finding.state is not State.WRONG for finding in findings)
