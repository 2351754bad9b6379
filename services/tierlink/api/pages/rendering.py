"""From a template to an answer in the reader's language."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tierlink.api.addresses import address
from tierlink.api.pages.words import LANGUAGE_NAMES, Words, choose_language
from tierlink.api.problems import ProblemError

__all__ = ["STATIC_FOLDER", "error_page", "language_of", "render"]

STATIC_FOLDER = Path(__file__).parent.parent / "static"
_COOKIE = "tierlink-language"
_COOKIE_SECONDS = 365 * 24 * 3600
_RETRY_SECONDS = 3


def _version() -> str:
    """Changes with any static file, so that no browser mixes old and new."""
    content = b"".join(path.read_bytes() for path in sorted(STATIC_FOLDER.iterdir()))
    return hashlib.sha256(content).hexdigest()[:12]


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(address=address, languages=LANGUAGE_NAMES, version=_version())


def language_of(request: Request) -> Words:
    """The reader's language: asked for in the address, kept from before, or the browser's."""
    return Words(
        choose_language(
            request.query_params.get("lang"),
            request.cookies.get(_COOKIE),
            request.headers.get("accept-language", ""),
        )
    )


def render(
    request: Request,
    template: str,
    *,
    words: Words,
    status: int = 200,
    refresh: float = 0,
    **values: Any,
) -> HTMLResponse:
    """Fill in a template.

    Args:
        request: for the address of the other languages.
        template: file name.
        words: the reader's language, ``w`` in the template.
        status: of the answer.
        refresh: seconds between looks for news; 0 for never.
        values: the template's own.
    """
    text = _TEMPLATES.get_template(template).render(
        w=words,
        here=_without_language(request),
        refresh=refresh,
        path=request.scope["path"],
        **values,
    )
    response = HTMLResponse(
        text,
        status,
        headers={"Content-Language": words.html_language, "Vary": "Accept-Language, Cookie"},
    )
    if request.query_params.get("lang") in LANGUAGE_NAMES:
        response.set_cookie(
            _COOKIE, words.language, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax"
        )
    return response


def _without_language(request: Request) -> str:
    """This page's address up to the language: ``?`` or ``?…&``."""
    rest = [pair for pair in parse_qsl(request.url.query) if pair[0] != "lang"]
    return f"?{urlencode(rest)}&" if rest else "?"


def error_page(request: Request, error: ProblemError) -> HTMLResponse:
    """An error in words, and where to go on."""
    words = language_of(request)
    key = f"error.{error.status}"
    refresh = _RETRY_SECONDS if error.status == HTTPStatus.SERVICE_UNAVAILABLE else 0
    response = render(
        request,
        "error.html",
        words=words,
        status=error.status,
        refresh=refresh,
        key=key if words.has(key) else "error.other",
        error=error,
        freshness=None,
    )
    response.headers.update(error.headers)
    return response
