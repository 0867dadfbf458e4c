"""Both apps in one event loop, on sockets that someone else opened, with limits for a hostile world."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import anyio.to_thread
import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 10.0
"""From the first byte of a request (or the connection) to its last one."""
KEEP_ALIVE_SECONDS: Final = 30
HEADER_BYTES: Final = 16 * 1024
CONNECTIONS_ANSWERED: Final = 256
"""Each further one is answered 503, so that Google comes again."""
CONNECTIONS_KEPT: Final = 512
"""Each further one is closed unread."""
STOP_SECONDS: Final = 0.6
API_THREADS: Final = 4
"""Each has a database connection of its own."""


def serve(
    *,
    public_app: ASGIApp,
    local_app: ASGIApp,
    public_socket: socket.socket | None,
    local_socket: socket.socket | None,
    on_ready: Callable[[], None],
) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what it began, for a second at most.

    The sockets listen already and are closed at the end; None: that app isn't served. `on_ready` is called once
    both answer. Call it in the main thread.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # not a line for each malformed request
    servers = [
        (_Server(app), listener)
        for app, listener in ((public_app, public_socket), (local_app, local_socket))
        if listener is not None
    ]
    asyncio.run(_serve_all(servers, on_ready))


async def _serve_all(servers: "list[tuple[_Server, socket.socket]]", on_ready: Callable[[], None]) -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = API_THREADS
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server, _ in servers:
            server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        for server, listener in servers:
            group.create_task(server.serve(sockets=[listener]))
        for server, _ in servers:
            await server.ready.wait()
        on_ready()


class _Server(uvicorn.Server):
    """uvicorn without its ten wake-ups a second, and without signal handlers of its own (two would fight)."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=GuardedProtocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                date_header=False,  # it is kept right by those wake-ups
                h11_max_incomplete_event_size=HEADER_BYTES,
                limit_concurrency=CONNECTIONS_ANSWERED,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,  # type: ignore[arg-type] # typed int, used as a float
            )
        )
        self.ready = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """No new connections; those in work are finished."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Sleeps until `stop`."""
        self.ready.set()
        await self._stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to `serve`."""
        yield


class GuardedProtocol(H11Protocol):
    """HTTP/1.1 for clients that may be slow on purpose, or too many."""

    request_seconds = REQUEST_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begins to count the seconds to the first request."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_KEPT:
            transport.abort()
            return
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Slow bytes don't prolong the time; a whole request ends it."""
        # In pieces: h11 measures only a head that is incomplete when it looks.
        for start in range(0, len(data), HEADER_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + HEADER_BYTES])
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._set_deadline()
        else:
            self._clear_deadline()

    def on_response_complete(self) -> None:
        """Between two requests uvicorn's keep-alive timer counts; a request that has begun to come is on ours."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self._clear_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets go of the timer."""
        self._clear_deadline()
        super().connection_lost(exc)

    def _set_deadline(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
