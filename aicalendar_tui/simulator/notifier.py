"""Delivers channel notifications over HTTP, the way Google does: headers only, retried on 5xx, dropped on 4xx."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from aicalendar_tui.simulator.channels import Notification
from aicalendar_tui.simulator.world import World

log = logging.getLogger(__name__)

ACCEPTED = frozenset({102, 200, 201, 202, 204})
RETRIED = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How hard the notifier tries."""

    timeout_seconds: float = 10.0
    first_backoff_seconds: float = 0.5
    longest_backoff_seconds: float = 60.0
    attempts: int = 12
    parallel: int = 32
    """Messages under way at once; those of one channel always go one after the other."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt that was made."""

    channel_id: str
    number: int
    state: str
    attempt: int
    status: int | None
    """The HTTP status; None when there was no answer."""


class Notifier:
    """Takes messages from the world's queue and posts them, beside the requests that are being answered."""

    def __init__(self, world: World, policy: DeliveryPolicy | None = None, *, seed: int = 0) -> None:
        self._world = world
        self._policy = policy or DeliveryPolicy()
        self._jitter = random.Random(seed)
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(self._policy.parallel)
        self._waiting: dict[str, deque[Notification]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._tls: ssl.SSLContext | None = None
        self.deliveries: deque[Delivery] = deque(maxlen=1000)
        """The last attempts, the oldest first."""

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._world.channels.on_queued = self._on_queued
        try:
            while True:
                self._wake.clear()
                while (message := self._world.channels.take()) is not None:
                    self._accept(message)
                self._note_idle()
                await self._wake.wait()
        finally:
            self._world.channels.on_queued = None
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def wait_idle(self) -> None:
        """Return when no message waits and none is under way (retries that wait for their time count)."""
        while self._under_way or self._world.channels.queue:
            self._idle.clear()
            self._wake.set()
            await self._idle.wait()

    def _on_queued(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    def _note_idle(self) -> None:
        if not self._under_way and not self._world.channels.queue:
            self._idle.set()

    def _accept(self, message: Notification) -> None:
        self._under_way += 1
        if message.delay_seconds > 0:
            self._start(self._deliver_later(message, 1, message.delay_seconds))
            return
        line = self._waiting.get(message.channel_id)
        if line is not None:
            line.append(message)
            return
        self._waiting[message.channel_id] = deque([message])
        self._start(self._drain(message.channel_id))

    def _start(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[arg-type] - always a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, channel_id: str) -> None:
        """First attempts of one channel's messages, in order; a retry leaves the line."""
        line = self._waiting[channel_id]
        while line:
            async with self._slots:
                await self._attempt(line.popleft(), 1)
        del self._waiting[channel_id]

    async def _deliver_later(self, message: Notification, attempt: int, delay: float) -> None:
        await asyncio.sleep(delay)
        async with self._slots:
            await self._attempt(message, attempt)

    async def _attempt(self, message: Notification, attempt: int) -> None:
        policy = self._policy
        try:
            async with asyncio.timeout(policy.timeout_seconds):
                status = await self._post(message)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            log.info("notification to channel %s failed: %s", message.channel_id, type(error).__name__)
            status = None
        self.deliveries.append(Delivery(message.channel_id, message.number, message.state, attempt, status))
        retryable = status is None or status in RETRIED
        if retryable and attempt < policy.attempts:
            longest = min(policy.longest_backoff_seconds, policy.first_backoff_seconds * 2 ** (attempt - 1))
            delay = longest * (0.5 + self._jitter.random() / 2)
            self._start(self._deliver_later(message, attempt + 1, delay))
            return
        self._under_way -= 1
        self._note_idle()

    async def _post(self, message: Notification) -> int:
        parts = urlsplit(message.address)
        secure = parts.scheme == "https"
        if secure and self._tls is None:
            self._tls = ssl.create_default_context()
        host = parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(host, port, ssl=self._tls if secure else None)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = [
                f"POST {target} HTTP/1.1",
                f"Host: {parts.netloc.rpartition('@')[2]}",
                "User-Agent: APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
                "Accept: */*",
                "Content-Length: 0",
                "Connection: close",
                *(f"{name}: {value}" for name, value in message.headers.items()),
            ]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8"))
            await writer.drain()
            while True:
                status = int((await reader.readline()).split()[1:2][0])
                if status == 102 or status >= 200:
                    return status
                while (await reader.readline()).strip():
                    pass  # skip the headers of an interim answer
        except IndexError as error:
            raise ConnectionError("no HTTP answer") from error
        finally:
            writer.close()
