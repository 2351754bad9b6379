"""Every connector once, by kind; reads feed declarations into validated settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from tierlink.connectors.carrier_status.connector import CarrierStatus
from tierlink.connectors.carrier_status.settings import CarrierStatusSettings
from tierlink.connectors.contract import Connector
from tierlink.connectors.erp_export.connector import ErpExport
from tierlink.connectors.erp_export.settings import ErpExportSettings
from tierlink.connectors.errors import StopError
from tierlink.connectors.excel_ledger.connector import ExcelLedger
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.settings import FeedSettings, explain_settings

__all__ = ["CONNECTORS", "SETTINGS", "load_feeds"]

CONNECTORS: Final[dict[str, type[Connector]]] = {
    connector.kind: connector for connector in (ExcelLedger, ErpExport, CarrierStatus)
}
SETTINGS: Final[dict[str, type[FeedSettings]]] = {
    "excel-ledger": ExcelLedgerSettings,
    "erp-export": ErpExportSettings,
    "carrier-status": CarrierStatusSettings,
}


def load_feeds(raw: list[dict[str, Any]]) -> list[FeedSettings]:
    """Validate feed declarations (the ``feeds`` list of the configuration file).

    Raises:
        StopError: an unknown kind, an unknown or wrong setting, or two feeds of one name; names what is allowed.
    """
    feeds = [_load_feed(entry, position) for position, entry in enumerate(raw, start=1)]
    names = [feed.name for feed in feeds]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StopError(
            f"reading feeds: {', '.join(twice)} declared twice; give each feed its own name"
        )
    return feeds


def _load_feed(entry: object, position: int) -> FeedSettings:
    if not isinstance(entry, Mapping):
        raise StopError(f"reading feed {position}: expected settings, found {type(entry).__name__}")
    place = f"reading feed {entry.get('name', position)!r}"
    settings = SETTINGS.get(str(entry.get("kind")))
    if settings is None:
        allowed = ", ".join(sorted(SETTINGS))
        raise StopError(f"{place}: kind is {entry.get('kind')!r}; allowed are {allowed}")
    try:
        return settings.model_validate(entry)
    except ValidationError as error:
        raise StopError(f"{place}: {explain_settings(error, settings)}") from error
