"""What a user typed: refused with the field's name when no calendar could hold it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.draft import Draft, Reminder, shifted
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.event import Attendee
from aicalendar_tui.backend.domain.kinds import Declines, Workplace, parse_declines, parse_workplace

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(start=NINE), "end"),
        (Draft(end=NINE), "end"),
        (Draft(start=NINE, end=NINE - timedelta(seconds=1)), "end"),
        (Draft(start=NINE, end=DAY), "end"),
        (Draft(start=DAY, end=NINE), "end"),
        (Draft(start=DAY, end=DAY), "end"),
        (Draft(start=DAY, end=DAY - timedelta(days=1)), "end"),
        (Draft(start=NINE.replace(tzinfo=None), end=NINE.replace(tzinfo=None)), "start"),
        (Draft(start=NINE, end=NINE.replace(tzinfo=None)), "end"),
    ],
)
def test_impossible_times_are_refused_with_the_field_to_mend(draft: Draft, field: str) -> None:
    """Never sent to Google to be rejected there."""
    with pytest.raises(InvalidEdit) as refused:
        draft.validate()
    assert field == refused.value.field


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft(summary=""),
        Draft(start=NINE, end=NINE),
        Draft(start=DAY, end=DAY + timedelta(days=1)),
        Draft(start=datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), end=NINE),
    ],
)
def test_possible_drafts_pass(draft: Draft) -> None:
    """An event may be a moment; a day is at least one."""
    draft.validate()


def test_only_what_is_set_is_a_field() -> None:
    """The rest stays as it is at Google."""
    assert {} == Draft().fields()
    assert {"summary": "", "colorId": None} == Draft(summary="", color_id=None).fields()
    assert {"recurrence": None} == Draft(recurrence=()).fields()
    assert {"recurrence": ["RRULE:FREQ=DAILY"]} == Draft(recurrence=("RRULE:FREQ=DAILY",)).fields()


def test_times_are_written_in_the_zone_that_they_are_meant_in() -> None:
    """A series follows the wall clock of its zone."""
    fields = Draft(start=NINE, end=NINE + timedelta(hours=1), zone="Europe/Berlin").fields()
    assert {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"} == fields["start"]
    assert {"date": "2026-11-23"} == Draft(start=DAY, end=DAY + timedelta(days=1), zone="Europe/Berlin").fields()[
        "start"
    ]


def test_shifted_time_keeps_its_place_on_the_clock() -> None:
    """Nine stays nine when the clocks go back in between."""
    start = datetime(2026, 10, 24, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    moved, end = shifted(start, start + timedelta(hours=1), by=timedelta(days=1))
    assert ["2026-10-25T09:00:00+01:00", "2026-10-25T10:00:00+01:00"] == [moved.isoformat(), end.isoformat()]


def test_the_ends_may_be_meant_in_different_zones() -> None:
    """A flight; both are the same instants whatever clock they are written on."""
    fields = Draft(
        start=NINE, end=NINE + timedelta(hours=9), zone="Europe/Prague", end_zone="America/New_York"
    ).fields()
    assert {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Prague"} == fields["start"]
    assert {"dateTime": "2026-11-23T13:00:00-05:00", "timeZone": "America/New_York"} == fields["end"]


def test_reminders_are_the_calendars_own_or_all_that_are_listed() -> None:
    """No reminder at all is a list too."""
    assert {"reminders": {"useDefault": True, "overrides": []}} == Draft(reminders=None).fields()
    assert {"reminders": {"useDefault": False, "overrides": []}} == Draft(reminders=()).fields()
    listed = Draft(reminders=(Reminder(10), Reminder(1440, by_mail=True))).fields()["reminders"]["overrides"]
    assert [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}] == listed


def test_a_call_is_asked_for_by_an_id_and_taken_away_whole() -> None:
    """The link goes with the call."""
    asked = Draft(call_request_id="one").fields()["conferenceData"]["createRequest"]
    assert {"requestId": "one", "conferenceSolutionKey": {"type": "hangoutsMeet"}} == asked
    assert {"conferenceData": None, "hangoutLink": None} == Draft(call_request_id=None).fields()


def test_each_kind_has_its_own_properties() -> None:
    """Under Google's name for them."""
    declines = Declines("declineAllConflictingInvitations", "Later, please")
    focus = Draft(event_type="focusTime", declines=declines).fields()
    assert ("focusTime", declines) == (focus["eventType"], parse_declines(focus["focusTimeProperties"]))
    assert "outOfOfficeProperties" in Draft(event_type="outOfOffice", declines=declines).fields()
    for place in (Workplace(), Workplace("officeLocation", "Karlín"), Workplace("customLocation", "Library")):
        fields = Draft(event_type="workingLocation", workplace=place).fields()
        assert place == parse_workplace(fields["workingLocationProperties"])


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(reminders=(Reminder(-1),)), "reminders"),
        (Draft(reminders=(Reminder(40_321),)), "reminders"),
        (Draft(reminders=tuple(map(Reminder, range(6)))), "reminders"),
        (Draft(event_type="focusTime", start=DAY, end=DAY + timedelta(days=1)), "all_day"),
        (Draft(event_type="outOfOffice", guests=(Attendee("a@example.com"),)), "guests"),
        (Draft(event_type="workingLocation", workplace=Workplace("customLocation")), "workplace"),
    ],
)
def test_what_google_never_takes_is_refused(draft: Draft, field: str) -> None:
    """With the field to mend."""
    with pytest.raises(InvalidEdit) as refused:
        draft.validate()
    assert field == refused.value.field
