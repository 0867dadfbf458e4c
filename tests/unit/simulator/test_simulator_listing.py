"""Lists: filters, pages over a snapshot, sync tokens, tombstones."""

from datetime import timedelta
from typing import Any

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client, reason_of

EVENTS = "calendars/primary/events"


def day(number: int) -> dict[str, Any]:
    """An all-day event on a day of November 2026."""
    return {"start": {"date": f"2026-11-{number:02d}"}, "end": {"date": f"2026-11-{number + 1:02d}"}}


def test_pages_come_from_one_snapshot_and_the_next_sync_tells_what_happened_meanwhile(ana: Client) -> None:
    """An edit between two pages is not lost: it is in neither page, but newer than the sync token."""
    first = ana.insert(summary="first", **day(1))
    ana.insert(summary="second", **day(2))
    page = ana.get(EVENTS, maxResults=1)
    assert "nextSyncToken" not in page
    ana.patch(first["id"], summary="changed")
    ana.insert(summary="third", **day(3))
    last = ana.get(EVENTS, maxResults=1, pageToken=page["nextPageToken"])
    assert ["first", "second"] == [page["items"][0]["summary"], last["items"][0]["summary"]]
    items, _ = ana.list_all(syncToken=last["nextSyncToken"])
    assert ["changed", "third"] == [one["summary"] for one in items]


def test_a_page_token_belongs_to_its_query_and_its_user(ana: Client, boris: Client) -> None:
    """Another filter, another user or garbage is 400."""
    for number in (1, 2):
        ana.insert(**day(number))
    token = ana.get(EVENTS, maxResults=1)["nextPageToken"]
    for client, query in (
        (ana, {"pageToken": token, "q": "x"}),
        (boris, {"pageToken": token}),
        (ana, {"pageToken": "rubbish"}),
        (ana, {"pageToken": "é~"}),
    ):
        assert (400, "invalid") == reason_of(client.send("GET", EVENTS, **query))


def test_a_sync_token_gives_each_change_once_in_order_with_bare_tombstones(ana: Client) -> None:
    """A deleted event has nothing but its key, unless showDeleted asks for more."""
    one, two = ana.insert(summary="one", **day(1)), ana.insert(summary="two", **day(2))
    _, token = ana.list_all()
    assert ([], 200) == (ana.list_all(syncToken=token)[0], 200)
    ana.patch(two["id"], summary="zwei")
    ana.delete(one["id"])
    ana.patch(two["id"], summary="deux")
    items, later = ana.list_all(syncToken=token)
    assert [{"kind", "etag", "id", "status"}] == [set(item) for item in items if item["id"] == one["id"]]
    assert [("cancelled", None), ("confirmed", "deux")] == [(item["status"], item.get("summary")) for item in items]
    assert [] == ana.list_all(syncToken=later)[0]
    detailed, _ = ana.list_all(syncToken=token, showDeleted=True)
    assert "one" == detailed[0]["summary"]


@pytest.mark.parametrize(
    "parameter",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-11-20T00:00:00Z"},
        {"showDeleted": "false"},
        {"singleEvents": "true"},
    ],
)
def test_what_does_not_go_with_a_sync_token_is_refused(ana: Client, parameter: dict[str, str]) -> None:
    """The forbidden parameters, and any that differs from the first request."""
    _, token = ana.list_all()
    assert (400, "invalid") == reason_of(ana.send("GET", EVENTS, syncToken=token, **parameter))


def test_a_sync_token_of_another_calendar_or_of_nobody_is_refused(ana: Client) -> None:
    """400, not a full sync."""
    other = ana.read(ana.send("POST", "calendars", {"summary": "Other"}))["id"]
    token = ana.get(f"calendars/{other}/events")["nextSyncToken"]
    for wrong in (token, "rubbish", token[:-3]):
        assert (400, "invalid") == reason_of(ana.send("GET", EVENTS, syncToken=wrong))


def test_expired_sync_tokens_ask_for_a_full_sync_and_new_ones_work(ana: Client, world: World) -> None:
    """410 fullSyncRequired once; the token of the full sync is good."""
    _, token = ana.list_all()
    world.expire_sync_tokens("ana@example.com")
    assert (410, "fullSyncRequired") == reason_of(ana.send("GET", EVENTS, syncToken=token))
    _, fresh = ana.list_all()
    assert [] == ana.list_all(syncToken=fresh)[0]


@pytest.mark.parametrize("name", ["orderBy", "q", "iCalUID", "updatedMin"])
def test_some_first_requests_get_no_sync_token(ana: Client, name: str) -> None:
    """Their result can't be kept up to date."""
    values = {"orderBy": "updated", "q": "x", "iCalUID": "x", "updatedMin": "2026-11-20T00:00:00Z"}
    assert ana.list_all(**{name: values[name]})[1] is None


