"""A Faust app set up for batches: the one place that knows Faust's settings and why they are so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust

from tierlink.streaming.agents import BatchAgent, Processor
from tierlink.streaming.batches import BatchScheduler
from tierlink.streaming.delivery import Delivery
from tierlink.streaming.faust_private import BatchTransport, PromptTableManager, SteadyFlow
from tierlink.streaming.metrics import Metrics
from tierlink.streaming.pulse import Pulse
from tierlink.streaming.state import StateMemory, StateOptions
from tierlink.streaming.tables import BatchTable, changelog_name

__all__ = ["StreamApp", "StreamConfig"]

_MARGIN_SECONDS = 1.0
_STREAM_BATCHES = 4
"""Batches between Faust's fetcher and the lanes, which have room of their own."""


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
    poll_records: int = 10_000
    fetch_bytes: int = 4_194_304
    fetch_wait_seconds: float = 0.1
    cache_mb: int = 64
    write_mb: int = 64
    topics_seconds: float = 60.0
    tick_seconds: float = 60.0
    stall_seconds: float = 300.0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0


class StreamApp:
    """A Faust app with its tables, agents and delivery. Declare tables and agents, then :func:`~.worker.serve`."""

    def __init__(self, config: StreamConfig) -> None:
        self.config = config
        pulse = Pulse(config.session_seconds - config.heartbeat_seconds - _MARGIN_SECONDS)
        self.metrics = Metrics(config.app_id, config.instance, config.folder)
        self.delivery = Delivery(
            config.kafka, config.app_id, config.delivery_seconds, pulse, self.metrics
        )
        self.agents: list[BatchAgent] = []
        self.tables: list[BatchTable] = []
        self.faust = _faust_app(config)
        self._memory = StateMemory(config.cache_mb, config.write_mb)

    @property
    def sources(self) -> set[str]:
        """Topics the agents read."""
        return {topic for agent in self.agents for topic in agent.topics}

    @property
    def changelogs(self) -> set[str]:
        """Topics of the tables."""
        return {changelog_name(self.config.app_id, table.name) for table in self.tables}

    def table(self, name: str) -> BatchTable:
        """Declare a table; its changelog has the partitions of the sources."""
        table: Any = self.faust.Table(
            name, key_type=bytes, value_type=bytes, recovery_buffer_size=4
        )
        table.delivery = self.delivery
        table.metrics = self.metrics
        table.state_options = StateOptions(self._memory)
        self.tables.append(table)
        declared: BatchTable = table
        return declared

    def agent(self, name: str, topics: list[str], processor: Processor) -> BatchAgent:
        """Read topics with a processor. Partitions of the same number belong together."""
        agent = BatchAgent(
            name,
            topics,
            processor,
            _Assignment(self.faust),
            self.config.poll_records,
            self.metrics,
        )
        raw: Any = {"key_serializer": "raw", "value_serializer": "raw"}
        channel = self.faust.topic(*topics, key_type=bytes, value_type=bytes, **raw)
        self.faust.agent(channel, name=name, concurrency=1)(agent.run)
        self.agents.append(agent)
        return agent


class _Assignment:
    """What agents ask of Faust's consumer."""

    def __init__(self, app: faust.App) -> None:
        self._app = app

    def generation(self) -> int:
        """Number of the current assignment of partitions."""
        return int(self._app.consumer_generation_id)

    def ack(self, message: Any) -> None:
        """Let a message's offset be committed; Faust's stream has let go of it before it was done."""
        self._app.consumer.ack(message)


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
        TableManager=PromptTableManager,
        processing_guarantee="at_least_once",  # exactly_once loses updates under kill -9 (reliability F1)
        stream_ack_exceptions=False,
        stream_ack_cancelled_tasks=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=_STREAM_BATCHES,
        stream_recovery_delay=0.0,
        table_standby_replicas=0,
        topic_allow_declare=False,  # created ahead: changelogs need the sources' partitions (R5)
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=config.instance,  # started anew it has its partitions at once
        broker_session_timeout=config.session_seconds,
        broker_heartbeat_interval=config.heartbeat_seconds,
        broker_max_poll_records=config.poll_records,
        consumer_max_fetch_size=config.fetch_bytes,
        broker_commit_interval=config.commit_seconds,
        worker_redirect_stdouts=False,
        web_enabled=False,  # it would serve the tables to anyone (R10)
        value_serializer="raw",
        key_serializer="raw",
    )
    app.flow_control = SteadyFlow()
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    app.transport.fetch_wait_seconds = config.fetch_wait_seconds
    return app
