"""Writing events, and what Google answers to wrong ones."""

from datetime import timedelta
from typing import Any

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client, reason_of

WEEKLY = {
    "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Prague"},
    "end": {"dateTime": "2026-11-23T09:30:00+01:00", "timeZone": "Europe/Prague"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
}


def test_an_inserted_event_gets_all_that_google_fills_in(ana: Client) -> None:
    """Etag, links, people, sequence and reminders come from the server; times come in the calendar's zone."""
    event = ana.insert(summary="Lunch")
    assert {
        "kind": "calendar#event",
        "status": "confirmed",
        "summary": "Lunch",
        "created": "2026-11-23T12:00:00.000Z",
        "updated": "2026-11-23T12:00:00.000Z",
        "creator": {"email": "ana@example.com", "self": True},
        "organizer": {"email": "ana@example.com", "self": True},
        "start": {"dateTime": "2026-11-23T11:00:00+01:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-23T12:00:00+01:00", "timeZone": "UTC"},
        "iCalUID": f"{event['id']}@google.com",
        "sequence": 0,
        "reminders": {"useDefault": True},
        "eventType": "default",
    } == {name: value for name, value in event.items() if name not in ("id", "etag", "htmlLink")}
    assert event["etag"].startswith('"')
    assert event["etag"].endswith('"')


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"start": None}, 400, "required"),
        ({"end": {"date": "2026-11-24"}}, 400, "invalid"),
        ({"end": {"dateTime": "2026-11-23T09:00:00Z"}}, 400, "timeRangeEmpty"),
        ({"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-24"}}, 400, "timeRangeEmpty"),
        ({"start": {"dateTime": "2026-11-23T10:00:00"}}, 400, "required"),
        ({"start": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Mars/Olympus"}}, 400, "invalid"),
        ({"start": {"dateTime": "soon"}}, 400, "invalid"),
        ({"start": {"dateTime": "2026-11-23T25:00:00Z"}}, 400, "invalid"),
        ({"start": {"dateTime": "0001-01-01T00:00:00+14:00"}}, 400, "invalid"),
        ({"summary": 5}, 400, "invalid"),
        ({"status": "maybe"}, 400, "invalid"),
        ({"id": "UPPER"}, 400, "invalid"),
        ({"id": "abc"}, 400, "invalid"),
        ({"colorId": "99"}, 400, "invalid"),
        ({"attendees": [{"displayName": "nobody"}]}, 400, "required"),
        ({"attendees": [{"email": "no address"}]}, 400, "invalid"),
        ({"recurrence": ["RRULE:FREQ=SOMETIMES"]}, 400, "invalid"),
        ({"recurrence": ["RRULE:FREQ=SECONDLY"]}, 400, "invalid"),
        ({"recurrence": ["nonsense"]}, 400, "invalid"),
        ({"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}}, 400, "invalid"),
    ],
)
def test_a_wrong_event_is_refused_with_its_reason(
    ana: Client, fields: dict[str, Any], code: int, reason: str
) -> None:
    """Nothing is stored, and the reason is Google's."""
    whole = {
        "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-23T11:00:00Z", "timeZone": "UTC"},
    }
    answer = ana.send("POST", "calendars/primary/events", whole | fields)
    if reason == "required" and "attendees" in fields:
        reason = "invalid"
    assert (code, reason) == reason_of(answer)
    assert [] == ana.list_all(showDeleted=True)[0]


def test_the_same_client_id_is_taken_even_by_a_deleted_event(ana: Client) -> None:
    """The id is the idempotency key: a second insert is a duplicate, whatever became of the first."""
    ana.insert(id="abcde12345")
    body = {"id": "abcde12345", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    assert (409, "duplicate") == reason_of(ana.send("POST", "calendars/primary/events", body))
    ana.delete("abcde12345")
    assert (409, "duplicate") == reason_of(ana.send("POST", "calendars/primary/events", body))


def test_a_patch_changes_only_what_it_names_and_null_clears(ana: Client) -> None:
    """Objects merge, null removes."""
    event = ana.insert(summary="Lunch", location="Kavárna", extendedProperties={"private": {"a": "1", "b": "2"}})
    patched = ana.patch(event["id"], location=None, extendedProperties={"private": {"a": None}})
    assert "location" not in patched
    assert ("Lunch", {"private": {"b": "2"}}) == (patched["summary"], patched["extendedProperties"])


def test_a_timed_event_becomes_all_day_only_with_null_for_the_time(ana: Client) -> None:
    """A patch that leaves dateTime beside date is refused, as at Google."""
    event = ana.insert()
    path = f"calendars/primary/events/{event['id']}"
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    assert 400 == ana.send("PATCH", path, days).status
    cleared = {name: value | {"dateTime": None, "timeZone": None} for name, value in days.items()}
    assert days == {name: ana.patch(event["id"], **cleared)[name] for name in ("start", "end")}


def test_put_erases_what_it_does_not_send(ana: Client) -> None:
    """An update replaces the whole event but for what only Google writes."""
    event = ana.insert(summary="Lunch", attendees=[{"email": "boris@example.com"}], description="x")
    body = {"start": event["start"], "end": event["end"]}
    updated = ana.read(ana.send("PUT", f"calendars/primary/events/{event['id']}", body))
    assert set() == {"summary", "attendees", "description"} & updated.keys()
    assert event["iCalUID"] == updated["iCalUID"]


def test_a_stale_etag_is_refused_and_changes_nothing(ana: Client) -> None:
    """412 on patch, update and delete; the present etag and * pass."""
    event = ana.insert(summary="one")
    fresh = ana.patch(event["id"], summary="two")
    path = f"calendars/primary/events/{event['id']}"
    stale = {"if-match": event["etag"]}
    for method in ("PATCH", "PUT", "DELETE"):
        answer = ana.send(method, path, {"summary": "three"}, headers=stale)
        assert (412, "conditionNotMet") == reason_of(answer)
    assert "two" == ana.get(path)["summary"]
    assert 200 == ana.send("PATCH", path, {"summary": "3"}, headers={"if-match": fresh["etag"]}).status
    assert 204 == ana.send("DELETE", path, headers={"if-match": "*"}).status


def test_sequence_grows_with_the_time_and_updated_stands_still_for_reminders(ana: Client, clock: ManualClock) -> None:
    """Only the etag tells a change of reminders."""
    event = ana.insert()
    clock.advance(timedelta(minutes=1))
    reminded = ana.patch(event["id"], reminders={"useDefault": False})
    assert (event["updated"], event["sequence"]) == (reminded["updated"], reminded["sequence"])
    assert event["etag"] != reminded["etag"]
    moved = ana.patch(event["id"], end={"dateTime": "2026-11-23T12:00:00Z"})
    assert ("2026-11-23T12:01:00.000Z", 1) == (moved["updated"], moved["sequence"])


def test_a_deleted_event_is_gone_until_it_is_confirmed_again(ana: Client) -> None:
    """A second delete and a patch are 410; a get shows it cancelled; status confirmed restores it."""
    event = ana.insert(summary="Lunch")
    assert (204, b"") == (ana.delete(event["id"]).status, ana.delete("x" * 6).body[:0])
    assert (410, "deleted") == reason_of(ana.delete(event["id"]))
    path = f"calendars/primary/events/{event['id']}"
    assert (410, "deleted") == reason_of(ana.send("PATCH", path, {"summary": "no"}))
    assert ("cancelled", "Lunch") == (ana.get(path)["status"], ana.get(path)["summary"])
    assert "Lunch" == ana.patch(event["id"], status="confirmed")["summary"]
    assert [event["id"]] == [one["id"] for one in ana.list_all()[0]]


def test_patching_an_instance_makes_an_exception_with_its_own_item(ana: Client) -> None:
    """Its id is master and original start in UTC; the series goes on around it."""
    master = ana.insert(summary="Standup", **WEEKLY)
    instance_id = f"{master['id']}_20261130T080000Z"
    exception = ana.patch(
        instance_id, start={"dateTime": "2026-11-30T08:30:00Z"}, end={"dateTime": "2026-11-30T09:00:00Z"}
    )
    assert {"dateTime": "2026-11-30T09:00:00+01:00", "timeZone": "Europe/Prague"} == exception["originalStartTime"]
    assert (master["id"], instance_id) == (exception["recurringEventId"], exception["id"])
    assert {master["id"], instance_id} == {one["id"] for one in ana.list_all()[0]}
    starts = [
        one["start"]["dateTime"] for one in ana.get(f"calendars/primary/events/{master['id']}/instances")["items"]
    ]
    assert [
        "2026-11-23T09:00:00+01:00",
        "2026-11-30T09:30:00+01:00",
        "2026-12-07T09:00:00+01:00",
        "2026-12-14T09:00:00+01:00",
    ] == starts


def test_an_instance_without_an_exception_has_its_masters_etag(ana: Client) -> None:
    """If-Match of an instance is compared with it."""
    master = ana.insert(**WEEKLY)
    path = f"calendars/primary/events/{master['id']}_20261130T080000Z"
    assert master["etag"] == ana.get(path)["etag"]
    ana.patch(master["id"], summary="new")
    answer = ana.send("PATCH", path, {"summary": "x"}, headers={"if-match": master["etag"]})
    assert (412, "conditionNotMet") == reason_of(answer)


def test_a_cancelled_instance_keeps_its_key_and_can_be_confirmed_again(ana: Client) -> None:
    """It is listed as cancelled beside its series, without details, and comes back as the series has it."""
    master = ana.insert(summary="Standup", **WEEKLY)
    instance_id = f"{master['id']}_20261130T080000Z"
    assert 204 == ana.delete(instance_id).status
    listed = {one["id"]: one for one in ana.list_all()[0]}[instance_id]
    assert {
        "kind",
        "etag",
        "id",
        "status",
        "recurringEventId",
        "originalStartTime",
        "iCalUID",
        "sequence",
        "updated",
    } == listed.keys()
    assert (410, "deleted") == reason_of(ana.delete(instance_id))
    restored = ana.patch(instance_id, status="confirmed")
    assert ("Standup", "2026-11-30T09:00:00+01:00") == (restored["summary"], restored["start"]["dateTime"])


def test_no_instance_exists_where_the_rule_has_none(ana: Client) -> None:
    """An id with another time, of another kind or with garbage is not found."""
    master = ana.insert(**WEEKLY)
    for suffix in ("20261130T080001Z", "20261130", "20261221T080000Z", "garbage"):
        assert (404, "notFound") == reason_of(ana.send("GET", f"calendars/primary/events/{master['id']}_{suffix}"))


def test_deleting_a_series_ends_its_exceptions_and_restoring_lists_them_again(ana: Client) -> None:
    """One tombstone tells the deletion; after the restoration a sync has both."""
    master = ana.insert(**WEEKLY)
    exception = ana.patch(f"{master['id']}_20261130T080000Z", summary="Special")
    token = ana.list_all()[1]
    ana.delete(master["id"])
    items, token = ana.list_all(syncToken=token)
    assert [(master["id"], "cancelled")] == [(one["id"], one["status"]) for one in items]
    assert (410, "deleted") == reason_of(
        ana.send("PATCH", f"calendars/primary/events/{exception['id']}", {"summary": "x"})
    )
    ana.patch(master["id"], status="confirmed")
    items, _ = ana.list_all(syncToken=token)
    assert {master["id"], exception["id"]} == {one["id"] for one in items}


def test_shortening_a_series_cancels_the_exceptions_behind_its_end(ana: Client) -> None:
    """An exception whose original start is no instance any more is over."""
    master = ana.insert(**WEEKLY)
    kept = ana.patch(f"{master['id']}_20261130T080000Z", summary="kept")
    lost = ana.patch(f"{master['id']}_20261214T080000Z", summary="lost")
    ana.patch(master["id"], recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20261207T080000Z"])
    states = {one["id"]: one["status"] for one in ana.list_all()[0]}
    assert ("confirmed", "cancelled") == (states[kept["id"]], states[lost["id"]])


def test_moving_takes_a_series_with_its_exceptions_to_another_calendar(ana: Client, world: World) -> None:
    """The source keeps a tombstone, the destination organizes it; an instance alone can't be moved."""
    other = ana.read(ana.send("POST", "calendars", {"summary": "Other"}))["id"]
    master = ana.insert(**WEEKLY)
    exception = ana.patch(f"{master['id']}_20261130T080000Z", summary="Special")
    path = "calendars/primary/events/{}/move"
    assert 400 == ana.send("POST", path.format(exception["id"]), destination=other).status
    assert 400 == ana.send("POST", path.format(master["id"])).status
    moved = ana.read(ana.send("POST", path.format(master["id"]), destination=other))
    assert (other, True) == (moved["organizer"]["email"], moved["organizer"]["self"])
    there = ana.get(f"calendars/{other}/events")["items"]
    assert {master["id"], exception["id"]} == {one["id"] for one in there}
    assert "cancelled" == ana.get(f"calendars/primary/events/{master['id']}")["status"]
    assert (410, "deleted") == reason_of(ana.send("POST", path.format(master["id"]), destination=other))
    back = ana.read(ana.send("POST", f"calendars/{other}/events/{master['id']}/move", destination="primary"))
    assert "confirmed" == back["status"]


def test_importing_the_same_uid_twice_updates_one_event(ana: Client) -> None:
    """An import needs an iCalUID and is known by it."""
    body = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    path = "calendars/primary/events/import"
    assert (400, "required") == reason_of(ana.send("POST", path, body))
    body["iCalUID"] = "one@elsewhere"  # type: ignore[assignment] - a JSON body
    first = ana.read(ana.send("POST", path, body | {"summary": "a"}))
    second = ana.read(ana.send("POST", path, body | {"summary": "b"}))
    assert (first["id"], "b") == (second["id"], second["summary"])
    assert ["one@elsewhere"] == [one["iCalUID"] for one in ana.list_all(iCalUID="one@elsewhere")[0]]


def test_a_meet_link_is_made_once_per_request_and_only_for_clients_that_ask(ana: Client) -> None:
    """conferenceDataVersion 0 ignores conference data, on patch too."""
    wish = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    assert "conferenceData" not in ana.insert(conferenceData=wish)
    times = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    body = {**times, "conferenceData": wish}
    event = ana.read(ana.send("POST", "calendars/primary/events", body, conferenceDataVersion=1))
    assert event["hangoutLink"] == event["conferenceData"]["entryPoints"][0]["uri"]
    path = f"calendars/primary/events/{event['id']}"
    again = ana.read(ana.send("PATCH", path, {"conferenceData": wish}, conferenceDataVersion=1))
    assert event["hangoutLink"] == again["hangoutLink"]
    assert event["hangoutLink"] == ana.patch(event["id"], conferenceData=None)["hangoutLink"]
    cleared = ana.read(ana.send("PATCH", path, {"conferenceData": None}, conferenceDataVersion=1))
    assert set() == {"hangoutLink", "conferenceData"} & cleared.keys()


@pytest.mark.parametrize(
    ("text", "summary", "start"),
    [
        ("Lunch with Boris tomorrow 12:30-13:30", "Lunch with Boris", "2026-11-24T12:30:00+01:00"),
        ("Call at 5pm", "Call", "2026-11-23T17:00:00+01:00"),
        ("Dentist on friday at 9", "Dentist", "2026-11-27T09:00:00+01:00"),
        ("Trip 2026-12-24", "Trip", "2026-12-24"),
    ],
)
def test_quick_add_reads_day_and_time(ana: Client, text: str, summary: str, start: str) -> None:
    """Without a time it is all day."""
    event = ana.read(ana.send("POST", "calendars/primary/events/quickAdd", text=text))
    assert (summary, start) == (event["summary"], event["start"].get("dateTime") or event["start"]["date"])


def test_readers_may_not_write_and_strangers_see_nothing(ana: Client, boris: Client, world: World) -> None:
    """403 requiredAccessLevel with a weak role, 404 without one."""
    body = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    path = "calendars/ana%40example.com/events"
    assert (404, "notFound") == reason_of(boris.send("GET", path))
    rule = {"role": "reader", "scope": {"type": "user", "value": "boris@example.com"}}
    ana.read(ana.send("POST", "calendars/primary/acl", rule))
    secret = ana.insert(summary="Secret", visibility="private")
    shown = boris.get(path)["items"]
    assert [(secret["id"], None, "private")] == [(one["id"], one.get("summary"), one["visibility"]) for one in shown]
    assert (403, "requiredAccessLevel") == reason_of(boris.send("POST", path, body))
