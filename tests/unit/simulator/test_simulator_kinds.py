"""Focus time, out of office and working location, as Google takes and refuses them."""

from typing import Any

import pytest

from tests.unit.simulator.simulated_client import Client, reason_of

PLACE = {"type": "officeLocation", "officeLocation": {"label": "Karlín"}}


def test_focus_time_gets_its_defaults(ana: Client) -> None:
    """And properties of another kind are not kept."""
    event = ana.insert(eventType="focusTime", outOfOfficeProperties={"autoDeclineMode": "declineNone"})
    assert {"autoDeclineMode": "declineNone"} == event["focusTimeProperties"]
    assert "outOfOfficeProperties" not in event


def test_a_working_location_changes_its_place(ana: Client) -> None:
    """What belonged to the other place goes."""
    event = ana.insert(
        eventType="workingLocation", transparency="transparent", visibility="public", workingLocationProperties=PLACE
    )
    assert PLACE == event["workingLocationProperties"]
    home = {"type": "homeOffice", "homeOffice": {}, "officeLocation": None, "customLocation": None}
    changed = ana.patch(event["id"], workingLocationProperties=home)
    assert {"type": "homeOffice", "homeOffice": {}} == changed["workingLocationProperties"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"eventType": "workingLocation", "workingLocationProperties": PLACE}, "malformedWorkingLocationEvent"),
        (
            {"eventType": "workingLocation", "transparency": "transparent", "visibility": "public"},
            "malformedWorkingLocationEvent",
        ),
        (
            {"eventType": "outOfOffice", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}},
            "malformedOutOfOfficeEvent",
        ),
        ({"eventType": "focusTime", "attendees": [{"email": "boris@example.com"}]}, "invalid"),
        ({"eventType": "focusTime", "focusTimeProperties": {"autoDeclineMode": "perhaps"}}, "invalid"),
    ],
)
def test_malformed_kinds_are_refused(ana: Client, fields: dict[str, Any], reason: str) -> None:
    """With Google's reason."""
    times = {
        "start": {"dateTime": "2026-11-23T10:00:00Z"},
        "end": {"dateTime": "2026-11-23T11:00:00Z"},
    }
    answer = ana.send("POST", "calendars/primary/events", times | fields)
    assert (400, reason) == reason_of(answer)


def test_only_a_primary_calendar_has_them(ana: Client) -> None:
    """Any other calendar has appointments alone."""
    other = ana.read(ana.send("POST", "calendars", {"summary": "Other"}))
    body = {
        "start": {"dateTime": "2026-11-23T10:00:00Z"},
        "end": {"dateTime": "2026-11-23T11:00:00Z"},
        "eventType": "focusTime",
    }
    answer = ana.send("POST", f"calendars/{other['id']}/events", body)
    assert (400, "malformedFocusTimeEvent") == reason_of(answer)
