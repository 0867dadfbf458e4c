"""The way to a Redis server that may be away: quick to give up, quick to come back.

`RedisLink` is shared by everything in a process that talks to the same server, so that one timeout is
enough for all of them to know.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from redis import Redis

T = TypeVar("T")
logger = logging.getLogger(__name__)


class ServerAway(Exception):
    """Not reached, or known from a moment ago not to be reachable."""


class CommandRefused(Exception):
    """The server answered with an error, such as being out of memory."""


class RedisLink:
    """A client that is built on first use, and a breaker that spares callers from waiting for the same timeout.

    After a failure all calls fail at once for `pause_seconds`; then a single one tries again.
    `url` is redis-py's: `unix:///path.sock`, `redis://` or `rediss://`. Safe to share between threads.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 0.25,
        pause_seconds: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._timeout_seconds = timeout_seconds
        self._pause_seconds = pause_seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._client: Redis | None = None
        self._retry_at: float | None = None

    @property
    def away(self) -> bool:
        """Whether the last attempt did not reach the server; False before the first one."""
        return self._retry_at is not None

    def call(self, operation: Callable[[Redis], T]) -> T:
        """What `operation` returns.

        Raises: `ServerAway`, within `timeout_seconds` or at once; `CommandRefused`.
        """
        if not self._may_try():
            raise ServerAway
        if self._client is None and self._has_no_socket():
            self._note_failure("its socket isn't there")
            raise ServerAway
        import redis.exceptions  # here, not above: it costs 85 ms, which a command without services needn't pay

        try:
            result = operation(self._connected())
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
            self._note_failure(error)
            raise ServerAway from error
        except redis.exceptions.RedisError as error:
            self._note_success()
            raise CommandRefused(str(error)) from error
        self._note_success()
        return result

    def note_reachable(self) -> None:
        """Someone else has just reached the server: the next call needn't wait for the pause to end."""
        self._note_success()

    def close(self) -> None:
        """Closes the sockets; the next call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> Redis:
        with self._lock:
            if self._client is None:
                self._client = connect(self.url, timeout_seconds=self._timeout_seconds)
            return self._client

    def _may_try(self) -> bool:
        if self._retry_at is None:
            return True
        with self._lock:
            now = self._monotonic()
            if self._retry_at is not None and now < self._retry_at:
                return False
            self._retry_at = now + self._pause_seconds
            return True

    def _has_no_socket(self) -> bool:
        parts = urlsplit(self.url)
        return parts.scheme == "unix" and not os.path.exists(unquote(parts.path))

    def _note_failure(self, reason: object) -> None:
        with self._lock:
            if self._retry_at is None:
                logger.info("redis is away: %s", reason)  # no warning: the status line says it
            self._retry_at = self._monotonic() + self._pause_seconds

    def _note_success(self) -> None:
        if self._retry_at is None:
            return
        with self._lock:
            self._retry_at = None
        logger.info("redis is back")


def link_to(server: str | RedisLink) -> RedisLink:
    """The link itself, or a new one to that URL."""
    return server if isinstance(server, RedisLink) else RedisLink(server)


def connect(url: str, *, timeout_seconds: float) -> Redis:
    """A client that opens sockets when it is used and never repeats a command by itself."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        decode_responses=False,
    )
