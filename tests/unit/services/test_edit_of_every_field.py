"""Fields with rules of their own, from the draft to Google and back: guests, reminders, calls, kinds, zones."""

from datetime import UTC, datetime, timedelta

import pytest

from aicalendar_tui.backend.domain.draft import Draft, Reminder
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.event import Attendee, Event
from aicalendar_tui.backend.domain.kinds import Declines, Workplace
from tests.unit.services.household import HOME, USER, Household, draft

WORK = (
    Attendee("boris@example.com", "Boris"),
    Attendee("jana@example.com", optional=True),
)


def event_of(house: Household, key) -> Event:
    """As it is shown."""
    view = house.read.event(key)
    assert view is not None
    return view.event


def test_guests_are_invited_and_left_out(house: Household) -> None:
    """An answer that came meanwhile stays."""
    key = house.edit.create(USER, HOME, draft(guests=WORK), notify="all")
    house.push(USER)
    assert [("boris@example.com", False), ("jana@example.com", True)] == [
        (guest.email, guest.optional) for guest in event_of(house, key).attendees
    ]
    there = house.google.live_events(HOME)[key.event_id]
    boris, jana = there["attendees"]
    answered = [{**boris, "responseStatus": "accepted"}, jana]
    house.google.put(HOME, {**there, "attendees": answered})
    house.edit.change(key, Draft(guests=(*WORK[:1], Attendee("petr@example.com"))))
    house.push(USER)
    assert [] == house.outbox()
    assert [("boris@example.com", "accepted"), ("petr@example.com", "needsAction")] == [
        (guest["email"], guest["responseStatus"])
        for guest in house.google.live_events(HOME)[key.event_id]["attendees"]
    ]


@pytest.mark.parametrize("lost", [False, True])
def test_a_call_is_asked_for_once(house: Household, lost: bool) -> None:
    """Also when the answer to the request was lost: what Google made of it is no conflict."""
    key = house.create("Tea")
    house.push(USER)
    house.edit.change(key, Draft(call_request_id="one"))
    assert "Google Meet" == event_of(house, key).call_name
    if lost:
        house.google.fail("patch_event", Transient("cut off"), after=True)
        with pytest.raises(Transient):
            house.push(USER)
    house.push(USER)
    assert [] == house.outbox()
    asked = house.google.live_events(HOME)[key.event_id]["conferenceData"]["createRequest"]
    assert "one" == asked["requestId"]
    house.edit.change(key, Draft(call_request_id=None))
    assert ("", "") == (event_of(house, key).call_name, event_of(house, key).join_url)
    house.push(USER)
    assert "conferenceData" not in house.google.live_events(HOME)[key.event_id]


def test_reminders_go_out_and_come_back_by_undo(house: Household) -> None:
    """From the calendar's own to a list, and back."""
    key = house.create("Tea")
    house.push(USER)
    house.edit.change(key, Draft(reminders=(Reminder(10), Reminder(60, by_mail=True))))
    assert ((10, 60), (60,)) == (event_of(house, key).reminders_minutes, event_of(house, key).mailed_minutes)
    house.push(USER)
    house.edit.undo(USER)
    house.push(USER)
    assert ([], None) == (house.outbox(), event_of(house, key).reminders_minutes)


def test_kinds_keep_their_properties(house: Household) -> None:
    """And an edit of them sends them alone."""
    declines = Declines("declineAllConflictingInvitations", "Later")
    focus = house.edit.create(USER, HOME, draft("Focus", event_type="focusTime", declines=declines))
    home = house.edit.create(
        USER, HOME, draft("Home", event_type="workingLocation", workplace=Workplace("officeLocation", "Karlín"))
    )
    house.push(USER)
    assert ("focusTime", declines) == (event_of(house, focus).event_type, event_of(house, focus).declines)
    assert Workplace("officeLocation", "Karlín") == event_of(house, home).workplace
    house.edit.change(home, Draft(event_type="workingLocation", workplace=Workplace()))
    house.push(USER)
    assert ([], Workplace()) == (house.outbox(), event_of(house, home).workplace)


def test_the_ends_keep_their_zones(house: Household) -> None:
    """As they were typed."""
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    flight = Draft(
        summary="Flight",
        start=start,
        end=start + timedelta(hours=9),
        zone="Europe/Prague",
        end_zone="America/New_York",
    )
    key = house.edit.create(USER, HOME, flight)
    house.push(USER)
    event = event_of(house, key)
    assert ("Europe/Prague", "America/New_York", timedelta(hours=9)) == (event.zone, event.end_zone, event.length)
