"""The receiver as a process of its own: over real sockets, with clients that mean no good."""

import contextlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

PROGRAM = Path(__file__).with_name("receiver_program.py")
WEBHOOK = "/webhook/google-calendar"
GENUINE = {"X-Goog-Channel-ID": "c", "X-Goog-Channel-Token": "genuine", "X-Goog-Resource-State": "exists"}
REQUEST = "".join(
    [f"POST {WEBHOOK} HTTP/1.1\r\n", "Host: x\r\n", *(f"{name}: {value}\r\n" for name, value in GENUINE.items())]
).encode()
SLOW_REQUEST = REQUEST.replace(b"X-Goog-Channel-ID: c", b"X-Goog-Channel-ID: slow") + b"\r\n"
SLOW_SECONDS = 0.5


class Receiver:
    """A running receiver and its two addresses."""

    def __init__(self, *, request_seconds: float = 10) -> None:
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.public, self.local = (listener.getsockname() for listener in listeners)
        descriptors = [listener.fileno() for listener in listeners]
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *map(str, descriptors), str(request_seconds), str(SLOW_SECONDS)],
            pass_fds=descriptors,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for listener in listeners:
            listener.close()
        assert self.process.stdout is not None
        assert b"READY\n" == self.process.stdout.readline()

    def url(self, path: str = WEBHOOK) -> str:
        """On the public socket."""
        return f"http://127.0.0.1:{self.public[1]}{path}"

    def send(self, data: bytes, *, timeout_seconds: float = 5) -> bytes:
        """All that is answered to these bytes until the connection ends or is quiet for that long."""
        with socket.create_connection(self.public, timeout=timeout_seconds) as client:
            client.sendall(data)
            return b"".join(iter(lambda: _receive(client), b""))

    def stop(self) -> str:
        """SIGTERM; returns what was written to stderr."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=10)
        return errors.decode()


def _receive(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except (TimeoutError, ConnectionResetError):
        return b""


def statuses(answer: bytes) -> list[int]:
    """The status of each response in a stream of them."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answer)]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """One for all: what one client does must not harm the next."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


def test_both_apps_answer_on_their_own_sockets(receiver: Receiver) -> None:
    """The public socket has no API."""
    port = receiver.local[1]
    bearer = {"Authorization": "Bearer secret"}
    assert 200 == httpx.get(f"http://127.0.0.1:{port}/health", headers=bearer).status_code
    assert 401 == httpx.get(f"http://127.0.0.1:{port}/health").status_code
    assert 404 == httpx.get(receiver.url("/health"), headers=bearer).status_code
    assert 202 == httpx.post(receiver.url(), headers=GENUINE).status_code


def test_answers_say_nothing_about_the_server(receiver: Receiver) -> None:
    """No name, no version."""
    assert "server" not in httpx.post(receiver.url(), headers=GENUINE).headers


def test_pipelined_requests_are_answered_in_order(receiver: Receiver) -> None:
    """Also when they come in one packet."""
    forged = REQUEST.replace(b"genuine", b"guessed")
    answer = receiver.send((REQUEST + b"\r\n") + (forged + b"\r\n") + (REQUEST + b"Connection: close\r\n\r\n"))
    assert [202, 404, 202] == statuses(answer)


MALFORMED = {
    "tls hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no target": b"GET\r\n\r\n",
    "no host": b"POST / HTTP/1.1\r\n\r\n",
    "length is no number": REQUEST + b"Content-Length: x\r\n\r\n",
    "two lengths": REQUEST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "negative length": REQUEST + b"Content-Length: -1\r\n\r\n",
    "space in a name": REQUEST + b"Bad Header\r\n\r\n",
    "null in a value": REQUEST + b"X: \x00\r\n\r\n",
    "endless line": b"A" * 100_000,
    "headers of 70 kB": REQUEST + b"X-Large: " + b"x" * 70_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request_is_refused_and_the_connection_ends(receiver: Receiver, name: str) -> None:
    """400, or nothing where the client was still sending; what follows it is not taken for a request."""
    answer = receiver.send(MALFORMED[name] + REQUEST + b"\r\n")
    assert set(statuses(answer)) <= {400}
    assert 202 == httpx.post(receiver.url(), headers=GENUINE).status_code


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 100000\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n800\r\n" + b"x" * 0x800 + b"\r\n",
    ],
    ids=["declared", "huge", "chunked"],
)
def test_large_body_is_refused_before_it_has_come(receiver: Receiver, body: bytes) -> None:
    """413, and the connection ends although the client isn't done."""
    assert [413] == statuses(receiver.send(REQUEST + body))


