"""The local API keeps what its own OpenAPI description promises, whatever it is asked."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection

from aicalendar_tui.backend.receiver import local
from aicalendar_tui.bootstrap import build_services
from aicalendar_tui.settings import load_settings
from tests.unit.receiver.fake_services import USER, FakeServices

HEADERS = {"Authorization": "Bearer secret", "Host": "127.0.0.1:8000"}
UNASKED = [negative_data_rejection]
"""Queries that nobody asked for are ignored, as the web does; and each request here carries the token after all."""


@pytest.fixture
def with_fakes() -> Any:
    """The API of an account with two calendars."""
    return describe(FakeServices())


@pytest.fixture
def with_a_database(tmp_path: Path) -> Any:
    """The real services of an account without calendars, with Redis away: what can't be queued is a 503."""
    built = load_settings(environ={"AICALENDAR_HOME": str(tmp_path)})
    built.folders.create()
    services = build_services(built)
    with services.store.write() as unit:
        unit.put_account(USER, email=USER, endpoint="https://www.googleapis.com", now=0)
    return describe(services)


def describe(services: Any) -> Any:
    """The schema as the app gives it away."""
    app = local.create_app(services, read_token=lambda: "secret")
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HEADERS)


fakes = schemathesis.pytest.from_fixture("with_fakes")
database = schemathesis.pytest.from_fixture("with_a_database")


@fakes.parametrize()
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_each_answer_is_as_described(case: Any) -> None:
    """Status, media type, headers and body; no error is ours."""
    case.call_and_validate(headers=HEADERS, excluded_checks=UNASKED)


@database.parametrize()
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_the_real_services_answer_as_described(case: Any) -> None:
    """Whatever is asked goes as far as the database."""
    case.call_and_validate(headers=HEADERS, excluded_checks=UNASKED)
