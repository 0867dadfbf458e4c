"""Scopes in the simulated Google: exactly those of Google's own discovery document, for every operation."""

import json
from pathlib import Path

import googleapiclient
import pytest

from aicalendar_tui.simulator.scopes import permits

DOCUMENT = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "calendar.v3.json"
DISCOVERY = json.loads(DOCUMENT.read_text("utf-8"))
METHODS = {
    f"{resource}.{name}": method
    for resource, described in DISCOVERY["resources"].items()
    for name, method in described["methods"].items()
    if name != "transferOwnership"  # which the simulator does not have
}


@pytest.mark.parametrize("name", METHODS)
def test_an_operation_is_open_to_the_scopes_that_google_names(name: str) -> None:
    """And to no others."""
    method = METHODS[name]
    path = method["path"]
    for placeholder in ("calendarId", "eventId", "ruleId", "setting"):
        path = path.replace(f"{{{placeholder}}}", "x%40y")

    allowed = {scope for scope in DISCOVERY["auth"]["oauth2"]["scopes"] if permits(scope, method["httpMethod"], path)}

    assert set(method["scopes"]) == allowed
