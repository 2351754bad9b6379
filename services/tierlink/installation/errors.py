"""What can keep an installation from running, each with the sentence its user reads."""

from __future__ import annotations

__all__ = ["AlreadyRunningError", "ConfigurationError"]


class ConfigurationError(Exception):
    """The configuration cannot be used. The text names the file, the setting and what is allowed."""


class AlreadyRunningError(Exception):
    """Another supervisor, or processes it left behind, hold the home folder."""
