"""Settings of the embedded broker."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["KAFKA_ENDPOINT", "BrokerSettings"]

KAFKA_ENDPOINT = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"
"""Maven coordinates of the broker and of the binding that makes it log; one version, tested."""


class BrokerSettings(BaseSettings):
    """``TIERLINK_BROKER_*`` and the shared home folder."""

    model_config = SettingsConfigDict(env_prefix="TIERLINK_BROKER_", frozen=True, extra="ignore")

    port: int = Field(
        default=9092, ge=1, le=65535, description="clients connect here, on this machine only"
    )
    controller_port: int = Field(
        default=9093, ge=1, le=65535, description="Kafka's own quorum traffic"
    )
    heap_mb: int = Field(
        default=384, ge=128, description="Java heap; enough for a firm on one machine"
    )
    free_mb_needed: int = Field(
        default=500, ge=0, description="refuse to start with less free disk"
    )
    ready_seconds: float = Field(
        default=90, gt=0, description="give up when the broker does not answer by then"
    )
    java: Path | None = Field(
        default=None, validation_alias="TIERLINK_JAVA", description="java program to use"
    )
