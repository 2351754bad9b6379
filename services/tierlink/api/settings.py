"""Settings of the API and its pages."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tierlink.store.settings import StoreSettings

__all__ = ["ApiSettings"]


class ApiSettings(StoreSettings):
    """``TIERLINK_*`` shared settings, and ``TIERLINK_API_*``."""

    api_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="address to listen on; 0.0.0.0 lets other machines in, and there is no log-in",
    )
    api_port: int = Field(default=8080, ge=1, le=65535, description="port to listen on")
    api_names: str = Field(
        default="",
        description="host names the API is called by, comma-separated; IP addresses and localhost always work",
    )
    api_refresh_seconds: float = Field(
        default=5, ge=1, le=3600, description="how often an open page looks for news"
    )
    api_silence_seconds: float = Field(
        default=30,
        gt=0,
        description="the read model counts as stale when the projector was silent for longer",
    )

    @property
    def host_names(self) -> frozenset[str]:
        """Names in a request's Host header that are ours, in lower case."""
        named = {name.strip().lower() for name in self.api_names.split(",") if name.strip()}
        return frozenset(named | {self.api_host.lower()})

    @property
    def ready_file(self) -> Path:
        """Exists while the API listens."""
        return self.home / "run" / "api.ready"
