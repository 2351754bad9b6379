"""Settings of the processors."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from tierlink.schemas.cluster import ClusterSettings

__all__ = ["ProcessorSettings"]


class ProcessorSettings(ClusterSettings):
    """``TIERLINK_*``: what day it is, which instance this is, and the limits towards the broker."""

    zone: str = Field(
        default="Asia/Shanghai", description="IANA zone in which a day ends and lines become due"
    )
    as_of: date | None = Field(
        default=None, description="judge as of this day for ever instead of today, YYYY-MM-DD"
    )
    instance: str = Field(
        default="0",
        pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
        description="tells processes of one processor apart; each keeps its own folder",
    )
    broker_session_seconds: float = Field(
        default=10,
        ge=6,
        le=60,
        description="a process that is silent for so long loses its partitions",
    )
    broker_heartbeat_seconds: float = Field(
        default=3, gt=0, description="at most a third of the session"
    )
    delivery_seconds: float = Field(
        default=120, gt=0, description="how long the broker may be away before a worker starts anew"
    )
    batch_records: int = Field(
        default=4000, ge=1, le=50_000, description="records fetched at once at most"
    )
    topics_seconds: float = Field(
        default=60, ge=0, description="how long topics may be missing before a worker gives up"
    )
    stall_seconds: float = Field(
        default=300,
        gt=0,
        description="a worker that has work and does none for so long starts anew",
    )
    tick_seconds: float = Field(
        default=60, gt=0, description="how often to look whether another day has begun"
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="address the metrics are served on; 0.0.0.0 lets other machines in, and there is no log-in",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="port of the metrics; 0: none. 'tierlink up' gives the next worker the next port",
    )

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone {zone!r}; write one like Asia/Shanghai") from error
        return zone

    @model_validator(mode="after")
    def _beats_often_enough(self) -> Self:
        if self.broker_heartbeat_seconds * 3 > self.broker_session_seconds:
            raise ValueError("broker_heartbeat_seconds is more than a third of the session")
        return self

    def folder(self, processor: str) -> Path:
        """Local rows of this instance; a cache of the changelogs."""
        return self.home.absolute() / "faust" / f"{processor}-{self.instance}"

    def ready_file(self, processor: str) -> Path:
        """Exists while this instance has its partitions, has recovered and gets on."""
        name = processor if self.instance == "0" else f"{processor}-{self.instance}"
        return self.home / "run" / f"{name}.ready"
