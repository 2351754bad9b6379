"""A connector small enough to see through, for tests of the runner: a list of orders, a reader that can misbehave.

Lines of the file: ``== name`` starts a sheet, whose first line is its heading, then ``po,quantity,promised,mark``.
``quantity``: ``bad`` is rejected, ``?`` is held, empty is a note. ``mark``: ``x`` cancels, ``-`` says not cancelled.
Run as a program it is the reading child.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Literal

from tierlink.connectors import registry
from tierlink.connectors.contract import (
    Absent,
    Cell,
    Document,
    Draft,
    Facts,
    History,
    Ignored,
    Interpretation,
    Refused,
    Row,
    RowOutcome,
    Sheet,
    SheetStart,
)
from tierlink.connectors.errors import UnreadableFileError
from tierlink.connectors.intake import sandbox
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.envelope import CellRef, Lineage
from tierlink.schemas.intake import Reason, SheetMapping
from tierlink.schemas.orders import LineCancelled, LineChanged, LinePlaced, LinePromised, OrderFact
from tierlink.schemas.values import Actor, Quantity, day

KIND = "toy-list"
PROGRAM = (sys.executable, str(Path(__file__).resolve()))


class ToySettings(FeedSettings):
    kind: Literal["toy-list"] = "toy-list"


def settings(**changes) -> ToySettings:
    values = {
        "name": "toy",
        "folder": "inbox",
        "buyer": "ACME",
        "poll_seconds": 0.05,
        "settle_seconds": 0.0,
        **changes,
    }
    return ToySettings.model_validate(values)


def reason(code: str, place: str) -> Reason:
    return Reason(code=code, text=dict.fromkeys(("en", "zh", "de"), f"{place}: {code}"))


class ToyList:
    kind: ClassVar[str] = KIND
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".zip")

    def __init__(self, settings: FeedSettings) -> None:
        self._buyer = settings.buyer

    @staticmethod
    def read(path: Path, suffix: str, settings: FeedSettings) -> Iterator[SheetStart | Row]:
        started = False
        number = 0
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                text = line.rstrip("\n")
                if text.startswith("== "):
                    yield SheetStart(text[3:])
                    started, number = True, 0
                    continue
                if not started:
                    yield SheetStart(None)
                    started = True
                number += 1
                misbehave(text)
                cells = tuple(
                    Cell(column, part) for column, part in enumerate(text.split(","), 1) if part
                )
                if cells:
                    yield Row(number, cells)

    def interpret(self, sheet: Sheet, document: Document) -> Interpretation:
        heading = next(iter(sheet.rows()), None)
        texts = [cell.text for cell in heading.cells] if heading else []
        if "po" not in texts:
            if "quantity" in texts:
                return Interpretation(None, reason("columns-missing", document.name), ())
            notes = (RowOutcome(row.number, Ignored("note")) for row in sheet.rows())
            return Interpretation(None, None, notes)
        assert heading is not None
        mapping = SheetMapping(
            sheet=sheet.name,
            kind="toy orders",
            header_row=heading.number,
            columns={"po_no": "po"},
            unknown_columns=[
                text for text in texts if text not in {"po", "quantity", "promised", "mark"}
            ],
        )
        outcomes = (self._outcome(row, heading.number, sheet, document) for row in sheet.rows())
        return Interpretation(mapping, None, outcomes)

    def _outcome(self, row: Row, header: int, sheet: Sheet, document: Document) -> RowOutcome:
        cells = {cell.column: cell.text for cell in row.cells}
        quantity = cells.get(2)
        raw = {"po": CellRef(ref=f"A{row.number}", raw=cells.get(1, ""))}
        if row.number == header:
            return RowOutcome(row.number, Ignored("header"))
        if quantity is None:
            return RowOutcome(row.number, Ignored("note"))
        if quantity == "boom":
            raise KeyError("a fault of the interpreter")
        if not quantity.lstrip("-").isdigit():
            refused = Refused(
                reason("number-unreadable", document.name), 2, "quantity", held=quantity == "?"
            )
            return RowOutcome(row.number, refused, raw)
        lineage = Lineage(
            document=document.name,
            file_sha256=document.sha256,
            sheet=sheet.name,
            row=row.number,
            mapping="toy/1",
        )
        names = {
            "buyer": self._buyer,
            "po_no": cells.get(1, "?"),
            "asserted_by": Actor.SUPPLIER,
            "lineage": lineage,
        }
        return RowOutcome(row.number, Facts(tuple(_statements(names, cells, quantity))))


def _statements(names: dict, cells: dict[int, str], quantity: str) -> Iterator[Draft | Absent]:
    amount = Quantity(value=Decimal(quantity))
    yield Draft("placed", LinePlaced(quantity=amount, **names))
    yield Draft("changed", LineChanged(quantity=amount, **names), History.CHANGES)
    if 3 in cells:
        promised = LinePromised(promised_on=day(cells[3]), **names)
        yield Draft("promised", promised, History.EVERY)
    if cells.get(4) == "x":
        yield Draft("cancelled", LineCancelled(**names))
    if cells.get(4) == "-":
        order = OrderFact(**names)
        yield Absent("cancelled", LineCancelled, order.subject, order.partition_key, "no mark")


def misbehave(text: str) -> None:
    """What hostile files make libraries do."""
    match text:
        case "ABORT":
            os.abort()
        case "SEGFAULT":
            ctypes.string_at(0)
        case "SPIN":
            while True:
                pass
        case "MEMORY":
            bytearray(8_000_000_000)
        case "PANIC":
            raise SystemExit("a panic that is no Exception")
        case "SLEEP":
            while True:
                time.sleep(0.05)
        case "REFUSE":
            raise UnreadableFileError(reason("file-damaged", "file"))


def register() -> None:
    registry.CONNECTORS[KIND] = ToyList
    registry.SETTINGS[KIND] = ToySettings


register()

if __name__ == "__main__":
    sys.exit(sandbox.main(sys.argv[1:]))
