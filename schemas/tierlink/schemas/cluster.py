"""The few settings every process shares, read from the environment: where the topics are, how to log."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["ClusterSettings", "LogFormat"]


class LogFormat(StrEnum):
    """How a service writes its log."""

    TEXT = "text"
    JSON = "json"


class ClusterSettings(BaseSettings):
    """Environment variables ``TIERLINK_*`` common to connectors, processors, projector and API."""

    model_config = SettingsConfigDict(env_prefix="TIERLINK_", frozen=True, extra="ignore")

    kafka: str = Field(
        default="127.0.0.1:9092",
        description="host:port of the cluster, comma-separated for several",
    )
    topic_prefix: str = Field(
        default="tierlink.",
        pattern=r"^([a-z0-9-]+\.)*$",
        description="put before every topic name and group id",
    )
    home: Path = Field(
        default=Path("tierlink-data"), description="folder of everything this installation keeps"
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT,
        description="text: lines for people; json: one object per line for a log collector",
    )