def test_the_time_range_is_half_open_at_both_ends(ana: Client) -> None:
    """timeMin bounds ends, timeMax starts; touching is not inside."""
    ana.insert(summary="x")  # 10:00 to 11:00

    def found(low: str, high: str) -> int:
        return len(ana.list_all(timeMin=f"2026-11-23T{low}:00Z", timeMax=f"2026-11-23T{high}:00Z")[0])

    assert [1, 0, 0, 1] == [
        found("09:00", "10:01"),
        found("09:00", "10:00"),
        found("11:00", "12:00"),
        found("10:59", "12:00"),
    ]


def test_a_series_is_found_by_its_instances(ana: Client) -> None:
    """A master is listed for a range that holds an instance, however old its start is."""
    ana.insert(summary="weekly", recurrence=["RRULE:FREQ=WEEKLY"])
    hit = {"timeMin": "2027-01-04T00:00:00Z", "timeMax": "2027-01-05T00:00:00Z"}
    miss = {"timeMin": "2027-01-05T00:00:00Z", "timeMax": "2027-01-06T00:00:00Z"}
    assert (1, 0) == (len(ana.list_all(**hit)[0]), len(ana.list_all(**miss)[0]))


def test_single_events_are_ordered_by_start_with_exceptions_in_place(ana: Client) -> None:
    """Cancelled instances are left out; the moved one stands where it was moved to."""
    master = ana.insert(summary="daily", recurrence=["RRULE:FREQ=DAILY;COUNT=4"])
    ana.insert(summary="single", start={"dateTime": "2026-11-24T09:00:00Z"}, end={"dateTime": "2026-11-24T09:30:00Z"})
    ana.patch(f"{master['id']}_20261124T100000Z", start={"dateTime": "2026-11-24T08:00:00Z"})
    ana.delete(f"{master['id']}_20261125T100000Z")
    items, _ = ana.list_all(singleEvents=True, orderBy="startTime")
    assert ["23T11:00", "24T09:00", "24T10:00", "26T11:00"] == [one["start"]["dateTime"][8:16] for one in items]
    shown, _ = ana.list_all(singleEvents=True, showDeleted=True)
    assert 1 == sum(one["status"] == "cancelled" for one in shown)


def test_an_endless_series_is_expanded_to_a_horizon(ana: Client) -> None:
    """Without timeMax the list still ends."""
    ana.insert(recurrence=["RRULE:FREQ=DAILY"])
    items, _ = ana.list_all(singleEvents=True, maxResults=2500)
    assert 700 < len(items) < 760


