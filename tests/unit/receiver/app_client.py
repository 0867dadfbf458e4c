"""A client for an ASGI app that needs neither a socket nor an async test."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp


class AppClient:
    """Sends each request in an event loop of its own; `headers` go with all of them."""

    def __init__(self, app: ASGIApp, *, base_url: str, headers: dict[str, str] | None = None) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._base_url = base_url
        self.headers = dict(headers or {})

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """The answer, whole."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base_url) as client:
                return await client.request(method, path, headers={**self.headers, **(headers or {})}, **options)

        return asyncio.run(send())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **options)
