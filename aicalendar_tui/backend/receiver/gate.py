"""Who may use the local API: programs of this machine's user, and no web page.

A page in the user's browser can send requests to loopback addresses too. So a foreign Origin is refused, and so
is a Host that isn't ours (a page's own name may resolve to 127.0.0.1: DNS rebinding).
"""

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aicalendar_tui.backend.receiver.problems import problem
from aicalendar_tui.backend.receiver.webhook import PATH as WEBHOOK_PATH

OPEN_PATHS: Final = frozenset({WEBHOOK_PATH, "/docs", "/openapi.json"})
"""What needs no token: Google doesn't have it, and the description holds no secret."""


class Gate:
    """ASGI middleware. `read_token` gives the bearer token now; None: everyone on this machine may come in."""

    def __init__(self, app: ASGIApp, *, read_token: Callable[[], str] | None) -> None:
        self._app = app
        self._read_token = read_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers by itself what may not pass."""
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not is_own_host(host, scope.get("server")):
            return problem(421, "foreign-host", "the Host header names another server")
        origin = headers.get("origin")
        if origin is not None and (self._read_token is None or origin != f"{scope['scheme']}://{host}"):
            return problem(403, "foreign-origin", "web pages may not use this API")
        if scope["path"] in OPEN_PATHS:
            return None
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return problem(403, "foreign-origin", "web pages may not use this API")
        if self._read_token is None or is_bearer(headers.get("authorization", ""), self._read_token()):
            return None
        line = f'curl -H "Authorization: Bearer $(aicalendar token)" http://{host}{scope["path"]}'
        return problem(
            401,
            "token-missing",
            f"this needs the local API's token: {line}",
            headers={"WWW-Authenticate": 'Bearer realm="aicalendar"'},
        )


def is_bearer(authorization: str, token: str) -> bool:
    """Whether the header carries that token, compared in constant time."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def is_own_host(host: str, server: tuple[str, int | None] | None) -> bool:
    """Whether a Host header means this machine by a name that no one else can give it."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.removeprefix("[").removesuffix("]").lower()
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or (server is not None and name == server[0])
