"""Where leases are given out: the control socket, and those who hold a connection to it."""

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from aicalendar_tui.launcher.loop import READ, WRITE, Loop

COMMAND_LIMIT_BYTES = 4096
BACKLOG = 128
ACCEPT_AGAIN_SECONDS = 1.0


class Manager(Protocol):
    """What a lease may ask for."""

    def describe(self, leases: int) -> bytes:
        """The whole state as one line."""
        ...

    def restart_service(self, name: str) -> None:
        """Raises: KeyError (no such service)."""
        ...

    def stop(self) -> None:
        """End all services, and then the supervisor."""
        ...


class Desk:
    """Counts the leases and tells each what is new; a slow reader gets the latest state, not all of them."""

    def __init__(self, path: str, loop: Loop, manager: Manager, *, on_last_closed: Callable[[], None]) -> None:
        """Listen at `path`, which must be short enough. Raises: OSError."""
        self._path = path
        self._loop = loop
        self._manager = manager
        self._on_last_closed = on_last_closed
        self._leases: set[_Lease] = set()
        self._listener = _listen(path)
        loop.watch(self._listener, READ, self._accept)

    @property
    def count(self) -> int:
        """How many leases are held."""
        return len(self._leases)

    def broadcast(self) -> None:
        """Tell everyone the state."""
        line = self._manager.describe(self.count)
        for lease in list(self._leases):
            lease.tell(line)

    def close(self) -> None:
        """Give out no more leases, and free the path: whoever comes now waits for the next supervisor."""
        if self._listener.fileno() < 0:
            return
        self._loop.forget(self._listener)
        self._listener.close()
        with suppress(FileNotFoundError):
            os.unlink(self._path)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError:
            # Out of descriptors: the listener would stay ready and wake us without end.
            self._loop.forget(self._listener)
            self._loop.call_in("accept", ACCEPT_AGAIN_SECONDS, self._accept_again)
            return
        connection.setblocking(False)
        self._leases.add(_Lease(connection, self._loop, obey=self._obey, leave=self._remove))
        self.broadcast()

    def _accept_again(self) -> None:
        if self._listener.fileno() >= 0:
            self._loop.watch(self._listener, READ, self._accept)

    def _remove(self, lease: "_Lease") -> None:
        self._leases.discard(lease)
        if self._leases:
            self.broadcast()
        else:
            self._on_last_closed()

    def _obey(self, line: bytes) -> str:
        """Do what the line asks, and say what is wrong with it, or ''."""
        try:
            asked = json.loads(line)
            match asked:
                case {"command": "restart", "service": str(name)}:
                    self._manager.restart_service(name)
                case {"command": "stop"}:
                    self._manager.stop()
                case _:
                    return "unknown command"
        except (ValueError, RecursionError):
            return "a command is a line of JSON"
        except KeyError:
            return "no such service"
        return ""


class _Lease:
    """The supervisor's end of a lease."""

    def __init__(
        self,
        connection: socket.socket,
        loop: Loop,
        *,
        obey: Callable[[bytes], str],
        leave: Callable[["_Lease"], None],
    ) -> None:
        self._connection = connection
        self._loop = loop
        self._obey = obey
        self._leave = leave
        self._received = b""
        self._unsent = b""
        self._next = b""
        loop.watch(connection, READ, self._read)

    def tell(self, line: bytes) -> None:
        """Send the line; one that still waits for the reader is replaced by it."""
        if self._unsent:
            self._next = line
        else:
            self._unsent = line
            self._send()

    def _send(self) -> None:
        try:
            while self._unsent:
                sent = self._connection.send(self._unsent)
                self._unsent = self._unsent[sent:]
                if not self._unsent:
                    self._unsent, self._next = self._next, b""
        except BlockingIOError:
            self._loop.watch(self._connection, READ | WRITE, self._serve)
        except OSError:
            # Gone; the read side hears of it in a moment, and counts it out once.
            self._unsent = self._next = b""
            self._loop.watch(self._connection, READ, self._read)
        else:
            self._loop.watch(self._connection, READ, self._read)

    def _serve(self) -> None:
        """Reads and writes: readiness of both comes in one call."""
        if self._connection.fileno() >= 0:
            self._send()
        if self._connection.fileno() >= 0:
            self._read()

    def _read(self) -> None:
        try:
            data = self._connection.recv(COMMAND_LIMIT_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            error = self._obey(line)
            if error:
                self.tell(json.dumps({"error": error}).encode() + b"\n")
        if len(self._received) > COMMAND_LIMIT_BYTES:
            self._close()

    def _close(self) -> None:
        self._loop.forget(self._connection)
        self._connection.close()
        self._leave(self)


def _listen(path: str) -> socket.socket:
    # Whoever holds the lock may remove what an earlier supervisor left.
    with suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    # The umask is 077, so that the path is 0600 from its first moment on.
    listener.bind(path)
    listener.listen(BACKLOG)
    return listener
