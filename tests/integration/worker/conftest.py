"""A simulated Google, a Redis-protocol server and a database, for real worker processes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.store.store import PeeweeStore
from aicalendar_tui.bootstrap import DEMO_USER, VALKEY_SOCKET
from aicalendar_tui.settings import Settings, load_settings
from aicalendar_tui.simulator.clock import SteerableClock, SystemClock
from aicalendar_tui.simulator.server import run_in_thread
from aicalendar_tui.simulator.world import World
from tests.integration.valkey_server import ValkeyServer

PROGRAM = Path(__file__).with_name("worker_program.py")


@dataclass
class Workshop:
    """Where workers are started; what they did is read from the database and from the simulator."""

    settings: Settings
    environ: dict[str, str]
    store: PeeweeStore
    port: int
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[str]:
        """Returns when it is ready."""
        worker = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.workers.append(worker)
        assert worker.stdout is not None
        line = worker.stdout.readline()
        while line and line != "ready\n":
            line = worker.stdout.readline()
        assert "ready\n" == line, worker.communicate()
        return worker

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the simulator in the demo user's name; a body that is no text is sent as JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            content = body if body is None or isinstance(body, str) else json.dumps(body)
            headers = {"Authorization": "Bearer demo", "Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            received = answer.read()
            assert answer.status < 300, received
            return json.loads(received) if received else None
        finally:
            connection.close()

    def summaries(self) -> list[str]:
        """Of the events in the primary calendar at the simulated Google."""
        return [event["summary"] for event in self.ask("GET", "/calendar/v3/calendars/primary/events")["items"]]

    def tasks(self, name: str) -> list[Task]:
        """Of that name, from the ledger."""
        with self.store.read() as unit:
            return [task for task in unit.tasks(DEMO_USER, limit=1_000) if task.name == name]


def wait_for(condition: Callable[[], Any], *, seconds: float = 15) -> Any:
    """What the condition gives once it is true. Raises AssertionError when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


@pytest.fixture
def workshop(own_valkey: ValkeyServer) -> Iterator[Workshop]:
    """An account with one empty calendar; no worker runs yet."""
    world = World(SteerableClock(SystemClock(), start=datetime(2026, 11, 23, 9, tzinfo=UTC)))
    world.add_user(DEMO_USER, "Ana", "UTC", access_token="demo")
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp") as home, run_in_thread(world) as simulator:
        environ = {
            **os.environ,
            "AICALENDAR_HOME": home,
            "AICALENDAR_DEMO": "1",
            "GOOGLE_API_ENDPOINT": simulator.base_url,
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }
        settings = load_settings(environ=environ)
        settings.folders.create()
        (settings.folders.run / VALKEY_SOCKET).symlink_to(own_valkey.path)
        store = PeeweeStore(settings.folders.database)
        workshop = Workshop(settings, environ, store, int(simulator.base_url.rpartition(":")[2]))
        try:
            yield workshop
        finally:
            for worker in workshop.workers:
                worker.kill()
                worker.communicate()
            store.close()
