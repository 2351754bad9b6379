"""From settings to what the streaming layer needs to know."""

from __future__ import annotations

from tierlink.processors.settings import ProcessorSettings
from tierlink.streaming.app import StreamConfig

__all__ = ["app_id", "stream_config"]


def app_id(settings: ProcessorSettings, processor: str) -> str:
    """Consumer group, and beginning of the changelogs' names."""
    return f"{settings.topic_prefix}{processor}"


def stream_config(settings: ProcessorSettings, processor: str) -> StreamConfig:
    """Name, places and limits of a processor's app."""
    return StreamConfig(
        app_id=app_id(settings, processor),
        instance=settings.instance,
        kafka=settings.kafka,
        folder=settings.folder(processor),
        ready_file=settings.ready_file(processor),
        session_seconds=settings.broker_session_seconds,
        heartbeat_seconds=settings.broker_heartbeat_seconds,
        delivery_seconds=settings.delivery_seconds,
        poll_records=settings.batch_records,
        topics_seconds=settings.topics_seconds,
        stall_seconds=settings.stall_seconds,
        tick_seconds=settings.tick_seconds,
        metrics_host=settings.metrics_host,
        metrics_port=settings.metrics_port,
    )
