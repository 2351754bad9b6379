"""The ``tierlink`` command: every process and every tool of an installation."""

from __future__ import annotations

import logging
import sys

import typer
from pydantic import ValidationError

from tierlink.broker.errors import BrokerError, DiskFullError
from tierlink.cli import connector, doctor, kpi, run, service, topics
from tierlink.cli.console import complain
from tierlink.connectors.errors import RetryLaterError, StopError
from tierlink.installation.configuration import ConfigurationError
from tierlink.installation.lock import AlreadyRunningError
from tierlink.supervisor.service import EX_CONFIG
from tierlink.supervisor.supervisor import ServiceFailedError, StopRequestedError

__all__ = ["app", "main"]

EX_UNAVAILABLE, EX_SOFTWARE, EX_CANTCREAT, EX_TEMPFAIL = 69, 70, 73, 75
"""Exit codes as in sysexits.h; docs/errors.md says when."""

_EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (ConfigurationError, EX_CONFIG),
    (StopError, EX_CONFIG),
    (DiskFullError, EX_CANTCREAT),
    (BrokerError, EX_UNAVAILABLE),
    (AlreadyRunningError, EX_TEMPFAIL),
    (RetryLaterError, EX_TEMPFAIL),
    (ServiceFailedError, EX_SOFTWARE),
)

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
run.add_to(app)
app.add_typer(connector.app, name="connector")
service.add_to(app)
app.add_typer(topics.app, name="topics")
app.add_typer(kpi.app, name="kpi")
doctor.add_to(app)


def main() -> None:
    """Run the command line; every expected failure ends in one sentence and its exit code."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # we say in our words what is wrong
    try:
        app()
    except (KeyboardInterrupt, StopRequestedError):
        sys.exit(0)
    except ValidationError as error:
        complain(_settings_sentence(error))
        sys.exit(EX_CONFIG)
    except OSError as error:
        if error.filename is None:
            raise
        complain(f"{error.filename}: {error.strerror}")
        sys.exit(EX_CANTCREAT)
    except Exception as error:
        for kind, code in _EXIT_CODES:
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
