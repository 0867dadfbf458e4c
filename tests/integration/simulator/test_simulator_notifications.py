"""Messages arrive over HTTP as Google sends them, are retried when the receiver fails, and never hold requests up."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from aicalendar_tui.simulator.control import act_as
from aicalendar_tui.simulator.server import RunningSimulator

DAY = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}


class Receiver:
    """A webhook that notes what it gets, and answers what it is told to."""

    def __init__(self, port: int = 0) -> None:
        self.messages: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []
        """Answers to come; 202 afterwards."""
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.note(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"

    def note(self, request: BaseHTTPRequestHandler) -> None:
        """Keep a message and answer it."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self.arrived:
            status = self.statuses.pop(0) if self.statuses else 202
            self.bodies.append(body)
            self.messages.append({**request.headers, "path": request.path})
            self.arrived.notify_all()
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def wait_for(self, count: int) -> list[str]:
        """The states of the messages, once so many are there."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.messages) >= count, timeout=5)
            return [one["X-Goog-Resource-State"] for one in self.messages]

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook on a free port."""
    running = Receiver()
    yield running
    running.close()


def watch(google: Any, address: str, channel_id: str = "one") -> Any:
    """A channel on the primary calendar."""
    body = {"id": channel_id, "type": "web_hook", "address": address, "token": "secret"}
    return google.events().watch(calendarId="primary", body=body).execute()


def test_sync_comes_first_and_each_change_follows(google: Any, receiver: Receiver) -> None:
    """Headers only, an empty body, the address' query kept."""
    opened = watch(google, receiver.address)
    google.events().insert(calendarId="primary", body=DAY).execute()
    assert ["sync", "exists"] == receiver.wait_for(2)
    message = receiver.messages[1]
    assert ("one", "secret", opened["resourceId"], opened["resourceUri"], "0", "/hook?x=1") == tuple(
        message[name]
        for name in (
            "X-Goog-Channel-ID",
            "X-Goog-Channel-Token",
            "X-Goog-Resource-ID",
            "X-Goog-Resource-URI",
            "Content-Length",
            "path",
        )
    )
    assert [b"", b""] == receiver.bodies
    assert message["X-Goog-Channel-Expiration"].endswith("GMT")


def test_a_failing_receiver_is_tried_again_until_it_takes_the_message(google: Any, receiver: Receiver) -> None:
    """5xx is retried with the same number."""
    receiver.statuses = [503, 500, 502, 504]
    watch(google, receiver.address)
    assert ["sync"] * 5 == receiver.wait_for(5)
    assert 1 == len({one["X-Goog-Message-Number"] for one in receiver.messages})


@pytest.mark.parametrize("status", [400, 404, 410, 429, 301])
def test_any_other_answer_loses_the_message(google: Any, receiver: Receiver, status: int) -> None:
    """As Google does it: what comes next is another message."""
    receiver.statuses = [status]
    watch(google, receiver.address)
    receiver.wait_for(1)
    google.events().insert(calendarId="primary", body=DAY).execute()
    assert ["sync", "exists"] == receiver.wait_for(2)


def test_a_receiver_that_is_away_gets_its_messages_when_it_is_back(google: Any) -> None:
    """A refused connection is retried."""
    first = Receiver()
    address, port = first.address, first.server.server_port
    first.close()
    watch(google, address)
    google.events().insert(calendarId="primary", body=DAY).execute()
    late = Receiver(port)
    try:
        assert {"sync", "exists"} == set(late.wait_for(2))
    finally:
        late.close()


def test_a_receiver_that_hangs_holds_nothing_up(google: Any, simulator: RunningSimulator) -> None:
    """Requests are answered while messages wait for a receiver that never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        watch(google, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        for _ in range(20):
            google.events().insert(calendarId="primary", body=DAY).execute()
    assert 20 <= simulator.world.version


def test_the_sync_message_can_come_before_the_watch_is_answered(
    google: Any, receiver: Receiver, simulator: RunningSimulator
) -> None:
    """A switch makes sure of what only happens by chance otherwise."""
    simulator.world.switches.sync_before_watch_returns = True
    watch(google, receiver.address)
    assert ["sync"] == [one["X-Goog-Resource-State"] for one in receiver.messages]


def test_a_hundred_changes_reach_every_channel_in_order(
    google: Any, receiver: Receiver, simulator: RunningSimulator
) -> None:
    """First attempts of a channel keep their order."""
    for name in ("a", "b"):
        watch(google, receiver.address, name)
    for _ in range(100):
        google.events().insert(calendarId="primary", body=DAY).execute()
    receiver.wait_for(202)
    for name in ("a", "b"):
        numbers = [int(one["X-Goog-Message-Number"]) for one in receiver.messages if one["X-Goog-Channel-ID"] == name]
        assert (101, sorted(numbers)) == (len(numbers), numbers)


def test_acting_as_somebody_leaves_no_token_behind(simulator: RunningSimulator) -> None:
    """The control API edits in a user's name."""
    before = set(simulator.world.oauth.access_tokens)
    assert 200 == act_as(simulator.world, "mira@example.com", "GET", "calendars/primary").status
    assert before == set(simulator.world.oauth.access_tokens)
