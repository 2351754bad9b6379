"""Plain Faust as its documentation teaches: an agent, two tables on RocksDB, a topic to send to."""

from __future__ import annotations

import asyncio

import faust
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

environment = Environment()
progress = Progress(environment.expect)
_committing: set[asyncio.Task[object]] = set()

app = faust.App(
    environment.group,
    broker=f"kafka://{environment.kafka}",
    store="rocksdb://",
    datadir=str(environment.state),
    autodiscover=False,
    key_serializer="raw",
    value_serializer="raw",  # bytes, decoded by the job: Faust's own codecs are slower
    topic_partitions=environment.partitions,
    topic_replication_factor=1,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    consumer_group_instance_id="0",
    broker_session_timeout=SESSION_SECONDS,
    broker_heartbeat_interval=HEARTBEAT_SECONDS,
    broker_commit_interval=environment.commit_seconds,
    broker_max_poll_records=4000,
    stream_buffer_maxsize=4096,
    stream_recovery_delay=0.0,
    stream_wait_empty=False,
    producer_linger=environment.linger_ms / 1000,
    producer_max_batch_size=BATCH_BYTES,
    web_enabled=False,
    worker_redirect_stdouts=False,
)
events = app.topic(environment.topic, key_type=bytes, value_type=bytes)
results = app.topic(environment.output, key_type=bytes, value_type=bytes)
lines = app.Table("lines", partitions=environment.partitions, key_type=bytes, value_type=bytes)
totals = app.Table("totals", partitions=environment.partitions, key_type=bytes, value_type=bytes)


@app.agent(events)
async def measure(stream: faust.Stream[bytes]) -> None:
    """One event after the other."""
    async for raw in stream:
        progress.begin()
        event = decode_event(raw)
        key = event.subject.encode()
        line = decode_line(lines.get(key))
        before = outcome(line)
        if apply(line, event):
            lines[key] = encode_line(line)
            after = outcome(line)
            if after is not None and after != before:
                if before is None or (before.supplier, before.result) != (
                    after.supplier,
                    after.result,
                ):
                    suppliers = {one.supplier for one in (before, after) if one is not None}
                    found = {one: _totals(one) for one in suppliers}
                    count(found, before, after)
                    for supplier, numbers in found.items():
                        totals[supplier.encode()] = encode(numbers)
                await results.send(key=key, value=encode(after))
        if progress.handled(1):
            task = asyncio.create_task(_commit())
            _committing.add(task)


def _totals(supplier: str) -> list[int]:
    raw = totals.get(supplier.encode())
    return [0, 0, 0] if raw is None else decode_totals(raw)


async def _commit() -> None:
    """Commit at once what Faust would commit when the interval is over."""
    await asyncio.sleep(0.01)
    await app.producer.flush()
    await app.consumer.commit()


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
