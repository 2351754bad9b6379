"""quixstreams: a stateful dataframe on RocksDB with a changelog. Runs in an environment of its own."""

from __future__ import annotations

import signal
from typing import Any

from environment import (
    BATCH_BYTES,
    HEARTBEAT_SECONDS,
    SESSION_SECONDS,
    Environment,
    Progress,
)
from job import (
    apply,
    count,
    decode_event,
    decode_line,
    decode_totals,
    encode,
    encode_line,
    outcome,
)
from quixstreams import Application, State, message_context
from quixstreams.models import Serializer

_NONE: tuple[()] = ()


class Second(Serializer):
    """Of a (key, value) the value."""

    def __call__(self, value: Any, ctx: Any) -> bytes:  # noqa: ARG002 quixstreams'
        return value[1]


def main() -> None:
    environment = Environment()
    progress = Progress(environment.expect)
    app = Application(
        broker_address=environment.kafka,
        consumer_group=environment.group,
        auto_offset_reset="earliest",
        state_dir=environment.state,
        commit_interval=environment.commit_seconds,
        commit_every=0,
        loglevel="WARNING",
        consumer_extra_config={
            "group.instance.id": "0",
            "session.timeout.ms": int(SESSION_SECONDS * 1000),
            "heartbeat.interval.ms": int(HEARTBEAT_SECONDS * 1000),
            "fetch.wait.max.ms": 50,
        },
        producer_extra_config={
            "linger.ms": environment.linger_ms,
            "batch.size": BATCH_BYTES,
            "compression.type": "lz4",
        },
    )
    events = app.topic(environment.topic, key_deserializer="bytes", value_deserializer="bytes")
    results = app.topic(environment.output, key_serializer="bytes", value_serializer=Second())
    frame = app.dataframe(events)

    def totals_state() -> State:
        """State of the partition, not of the record's key: it spares quixstreams a repartition by supplier."""
        transaction = frame.processing_context.checkpoint.get_store_transaction(
            stream_id=frame.stream_id, partition=message_context().partition
        )
        return transaction.as_state(prefix=b"totals")

    def measure(raw: bytes, state: State) -> tuple[tuple[bytes, bytes], ...]:
        progress.begin()
        if progress.handled(1):
            app.stop()  # after this record it commits everything
        event = decode_event(raw)
        line = decode_line(state.get_bytes(event.subject))
        before = outcome(line)
        if not apply(line, event):
            return _NONE
        state.set_bytes(event.subject, encode_line(line))
        after = outcome(line)
        if after is None or after == before:
            return _NONE
        if before is None or (before.supplier, before.result) != (after.supplier, after.result):
            totals = totals_state()
            suppliers = {one.supplier for one in (before, after) if one is not None}
            found = {}
            for supplier in suppliers:
                known = totals.get_bytes(supplier)
                found[supplier] = [0, 0, 0] if known is None else decode_totals(known)
            count(found, before, after)
            for supplier, numbers in found.items():
                totals.set_bytes(supplier, encode(numbers))
        return ((event.subject.encode(), encode(after)),)

    frame = frame.apply(measure, stateful=True, expand=True)
    frame.to_topic(results, key=lambda found: found[0])
    app.run()
    if environment.expect:
        signal.pause()


if __name__ == "__main__":
    main()
