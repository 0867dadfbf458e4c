"""PROTOCOL 22 to 30 where services keep them: each by its number."""

from typing import Any

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.event import EventKey
from tests.unit.services.household import HOME, USER, Household, timed

SECOND = "2026-11-24T09:00:00Z"


def pulled(house: Household, **fields: Any) -> EventKey:
    """The key of an event that somebody else made and a pull brought."""
    event = house.google.put(HOME, timed(**fields))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"])


def test_protocol_22_exception_is_keyed_by_series_and_original_start(house: Household) -> None:
    """Whatever its id looks like, and wherever it was moved to."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    original = {"dateTime": SECOND, "timeZone": "UTC"}
    moved = timed("Moved", day=28, id="nothing-like-it", recurringEventId=key.event_id, originalStartTime=original)
    house.google.put(HOME, moved)
    house.pull(USER, HOME)
    assert ["Daily", "Daily", "Moved"] == house.summaries()
    house.edit.change(EventKey(USER, HOME, key.event_id, SECOND), Draft(summary="Mine"))
    house.push(USER)
    assert "Mine" == house.google.live_events(HOME)["nothing-like-it"]["summary"]


def test_protocol_23_etag_tells_of_a_change_that_updated_does_not(house: Household) -> None:
    """Other reminders: the same `updated`, another etag."""
    key = pulled(house)
    before = house.mirror()[key.event_id]
    changed = {**before, "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    house.google._write(house.google._shelf(HOME), changed)
    assert 1 == house.pull(USER, HOME)
    after = house.mirror()[key.event_id]
    assert (before["updated"], changed["reminders"]) == (after["updated"], after["reminders"])


def test_protocol_24_property_of_a_calendar_comes_with_the_relist(house: Household) -> None:
    """Only its colour changed."""
    house.google.put_calendar({"id": HOME, "summary": "Home", "accessRole": "owner", "backgroundColor": "#123456"})
    assert 1 == house.pull_list(USER)
    assert ["#123456"] == [calendar.color for calendar in house.read.calendars(USER).calendars]


def test_protocol_28_answer_of_the_wrong_kind_advances_nothing(house: Household) -> None:
    """The adapter says Transient; the edit waits, and the next push finds that it arrived."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.fail("patch_event", Transient("an answer of the wrong kind (str)"), after=True)
    with pytest.raises(Transient):
        house.push(USER)
    assert ["waiting"] == [change.state for change in house.outbox()]
    house.push(USER)
    assert ([], "Mine") == (house.outbox(), house.google.live_events(HOME)[key.event_id]["summary"])


@pytest.mark.parametrize("scope", ["this", "all"])
def test_protocol_30_answer_sends_the_whole_list_and_tells_whom_it_was_asked_to(house: Household, scope: Any) -> None:
    """One instance, or all of them; with a comment."""
    guests = [
        {"email": "boss@example.com", "responseStatus": "accepted", "optional": True},
        {"email": "ana@example.com", "self": True, "responseStatus": "needsAction"},
    ]
    key = pulled(house, attendees=guests, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    answer = Draft(response="declined", comment="Away")
    house.edit.change(EventKey(USER, HOME, key.event_id, SECOND), answer, scope=scope, notify="all")
    house.google.calls.clear()
    house.push(USER)
    call = house.google.calls[-1]
    mine = {**guests[1], "responseStatus": "declined", "comment": "Away"}
    assert ({"attendees": [guests[0], mine]}, "all") == (call.arguments["fields"], call.arguments["send_updates"])
    expected = ["declined"] * 3 if scope == "all" else ["needsAction", "declined", "needsAction"]
    assert expected == [entry.response for entry in house.agenda()]


def test_protocol_30_nobody_is_told_unless_it_was_asked_for(house: Household) -> None:
    """And an edit that tells is not merged into one that doesn't."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Quiet"))
    house.edit.change(key, Draft(location="Loud"), notify="externalOnly")
    house.push(USER)
    patches = [call.arguments["send_updates"] for call in house.google.calls if call.operation == "patch_event"]
    assert ["none", "externalOnly"] == patches
