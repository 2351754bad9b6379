"""The configuration file ``tierlink.yaml``: whose orders these are, the time zone, and the feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tierlink.connectors.errors import StopError
from tierlink.connectors.registry import load_feeds
from tierlink.connectors.settings import FeedSettings, explain_settings
from tierlink.installation.errors import ConfigurationError

__all__ = ["Configuration", "read_configuration", "write_first_configuration"]

_BYTES_MAX = 1_000_000

FIRST = """\
# Configuration of this tierlink installation. Check it with: tierlink connector check

# Code of your own company, the buyer of all orders. It is part of every order's identity:
# set it before the first real file arrives.
buyer: {buyer}

# Time zone in which a day begins and ends (IANA name).
zone: {zone}

# One entry per watched folder. Folders are relative to this file's folder, or absolute.
# Settings of a feed: docs/erp-admin-guide.md
feeds:
  - name: ledgers            # suppliers' Excel ledgers: inbox/suppliers/<supplier code>/<any name>.xlsx
    kind: excel-ledger
    folder: inbox/suppliers
  - name: erp                # purchase order and goods receipt exports of the ERP
    kind: erp-export
    folder: inbox/erp
  - name: carrier            # status lists of carriers
    kind: carrier-status
    folder: inbox/carrier
"""


class Configuration(BaseModel):
    """What ``tierlink.yaml`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    buyer: str = Field(min_length=1, max_length=70, description="code of the buyer")
    zone: str = Field(default="Asia/Shanghai", description="IANA time zone in which days end")
    feeds: list[FeedSettings] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone; an example is Europe/Berlin") from error
        return zone

    def feed(self, name: str) -> FeedSettings:
        """One feed by name.

        Raises:
            ConfigurationError: there is none; names those there are.
        """
        for feed in self.feeds:
            if feed.name == name:
                return feed
        known = ", ".join(feed.name for feed in self.feeds)
        raise ConfigurationError(f"there is no feed {name!r}; the configuration has {known}")


def write_first_configuration(file: Path, buyer: str, zone: str) -> bool:
    """Write a configuration to begin with, unless there is one.

    Returns:
        Whether it was written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(FIRST.format(buyer=buyer, zone=zone))
    except FileExistsError:
        return False
    return True


def read_configuration(file: Path) -> Configuration:
    """Read and check the configuration.

    Raises:
        ConfigurationError: no such file, no YAML, an unknown or wrong setting.
    """
    try:
        raw = file.read_bytes()[:_BYTES_MAX]
    except OSError as error:
        raise ConfigurationError(
            f"reading {file}: {error.strerror}. 'tierlink up' writes one to begin with."
        ) from error
    try:
        content = yaml.safe_load(raw.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"reading {file}: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"reading {file}: expected settings such as 'buyer: ACME'")
    try:
        return Configuration.model_validate({**content, "feeds": _feeds(content)})
    except StopError as error:
        raise ConfigurationError(f"reading {file}: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(
            f"reading {file}: {explain_settings(error, Configuration)}"
        ) from error


def _feeds(content: dict[str, Any]) -> list[FeedSettings]:
    """Validate each feed as its kind; the buyer stands once, at the top."""
    declared = content.get("feeds")
    if not isinstance(declared, list):
        raise StopError("'feeds' is missing or no list; each entry has name, kind and folder")
    buyer = content.get("buyer")
    return load_feeds(
        [{"buyer": buyer, **entry} if isinstance(entry, dict) else entry for entry in declared]
    )
