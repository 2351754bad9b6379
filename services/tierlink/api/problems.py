"""Errors as RFC 9457 problem details: one shape for every answer that is not what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

__all__ = ["Problem", "ProblemError", "ProblemResponse", "describe_invalid", "not_found", "problem"]

_SHOWN_MAX = 200


class Problem(BaseModel):
    """An error, as RFC 9457 says. Further members depend on ``type``."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        description="stable name of the kind of error", examples=["urn:tierlink:problem:not-found"]
    )
    title: str = Field(description="the kind of error in words")
    status: int = Field(description="the HTTP status again")
    detail: str | None = Field(default=None, description="what is wrong here, and what to do")


class ProblemResponse(JSONResponse):
    """A problem as an answer."""

    media_type = "application/problem+json"


class ProblemError(Exception):
    """Raised by an endpoint to answer with a problem.

    Attributes:
        status: HTTP status.
        kind: last part of the problem's type.
        detail: what is wrong, and what to do.
        headers: of the answer.
        members: further members of the problem.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(detail)


def problem(error: ProblemError) -> ProblemResponse:
    """The answer for an error."""
    body = Problem(
        type=f"urn:tierlink:problem:{error.kind}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.detail,
        **error.members,
    )
    return ProblemResponse(
        body.model_dump(mode="json", exclude_none=True), error.status, headers=error.headers
    )


def not_found(what: str, key: str) -> ProblemError:
    """Nothing of this id is known."""
    shown = key if len(key) <= _SHOWN_MAX else f"{key[:_SHOWN_MAX]}…"
    return ProblemError(404, "not-found", f"there is no {what} {shown!r}")


def describe_invalid(error: RequestValidationError) -> ProblemError:
    """A parameter is missing or not allowed: names each."""
    found = [
        {"parameter": ".".join(str(part) for part in one["loc"][1:]), "detail": one["msg"]}
        for one in error.errors()
    ]
    names = ", ".join(sorted({one["parameter"] for one in found}))
    return ProblemError(422, "invalid-parameter", f"not allowed: {names}", errors=found)
