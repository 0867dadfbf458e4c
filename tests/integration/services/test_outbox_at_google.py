"""Splits, moves, answers and conflicts as the simulated Google takes them, through the real client."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey
from tests.integration.services.office import HOME, Office
from tests.unit.services.household import USER


def titles(office: Office) -> list[str]:
    """Of what is shown in November, in order."""
    return [entry.summary for entry in office.agenda()]


def rules(office: Office) -> list[str]:
    """Of all series at Google."""
    return sorted(rule for event in office.at_google().values() for rule in event.get("recurrence", ()))


def with_exceptions(office: Office) -> EventKey:
    """A series with one instance changed before the 26th, one after it, and one cancelled."""
    key = office.series()
    office.edit.change(office.instance(key, 24), Draft(summary="Early"))
    office.edit.change(office.instance(key, 27), Draft(summary="Special", location="There"))
    office.edit.delete(office.instance(key, 28))
    office.sync()
    return key


def test_protocol_29_series_is_divided_with_its_exceptions(office: Office) -> None:
    """Two series, every instance once."""
    key = with_exceptions(office)
    office.edit.change(office.instance(key, 26), Draft(summary="Late"), scope="following")
    expected = ["Daily", "Early", "Daily", "Late", "Special"]
    assert expected == titles(office)
    office.sync()
    assert expected == titles(office)
    assert "RRULE:FREQ=DAILY;COUNT=3" in rules(office)


@pytest.mark.parametrize("deleted", [False, True])
def test_undo_and_redo_of_a_split(office: Office, deleted: bool) -> None:
    """Google ends exceptions beyond the end of their series: the undo brings them back."""
    key = with_exceptions(office)
    before = titles(office)
    if deleted:
        office.edit.delete(office.instance(key, 26), scope="following")
    else:
        office.edit.change(office.instance(key, 26), Draft(summary="Late"), scope="following")
    divided = titles(office)
    office.sync()
    office.edit.undo(USER)
    assert before == titles(office)
    office.sync()
    office.edit.redo(USER)
    assert divided == titles(office)
    office.sync()
    office.edit.undo(USER)
    office.sync()
    assert (before, ["RRULE:FREQ=DAILY;COUNT=6"]) == (titles(office), rules(office))


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (25, 11, ["23 11 Daily", "24 11 Early", "25 11 Daily", "26 11 Daily", "27 11 Special"]),
        (26, 9, ["24 9 Daily", "25 9 Early", "26 9 Daily", "27 9 Daily", "28 9 Special"]),
    ],
)
def test_all_of_a_series_moves_with_its_exceptions(office: Office, day: int, hour: int, expected: list[str]) -> None:
    """To another hour or day; Google ends what is left behind. Undone and made again."""
    key = with_exceptions(office)

    def shown() -> list[str]:
        starts = [(entry.start_in(ZoneInfo("Europe/Berlin")), entry.summary) for entry in office.agenda()]
        return [f"{start.day} {start.hour} {title}" for start, title in starts]

    before = shown()
    start = datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Europe/Berlin"))
    draft = Draft(start=start, end=start + timedelta(hours=1))
    assert [] == office.edit.losses(office.instance(key, 25), draft, "all")
    office.edit.change(office.instance(key, 25), draft, scope="all")
    assert expected == shown()[: len(expected)]
    office.sync()
    office.edit.undo(USER)
    assert before == shown()
    office.sync()
    office.edit.redo(USER)
    assert expected == shown()[: len(expected)]
    office.sync()
    office.edit.undo(USER)
    office.sync()
    assert (before, ["RRULE:FREQ=DAILY;COUNT=6"]) == (shown(), rules(office))


def test_series_moves_to_another_calendar_and_changes_by_one_action(office: Office) -> None:
    """And both ways back."""
    key = with_exceptions(office)
    before = titles(office)
    office.edit.move(key, (USER, office.work), draft=Draft(summary="New", location="There"))
    expected = [{"Daily": "New"}.get(title, title) for title in before]
    assert (expected, 1) == (titles(office), len(office.outbox()))
    office.sync()
    assert {} == office.at_google(HOME)
    office.edit.undo(USER)
    office.sync()
    assert (before, {}) == (titles(office), office.at_google(office.work))


def test_all_day_series_without_end_is_divided(office: Office) -> None:
    """UNTIL is a date there."""
    key = office.series(start={"date": "2026-11-23"}, end={"date": "2026-11-24"}, recurrence=["RRULE:FREQ=DAILY"])
    office.edit.change(EventKey(USER, HOME, key.event_id, "2026-11-26"), Draft(summary="Late"), scope="following")
    office.sync()
    assert ["RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;UNTIL=20261125"] == rules(office)
    assert ["Daily"] * 3 + ["Late"] * 5 == titles(office)


def test_series_moves_to_another_calendar_and_back(office: Office) -> None:
    """With all of its exceptions."""
    key = with_exceptions(office)
    before = titles(office)
    office.edit.move(key, (USER, office.work))
    office.sync()
    assert (before, {office.work}) == (titles(office), {entry.calendar_id for entry in office.agenda()})
    assert {} == office.at_google(HOME)
    office.edit.undo(USER)
    office.sync()
    assert (before, {}) == (titles(office), office.at_google(office.work))


def test_deleted_event_and_series_are_restored(office: Office) -> None:
    """By `status: confirmed`, whole."""
    key = with_exceptions(office)
    before = titles(office)
    office.edit.delete(key, scope="all")
    office.sync()
    assert [] == titles(office)
    office.edit.undo(USER)
    office.push(USER)
    office.pull(USER, HOME)
    assert (before, []) == (titles(office), office.outbox())
    assert office.at_google() == office.mirror(HOME)


def test_conflict_is_settled_over_what_google_has(office: Office) -> None:
    """Mine for the title."""
    key = office.series()
    office.edit.change(key, Draft(summary="Mine"), scope="all")
    event = office.phone.get_event(HOME, key.event_id)
    office.phone.patch_event(HOME, key.event_id, {"summary": "Theirs", "location": "Here"}, etag=event["etag"])
    office.push(USER)
    services = office.services()
    (conflict,) = services.list_conflicts(USER)
    assert [("Daily", "Mine", "Theirs")] == [(unit.base, unit.mine, unit.theirs) for unit in conflict.units]
    services.settle(conflict.change_id, "mine")
    office.sync()
    (event,) = office.at_google().values()
    assert ("Mine", "Here") == (event["summary"], event["location"])


def test_event_that_was_deleted_there_is_created_again(office: Office) -> None:
    """With the edit."""
    key = office.series(recurrence=[])
    office.edit.change(key, Draft(summary="Mine"))
    office.phone.delete_event(HOME, key.event_id)
    office.push(USER)
    services = office.services()
    services.settle(services.list_conflicts(USER)[0].change_id, "mine")
    office.sync()
    assert ["Mine"] == titles(office)


def test_instance_is_answered_alone_and_then_the_series(office: Office) -> None:
    """PROTOCOL 30: the whole list goes back, with one answer changed."""
    guests = [{"email": HOME}, {"email": "boss@example.com", "responseStatus": "accepted"}]
    key = office.series(attendees=guests)
    office.edit.change(office.instance(key, 25), Draft(response="declined", comment="Away"), notify="all")
    office.edit.change(key, Draft(response="accepted"), scope="all")
    office.sync()
    assert ["accepted", "accepted", "declined"] == [entry.response for entry in office.agenda()][:3]
    for event in office.at_google().values():
        assert "accepted" == {g["email"]: g["responseStatus"] for g in event["attendees"]}["boss@example.com"]
