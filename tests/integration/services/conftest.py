"""The real services and database against the simulated Google, through the real client."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aicalendar_tui.backend.credentials import StaticCredentials
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from aicalendar_tui.simulator.clock import SteerableClock, SystemClock
from aicalendar_tui.simulator.server import run_in_thread
from aicalendar_tui.simulator.world import World
from tests.integration.services.office import HOME, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An account with two calendars that were pulled and are empty."""
    world = World(SteerableClock(SystemClock(), start=datetime(2026, 11, 23, 9, tzinfo=UTC)))
    user = world.add_user(HOME, "Ana", "Europe/Berlin", access_token="demo")
    work = world.add_calendar(user, "Work", "Europe/Berlin")
    with run_in_thread(world) as simulator:
        remotes = GoogleRemotes(StaticCredentials({"token": "demo"}), Endpoint(simulator.base_url), timeout_seconds=5)
        office = Office(tmp_path, remotes, work.id)
        yield office
        office.store.close()
        remotes.close()
