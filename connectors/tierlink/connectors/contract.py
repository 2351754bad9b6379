"""What a connector is: a reader (I/O, in a child process) and an interpreter (pure).

``read`` turns a sealed file into sheets of cells and knows nothing of orders. ``interpret`` turns a sheet
into drafts of facts and refusals and opens nothing. The runner does the rest: seal, compare with what
was published before, give revisions, publish, count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol

import msgspec

from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.envelope import CellRef, FactData
from tierlink.schemas.intake import Reason, SheetMapping

__all__ = [
    "Absent",
    "Cell",
    "CellKind",
    "Connector",
    "Document",
    "Draft",
    "Facts",
    "History",
    "Ignored",
    "Interpretation",
    "Refused",
    "Row",
    "RowOutcome",
    "Sheet",
    "SheetStart",
]


class CellKind(StrEnum):
    """What the file itself says a cell is; a delimited file only has text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """One non-empty cell.

    Attributes:
        column: 1-based.
        text: number as plain decimal text (``4500012345``, never ``4.5E+09``), date as ISO 8601
            (``2026-03-10`` or ``2026-03-10T14:30:00``), text as it stands.
        kind: the file's own type.
        merged_from: row in which the value really stands, where this cell is a lower part of a merged one.
    """

    column: int
    text: str
    kind: CellKind = CellKind.TEXT
    merged_from: int | None = None


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row that has at least one non-empty cell of its own. ``number`` is 1-based, as the user sees it."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SheetStart:
    """Opens a sheet in a reader's output; ``name`` is null for delimited files."""

    name: str | None


@dataclass(frozen=True)
class Sheet:
    """A sheet that can be gone through more than once without being held in memory."""

    name: str | None
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Document:
    """The sealed file a sheet belongs to."""

    name: str
    """Path inside the watched folder, with ``/``."""
    sha256: str
    size_bytes: int
    sealed_at: datetime
    sealed_copy: Path


class History(StrEnum):
    """How revisions of one fact become events."""

    LATEST = "latest"
    """New content is a higher revision of the same fact: the newest wins."""
    EVERY = "every"
    """Each new content is a fact of its own (``key#1``, ``key#2``): none erases another. Promises."""
    CHANGES = "changes"
    """Like EVERY, but the first content is not published: it says nothing new. Buyer's changes."""


@dataclass(frozen=True)
class Draft:
    """A fact a row states, before it is compared with what was said earlier.

    ``fact_key`` is unique for (feed, subject) and stable over re-drops of the same ledger; the runner
    appends ``@<feed>``. The subject and Kafka key come from ``data``.
    """

    fact_key: str
    data: FactData
    history: History = History.LATEST


@dataclass(frozen=True)
class Absent:
    """The row says a fact is *not* so (an emptied cancel mark or ship date). Retracts it if it was published."""

    fact_key: str
    kind: type[FactData]
    subject: str
    partition_key: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """The row was understood. Never empty."""

    drafts: tuple[Draft | Absent, ...]


@dataclass(frozen=True)
class Refused:
    """The row is wrong (rejected) or ambiguous (held)."""

    reason: Reason
    column: int | None = None
    field: str | None = None
    held: bool = False


@dataclass(frozen=True)
class Ignored:
    """The row is no data, on purpose: ``blank``, ``total``, ``note``, ``header``, ``title``."""

    why: str


@dataclass(frozen=True)
class RowOutcome:
    """What became of one row; ``raw`` is the row as found, by heading or column letter."""

    row: int
    outcome: Facts | Refused | Ignored
    raw: dict[str, CellRef] = field(default_factory=dict)


@dataclass(frozen=True)
class Interpretation:
    """A sheet understood (``mapping``) or not (``refusal``: then ``outcomes`` is empty).

    ``outcomes`` has exactly one entry for every row of the sheet. A sheet that holds nothing of
    interest (a cover page in a workbook that has a ledger elsewhere) has neither mapping nor refusal
    and all its rows ignored.
    """

    mapping: SheetMapping | None
    refusal: Reason | None
    outcomes: Iterable[RowOutcome]


class Connector(Protocol):
    """One kind of source. Registered under ``kind`` in ``registry.py``."""

    kind: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """File name endings it takes, lower case with the dot."""

    def __init__(self, settings: FeedSettings) -> None: ...

    @staticmethod
    def read(path: Path, suffix: str, settings: FeedSettings) -> Iterator[SheetStart | Row]:
        """Read a sealed file. Runs in a child process with limits; may raise UnreadableFileError.

        ``suffix`` is the original name's ending: sealed copies are named by their hash.
        """
        ...

    def interpret(self, sheet: Sheet, document: Document) -> Interpretation:
        """Understand a sheet. Pure: the same sheet, document and settings give the same answer."""
        ...
