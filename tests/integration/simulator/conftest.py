"""A running simulator with the demo, and the unmodified real client on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from aicalendar_tui.simulator.notifier import DeliveryPolicy
from aicalendar_tui.simulator.server import RunningSimulator, build_world, run_in_thread

NOW = datetime(2026, 11, 23, 11, 12, tzinfo=UTC)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """The demo on a free port; notifications are retried within milliseconds."""
    world, _ = build_world(demo=True, now=NOW, zone="Europe/Prague")
    policy = DeliveryPolicy(first_backoff_seconds=0.01, longest_backoff_seconds=0.05, attempts=20)
    with run_in_thread(world, policy=policy) as running:
        yield running


@pytest.fixture
def make_service(simulator: RunningSimulator) -> Iterator[Callable[..., Any]]:
    """Makes googleapiclient services for credentials; the demo user's without any."""
    made = []

    def make(credentials: Credentials | None = None) -> Any:
        service = build(
            "calendar",
            "v3",
            credentials=credentials or Credentials("demo"),
            client_options={"api_endpoint": f"{simulator.base_url}/calendar/v3/"},
            static_discovery=True,
        )
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


@pytest.fixture
def google(make_service: Callable[..., Any]) -> Any:
    """The demo user's service."""
    return make_service()
