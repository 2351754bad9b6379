"""Settings of the projector."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tierlink.store.settings import StoreSettings

__all__ = ["ProjectorSettings"]


class ProjectorSettings(StoreSettings):
    """``TIERLINK_*`` shared settings, and ``TIERLINK_PROJECTOR_*`` limits."""

    projector_batch_records: int = Field(
        default=2000, ge=1, le=100_000, description="records written in one transaction at most"
    )
    projector_wait_ms: int = Field(
        default=300, ge=10, le=10_000, description="how long to wait for records at most"
    )
    projector_call_seconds: float = Field(
        default=20, gt=0, description="time limit of every call to the broker"
    )
    projector_retry_seconds_max: float = Field(
        default=15,
        gt=0,
        description="longest pause between attempts while broker or database is away",
    )
    projector_metadata_seconds: float = Field(
        default=60, gt=0, description="how often to look for new partitions"
    )

    @property
    def ready_file(self) -> Path:
        """Exists once the read model has caught up with the topics in this run."""
        return self.home / "run" / "projector.ready"
