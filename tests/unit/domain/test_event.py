"""Events read from what Google sends, and from what nobody should send."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.event import (
    Event,
    Resource,
    join_url_of,
    master_id_of,
    new_event_id,
    original_start_of,
    parse_event,
)
from aicalendar_tui.backend.domain.overlay import entries_of, family_of
from aicalendar_tui.backend.domain.times import Span

WINDOW = Span(1_700_000_000, 1_900_000_000)


def read(**fields: Any) -> Event:
    """A readable event with those fields."""
    event = parse_event(
        {
            "id": "e",
            "start": {"dateTime": "2026-11-23T09:00:00Z"},
            "end": {"dateTime": "2026-11-23T10:00:00Z"},
            **fields,
        }
    )
    assert event is not None
    return event


def test_own_answer_is_that_of_the_guest_who_is_self() -> None:
    """Not that of the organizer."""
    guests = [
        {"email": "boss@example.com", "organizer": True, "responseStatus": "accepted"},
        {"email": "ana@example.com", "self": True, "responseStatus": "tentative"},
    ]
    assert "tentative" == read(attendees=guests).response
    assert read().response is None


def test_unknown_answer_counts_as_none_given() -> None:
    """A new word of Google's must not break anything."""
    assert "needsAction" == read(attendees=[{"self": True, "responseStatus": "perhaps"}]).response


def test_video_call_wins_over_the_old_hangout_link() -> None:
    """Other entry points are phones."""
    entry_points = [
        {"entryPointType": "phone", "uri": "tel:1"},
        {"entryPointType": "video", "uri": "https://meet.example.com/a"},
    ]
    conference = {"entryPoints": entry_points}
    assert "https://meet.example.com/a" == join_url_of({"conferenceData": conference, "hangoutLink": "https://old"})
    assert "https://old" == join_url_of(
        {"conferenceData": {"entryPoints": entry_points[:1]}, "hangoutLink": "https://old"}
    )


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, "2026-11-23T09:00:00+00:00"),
        ({"dateTime": "2026-11-23T08:00:00Z"}, "2026-11-23T09:00:00+00:00"),
        ({"date": "2026-11-24"}, "2026-11-23T09:00:00+00:00"),
    ],
)
def test_impossible_end_of_a_timed_event_is_its_start(end: object, expected: str) -> None:
    """Shown as a moment."""
    assert expected == read(end=end).end.isoformat()


@pytest.mark.parametrize(
    "end", [None, {"date": "2026-11-23"}, {"date": "2026-11-01"}, {"dateTime": "2026-11-24T00:00:00Z"}]
)
def test_impossible_end_of_an_all_day_event_is_the_day_after(end: object) -> None:
    """The end is exclusive."""
    assert "2026-11-24" == read(start={"date": "2026-11-23"}, end=end).end.isoformat()


def test_tombstone_is_no_event_but_keeps_its_place_in_the_series() -> None:
    """PROTOCOL 21."""
    tombstone = {
        "id": "series_20261123",
        "status": "cancelled",
        "recurringEventId": "series",
        "originalStartTime": {"date": "2026-11-23"},
    }
    assert parse_event(tombstone) is None
    assert ("series", "2026-11-23") == (master_id_of(tombstone), original_start_of(tombstone))


def test_protocol_27_own_id_is_what_google_takes_and_never_the_same() -> None:
    """Base32hex in lower case, 128 bits."""
    ids = {new_event_id() for _ in range(1_000)}
    assert 1_000 == len(ids)
    assert set("0123456789abcdefghijklmnopqrstuv") >= set("".join(ids))
    assert {26} == {len(event_id) for event_id in ids}


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**10)
    | st.text(max_size=8)
    | st.sampled_from(["2026-11-23", "cancelled"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)
moments = (
    json
    | st.builds(lambda text: {"dateTime": text}, json)
    | st.builds(lambda day: {"date": day.isoformat()}, st.dates())
    | st.builds(
        lambda moment, zone: {"dateTime": moment.isoformat(), "timeZone": zone},
        st.datetimes(timezones=st.timezones()),
        json | st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"]),
    )
)
FIELDS = ("status", "summary", "location", "description", "colorId", "transparency", "visibility", "eventType")
FIELDS += ("organizer", "creator", "conferenceData", "hangoutLink", "htmlLink", "iCalUID", "reminders", "etag")
lines = st.sampled_from(
    [
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=YEARLY;BYMONTHDAY=31",
        "RRULE",
        "EXDATE:x",
        "RDATE;TZID=:20261123",
        "RRULE:FREQ=SECONDLY",
    ]
)
resources = st.fixed_dictionaries(
    {"id": st.just("e")},
    optional={
        **dict.fromkeys(FIELDS, json),
        **dict.fromkeys(("start", "end", "originalStartTime"), moments),
        "attendees": json | st.lists(st.dictionaries(st.sampled_from(["email", "self", "responseStatus"]), json)),
        "recurrence": json | st.lists(lines | json, max_size=3),
        "recurringEventId": st.none() | st.just("e0"),
    },
)


@given(resources)
def test_no_resource_whatsoever_stops_the_index(resource: Resource) -> None:
    """Foreign data is shown or left out, and what is shown can be stored and read again."""
    event_id = resource.get("recurringEventId") or "e"
    entries = entries_of(family_of(event_id, [resource]), [], WINDOW, user_id="ana", calendar_id="home")
    assert entries == msgspec.json.decode(msgspec.json.encode(entries), type=list[Entry])
    assert all(entry.start <= entry.end for entry in entries)
