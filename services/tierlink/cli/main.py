"""The ``tierlink`` command: what commands there are, and how failures end.

Each command imports what it does only when it is called: eight processes of this program share one small machine.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from tierlink.broker.errors import BrokerError, DiskFullError
from tierlink.cli.console import complain
from tierlink.cli.logs import log_to_stderr
from tierlink.connectors.errors import RetryLaterError, StopError
from tierlink.installation.errors import AlreadyRunningError, ConfigurationError
from tierlink.supervisor.supervisor import ServiceFailedError, StopRequestedError

__all__ = ["EXIT_CODES", "app", "main"]

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (ConfigurationError, os.EX_CONFIG),
    (StopError, os.EX_CONFIG),
    (DiskFullError, os.EX_CANTCREAT),
    (BrokerError, os.EX_UNAVAILABLE),
    (AlreadyRunningError, os.EX_TEMPFAIL),
    (RetryLaterError, os.EX_TEMPFAIL),
    (ServiceFailedError, os.EX_SOFTWARE),
)
"""docs/errors.md says when."""

app = typer.Typer(
    help="Bridges ERP exports, suppliers' Excel ledgers and carrier files into Kafka events, and shows who "
    "delivers late.",
    epilog="Settings come from the environment (TIERLINK_HOME, TIERLINK_KAFKA, ...) and tierlink.yaml in the "
    "home folder. Start with: tierlink demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
connector = typer.Typer(
    help="The feeds: run one, check their settings, preview a file.", no_args_is_help=True
)
topics = typer.Typer(help="The Kafka topics: list them, create them.", no_args_is_help=True)
kpi = typer.Typer(
    help="On-time delivery and inventory turnover in the terminal.", no_args_is_help=True
)


@app.command()
def demo(
    *,
    exit_when_shown: Annotated[
        bool, typer.Option("--exit", help="Stop everything again once the KPIs are shown.")
    ] = False,
) -> None:
    """Start everything on sample data: an ERP export, three suppliers' ledgers and a carrier's list.

    Ends with on-time delivery and turnover per supplier and part, and the address of the page. Then drop files
    of your own into the watched folders. Ctrl-C stops it; started again, it goes on with the same data.
    """
    from tierlink.cli.run import run_demo

    run_demo(exit_when_shown=exit_when_shown)


@app.command()
def up() -> None:
    """Start everything on this machine: Kafka, connectors, processors, projector and page. Ctrl-C stops it.

    The first time it writes tierlink.yaml into the home folder; read it, set your company's code, start again.
    With TIERLINK_KAFKA=host:port that cluster is used and no Kafka is started.
    """
    from tierlink.cli.run import run_up

    run_up()


@connector.command("run")
def connector_run(
    feed: Annotated[str, typer.Argument(help="Name of the feed in tierlink.yaml.")],
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="End when every file that is there was read and published."),
    ] = False,
) -> None:
    """Watch the folder of one feed and publish what its files say."""
    from tierlink.cli.feeds import run_feed

    log_to_stderr(f"connector-{feed}")
    run_feed(feed, once=once)


@connector.command("check")
def connector_check() -> None:
    """Check tierlink.yaml and every feed's folder; say what is wrong and what is allowed."""
    from tierlink.cli.feeds import check_feeds

    raise typer.Exit(1 if check_feeds() else 0)


@connector.command("preview")
def connector_preview(
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
    from tierlink.cli.preview import show_preview

    raise typer.Exit(0 if show_preview(file, feed, document) else 1)


@app.command()
def worker(
    name: Annotated[str, typer.Argument(help="on-time or turnover", metavar="NAME")],
) -> None:
    """Run a stream processor: on-time (on-time delivery) or turnover (inventory turnover)."""
    from tierlink.cli.services import processor_settings
    from tierlink.processors.main import PROCESSORS, run

    if name not in PROCESSORS:
        allowed = ", ".join(PROCESSORS)
        raise typer.BadParameter(f"there is no worker {name!r}; there are {allowed}")
    log_to_stderr(name)
    raise typer.Exit(run(name, processor_settings()))


@app.command()
def project() -> None:
    """Run the projector: it copies the topics into the read model (SQLite, or TIERLINK_DATABASE_URL)."""
    from tierlink.projector.main import run
    from tierlink.projector.settings import ProjectorSettings

    log_to_stderr("projector")
    raise typer.Exit(run(ProjectorSettings()))


@app.command()
def api() -> None:
    """Serve the page and the API from the read model (TIERLINK_API_HOST, TIERLINK_API_PORT)."""
    from tierlink.api.serve import run
    from tierlink.api.settings import ApiSettings

    log_to_stderr("api")
    raise typer.Exit(run(ApiSettings()))


@topics.command("list")
def topics_list() -> None:
    """List every topic: what is on it, by what key, and how many records were ever written."""
    from tierlink.cli.topics import list_topics

    list_topics()


@topics.command("create")
def topics_create() -> None:
    """Create the topics that are missing, with their partitions, retention and replication."""
    from tierlink.cli.topics import create_missing_topics

    create_missing_topics()


@kpi.command("show")
def kpi_show(
    *,
    supplier: Annotated[str | None, typer.Option(help="Only this supplier's code.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show on-time delivery (OTD) and inventory turnover per supplier and part, over all periods."""
    from tierlink.cli.kpis import show_kpis

    show_kpis(supplier, as_json=as_json)


@kpi.callback()
def _kpi() -> None:
    """Keep ``show`` a word of its own though it is the only one."""


@app.command("dead-letters")
def dead_letters(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List records no processor could read, newest first: why, where each stands, and its first bytes."""
    from tierlink.cli.dead_letters import list_dead_letters

    list_dead_letters(limit, as_json=as_json)


@app.command()
def doctor() -> None:
    """Look at every part: folder, configuration, Java, Kafka, topics, processes, read model. Changes nothing."""
    from tierlink.cli.doctor import show_findings

    raise typer.Exit(0 if show_findings() else 1)


app.add_typer(connector, name="connector")
app.add_typer(topics, name="topics")
app.add_typer(kpi, name="kpi")


def main() -> None:
    """Run the command line; every expected failure ends in one sentence and its exit code."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # we say in our words what is wrong
    try:
        app()
    except (KeyboardInterrupt, StopRequestedError):
        sys.exit(0)
    except ValidationError as error:
        complain(_settings_sentence(error))
        sys.exit(os.EX_CONFIG)
    except OSError as error:
        if error.filename is None:
            raise
        complain(f"{error.filename}: {error.strerror}")
        sys.exit(os.EX_CANTCREAT)
    except Exception as error:
        for kind, code in EXIT_CODES:
            if isinstance(error, kind):
                complain(str(error))
                sys.exit(code)
        raise


def _settings_sentence(error: ValidationError) -> str:
    """Name the environment variables that are wrong. Their values are not shown: one may be a password."""
    if not error.title.endswith("Settings"):
        raise error
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(
        f"setting {_variable(problem['loc'], error.title)}: {problem['msg']}"
        for problem in problems
    )


def _variable(location: tuple[int | str, ...], title: str) -> str:
    name = str(location[0]).upper() if location else ""
    if name.startswith("TIERLINK_"):
        return name
    return f"TIERLINK_BROKER_{name}" if title == "BrokerSettings" else f"TIERLINK_{name}"


if __name__ == "__main__":
    main()
