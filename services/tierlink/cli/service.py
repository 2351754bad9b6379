"""``tierlink worker``, ``project`` and ``api``: one process each, for ``up``, for containers and for clusters."""

from __future__ import annotations

from typing import Annotated

import typer

from tierlink.cli.console import log_to_stderr
from tierlink.installation.configuration import read_configuration
from tierlink.installation.settings import InstallationSettings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(worker)
    app.command()(project)
    app.command()(api)


def worker(
    name: Annotated[str, typer.Argument(help="on-time or turnover", metavar="NAME")],
) -> None:
    """Run a stream processor: on-time (on-time delivery) or turnover (inventory turnover)."""
    from tierlink.processors import main as processors
    from tierlink.processors.settings import ProcessorSettings

    if name not in processors.PROCESSORS:
        allowed = ", ".join(processors.PROCESSORS)
        raise typer.BadParameter(f"there is no worker {name!r}; there are {allowed}")
    log_to_stderr()
    settings = ProcessorSettings()
    if "zone" not in settings.model_fields_set:
        configuration = read_configuration(InstallationSettings().config_file)
        settings = ProcessorSettings(zone=configuration.zone)
    raise typer.Exit(processors.run(name, settings))


def project() -> None:
    """Run the projector: it copies the topics into the read model (SQLite, or TIERLINK_DATABASE_URL)."""
    from tierlink.projector.main import run
    from tierlink.projector.settings import ProjectorSettings

    log_to_stderr()
    raise typer.Exit(run(ProjectorSettings()))


def api() -> None:
    """Serve the page and the API from the read model (TIERLINK_API_HOST, TIERLINK_API_PORT)."""
    from tierlink.api.serve import run
    from tierlink.api.settings import ApiSettings

    log_to_stderr()
    raise typer.Exit(run(ApiSettings()))
