"""Calendars, the calendar list with its own sync token, access rules, settings, colours."""

from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client, reason_of

LIST = "users/me/calendarList"


def test_a_new_calendar_joins_the_list_and_its_sync(ana: Client) -> None:
    """Created, changed, hidden, removed: each is told once by the list's sync token."""
    token = ana.get(LIST)["nextSyncToken"]
    created = ana.read(ana.send("POST", "calendars", {"summary": "Work"}))
    assert ("calendar#calendar", "Europe/Prague") == (created["kind"], created["timeZone"])
    page = ana.get(LIST, syncToken=token)
    assert [("Work", "owner")] == [(one["summary"], one["accessRole"]) for one in page["items"]]
    ana.read(ana.send("PATCH", f"{LIST}/{created['id']}", {"hidden": True}))
    assert [] == [one for one in ana.get(LIST)["items"] if one["id"] == created["id"]]
    page = ana.get(LIST, syncToken=page["nextSyncToken"])
    assert [True] == [one["hidden"] for one in page["items"]]
    assert 204 == ana.send("DELETE", f"calendars/{created['id']}").status
    page = ana.get(LIST, syncToken=page["nextSyncToken"])
    assert [(created["id"], True)] == [(one["id"], one["deleted"]) for one in page["items"]]
    assert (404, "notFound") == reason_of(ana.send("GET", f"calendars/{created['id']}/events"))


def test_list_tokens_expire_and_belong_to_their_user(ana: Client, boris: Client, world: World) -> None:
    """410 after expiry, 400 for others and for forbidden combinations."""
    token = ana.get(LIST)["nextSyncToken"]
    assert (400, "invalid") == reason_of(boris.send("GET", LIST, syncToken=token))
    assert (400, "invalid") == reason_of(ana.send("GET", LIST, syncToken=token, minAccessRole="owner"))
    world.expire_sync_tokens()
    assert (410, "fullSyncRequired") == reason_of(ana.send("GET", LIST, syncToken=token))


def test_the_list_comes_in_pages(ana: Client) -> None:
    """The sync token is on the last one only."""
    for name in "abc":
        ana.read(ana.send("POST", "calendars", {"summary": name}))
    first = ana.get(LIST, maxResults=3)
    last = ana.get(LIST, maxResults=3, pageToken=first["nextPageToken"])
    assert ("nextSyncToken" in first, "nextSyncToken" in last) == (False, True)
    assert ["Ana", "a", "b", "c"] == [one["summary"] for one in first["items"] + last["items"]]


def test_colours_are_ids_unless_rgb_is_asked_for(ana: Client) -> None:
    """An own background finds the nearest id; an id resets the background."""
    path = f"{LIST}/primary"
    own = ana.read(ana.send("PATCH", path, {"backgroundColor": "#9ece6a"}, colorRgbFormat=True))
    assert ("#9ece6a", "10") == (own["backgroundColor"], own["colorId"])
    plain = ana.read(ana.send("PATCH", path, {"colorId": "3", "backgroundColor": "#000000"}))
    assert ("#f83a22", "3") == (plain["backgroundColor"], plain["colorId"])
    assert (400, "invalid") == reason_of(ana.send("PATCH", path, {"colorId": "99"}))


def test_the_primary_calendar_stays(ana: Client) -> None:
    """It can neither be deleted nor leave the list."""
    assert 403 == ana.send("DELETE", "calendars/primary").status
    assert 403 == ana.send("DELETE", f"{LIST}/primary").status
    assert ana.get(f"{LIST}/ana%40example.com")["primary"] is True


def test_etags_guard_calendars_and_entries(ana: Client) -> None:
    """412 for a stale one."""
    for path in ("calendars/primary", f"{LIST}/primary"):
        stale = ana.get(path)["etag"]
        body = {"summary": "x", "summaryOverride": "y"}
        assert 200 == ana.send("PATCH", path, body, headers={"if-match": stale}).status
        assert (412, "conditionNotMet") == reason_of(ana.send("PATCH", path, body, headers={"if-match": stale}))


def test_a_shared_calendar_can_be_put_on_the_list_and_is_lost_with_the_role(ana: Client, boris: Client) -> None:
    """Access comes with the rule, the entry by the user's own hand."""
    shared = ana.read(ana.send("POST", "calendars", {"summary": "Shared"}))["id"]
    assert 404 == boris.send("POST", LIST, {"id": shared}).status
    rule = {"role": "writer", "scope": {"type": "user", "value": "boris@example.com"}}
    rule_id = ana.read(ana.send("POST", f"calendars/{shared}/acl", rule))["id"]
    assert "writer" == boris.read(boris.send("POST", LIST, {"id": shared}))["accessRole"]
    assert (409, "duplicate") == reason_of(boris.send("POST", LIST, {"id": shared}))
    token = boris.get(LIST)["nextSyncToken"]
    assert 204 == ana.send("DELETE", f"calendars/{shared}/acl/{rule_id}").status
    assert [True] == [one["deleted"] for one in boris.get(LIST, syncToken=token)["items"]]
    assert 404 == boris.send("GET", f"calendars/{shared}/events").status
    assert ["owner"] == [one["role"] for one in ana.get(f"calendars/{shared}/acl")["items"]]


def test_settings_and_colours_can_be_read(ana: Client) -> None:
    """The zone is among the settings; event colours are eleven."""
    assert "Europe/Prague" == ana.get("users/me/settings/timezone")["value"]
    assert 404 == ana.send("GET", "users/me/settings/nothing").status
    assert 11 == len(ana.get("colors")["event"])


def test_unknown_paths_and_bodies_that_are_no_json_are_answered(ana: Client) -> None:
    """404 and 400 in the usual shape, never a crash."""
    assert (404, "notFound") == reason_of(ana.send("GET", "nothing/here"))
    assert (404, "notFound") == reason_of(ana.send("DELETE", "colors"))
    from aicalendar_tui.simulator.router import BASE, Request, handle

    for body in (b"{", b"[]", b"\xff", b"[" * 100_000):
        request = Request(
            method="POST",
            path=BASE + "calendars/primary/events",
            headers={"authorization": "Bearer ana"},
            body=body,
        )
        assert (400, "parseError") == reason_of(handle(ana.world, request))


def test_an_unchanged_resource_needs_no_second_download(ana: Client) -> None:
    """If-None-Match with the present etag is 304."""
    event = ana.insert()
    path = f"calendars/primary/events/{event['id']}"
    assert 304 == ana.send("GET", path, headers={"if-none-match": event["etag"]}).status
    ana.patch(event["id"], summary="new")
    assert 200 == ana.send("GET", path, headers={"if-none-match": event["etag"]}).status
