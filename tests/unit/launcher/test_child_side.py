"""What services use: notes to the supervisor, inherited sockets, the lifeline."""

import os
import socket

import pytest

from aicalendar_tui.launcher.lifeline import watch_lifeline
from aicalendar_tui.launcher.notify import LINE_BYTES, Notifier
from aicalendar_tui.launcher.plan import SocketSpec
from aicalendar_tui.launcher.sockets import (
    describe_sockets,
    describe_urls,
    inherited_sockets,
    known_urls,
    listen,
)


def test_each_note_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line ends in it are spaces, and its length has a bound."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    monkeypatch.setenv("AICALENDAR_NOTIFY_FD", str(writer))
    notifier = Notifier()
    notifier.ready()
    notifier.busy("pull-1")
    notifier.idle("pull-1")
    notifier.status("two\nlines\r and\tmore")
    notifier.status("ж" * 1000)
    assert not os.get_inheritable(writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as notes:
        lines = notes.readlines()
    assert [b"READY=1\n", b"BUSY=pull-1\n", b"IDLE=pull-1\n", b"STATUS=two lines and more\n"] == lines[:4]
    assert LINE_BYTES == len(lines[4])


@pytest.mark.parametrize("value", [None, "", "many", "99999"])
def test_without_a_supervisor_nobody_is_told(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """The same program runs by hand."""
    monkeypatch.delenv("AICALENDAR_NOTIFY_FD", raising=False)
    monkeypatch.delenv("AICALENDAR_LIFELINE", raising=False)
    if value is not None:
        monkeypatch.setenv("AICALENDAR_NOTIFY_FD", value)
        monkeypatch.setenv("AICALENDAR_LIFELINE", value)
    notifier = Notifier()
    notifier.ready()
    notifier.busy("x")
    assert not watch_lifeline()


def test_supervisor_that_is_gone_is_no_error() -> None:
    """The lifeline ends the process; a note must not do so first, with a traceback."""
    reader, writer = os.pipe()
    notifier = Notifier(writer)
    os.close(reader)
    notifier.ready()
    notifier.idle("x")
    os.close(writer)


def test_inherited_sockets_are_taken_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """And are not handed on to programs that this one starts."""
    with listen(SocketSpec("public", "127.0.0.1", 0)) as public, listen(SocketSpec("local", "::1", 0)) as local:
        passed = {"public": os.dup(public.fileno()), "local": os.dup(local.fileno())}
        monkeypatch.setenv("AICALENDAR_SOCKETS", describe_sockets(passed))
        monkeypatch.setenv("AICALENDAR_URLS", describe_urls({"public": public, "local": local}))
        taken = inherited_sockets()
        try:
            assert public.getsockname() == taken["public"].getsockname()
            assert local.getsockname() == taken["local"].getsockname()
            assert not any(found.get_inheritable() for found in taken.values())
        finally:
            for found in taken.values():
                found.close()
        port, other = public.getsockname()[1], local.getsockname()[1]
        assert {"public": f"http://127.0.0.1:{port}", "local": f"http://[::1]:{other}"} == known_urls()


def test_without_a_supervisor_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer, not an error."""
    monkeypatch.delenv("AICALENDAR_SOCKETS", raising=False)
    monkeypatch.delenv("AICALENDAR_URLS", raising=False)
    assert {} == inherited_sockets()
    assert {} == known_urls()


def test_taken_port_falls_to_a_free_one_only_where_that_is_fine() -> None:
    """A port that was asked for by name is not silently another."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with listen(SocketSpec("public", "127.0.0.1", port)) as found:
            assert port != found.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen(SocketSpec("public", "127.0.0.1", port, fallback=False))
