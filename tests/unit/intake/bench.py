"""A feed on a workbench: drop text, process it without Kafka, look at what is in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tierlink.connectors.contract import Document, Sheet
from tierlink.connectors.intake.processing import Workshop, process_document
from tierlink.connectors.intake.reading import Sealed
from tierlink.connectors.intake.seal import seal
from tierlink.connectors.intake.spool import read_rows, write_sheets
from tierlink.connectors.intake.store import IntakeStore
from tierlink.connectors.registry import CONNECTORS
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.envelope import Event
from tierlink.schemas.intake import FileProcessed
from unit.intake import toy

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


class Bench:
    def __init__(self, home: Path, store: IntakeStore, **settings: Any) -> None:
        self.home = home
        self.store = store
        self.settings = toy.settings(**settings)
        self.workshop = Workshop(
            store, toy.ToyList(self.settings), self.settings, home / "spool", program=toy.PROGRAM
        )
        self.versions = 0

    def drop(self, text: str, name: str = "orders.csv") -> FileProcessed:
        """Process one version of a document."""
        self.versions += 1
        file = self.home / f"dropped-{self.versions}"
        file.write_text(text, encoding="utf-8")
        sealed = seal(file, self.home / "sealed", document=name, bytes_max=1_000_000)
        at = NOON + timedelta(hours=self.versions)
        self.store.record_sealed(name, sealed.identity, sealed.sha256, at)
        document = Document(name, sealed.sha256, sealed.size_bytes, at, sealed.path)
        return process_document(self.workshop, document)

    def sent(self) -> list[Event[Any]]:
        """Take everything waiting out of the outbox, in order."""
        records = self.store.waiting_events(10_000)
        if records:
            self.store.mark_published(records)
        return [decode_event(record.value) for record in records]

    def facts(self) -> list[tuple[str, str, int]]:
        """(last word of the type, fact key, revision) of every fact sent since the last call."""
        return [
            (event.type.split(".")[-2], event.factkey, event.revision)
            for event in self.sent()
            if ".intake." not in event.type
        ]


def read_here(sealed: Sealed, settings: FeedSettings, spool: Path, **_: Any) -> list[Sheet]:
    """Stand in for the reading child where the test is about what comes after it: no process, the same spool."""
    reader = CONNECTORS[settings.kind].read(sealed.path, sealed.suffix, settings)
    return [
        Sheet(sheet.name, partial(read_rows, spool, index))
        for index, sheet in enumerate(write_sheets(spool, reader))
    ]


@contextmanager
def bench(home: Path, **settings: Any) -> Iterator[Bench]:
    with IntakeStore(home / "intake", settings.get("name", "toy")) as store:
        yield Bench(home, store, **settings)
