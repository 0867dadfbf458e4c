"""Signing in at a simulated Google, with the real flow, database and files; only the processes are missing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.credentials import FileCredentials
from aicalendar_tui.backend.domain.client_file import STAND_IN_CLIENT, Client
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from aicalendar_tui.backend.google.sign_in import GoogleSignIn
from aicalendar_tui.backend.ports import ConsentRequest
from aicalendar_tui.backend.queue import MemoryTaskQueue
from aicalendar_tui.backend.services.accounts import Accounts
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.backend.services.sign_in import SignedIn, SignIn
from aicalendar_tui.backend.services.sign_out import SignOut
from aicalendar_tui.backend.store.store import PeeweeStore
from aicalendar_tui.simulator.server import RunningSimulator, build_world, run_in_thread
from tests.unit.services.household import FrozenClock

NOW = datetime(2026, 11, 23, 11, 12, tzinfo=UTC)
REDIRECT = "http://127.0.0.1:9/"
"""Nobody listens there: the answer is read off the redirection, as a person reads it off the address bar."""
DESKTOP = Client(client_id="desktop.apps.googleusercontent.com", client_secret="SECRET-client")


class Desk:
    """One machine: its database, its place for secrets, and an endpoint to sign in at."""

    def __init__(self, folder: Path, simulator: RunningSimulator, *, endpoint: str | None = None) -> None:
        self.simulator = simulator
        self.endpoint = Endpoint(endpoint or simulator.base_url)
        self.clock = FrozenClock()
        self.queue = MemoryTaskQueue()
        self.store = PeeweeStore(folder / "calendar.db")
        self.credentials = FileCredentials(folder / "credentials")
        self.cache = MemoryAgendaCache()
        self.publisher = MemoryChangePublisher()
        ledger = Ledger(self.store, self.queue, self.publisher, self.clock)
        self.edit = Edit(self.store, self.cache, self.publisher, self.clock)
        self.remotes = GoogleRemotes(self.credentials, self.endpoint, timeout_seconds=5)
        self.forgotten: list[str] = []
        self.sign_in = SignIn(
            self.store,
            self.credentials,
            GoogleSignIn(self.endpoint, timeout_seconds=5),
            self.publisher,
            RequestSync(self.store, ledger),
            self.clock,
            is_stand_in=True,
        )
        self.sign_out = SignOut(
            self.store,
            self.credentials,
            self.remotes,
            lambda base: GoogleSignIn(Endpoint(base), timeout_seconds=5),
            self.publisher,
            lambda user_id: self.forgotten.append(user_id) or 1,
        )
        self.accounts = Accounts(self.store, self.credentials, self.sign_in, self.sign_out, self.endpoint.base)

    def begin(self, client: Client = STAND_IN_CLIENT, **more: object) -> ConsentRequest:
        """A sign-in whose answer nobody waits for at a port."""
        return self.sign_in.begin(client, redirect_uri=REDIRECT, **more)  # pyright: ignore[reportArgumentType]

    def log_in(self, who: str = "ana", client: Client = STAND_IN_CLIENT, **more: object) -> SignedIn:
        """All of it, as that person."""
        request = self.begin(client, **more)
        return self.sign_in.finish(request, answer_of(request.url, who))

    def stored(self, user_id: str) -> dict[str, object]:
        """What is kept of the account's secrets."""
        return self.credentials.load(user_id, self.endpoint.base) or {}

    def close(self) -> None:
        """All connections."""
        self.remotes.close()
        self.store.close()


def answer_of(url: str, who: str, **more: str) -> str:
    """The address that a browser ends at when `who` ('' for nobody) is chosen on the consent page."""
    link = next(
        unescape(found)
        for found in re.findall(r'href="([^"]+)"', _get(url)[1])
        if re.search(f"user={who}(?:%40|$)" if who else "user=$", unescape(found))
    )
    extra = f"&{urlencode(more)}" if more else ""
    return _get(urljoin(url, link) + extra)[0]


def _get(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.getheader("Location", ""), answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """The demo's people and calendars."""
    world, _ = build_world(demo=True, now=NOW, zone="Europe/Prague")
    with run_in_thread(world) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, simulator: RunningSimulator) -> Iterator[Desk]:
    """Where nobody has signed in yet."""
    desk = Desk(tmp_path, simulator)
    yield desk
    desk.close()
