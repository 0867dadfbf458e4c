"""Connections that a server has closed meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server, socket
from threading import Thread

from aicalendar_tui.backend.google.transport import Connections

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def answer_once(listener: socket) -> None:
    """Two connections: each is told nothing of its end, which comes after the first answer."""
    for _ in range(2):
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as lines:
            length = 0
            while line := lines.readline().strip():
                name, _, value = line.lower().partition(b":")
                length = int(value) if name == b"content-length" else length
            lines.read(length)
            connection.sendall(ANSWER)


@contextmanager
def closing_server() -> Iterator[str]:
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=answer_once, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def test_a_patch_after_a_pause_is_sent_on_a_new_connection() -> None:
    """The server closed the idle connection: the edit is neither refused nor late."""
    with closing_server() as address:
        http = Connections(timeout=5)
        http.request(address)
        status = http.request(address, "PATCH", body=b'{"summary": "x"}')[0].status
        http.close()

    assert 200 == status


def test_a_refused_connection_is_left_closed() -> None:
    """Nobody listens: the next request starts afresh."""
    with create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    http = Connections(timeout=5)
    refused = False
    try:
        http.request(address, "PATCH", body=b"{}")
    except ConnectionRefusedError:
        refused = True
    left_open = [conn for conn in http.connections.values() if conn.sock is not None]
    http.close()

    assert refused
    assert [] == left_open
