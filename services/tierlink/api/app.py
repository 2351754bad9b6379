"""Putting the application together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from tierlink.api import pages
from tierlink.api.problems import Problem, ProblemError, describe_invalid, problem
from tierlink.api.protection import Protection
from tierlink.api.reading import Access
from tierlink.api.resources import events, files, health, kpis, lines, suppliers
from tierlink.api.settings import ApiSettings
from tierlink.store.database import ReadModelUnavailableError, open_reader

__all__ = ["OPENAPI_PATH", "create_app"]

OPENAPI_PATH = "/api/v1/openapi.json"

_ABOUT = """On-time delivery and inventory turnover, computed live from ERP exports, ledgers and carrier files.

Lists are read page by page: hand `next_cursor` back as `cursor` until it is null. Rows that come in meanwhile shift
nothing. Decimal numbers are strings. Every error is `application/problem+json` (RFC 9457).
Identifiers in a path are percent-encoded as one segment, also their `/`.
"""
_PROBLEM_SCHEMA = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "the request is wrong", "content": _PROBLEM_SCHEMA},
    503: {
        "description": "the read model is not built yet, or its database is away: try again",
        "content": _PROBLEM_SCHEMA,
    },
}


def create_app(
    settings: ApiSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> FastAPI:
    """The application. It connects to the read model on the first request.

    Args:
        settings: where the read model is, and which host names are ours.
        now: the clock, for the age of what is shown.
    """
    engine = open_reader(settings.read_model_url)
    app = FastAPI(
        title="tierlink",
        version=version("tierlink"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_PATH,
        lifespan=_disposing(engine),
    )
    app.state.access = Access(settings, engine, now)
    api = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
    for resource in (suppliers, lines, kpis, events, files):
        api.include_router(resource.router)
    app.include_router(api)
    app.include_router(health.router, responses=_PROBLEMS)
    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", _Static(pages.STATIC_FOLDER), name="static")
    app.mount("/docs-ui", _Static(_swagger_folder()), name="docs-ui")
    _answer_errors(app)
    app.add_middleware(Protection, host_names=settings.host_names, answer=_answer)
    return app


def _disposing(engine: Engine) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    return _lifespan


class _Static(StaticFiles):
    """Files of a package. Their address carries the version, so a browser need not ask again for an hour."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, follow_symlink=True)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """With a lifetime."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def _swagger_folder() -> Path:
    return Path(str(package_files("fastapi_swagger"))) / "resources"


def _answer(request: Request, error: ProblemError) -> Response:
    """As a problem to programs, as a page to people."""
    is_page = not request.scope["path"].startswith(("/api/", "/healthz", "/readyz", "/static/"))
    return pages.error_page(request, error) if is_page else problem(error)


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(ProblemError)
    def _on_problem(request: Request, error: ProblemError) -> Response:
        return _answer(request, error)

    @app.exception_handler(RequestValidationError)
    def _on_invalid(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, describe_invalid(error))

    @app.exception_handler(HTTPException)
    def _on_http(request: Request, error: HTTPException) -> Response:
        kinds = {404: "not-found", 405: "method-not-allowed"}
        told = ProblemError(
            error.status_code,
            kinds.get(error.status_code, "http"),
            f"{request.method} {request.url.path}: {error.detail}",
            headers=error.headers,
        )
        return _answer(request, told)

    @app.exception_handler(ReadModelUnavailableError)
    @app.exception_handler(PoolTimeoutError)
    def _on_absence(request: Request, error: Exception) -> Response:
        detail = (
            str(error)
            if isinstance(error, ReadModelUnavailableError)
            else "too many requests at once"
        )
        told = ProblemError(503, "read-model-unavailable", detail, headers={"Retry-After": "2"})
        return _answer(request, told)
