"""A log for machines: one JSON object per line."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from tierlink.cli.redaction import Redaction, is_secret_name

__all__ = ["JsonLines"]

_FIELDS = {"levelname": "level", "name": "logger", "message": "message"}
_NAMES = {**_FIELDS, "exc_info": "exception", "stack_info": "stack"}


class JsonLines(JsonFormatter):
    """Fields ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, ``service``, ``instance``; ``exception``.

    What a caller passes as ``extra=`` is added under its name, as text where JSON has no form for it.
    """

    def __init__(self, service: str, instance: str, redaction: Redaction) -> None:
        super().__init__(
            list(_FIELDS),
            rename_fields=_NAMES,
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # uvicorn's message once more
            json_ensure_ascii=False,
        )
        self._redaction = redaction
        self._who = {"service": service, "instance": instance}

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Put the time first; what has a secret's name is not written."""
        shown = {name: "***" if is_secret_name(name) else value for name, value in log_data.items()}
        return {"time": None, **shown, **self._who}

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return self._redaction.hide(super().format(record))

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Beside what the library adds: the time."""
        super().add_fields(log_data, record, message_dict)
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
