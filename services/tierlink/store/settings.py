"""Where the read model is."""

from __future__ import annotations

from pydantic import Field, SecretStr

from tierlink.schemas.cluster import ClusterSettings

__all__ = ["StoreSettings"]


class StoreSettings(ClusterSettings):
    """Settings shared by the projector and the API."""

    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy address, for example postgresql+psycopg://user:password@host/tierlink; "
        "unset: the file read-model.db in the home folder",
    )

    @property
    def read_model_url(self) -> str:
        """The address to open: ``database_url`` or SQLite in the home folder. May hold a password: do not log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'read-model.db').resolve()}"
