"""``tierlink connector preview``: what a file would become."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from tierlink.cli.console import OUT, complain, tell
from tierlink.connectors import runner
from tierlink.connectors.contract import Absent, Draft
from tierlink.connectors.intake.preview import Preview
from tierlink.connectors.settings import FeedSettings
from tierlink.installation.configuration import Configuration, read_configuration
from tierlink.installation.errors import ConfigurationError
from tierlink.installation.settings import InstallationSettings
from tierlink.schemas.envelope import Data

__all__ = ["show_preview"]

_SAID_ABOVE = {"lineage", "buyer", "asserted_by"}


def show_preview(file: Path, feed: str | None, document: str | None) -> bool:
    """Print how a file is understood. Returns whether anything of it would be taken.

    Args:
        file: anywhere.
        feed: name of the feed; None: the one whose watched folder the file lies in.
        document: name it would have in the watched folder; None: its path there, or its bare name.

    Raises:
        ConfigurationError: no such feed, or none named for a file that lies elsewhere.
        RetryLaterError: the file is not complete.
    """
    installation = InstallationSettings()
    configuration = read_configuration(installation.config_file)
    settings, place = _feed_of(file, feed, configuration, installation)
    shown = runner.preview(settings, file, document=document or place)
    _print(shown, settings)
    return shown.reason is None


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


def _print(shown: Preview, settings: FeedSettings) -> None:
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
