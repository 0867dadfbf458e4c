"""The one route that Google calls: quick, bounded, and silent about what it knows.

What Google makes of the answer (Push notifications guide): 2xx is received, 500, 502, 503 and 504 are sent again,
anything else is dropped.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.receiver.problems import Refused, problem

Accept = Callable[[Notification], Literal["accepted", "retired", "unknown"]]

PATH: Final = "/webhook/google-calendar"
BODY_BYTES: Final = 1024
"""Google sends none."""
CHANNEL_ID_LENGTH: Final = 64
TOKEN_LENGTH: Final = 256
HEADER_LENGTH: Final = 512
BACKLOG: Final = 512
"""Notifications that wait for the database; more are asked to come again."""
ACCEPT_SECONDS: Final = 8.0

ACCEPTED: Final = b'{"status":"accepted"}'


class Webhook:
    """The endpoint. One thread does the blocking work, in the order of arrival: SQLite has one writer anyway."""

    def __init__(
        self,
        accept: Accept,
        *,
        threads: int = 1,
        backlog: int = BACKLOG,
        forgeries_per_second: float = 5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accept = accept
        self._backlog = backlog
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook")
        self._waiting = 0
        self._forgeries = Allowance(forgeries_per_second, burst=4 * forgeries_per_second, monotonic=monotonic)

    async def __call__(self, request: Request) -> Response:
        """202 accepted; 204 for a channel that we have stopped; 404 for what isn't ours; 503: send it again."""
        try:
            await refuse_large_body(request)
            notification = read_notification(request)
        except Refused as refused:
            return refused.answer()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        if self._waiting >= self._backlog:
            return come_again()
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(ACCEPT_SECONDS):
                outcome = await loop.run_in_executor(self._pool, self._accept, notification)
        except (Transient, TimeoutError):
            return come_again()
        finally:
            self._waiting -= 1
        match outcome:
            case "accepted":
                return Response(ACCEPTED, 202, media_type="application/json")
            case "retired":
                return Response(status_code=204)
            case "unknown":
                return self._answer_forgery()

    def _answer_forgery(self) -> Response:
        """The same for an unknown channel and a bad token. Too many: each costs its sender a connection.

        Only these are limited, after the look-up: behind a tunnel all requests come from one address, and a
        429 to Google loses a message.
        """
        if self._forgeries.take():
            return problem(404, "unknown-channel")
        return problem(429, "too-many-forgeries", headers={"Retry-After": "1", "Connection": "close"})


class Allowance:
    """A token bucket: `burst` at once, then `per_second`."""

    def __init__(self, per_second: float, *, burst: float, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._left = burst
        self._counted_at = monotonic()

    def take(self) -> bool:
        """Whether there was one left."""
        now = self._monotonic()
        self._left = min(self._burst, self._left + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def come_again() -> Response:
    """503: Google sends the message again, with growing pauses."""
    return problem(503, "away", "not taken; send it again", headers={"Retry-After": "1"})


async def refuse_large_body(request: Request) -> None:
    """Raises: Refused (413) for more than `BODY_BYTES`, without reading it all."""
    headers = request.headers
    declared = headers.get("content-length", "")
    if declared == "0" or not (declared or "transfer-encoding" in headers):
        return
    if declared.isdecimal() and int(declared[:12]) > BODY_BYTES:
        raise too_large()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES:
            raise too_large()


def too_large() -> Refused:
    """413; the rest of the body isn't read, so the connection ends with it."""
    return Refused(413, "too-large", f"a notification has no body; {BODY_BYTES} bytes at most", headers=_CLOSE)


def read_notification(request: Request) -> Notification:
    """What the headers say. Raises: Refused (400) when it can't be a notification."""
    headers = request.headers
    channel_id = headers.get("x-goog-channel-id", "")
    token = headers.get("x-goog-channel-token", "")
    state = headers.get("x-goog-resource-state", "")
    for name, value, length in (
        ("X-Goog-Channel-ID", channel_id, CHANNEL_ID_LENGTH),
        ("X-Goog-Channel-Token", token, TOKEN_LENGTH),
        ("X-Goog-Resource-State", state, HEADER_LENGTH),
    ):
        if not value:
            raise Refused(400, "missing-header", f"{name} is missing")
        if len(value) > length:
            raise Refused(400, "invalid-header", f"{name} is longer than {length} characters")
    number = headers.get("x-goog-message-number", "")
    return Notification(
        channel_id=channel_id,
        token=token,
        resource_state=state,
        resource_id=headers.get("x-goog-resource-id", "")[:HEADER_LENGTH],
        message_number=int(number) if number.isdecimal() and len(number) < 20 else None,
        expiration=headers.get("x-goog-channel-expiration", "")[:HEADER_LENGTH],
    )


_CLOSE: Final = {"Connection": "close"}
