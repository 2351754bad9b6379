"""``tierlink connector``: run a feed, check the configuration, or see what a file would become."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tierlink.cli.console import OUT, complain, log_to_stderr, tell
from tierlink.connectors import runner
from tierlink.connectors.contract import Absent, Draft
from tierlink.connectors.intake.preview import Preview
from tierlink.connectors.settings import FeedSettings
from tierlink.installation.configuration import (
    Configuration,
    ConfigurationError,
    read_configuration,
)
from tierlink.installation.settings import InstallationSettings
from tierlink.schemas.envelope import Data

__all__ = ["app"]

_SAID_ABOVE = {"lineage", "buyer", "asserted_by"}

app = typer.Typer(
    help="The feeds: run one, check their settings, preview a file.", no_args_is_help=True
)


@app.command("run")
def run_feed(
    feed: Annotated[str, typer.Argument(help="Name of the feed in tierlink.yaml.")],
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="End when every file that is there was read and published."),
    ] = False,
) -> None:
    """Watch the folder of one feed and publish what its files say."""
    log_to_stderr()
    installation = InstallationSettings()
    settings = read_configuration(installation.config_file).feed(feed)
    ready_file = installation.run_folder / f"connector-{feed}.ready"

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await runner.run_feed(
            settings, installation.home, installation, stop=stop, once=once, ready_file=ready_file
        )

    asyncio.run(until_told())


@app.command()
def check() -> None:
    """Check tierlink.yaml and every feed's folder; say what is wrong and what is allowed."""
    installation = InstallationSettings()
    configuration = read_configuration(installation.config_file)
    problems = 0
    for feed in configuration.feeds:
        found = runner.check(feed, installation.home)
        problems += len(found)
        for problem in found:
            complain(f"feed {feed.name}: {problem}")
        if not found:
            folder = runner.watched_folder(feed, installation.home)
            tell(f"feed {feed.name}: {feed.kind} watches {folder}")
    raise typer.Exit(1 if problems else 0)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Any file.")],
    feed: Annotated[
        str | None,
        typer.Option(help="Name of the feed; unneeded for a file inside a watched folder."),
    ] = None,
    document: Annotated[
        str | None,
        typer.Option("--as", help="Name inside the watched folder, such as 100234/ledger.xlsx."),
    ] = None,
) -> None:
    """Show what a file would become: the columns understood, the statements, the rows refused. Publishes nothing."""
    installation = InstallationSettings()
    settings, place = _feed_of(
        file, feed, read_configuration(installation.config_file), installation
    )
    shown = runner.preview(settings, file, document=document or place)
    _print_preview(shown, settings)
    raise typer.Exit(1 if shown.reason else 0)


def _feed_of(
    file: Path, name: str | None, configuration: Configuration, installation: InstallationSettings
) -> tuple[FeedSettings, str]:
    """The feed named, else the one whose watched folder the file lies in; and the file's name there."""
    for feed in configuration.feeds:
        folder = runner.watched_folder(feed, installation.home).resolve()
        if name in (None, feed.name) and file.resolve().is_relative_to(folder):
            return feed, file.resolve().relative_to(folder).as_posix()
    if name is None:
        known = ", ".join(feed.name for feed in configuration.feeds)
        raise ConfigurationError(
            f"{file} lies in no watched folder: say --feed with one of {known}"
        )
    return configuration.feed(name), file.name


def _print_preview(shown: Preview, settings: FeedSettings) -> None:
    tell(f"{shown.document} as {settings.kind} of feed {settings.name}")
    if shown.reason:
        complain(shown.reason.text.get("en", shown.reason.code))
    for mapping in shown.mappings:
        columns = Table("field", "heading", title=f"{mapping.sheet or 'file'}: {mapping.kind}")
        for field, heading in mapping.columns.items():
            columns.add_row(field, heading)
        for heading in mapping.unknown_columns:
            columns.add_row("[dim]not used[/]", heading)
        OUT.print(columns)
    if shown.drafts:
        drafts = Table(
            "place", "statement", "says", title=f"first of {shown.statements:,} statements"
        )
        for draft in shown.drafts:
            drafts.add_row(*_draft_cells(draft))
        OUT.print(drafts)
    for refused in shown.refused:
        verb = "held" if refused.held else "rejected"
        where = f"{refused.sheet} row {refused.row}" if refused.sheet else f"row {refused.row}"
        OUT.print(
            f"[yellow]{verb}[/] {where}: {refused.reason.text.get('en', refused.reason.code)}"
        )
    rows = shown.rows
    ignored = sum(rows.ignored.values())
    tell(
        f"rows: {rows.seen:,} seen = {rows.published:,} to publish + {rows.held:,} held + "
        f"{rows.rejected:,} rejected + {ignored:,} ignored"
    )


def _draft_cells(draft: Draft | Absent) -> tuple[str, str, str]:
    """Where it stands, what kind of statement it is, and what it says."""
    if isinstance(draft, Absent):
        return "", _short(draft.kind), f"no longer so: {draft.reason}"
    lineage = draft.data.lineage
    place = f"{lineage.sheet or ''} {lineage.row or ''}".strip() if lineage else ""
    said = draft.data.model_dump(
        mode="json", exclude_none=True, exclude_defaults=True, exclude=_SAID_ABOVE
    )
    text = ", ".join(f"{name} {_plain(value)}" for name, value in said.items())
    return place, _short(type(draft.data)), text


def _short(kind: type[Data]) -> str:
    return kind.event_type.removeprefix("org.tierlink.").rpartition(".v")[0]


def _plain(value: object) -> str:
    return " ".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)
