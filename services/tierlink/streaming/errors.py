"""What a worker cannot get over by itself."""

from __future__ import annotations

__all__ = ["TopicsUnfitError"]


class TopicsUnfitError(Exception):
    """Topics are missing or have unequal partitions. The text says which and what to do."""
