"""A world with a stopped clock and two users."""

from datetime import UTC, datetime

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client


@pytest.fixture
def clock() -> ManualClock:
    """Monday, 23 November 2026, noon in UTC, until told otherwise."""
    return ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.fixture
def world(clock: ManualClock) -> World:
    """Ana in Prague and Boris in New York, with empty calendars."""
    world = World(clock, seed=1)
    world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    world.add_user("boris@example.com", "Boris", "America/New_York", access_token="boris")
    return world


@pytest.fixture
def ana(world: World) -> Client:
    """Ana's access."""
    return Client(world, "ana")


@pytest.fixture
def boris(world: World) -> Client:
    """Boris's access."""
    return Client(world, "boris")
