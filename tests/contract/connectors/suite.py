"""What every connector must do. Inherit ``ConnectorSuite`` in a test class and say what its files look like."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from tierlink.connectors.contract import Connector, Document, Facts, Refused
from tierlink.connectors.intake import faults
from tierlink.connectors.intake.feed import FeedIntake
from tierlink.connectors.intake.processing import Workshop, process_document
from tierlink.connectors.intake.reading import SANDBOX_PROGRAM, Sealed
from tierlink.connectors.intake.seal import seal
from tierlink.connectors.intake.store import IntakeStore
from tierlink.connectors.registry import CONNECTORS
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.catalogue import decode_event
from tierlink.schemas.envelope import Event
from tierlink.schemas.intake import FileProcessed, RowRejected, Verdict
from unit.intake.bench import read_here

PROCESSING_READS = "tierlink.connectors.intake.processing.read_in_sandbox"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class KilledError(BaseException):
    """Stands for ``kill -9`` where a process of its own would cost too much; the real one is in tests/integration."""


@dataclass(frozen=True)
class Samples:
    """Files of one connector.

    Attributes:
        name: path inside the watched folder.
        good: every data row is fine, and there is a heading nobody knows.
        unknown_heading: that heading.
        corrected: ``good`` with one value in one row changed.
        bad: ``good`` with one row that must be refused.
        bad_row: its number.
        bad_cell: the A1 address to blame, or None.
    """

    name: str
    good: bytes
    unknown_heading: str
    corrected: bytes
    bad: bytes
    bad_row: int
    bad_cell: str | None


class ConnectorSuite:
    """The contract. ``settings`` and ``samples`` are the connector's."""

    settings: ClassVar[FeedSettings]
    samples: ClassVar[Samples]
    program: ClassVar[Sequence[str]] = SANDBOX_PROGRAM

    @pytest.fixture(scope="class")
    @classmethod
    def undisturbed(cls, tmp_path_factory):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PROCESSING_READS, read_here)
            return cls()._story(tmp_path_factory.mktemp("calm"))

    @pytest.fixture
    def reading_child(self):
        """Asked for by tests that start the reading child; for the others the same reader runs in this process."""

    @pytest.fixture(autouse=True)
    def _reading(self, request, monkeypatch):
        if "reading_child" not in request.fixturenames:
            monkeypatch.setattr(PROCESSING_READS, read_here)

    @pytest.fixture
    def feed(self, tmp_path):
        with self._open(tmp_path) as feed:
            yield feed

    def test_a_good_file_gives_facts_and_a_balanced_account(self, feed, reading_child):
        processed = feed.drop(self.samples.good)

        assert processed.verdict is Verdict.PUBLISHED
        assert processed.events > 0
        assert processed.rows.published > 0
        events = feed.sent()
        assert len(events) == processed.events + 1
        assert len({event.id for event in events}) == len(events)

    def test_the_same_file_gives_the_same_ids_in_another_installation(self, tmp_path):
        ids = []
        for place in ("here", "there"):
            with self._open(tmp_path / place) as feed:
                feed.drop(self.samples.good)
                ids.append([event.id for event in feed.sent()])

        assert ids[0] == ids[1]

    def test_reading_the_same_content_again_gives_no_new_facts(self, feed):
        feed.drop(self.samples.good)
        feed.sent()

        again = feed.drop(self.samples.good)

        assert (again.verdict, again.events) == (Verdict.UNCHANGED, 0)
        assert [event.type for event in feed.sent()] == [FileProcessed.event_type]

    def test_a_corrected_row_gives_only_its_own_facts_with_a_higher_revision(self, feed):
        first = feed.drop(self.samples.good)
        before = {(event.subject, event.factkey): event for event in feed.sent()}

        processed = feed.drop(self.samples.corrected)

        assert processed.verdict is Verdict.PUBLISHED
        assert processed.rows.published == 1
        assert processed.rows.unchanged == first.rows.published - 1
        facts = [event for event in feed.sent() if ".intake." not in event.type]
        assert facts
        for event in facts:
            earlier = before.get((event.subject, event.factkey))
            assert event.revision == (earlier.revision + 1 if earlier else 1)

    def test_a_refused_row_names_its_place_and_the_others_are_published(self, feed):
        whole = feed.drop(self.samples.good)
        processed = feed.drop(self.samples.bad)

        assert processed.verdict is Verdict.PARTLY_PUBLISHED
        assert processed.rows.rejected + processed.rows.held == 1
        assert processed.rows.published + processed.rows.unchanged >= whole.rows.published - 1
        (refused,) = [event.data for event in feed.sent() if isinstance(event.data, RowRejected)]
        assert refused.row == self.samples.bad_row
        assert refused.cell == self.samples.bad_cell
        assert refused.raw
        for text in refused.reason.text.values():
            assert self.samples.name in text
            assert str(self.samples.bad_row) in text

    def test_a_correction_of_the_refused_row_publishes_it(self, feed):
        feed.drop(self.samples.bad)
        feed.sent()

        processed = feed.drop(self.samples.good)

        assert processed.verdict is Verdict.PUBLISHED
        assert processed.rows.published == 1

    def test_unknown_columns_are_reported(self, feed):
        processed = feed.drop(self.samples.good)

        unknown = [heading for sheet in processed.sheets for heading in sheet.unknown_columns]
        assert self.samples.unknown_heading in unknown

    def test_unknown_settings_are_refused(self):
        values = {**self.settings.model_dump(), "delimeter": ";"}

        with pytest.raises(ValidationError, match="delimeter"):
            type(self.settings).model_validate(values)

    def test_every_row_has_exactly_one_outcome(self, feed, tmp_path):
        document = feed.seal(self.samples.bad)
        spool = tmp_path / "rows"
        spool.mkdir()
        sealed = Sealed(document.name, document.sealed_copy, Path(document.name).suffix)
        for sheet in read_here(sealed, self.settings, spool):
            outcomes = list(feed.connector.interpret(sheet, document).outcomes)
            assert [one.row for one in outcomes] == [row.number for row in sheet.rows()]
            assert all(one.raw for one in outcomes if isinstance(one.outcome, Refused))
            assert all(one.outcome.drafts for one in outcomes if isinstance(one.outcome, Facts))

    def test_every_fact_can_be_followed_back_to_its_row(self, feed):
        processed = feed.drop(self.samples.good)

        for event in feed.sent():
            if ".intake." not in event.type:
                lineage = event.data.lineage
                assert (lineage.document, lineage.file_sha256) == (
                    self.samples.name,
                    processed.file_sha256,
                )
                assert lineage.row > 1

    def test_nothing_of_this_machine_leaves_with_an_event(self, feed, tmp_path):
        feed.drop(self.samples.bad)

        for record in feed.store.waiting_events(10_000):
            assert str(tmp_path).encode() not in record.value

    def test_the_reading_child_refuses_nonsense_too(self, feed, reading_child):
        processed = feed.drop(b"PK\x03\x04 not a zip")

        assert processed.verdict in {Verdict.REJECTED, Verdict.HELD}
        assert self.samples.name in processed.reason.text["en"]

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\x01\x02" * 500, b"PK\x03\x04 not a zip", b"=1;;\n" * 3]
    )
    def test_nonsense_is_refused_with_a_reason_in_three_languages(self, feed, content):
        processed = feed.drop(content)

        assert processed.verdict in {Verdict.REJECTED, Verdict.HELD}
        assert processed.reason is not None
        assert set(processed.reason.text) == {"en", "zh", "de"}

    @pytest.mark.parametrize("point", faults.FAULT_POINTS)
    def test_dying_between_any_two_steps_loses_and_doubles_nothing(
        self, tmp_path, monkeypatch, undisturbed, point
    ):
        assert self._story(tmp_path, dying=(monkeypatch, point)) == undisturbed

    def _story(self, home: Path, dying: tuple[Any, str] | None = None) -> list[bytes]:
        """Drop two versions, the second one interrupted if asked; what is on the topics, each event once, in order."""
        topic: list[bytes] = []
        folder = home / "in"
        file = folder / self.samples.name
        file.parent.mkdir(parents=True)
        for version, content in enumerate((self.samples.bad, self.samples.corrected)):
            file.write_bytes(content)
            if dying and version == 1:
                with dying[0].context() as patch:
                    patch.setattr("os._exit", _killed)
                    patch.setenv("TIERLINK_FAULT", dying[1])
                    with pytest.raises(KilledError):
                        self._run(home, folder, topic, version)
            self._run(home, folder, topic, version)
        return list(dict.fromkeys(topic))

    def _run(self, home: Path, folder: Path, topic: list[bytes], version: int) -> None:
        at = NOON.replace(day=1 + version)
        with IntakeStore(home / "intake", self.settings.name) as store:
            quick = self.settings.model_copy(update={"settle_seconds": 0.0})
            workshop = Workshop(
                store, self._connector(), quick, home / "spool", program=self.program
            )
            intake = FeedIntake(workshop, folder, home / "sealed", lambda: at)
            intake.resume()
            intake.look()
            for found in intake.look():
                intake.take(found)
            records = store.waiting_events(100_000)
            topic += [record.value for record in records]
            if records:
                faults.die_here("after_send_before_mark")
                store.mark_published(records)

    def _connector(self) -> Connector:
        return CONNECTORS[self.settings.kind](self.settings)

    @contextmanager
    def _open(self, home: Path):
        with IntakeStore(home / "intake", self.settings.name) as store:
            yield _Feed(home, store, self._connector(), self)


