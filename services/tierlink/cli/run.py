"""``tierlink up`` and ``tierlink demo``: the whole installation on one machine."""

from __future__ import annotations

import os
from datetime import date

from tzlocal import get_localzone_name

from tierlink.api.settings import ApiSettings
from tierlink.cli.console import OUT, step, tell
from tierlink.cli.kpis import print_kpis
from tierlink.demo.sample_files import BUYER, LAST_DAY, ZONE, copy_samples
from tierlink.installation.configuration import read_configuration, write_first_configuration
from tierlink.installation.processes import run_installation
from tierlink.installation.progress import await_arrival
from tierlink.installation.settings import InstallationSettings
from tierlink.supervisor.supervisor import Supervisor

__all__ = ["run_demo", "run_up"]


def run_up() -> None:
    """Start everything and stay until told to stop. Raises what :func:`run_installation` does."""
    settings = InstallationSettings()
    if write_first_configuration(settings.config_file, "MY-COMPANY", get_localzone_name() or "UTC"):
        tell(
            f"wrote {settings.config_file}: set your company's code in it before the first real file"
        )
    configuration = read_configuration(settings.config_file)
    with run_installation(settings, configuration, step, tell, {}) as watch:
        for feed in configuration.feeds:
            tell(f"{feed.kind}: drop files into {settings.home / feed.folder}")
        _stay(watch, settings)


def run_demo(*, exit_when_shown: bool) -> None:
    """Start everything on sample data, print the KPIs, and stay. Raises what :func:`run_installation` does."""
    settings = InstallationSettings()
    write_first_configuration(settings.config_file, BUYER, ZONE)
    configuration = read_configuration(settings.config_file)
    with run_installation(settings, configuration, step, tell, _demo_environment()) as watch:
        with step("reading the sample files, measuring, and showing") as say:
            documents = copy_samples(settings.home / "inbox")
            arrived = await_arrival(settings, documents, watch.pause, say)
        print_kpis()
        if not arrived:
            tell(
                "not everything has arrived yet; the page goes on. 'tierlink doctor' says what is waited for."
            )
        tell(
            f"watched folders: {settings.home / 'inbox'}/suppliers/<supplier code>, /erp, /carrier"
        )
        if not exit_when_shown:
            _stay(watch, settings)


def _demo_environment() -> dict[str, str]:
    """On a machine whose clock stands before the sample data, the demo's day is the data's last day."""
    if "TIERLINK_AS_OF" in os.environ or date.today() >= LAST_DAY:  # noqa: DTZ011 the user's own day
        return {}
    tell(f"this machine's clock stands before the sample data: showing them as of {LAST_DAY}")
    return {"TIERLINK_AS_OF": LAST_DAY.isoformat()}


def _stay(watch: Supervisor, settings: InstallationSettings) -> None:
    pages = ApiSettings()
    OUT.print(
        f"\n[bold]page: http://{pages.api_host}:{pages.api_port}/[/]   logs: {settings.home / 'log'}"
    )
    OUT.print("Ctrl-C stops everything.")
    watch.run_until_stopped()
    tell("stopping")
