"""How endpoints reach the read model, the time and the settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Engine
from sqlmodel import Session

from tierlink.api.settings import ApiSettings
from tierlink.store.database import reading
from tierlink.store.keyset import LIMIT_MAX

__all__ = ["Access", "Cursor", "Limit", "Reader"]


@dataclass(frozen=True)
class Access:
    """What an endpoint may use."""

    settings: ApiSettings
    engine: Engine
    now: Callable[[], datetime]

    def read(self) -> AbstractContextManager[Session]:
        """One consistent view of the read model.

        Raises:
            ReadModelUnavailableError: there is none yet.
        """
        return reading(self.engine)


def _access(request: Request) -> Access:
    found: Access = request.app.state.access
    return found


Reader = Annotated[Access, Depends(_access)]
Cursor = Annotated[
    str | None, Query(description="`next_cursor` of the page before; leave out for the first page")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="items on the page at most")]