class _Feed:
    """One feed without folder and loop."""

    def __init__(self, home: Path, store: IntakeStore, connector: Connector, suite: ConnectorSuite):
        self.home = home
        self.store = store
        self.connector = connector
        self._suite = suite
        self._versions = 0
        self._workshop = Workshop(
            store, connector, suite.settings, home / "spool", program=suite.program
        )

    def seal(self, content: bytes) -> Document:
        self._versions += 1
        name = self._suite.samples.name
        file = self.home / f"version-{self._versions}"
        file.write_bytes(content)
        sealed = seal(
            file, self.home / "sealed", document=name, bytes_max=10**9, must_be_complete=False
        )
        at = NOON.replace(hour=self._versions)
        self.store.record_sealed(name, sealed.identity, sealed.sha256, at)
        return Document(name, sealed.sha256, sealed.size_bytes, at, sealed.path)

    def drop(self, content: bytes) -> FileProcessed:
        return process_document(self._workshop, self.seal(content))

    def sent(self) -> list[Event[Any]]:
        records = self.store.waiting_events(100_000)
        if records:
            self.store.mark_published(records)
        return [decode_event(record.value) for record in records]


def run_process(
    settings: FeedSettings, home: Path, *, fault: str | None = None, **publish: Any
) -> dict[str, int]:
    """Run a feed once in a process of its own; peak memory in bytes, or the exit code under ``exit``.

    Args:
        settings: of the feed; its folder is replaced by ``in``.
        home: home folder.
        fault: where to die.
        publish: ``publish=file`` or ``kafka=address, prefix=...``.
    """
    quick = {"folder": "in", "settle_seconds": 0.0, "poll_seconds": 0.05}
    order = {
        "home": str(home),
        "settings": {**settings.model_dump(mode="json"), **quick},
        **{name: str(value) for name, value in publish.items()},
    }
    environment = {"PATH": "/usr/bin:/bin", **({"TIERLINK_FAULT": fault} if fault else {})}
    script = Path(__file__).with_name("feed_process.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=180,
        env=environment,
        check=False,
    )
    if fault:
        return {"exit": done.returncode}
    assert done.returncode == 0, done.stderr
    peak: dict[str, int] = json.loads(done.stdout)
    return peak


def _killed(_: int) -> None:
    raise KilledError
