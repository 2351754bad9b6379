"""Settings of a whole installation, from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tierlink.broker.settings import BrokerSettings
from tierlink.schemas.cluster import ClusterSettings
from tierlink.schemas.topics import DEFAULT_PARTITIONS

__all__ = ["InstallationSettings"]


class InstallationSettings(ClusterSettings):
    """``TIERLINK_*``: what the other processes share, and what only the whole needs."""

    config: Path | None = Field(
        default=None, description="configuration file; unset: tierlink.yaml in the home folder"
    )
    partitions: int = Field(
        default=DEFAULT_PARTITIONS,
        ge=1,
        le=1000,
        description="of each topic when it is created; cannot be changed later",
    )
    replication: int = Field(
        default=1, ge=1, le=9, description="copies of each topic; 3 on a cluster"
    )

    @property
    def has_own_broker(self) -> bool:
        """Whether the embedded Kafka is started: nobody named a cluster."""
        return "kafka" not in self.model_fields_set

    @property
    def address(self) -> str:
        """Where the topics are: the cluster named, else the embedded broker."""
        return f"127.0.0.1:{BrokerSettings().port}" if self.has_own_broker else self.kafka

    @property
    def config_file(self) -> Path:
        """The configuration file."""
        return self.config or self.home / "tierlink.yaml"

    @property
    def run_folder(self) -> Path:
        """Ready files and the lock."""
        return self.home / "run"
