"""All rows of a read model, to compare two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from tierlink.store.database import writing
from tierlink.store.tables import ReadModelTable

_OWN = {"rm_read_model", "rm_projection_offset"}
"""About the projection itself, not what was projected."""


def all_rows(engine: Engine, *, without: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Table name to its rows, sorted. ``without`` names columns left out."""
    with writing(engine) as session:
        return {
            table.name: sorted(
                (
                    tuple(
                        (name, value)
                        for name, value in zip(row._fields, row, strict=True)
                        if name not in without
                    )
                    for row in session.execute(table.select())
                ),
                key=repr,
            )
            for table in ReadModelTable.metadata.sorted_tables
            if table.name not in _OWN
        }
