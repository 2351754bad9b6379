"""A Faust app set up for batches: the one place that knows Faust's settings and why they are so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust

from tierlink.schemas.topics import changelog
from tierlink.streaming.agents import BatchAgent, Processor
from tierlink.streaming.batches import BatchScheduler
from tierlink.streaming.delivery import Delivery
from tierlink.streaming.faust_private import BatchTransport
from tierlink.streaming.pulse import Pulse
from tierlink.streaming.tables import BatchTable

__all__ = ["StreamApp", "StreamConfig"]

_MB = 1_048_576
_MARGIN_SECONDS = 1.0
_ROCKSDB = {
    "write_buffer_size": 8 * _MB,
    "max_write_buffer_number": 2,
    "block_cache_size": 32 * _MB,
    "max_open_files": 256,
}
"""Per table and partition. Faust's own would let one table of four partitions take 8 GB."""


@dataclass(frozen=True)
class StreamConfig:
    """What differs between apps. Times in seconds."""

    app_id: str
    instance: str
    kafka: str
    folder: Path
    ready_file: Path
    session_seconds: float = 10.0
    heartbeat_seconds: float = 3.0
    delivery_seconds: float = 120.0
    commit_seconds: float = 1.0
    poll_records: int = 2000
    topics_seconds: float = 60.0
    tick_seconds: float = 60.0
    stall_seconds: float = 300.0


class StreamApp:
    """A Faust app with its tables, agents and delivery. Declare tables and agents, then :func:`~.worker.serve`."""

    def __init__(self, config: StreamConfig) -> None:
        self.config = config
        pulse = Pulse(config.session_seconds - config.heartbeat_seconds - _MARGIN_SECONDS)
        self.delivery = Delivery(config.kafka, config.app_id, config.delivery_seconds, pulse)
        self.agents: list[BatchAgent] = []
        self.changelogs: list[str] = []
        self.faust = _faust_app(config)

    @property
    def sources(self) -> set[str]:
        """Topics the agents read."""
        return {topic for agent in self.agents for topic in agent.topics}

    def table(self, name: str) -> BatchTable:
        """Declare a table; its changelog has the partitions of the sources."""
        table: Any = self.faust.Table(
            name, key_type=bytes, value_type=bytes, recovery_buffer_size=4, options=dict(_ROCKSDB)
        )
        table.delivery = self.delivery
        self.changelogs.append(changelog(self.config.app_id, name))
        declared: BatchTable = table
        return declared

    def agent(self, name: str, topics: list[str], processor: Processor) -> BatchAgent:
        """Read topics with a processor. Partitions of the same number belong together."""
        agent = BatchAgent(name, topics, processor, lambda: self.faust.consumer_generation_id)
        raw: Any = {"key_serializer": "raw", "value_serializer": "raw"}
        channel = self.faust.topic(*topics, key_type=bytes, value_type=bytes, **raw)
        self.faust.agent(channel, name=name, concurrency=1)(agent.run)
        self.agents.append(agent)
        return agent


def _faust_app(config: StreamConfig) -> faust.App:
    brokers = ";".join(f"kafka://{address.strip()}" for address in config.kafka.split(","))
    app = faust.App(
        config.app_id,
        broker=brokers,
        store="rocksdb://",
        datadir=str(config.folder),
        autodiscover=False,
        ConsumerScheduler=BatchScheduler,
        Table=BatchTable,
        processing_guarantee="at_least_once",  # exactly_once loses updates under kill -9 (reliability F1)
        stream_ack_exceptions=False,
        stream_ack_cancelled_tasks=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=8,  # batches
        stream_recovery_delay=0.0,
        table_standby_replicas=0,
        topic_allow_declare=False,  # created ahead: changelogs need the sources' partitions (R5)
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=config.instance,  # started anew it has its partitions at once
        broker_session_timeout=config.session_seconds,
        broker_heartbeat_interval=config.heartbeat_seconds,
        broker_max_poll_records=config.poll_records,
        broker_commit_interval=config.commit_seconds,
        worker_redirect_stdouts=False,
        web_enabled=False,  # it would serve the tables to anyone (R10)
        value_serializer="raw",
        key_serializer="raw",
    )
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    return app
