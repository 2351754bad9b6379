"""How every service writes its log: to standard error, as lines for people or as JSON."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from tierlink.cli.redaction import Redaction
from tierlink.schemas.cluster import ClusterSettings, LogFormat

__all__ = ["is_structured", "log_to_stderr"]

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NOISY = ("aiohttp", "aiokafka", "faust", "mode", "watchfiles")
_STRUCTURED = "tierlink-json"


class _LogSettings(ClusterSettings):
    """``TIERLINK_LOG_FORMAT``, and the name that stands in each object."""

    instance: str = "0"


class _Lines(logging.Formatter):
    """Lines for people, without secrets."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__(_TEXT)
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.hide(super().format(record))


def log_to_stderr(service: str) -> None:
    """For the services, whose standard error is their log.

    Args:
        service: name of the process, as ``tierlink up`` calls it.
    """
    settings = _LogSettings()
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format is LogFormat.JSON:
        from tierlink.cli.json_lines import JsonLines

        handler.setFormatter(JsonLines(service, settings.instance, Redaction()))
        handler.set_name(_STRUCTURED)
        logging.captureWarnings(capture=True)
        sys.excepthook = _log_uncaught
    else:
        handler.setFormatter(_Lines(Redaction()))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def is_structured() -> bool:
    """Whether this process writes nothing but JSON to its standard error."""
    return any(handler.name == _STRUCTURED for handler in logging.getLogger().handlers)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The last word of a process that fails is an object too."""
    logging.getLogger("tierlink").critical("ending: uncaught", exc_info=(kind, error, trace))
