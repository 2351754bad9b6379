"""Errors by what the caller must do.

ConnectorError
├── RetryLaterError      the world is not ready (file still growing, broker away): try again, for ever
├── UnreadableFileError  this file, as it is, has no answer but a verdict: hold or reject it, go on with others
└── StopError            the service is set up wrongly: end the process with a clear message
"""

from __future__ import annotations

from tierlink.schemas.intake import Reason

__all__ = ["ConnectorError", "RetryLaterError", "StopError", "UnreadableFileError"]


class ConnectorError(Exception):
    """Anything a connector raises on purpose."""


class RetryLaterError(ConnectorError):
    """Not now. ``reason`` says what is being waited for."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class UnreadableFileError(ConnectorError):
    """The file cannot be read. ``reason`` is what the supplier is told; ``held`` when a person could mend it here."""

    def __init__(self, reason: Reason, *, held: bool = False) -> None:
        self.reason = reason
        self.held = held
        super().__init__(reason.text.get("en", reason.code))


class StopError(ConnectorError):
    """Wrong settings, no rights, full disk: nothing this process can do."""
