"""Whether the process answers, and whether what it would answer is complete and fresh."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from tierlink.api.models import Liveness, Readiness
from tierlink.api.problems import ProblemError
from tierlink.api.reading import Reader
from tierlink.store.progress import Progress, read_progress
from tierlink.store.suppliers import read_board

__all__ = ["router", "why_stale"]

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Liveness:
    """The process answers. Says nothing of the read model."""
    return Liveness(status="ok")


@router.get("/readyz")
def readyz(access: Reader) -> Readiness:
    """The read model is built, has caught up once, and the projector is alive; else 503 with the reason."""
    with access.read() as session:
        progress, board = read_progress(session), read_board(session)
    reason = why_stale(progress, access.now(), access.settings.api_silence_seconds)
    body = Readiness(
        status="not ready" if reason else "ready",
        checked_at=progress.checked_at,
        projected_at=progress.projected_at,
        lag_records=progress.lag_records,
        skipped_records=progress.skipped_records,
        as_of=board.as_of,
    )
    if reason:
        members = body.model_dump(mode="json", exclude={"status"})
        raise ProblemError(503, "not-ready", reason, headers={"Retry-After": "2"}, **members)
    return body


def why_stale(progress: Progress, now: datetime, silence_seconds: float) -> str | None:
    """Why the read model is not what the topics say; None when it is."""
    if progress.checked_at is None or not progress.is_caught_up:
        return "the projector has not read all topics yet"
    silent = (now - progress.checked_at).total_seconds()
    if silent > silence_seconds:
        return f"the projector has been silent for {silent:.0f} s"
    return None
