"""Whatever a client sends, it gets an answer in Google's shape: never a crash, never a damaged world."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.schema import EVENT_FIELDS
from aicalendar_tui.simulator.state import encode_world
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "2026-11-23T10:00:00Z",
            "2026-11-23T10:00:00",
            "9999-12-31T23:59:59-12:00",
            "0001-01-01T00:00:00+14:00",
            "2026-02-30",
            "9999-12-31",
            "Europe/Prague",
            "../../etc/passwd",
            "RRULE:FREQ=DAILY",
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=3",
            "RRULE:FREQ=DAILY;INTERVAL=0",
            "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",
            "EXDATE;TZID=Nowhere:20261123T100000",
            "a@b",
            "confirmed",
            "cancelled",
            "popup",
            "hangoutsMeet",
            "true",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        *EVENT_FIELDS,
        *("id", "iCalUID", "email", "date", "dateTime", "timeZone", "responseStatus", "overrides", "minutes"),
        *("method", "useDefault", "private", "shared", "createRequest", "requestId", "entryPoints", "organizer"),
        *("conferenceSolution", "key", "params", "ttl", "expiration", "address", "type", "token", "resourceId"),
        *("role", "scope", "value", "items", "timeMin", "timeMax", "colorId", "defaultReminders", "destination"),
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), TEXTS),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(NAMES, below, max_size=4)),
    max_leaves=8,
)
TIMES = {
    "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2026-11-23T11:00:00Z", "timeZone": "UTC"},
}
PATHS = [
    ("POST", "calendars/primary/events"),
    ("POST", "calendars/primary/events/import"),
    ("PATCH", "calendars/primary/events/sing0"),
    ("PATCH", "calendars/primary/events/series0_20261124T100000Z"),
    ("PUT", "calendars/primary/events/series0"),
    ("POST", "calendars/primary/events/watch"),
    ("POST", "channels/stop"),
    ("POST", "freeBusy"),
    ("POST", "calendars"),
    ("PATCH", "calendars/primary"),
    ("POST", "calendars/primary/acl"),
    ("PATCH", "users/me/calendarList/primary"),
    ("POST", "users/me/calendarList"),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.dictionaries(NAMES, VALUES, max_size=5), st.booleans(), st.sampled_from("01"))
def test_any_body_is_answered_and_the_world_stays_readable(
    request: tuple[str, str], body: dict[str, Any], whole: bool, conference_version: str
) -> None:
    """Every status is a success or an error with a reason, and everything can be listed and saved afterwards."""
    world = World(ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC)))
    world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    world.add_user("a@b", "Guest", "Asia/Tokyo", access_token="guest")
    ana = Client(world, "ana")
    ana.insert(id="series0", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=[{"email": "a@b"}])
    ana.insert(id="sing0")
    method, path = request
    answer = ana.send(method, path, TIMES | body if whole else body, conferenceDataVersion=conference_version)
    assert answer.status in (200, 204, 400, 403, 404, 409, 410)
    if answer.status >= 400:
        assert answer.read()["error"]["errors"][0]["reason"]
    for client in (ana, Client(world, "guest")):
        client.list_all(showDeleted=True)
        client.list_all(singleEvents=True, orderBy="startTime", timeMax="2027-01-01T00:00:00Z")
        client.get("users/me/calendarList")
    assert encode_world(world)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["calendars/primary/events", "calendars/primary/events/series0/instances", "users/me/calendarList"]
    ),
    st.dictionaries(
        st.sampled_from(
            [
                *("maxResults", "pageToken", "syncToken", "timeMin", "timeMax", "updatedMin", "timeZone", "q"),
                *("orderBy", "singleEvents", "showDeleted", "fields", "maxAttendees", "originalStart"),
                *("eventTypes", "privateExtendedProperty", "minAccessRole", "iCalUID"),
            ]
        ),
        st.one_of(TEXTS, st.integers().map(str)),
        max_size=4,
    ),
)
def test_any_query_is_answered(path: str, query: dict[str, str]) -> None:
    """A page or a 400, 410."""
    world = World(ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC)))
    world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    ana = Client(world, "ana")
    ana.insert(id="series0", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=[{"email": "a@b"}])
    assert ana.send("GET", path, **query).status in (200, 400, 410)


def test_hostile_text_comes_back_as_it_was_sent() -> None:
    """Escape sequences, markup and five thousand letters are data."""
    world = World(ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC)))
    world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    text = "\x1b]0;x\x07<b>[red]\u202e" + "ж" * 5000
    assert text == Client(world, "ana").insert(description=text)["description"]
