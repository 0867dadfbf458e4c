"""What the tests of the Google adapter talk to."""

from collections.abc import Iterator

import pytest

from aicalendar_tui.backend.credentials import StaticCredentials
from aicalendar_tui.backend.google.calendar import GoogleCalendar
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from tests.integration.google.scripted_server import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that answers by script."""
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def remote(server: ScriptedServer) -> Iterator[GoogleCalendar]:
    """The real adapter, talking to the scripted server with the access token `demo` and nothing to renew it."""
    remotes = GoogleRemotes(StaticCredentials({"token": "demo"}), Endpoint(server.base), timeout_seconds=5)
    yield remotes("me")
    remotes.close()
