"""The port where the browser brings the answer: one answer counts, and nothing else does any harm."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from threading import Thread
from time import monotonic

import pytest

from aicalendar_tui.backend.domain.errors import SignInFailed
from aicalendar_tui.backend.google.loopback import CONNECTION_SECONDS, Loopback


@pytest.fixture
def door() -> Iterator[Loopback]:
    """One that waits for the state `ours`."""
    with Loopback() as door:
        door.expect("ours")
        yield door


def visit(door: Loopback, path: str, *, host: str | None = None, method: str = "GET") -> tuple[int, str, str]:
    """Status, body and Referrer-Policy of what a browser gets."""
    connection = HTTPConnection("127.0.0.1", door.port, timeout=5)
    try:
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{door.port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.getheader("Referrer-Policy", "")
    finally:
        connection.close()


def test_the_answer_is_the_whole_address(door: Loopback) -> None:
    """As it would be copied by hand; the page that shows does not pass it on."""
    status, page, policy = visit(door, "/?code=4/0A&state=ours&scope=s")

    assert (200, "no-referrer") == (status, policy)
    assert "close this page" in page
    assert f"{door.redirect_uri}?code=4/0A&state=ours&scope=s" == door.wait(5)


def test_a_refusal_is_an_answer_too(door: Loopback) -> None:
    """And the page says so."""
    _, page, _ = visit(door, "/?error=access_denied&state=ours")

    assert "refused" in page
    assert (door.wait(5) or "").endswith("?error=access_denied&state=ours")


@pytest.mark.parametrize(
    ("path", "host", "method", "expected"),
    [
        ("/favicon.ico", None, "GET", 404),
        ("/", None, "GET", 404),
        ("/?state=ours", None, "GET", 404),
        ("/x?code=1&state=ours", None, "GET", 404),
        ("/?code=1", None, "GET", 400),
        ("/?code=1&state=foreign", None, "GET", 400),
        ("/?code=1&state=%C3%A4", None, "GET", 400),
        ("/?code=1&state=ours", "evil.example", "GET", 404),
        ("/?code=1&state=ours", None, "POST", 501),
        (f"/?code=1&state=ours&x={'y' * 70_000}", None, "GET", 414),
    ],
)
def test_what_is_not_the_answer_is_turned_away(
    door: Loopback, path: str, host: str | None, method: str, expected: int
) -> None:
    """And the one that is awaited may still come."""
    assert expected == visit(door, path, host=host, method=method)[0]
    assert door.wait(0) is None

    visit(door, "/?code=2&state=ours")

    assert (door.wait(5) or "").endswith("?code=2&state=ours")


def test_the_first_answer_counts(door: Loopback) -> None:
    """A reload of the page changes nothing."""
    visit(door, "/?code=1&state=ours")
    visit(door, "/?code=2&state=ours")

    assert (door.wait(5) or "").endswith("?code=1&state=ours")


def test_nothing_is_taken_before_it_is_expected() -> None:
    """An empty state is nobody's."""
    with Loopback() as door:
        assert 400 == visit(door, "/?code=1&state=")[0]


def test_connections_that_say_nothing_hold_nobody_up(door: Loopback) -> None:
    """Browsers open such ones in advance."""
    began = monotonic()
    silent = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(5)]
    try:
        visit(door, "/?code=1&state=ours")
        assert door.wait(5)
        assert monotonic() - began < CONNECTION_SECONDS
    finally:
        for connection in silent:
            connection.close()


def test_garbage_is_no_crash(door: Loopback) -> None:
    """Nor is hanging up in the middle."""
    for garbage in (
        b"\x16\x03\x01\x00\xff",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost",
        b"\r\n\r\n",
        b"GET \xff\xfe\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", door.port)) as connection:
            connection.sendall(garbage)

    assert 200 == visit(door, "/?code=1&state=ours")[0]


def test_a_port_in_use_is_named_in_one_line(door: Loopback) -> None:
    """With what to do."""
    with pytest.raises(SignInFailed, match=rf"port {door.port} is in use.*--port"):
        Loopback(door.port)


def test_closing_lets_the_port_go() -> None:
    """The next sign-in may use the same one at once, also after an answer."""
    with Loopback() as first:
        first.expect("ours")
        visit(first, "/?code=1&state=ours")
    with Loopback(first.port) as second:
        assert first.port == second.port


def test_nobody_is_waited_for_longer_than_asked(door: Loopback) -> None:
    """None, and the port stays open."""
    waiting = Thread(target=door.wait, args=(0.01,))
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()
    assert door.wait(0) is None
