"""Calling the application in process, as a browser or a program would over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import FastAPI


class Client:
    """Synchronous requests; errors inside the application become its own answers."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        host: str = "localhost",
    ) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(call())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def json(self, path: str) -> Any:
        """The answer of a request that must succeed."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, path: str, language: str = "en") -> str:
        """A page that must be there."""
        answer = self.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/html")
        return answer.text

    def problem(self, path: str, status: int, **options: Any) -> Any:
        """The problem a request must be answered with."""
        answer = self.get(path, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["status"] == status
        assert body["type"].startswith("urn:tierlink:problem:")
        assert body["title"]
        return body
