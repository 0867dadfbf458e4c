"""An HTTP server that says exactly what a test wrote down, byte by byte, and keeps what it was asked."""

import json
import socket
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request as it came over the wire; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Reply = bytes | None | Callable[[Heard], bytes | None]
"""The bytes to send, or what makes them from the request. None closes the connection without a word.

After a reply with `Connection: close` in it, or one that promises more than it sends, the connection is closed too.
"""


def answer(code: int, body: object = None, *, headers: dict[str, str] | None = None, cut_bytes: int = 0) -> bytes:
    """A whole HTTP answer. `body` becomes JSON unless it is bytes; the last `cut_bytes` of it are not sent."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = f"HTTP/1.1 {code} Scripted\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + content[: len(content) - cut_bytes]


def google_error(code: int, reason: str, message: str = "", *, headers: dict[str, str] | None = None) -> bytes:
    """An error in the form that Google's APIs give it."""
    details = [{"domain": "global", "reason": reason, "message": message}]
    return answer(code, {"error": {"errors": details, "code": code, "message": message}}, headers=headers)


class ScriptedServer:
    """Listens on loopback from the start; each request takes the next reply of the script."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._script: deque[Reply] = deque()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self._thread = Thread(target=self._serve, daemon=True, name="scripted-server")
        self._thread.start()

    def will(self, *replies: Reply) -> None:
        """Adds to the script."""
        self._script.extend(replies)

    def heard_json(self, position: int = -1) -> Any:
        """The body of a request."""
        return json.loads(self.heard[position].body)

    def stop(self) -> None:
        """Closes everything; what waits for an answer is cut off."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection in self._connections:
            connection.close()

    def _serve(self) -> None:
        """One connection at a time is enough: httplib2 keeps one to a host, and a thread has one client."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while request := _read_request(reader):
                self.heard.append(request)
                reply = self._script.popleft() if self._script else google_error(500, "unscripted")
                content = reply(request) if callable(reply) else reply
                if content is None:
                    return
                connection.sendall(content)
                if _ends_connection(content):
                    return


def _read_request(reader: Any) -> Heard | None:
    start = reader.readline().decode().split()
    if len(start) != 3:
        return None
    headers = dict(_read_headers(reader))
    body = reader.read(int(headers.get("content-length", 0)))
    return Heard(method=start[0], path=start[1], headers=headers, body=body)


def _read_headers(reader: Any) -> Iterable[tuple[str, str]]:
    while line := reader.readline().decode().strip():
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()


def _ends_connection(content: bytes) -> bool:
    head, _, body = content.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    return b"connection: close" in head.lower() or bool(lengths and lengths[0] > len(body))
