"""Lets the columns of a sheet that prove a notation speak for those that prove none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Undecided", "agree"]


class Undecided(Protocol):
    """A column that may or may not know its notation (decimal mark, order of day and month)."""

    @property
    def proven(self) -> str | None:
        """The notation its values prove; null when none do, or when they contradict each other."""
        ...

    @property
    def is_contradictory(self) -> bool:
        """Tell whether its values prove more than one notation."""
        ...

    def adopt(self, notation: Any) -> None:
        """Take over what other columns prove."""
        ...


def agree(columns: Sequence[Undecided]) -> None:
    """Give undecided columns the notation that all deciding ones share.

    Nothing happens when they differ or one contradicts itself: then nobody knows how this sheet is written.
    """
    proven = {column.proven for column in columns} - {None}
    if len(proven) != 1 or any(column.is_contradictory for column in columns):
        return
    for column in columns:
        if column.proven is None:
            column.adopt(next(iter(proven)))