def test_expanded_lists_tell_of_a_deleted_series_by_its_instances(ana: Client) -> None:
    """At least those around now, each with its key."""
    master = ana.insert(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    _, token = ana.list_all(singleEvents=True)
    ana.delete(master["id"])
    items, _ = ana.list_all(singleEvents=True, syncToken=token)
    assert 3 == len(items)
    assert {("cancelled", master["id"])} == {(one["status"], one["recurringEventId"]) for one in items}


def test_filters_find_by_words_properties_and_type(ana: Client) -> None:
    """Each filter alone finds the one event that it describes."""
    ana.insert(summary="Обед с Олегом", **day(1))
    ana.insert(summary="x", location="Kavárna", extendedProperties={"private": {"k": "v"}}, **day(2))
    ana.insert(summary="f", eventType="focusTime", extendedProperties={"shared": {"k": "v"}})
    for query, expected in (
        ({"q": "обед"}, "Обед с Олегом"),
        ({"q": "kavárna"}, "x"),
        ({"privateExtendedProperty": "k=v"}, "x"),
        ({"sharedExtendedProperty": "k=v"}, "f"),
        ({"eventTypes": "focusTime"}, "f"),
    ):
        assert [expected] == [one["summary"] for one in ana.list_all(**query)[0]]
    assert 3 == len(ana.list_all(eventTypes=["default", "focusTime"])[0])


def test_updated_min_finds_deletions_too_but_not_too_far_back(ana: Client, clock: ManualClock) -> None:
    """Deleted events are listed whatever showDeleted says; a month is the limit."""
    old, new = ana.insert(**day(1)), ana.insert(**day(2))
    clock.advance(timedelta(hours=1))
    ana.delete(new["id"])
    items, _ = ana.list_all(updatedMin="2026-11-23T12:30:00Z")
    assert [(new["id"], "cancelled")] == [(one["id"], one["status"]) for one in items]
    assert (410, "updatedMinTooLongAgo") == reason_of(ana.send("GET", EVENTS, updatedMin="2026-01-01T00:00:00Z"))
    assert [old["id"]] == [one["id"] for one in ana.list_all()[0]]


def test_another_zone_and_fewer_guests_can_be_asked_for(ana: Client) -> None:
    """The instants stay; guests beyond the limit are left out and said to be."""
    event = ana.insert(attendees=[{"email": f"g{number}@example.org"} for number in range(3)])
    path = f"{EVENTS}/{event['id']}"
    for shown in (ana.get(path, timeZone="Asia/Tokyo"), ana.get(EVENTS, timeZone="Asia/Tokyo")["items"][0]):
        assert "2026-11-23T19:00:00+09:00" == shown["start"]["dateTime"]
    few = ana.get(EVENTS, maxAttendees=1)["items"][0]
    assert ([], True) == (few["attendees"], few["attendeesOmitted"])


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"maxResults": 0}, "invalid"),
        ({"maxResults": "many"}, "invalid"),
        ({"singleEvents": "perhaps"}, "invalid"),
        ({"orderBy": "summary"}, "invalid"),
        ({"orderBy": "startTime"}, "invalid"),
        ({"timeMin": "2026-11-23"}, "invalid"),
        ({"timeMin": "2026-11-23T10:00:00"}, "invalid"),
        ({"timeMin": "2026-11-23T10:00:00Z", "timeMax": "2026-11-23T10:00:00Z"}, "timeRangeEmpty"),
        ({"timeZone": "Mars/Olympus"}, "invalid"),
        ({"eventTypes": "party"}, "invalid"),
        ({"privateExtendedProperty": "no-equals"}, "invalid"),
        ({"fields": "items(id"}, "invalid"),
    ],
)
def test_a_wrong_parameter_is_named(ana: Client, query: dict[str, object], reason: str) -> None:
    """400 with the reason that Google gives."""
    assert (400, reason) == reason_of(ana.send("GET", EVENTS, **query))


def test_fields_select_what_is_sent(ana: Client) -> None:
    """Nested selections work with both notations."""
    event = ana.insert(summary="x")
    both = [ana.get(EVENTS, fields=text) for text in ("items(id,start/dateTime)", "items/id,items/start/dateTime")]
    expected = {"items": [{"id": event["id"], "start": {"dateTime": "2026-11-23T11:00:00+01:00"}}]}
    assert [expected, expected] == both
    assert "summary" in ana.get(EVENTS, fields="*")


def test_changing_the_calendars_zone_keeps_the_instants(ana: Client) -> None:
    """Times are written in the new zone."""
    ana.insert()
    ana.read(ana.send("PATCH", "calendars/primary", {"timeZone": "Asia/Tokyo"}))
    assert "2026-11-23T19:00:00+09:00" == ana.list_all()[0][0]["start"]["dateTime"]


def test_free_busy_merges_what_overlaps_and_skips_what_is_free(ana: Client) -> None:
    """Transparent, declined and deleted events don't count; unknown calendars are errors of their own."""
    ana.insert()
    ana.insert(start={"dateTime": "2026-11-23T10:30:00Z"}, end={"dateTime": "2026-11-23T11:30:00Z"})
    ana.insert(transparency="transparent", **day(23))
    answer = ana.read(
        ana.send(
            "POST",
            "freeBusy",
            {
                "timeMin": "2026-11-23T00:00:00Z",
                "timeMax": "2026-11-24T00:00:00Z",
                "items": [{"id": "primary"}, {"id": "nobody@example.com"}],
            },
        )
    )
    busy = [{"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:30:00Z"}]
    assert {"busy": busy} == answer["calendars"]["primary"]
    assert "notFound" == answer["calendars"]["nobody@example.com"]["errors"][0]["reason"]


def test_a_sync_token_of_another_world_asks_for_a_full_sync(ana: Client, clock: ManualClock) -> None:
    """A demo that is started again counts the same versions: neither its tokens nor its etags may be mistaken."""
    other = World(clock, seed=1, identity="another")
    other.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    stranger = Client(other, "ana")
    tokens = [client.list_all()[1] for client in (ana, stranger)]
    assert (410, "fullSyncRequired") == reason_of(ana.send("GET", EVENTS, syncToken=tokens[1]))
    token = stranger.get("users/me/calendarList")["nextSyncToken"]
    assert (410, "fullSyncRequired") == reason_of(ana.send("GET", "users/me/calendarList", syncToken=token))
    assert ana.insert()["etag"] != stranger.insert()["etag"]
