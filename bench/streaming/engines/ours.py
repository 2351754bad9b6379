"""tierlink.streaming with the job: a pure step over a batch; the shell around it is the layer's."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterable, Mapping, Sequence

from environment import HEARTBEAT_SECONDS, SESSION_SECONDS, Environment, Progress
from job import (
    Event,
    Line,
    apply,
    count,
    decode_event,
    decode_line,
    encode,
    encode_line,
    outcome,
)

from tierlink.streaming.app import StreamApp, StreamConfig
from tierlink.streaming.batches import Batch, SourceRecord
from tierlink.streaming.delivery import Outgoing
from tierlink.streaming.stepping import StepProcessor
from tierlink.streaming.tables import BatchTable
from tierlink.streaming.worker import serve


class NoLetters:
    """The load has nothing unreadable; a record laid aside would be missing from the answer, so it is an error."""

    async def send(self, refused: list[tuple[SourceRecord, str]]) -> None:
        raise ValueError(f"refused: {refused[0][1]}")


class Lines(StepProcessor[Line, Event]):
    """The job. Totals are derived: kept in memory, rebuilt from the lines when a partition is opened."""

    def __init__(self, app: StreamApp, table: BatchTable, environment: Environment) -> None:
        super().__init__(table, NoLetters())
        self._app = app
        self._output = environment.output
        self._totals_topic = environment.totals
        self._totals: dict[int, dict[str, list[int]]] = {}
        self._progress = Progress(environment.expect)
        self._committing: asyncio.Task[object] | None = None

    def read(self, record: SourceRecord) -> tuple[bytes, Event]:
        event = decode_event(record.value or b"")
        return event.subject.encode(), event

    def load(self, raw: bytes | None) -> Line:
        return decode_line(raw)

    def dump(self, state: Line) -> bytes:
        return encode_line(state)

    def step_batch(
        self, partition: int, states: Mapping[bytes, Line], events: Mapping[bytes, Sequence[Event]]
    ) -> tuple[Mapping[bytes, Line], Iterable[Outgoing]]:
        totals = self._totals[partition]
        changed: dict[bytes, Line] = {}
        counted: dict[str, list[int]] = {}
        outputs: list[Outgoing] = []
        for key, some in events.items():
            line = states[key]
            before = outcome(line)
            if not sum([apply(line, event) for event in some]):
                continue
            changed[key] = line
            after = outcome(line)
            if after is None or after == before:
                continue
            outputs.append(Outgoing(self._output, partition, key, encode(after)))
            for one in (before, after):
                if one is not None and one.supplier not in counted:
                    counted[one.supplier] = list(totals.get(one.supplier, (0, 0, 0)))
            count(counted, before, after)
        totals |= counted
        outputs += [
            Outgoing(self._totals_topic, partition, supplier.encode(), encode(numbers))
            for supplier, numbers in counted.items()
        ]
        return changed, outputs

    async def open(self, partition: int) -> None:
        """Rebuild the partition's totals."""
        totals = self._totals[partition] = {}
        for _, raw in self.table.scan(partition):
            found = outcome(decode_line(raw))
            if found is not None:
                totals.setdefault(found.supplier, [0, 0, 0])
                count(totals, None, found)

    async def handle(self, batch: Batch) -> None:
        """As the layer does, and tell the harness how far it is."""
        self._progress.begin()
        await super().handle(batch)
        if self._progress.handled(len(batch.records)):
            self._committing = asyncio.create_task(self._commit())

    async def _commit(self) -> None:
        """Commit at once what Faust would commit when the interval is over."""
        await asyncio.sleep(0.01)  # the batch is acknowledged when handle has returned
        await self._app.faust.consumer.commit()


async def main() -> None:
    environment = Environment()
    app = StreamApp(
        StreamConfig(
            app_id=environment.group,
            instance="0",
            kafka=environment.kafka,
            folder=environment.state,
            ready_file=environment.state.with_suffix(".ready"),
            session_seconds=SESSION_SECONDS,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            commit_seconds=environment.commit_seconds,
        )
    )
    app.agent("bench", [environment.topic], Lines(app, app.table("lines"), environment))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(app, [environment.output, environment.totals], stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main())