def test_small_chunked_body_is_ignored(receiver: Receiver) -> None:
    """Some proxies send one."""
    answer = receiver.send(REQUEST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert [202] == statuses(answer)


def test_slow_accept_does_not_stop_other_answers(receiver: Receiver) -> None:
    """The event loop is never blocked: another path is answered while a notification is worked on."""
    with socket.create_connection(receiver.public, timeout=5) as slow:
        slow.sendall(SLOW_REQUEST)
        begun = time.monotonic()
        assert 404 == httpx.get(receiver.url("/other")).status_code
        assert time.monotonic() - begun < 0.9 * SLOW_SECONDS
        assert [202] == statuses(slow.recv(65536))


def test_burst_of_connections_is_answered(receiver: Receiver) -> None:
    """Two hundred at once: taken, or asked to come again."""
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: receiver.send(REQUEST + b"Connection: close\r\n\r\n"), range(200)))
    found = {status for answer in answers for status in statuses(answer)}
    assert found <= {202, 503}
    assert 202 in found
    assert all(answers)


@pytest.mark.parametrize(
    "begin", [b"", REQUEST, REQUEST + b"Content-Length: 100\r\n\r\nabc"], ids=["idle", "head", "body"]
)
def test_slow_request_is_dropped_however_steadily_it_drips(begin: bytes) -> None:
    """A byte at a time doesn't prolong the time (slowloris); others are served meanwhile."""
    receiver = Receiver(request_seconds=0.3)
    with socket.create_connection(receiver.public, timeout=0.02) as client:
        client.sendall(begin)
        begun = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - begun < 10:
                client.sendall(b"x" if begin else b"")
                with contextlib.suppress(TimeoutError):
                    if not client.recv(1000):
                        break
        taken = time.monotonic() - begun
    assert 202 == httpx.post(receiver.url(), headers=GENUINE).status_code
    assert "" == receiver.stop()
    assert 0.25 < taken < 5


def test_idle_connections_do_not_lock_the_door_for_ever() -> None:
    """Beyond what is kept, connections are closed; once they are gone, all is as before."""
    receiver = Receiver()
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(receiver.public))
        assert [503] == statuses(receiver.send(REQUEST + b"Connection: close\r\n\r\n"))
    deadline = time.monotonic() + 10
    while (status := httpx.post(receiver.url(), headers=GENUINE).status_code) == 503 and time.monotonic() < deadline:
        pass
    assert 202 == status
    receiver.stop()


def test_stop_finishes_what_was_begun_and_is_quick() -> None:
    """SIGTERM with an answer outstanding and an idle connection open: 202, then the end, without a word."""
    receiver = Receiver()
    with (
        socket.create_connection(receiver.public, timeout=5) as slow,
        socket.create_connection(receiver.public) as _idle,
    ):
        slow.sendall(SLOW_REQUEST)
        receiver.send(REQUEST.replace(WEBHOOK.encode(), b"/other") + b"Connection: close\r\n\r\n")
        begun = time.monotonic()
        errors = receiver.stop()
        taken = time.monotonic() - begun
        assert [202] == statuses(slow.recv(65536))
    assert (0, "") == (receiver.process.returncode, errors)
    assert taken < 2


def test_stopped_receiver_leaves_its_port_to_the_next() -> None:
    """The listening socket is closed."""
    receiver = Receiver()
    receiver.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(receiver.public)
