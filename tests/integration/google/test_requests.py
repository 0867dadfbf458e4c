"""What the adapter sends: the parameters, headers and bodies that the protocol asks for, and no others."""

from urllib.parse import parse_qs, urlsplit

import pytest

from aicalendar_tui.backend.google.calendar import GoogleCalendar, complete_patch
from tests.integration.google.scripted_server import ScriptedServer, answer

CALENDAR = "family@group.calendar.google.com"
PAGE = {"items": [], "nextSyncToken": "token"}
FORBIDDEN_WITH_SYNC_TOKEN = {
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin",
}  # fmt: skip


def query(server: ScriptedServer, position: int = -1) -> dict[str, list[str]]:
    """The parameters of a request."""
    return parse_qs(urlsplit(server.heard[position].path).query)


def test_protocol_16_every_list_of_events_sends_the_same_parameters_but_for_the_tokens(
    server: ScriptedServer, remote: GoogleCalendar
) -> None:
    """A sync token is good for the parameters of the first request only."""
    server.will(answer(200, {"nextPageToken": "2"}), answer(200, PAGE), answer(200, PAGE))
    remote.list_events(CALENDAR)
    remote.list_events(CALENDAR, page_token="2")
    remote.list_events(CALENDAR, sync_token="token")

    sent = [query(server, n) for n in range(3)]
    tokens = [(each.pop("pageToken", None), each.pop("syncToken", None)) for each in sent]

    assert [(None, None), (["2"], None), (None, ["token"])] == tokens
    assert sent[0] == sent[1] == sent[2]
    assert (["false"], ["true"], ["2500"]) == tuple(
        sent[0][name] for name in ("singleEvents", "showDeleted", "maxResults")
    )
    assert not FORBIDDEN_WITH_SYNC_TOKEN & sent[0].keys()


def test_the_fingerprint_names_those_parameters(remote: GoogleCalendar) -> None:
    """It is stored beside the token, to notice another version's parameters."""
    assert "maxResults=2500&showDeleted=true&singleEvents=false" == remote.fingerprint


def test_the_list_of_calendars_asks_for_deleted_and_hidden_ones(
    server: ScriptedServer, remote: GoogleCalendar
) -> None:
    """Else a calendar that went away would stay here."""
    server.will(answer(200, {"items": [{"id": CALENDAR}], "nextSyncToken": "token"}))

    page = remote.list_calendars(sync_token="old")

    assert [{"id": CALENDAR}] == page.items
    assert (["true"], ["true"], ["old"]) == tuple(
        query(server)[name] for name in ("showDeleted", "showHidden", "syncToken")
    )


def test_protocol_34_long_sync_token_goes_out_as_a_post_that_means_get(
    server: ScriptedServer, remote: GoogleCalendar
) -> None:
    """Addresses over 2,048 characters are refused on the way."""
    server.will(answer(200, PAGE))

    remote.list_events(CALENDAR, sync_token="t" * 3000)

    request = server.heard[0]
    assert ("POST", "GET") == (request.method, request.headers["x-http-method-override"])
    assert ["t" * 3000] == parse_qs(request.body.decode())["syncToken"]


def test_an_insert_sends_the_body_without_empty_fields(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """With our own id; conference data is not mentioned unless there is some."""
    server.will(answer(200, {"id": "abcde"}))

    remote.insert_event(CALENDAR, {"id": "abcde", "summary": "x", "colorId": None}, send_updates="all")

    assert {"id": "abcde", "summary": "x"} == server.heard_json()
    assert {"alt": ["json"], "sendUpdates": ["all"]} == query(server)
    assert "/calendar/v3/calendars/family%40group.calendar.google.com/events" in server.heard[0].path


def test_conference_data_and_attachments_are_declared(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """Google overlooks them otherwise."""
    server.will(answer(200, {"id": "abcde"}))

    remote.insert_event(
        CALENDAR, {"id": "abcde", "conferenceData": {"createRequest": {"requestId": "1"}}, "attachments": [{}]}
    )

    assert (["1"], ["true"]) == (query(server)["conferenceDataVersion"], query(server)["supportsAttachments"])


def test_a_patch_carries_the_etag_and_nulls(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """A null removes a field; it must arrive."""
    server.will(answer(200, {"id": "abcde"}))

    remote.patch_event(CALENDAR, "abcde", {"recurrence": None, "start": {"date": "2026-11-23"}}, etag='"7"')

    assert ("PATCH", '"7"') == (server.heard[0].method, server.heard[0].headers["if-match"])
    assert {
        "recurrence": None,
        "start": {"date": "2026-11-23", "dateTime": None, "timeZone": None},
    } == server.heard_json()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ({"date": "2026-11-23"}, {"date": "2026-11-23", "dateTime": None, "timeZone": None}),
        ({"dateTime": "2026-11-23T09:00:00+01:00"}, {"date": None, "dateTime": "2026-11-23T09:00:00+01:00"}),
        (
            {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
            {"date": None, "dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        ),
    ],
)
def test_a_patch_of_a_time_takes_the_other_form_away(moment: dict[str, str], expected: dict[str, str | None]) -> None:
    """From a whole day to a time and back; a time keeps the zone that it had."""
    assert {"start": expected, "end": expected} == complete_patch({"start": moment, "end": moment})


def test_a_delete_without_an_etag_has_no_condition(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """With one, it has."""
    server.will(answer(204), answer(204))

    remote.delete_event(CALENDAR, "abcde")
    remote.delete_event(CALENDAR, "abcde", etag='"7"')

    assert [None, '"7"'] == [request.headers.get("if-match") for request in server.heard]


def test_a_watch_sends_the_channel_and_reads_its_end(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """Google gives the time as text."""
    server.will(answer(200, {"resourceId": "r", "expiration": "1800000000000"}), answer(204))

    watched = remote.watch_events(CALENDAR, channel_id="c", token="t", address="https://a/b", ttl_seconds=3600)
    remote.stop_channel(channel_id="c", resource_id=watched.resource_id)

    assert ("r", 1_800_000_000_000) == (watched.resource_id, watched.expiration_ms)
    assert {
        "id": "c", "type": "web_hook", "address": "https://a/b", "token": "t", "params": {"ttl": "3600"},
    } == server.heard_json(0)  # fmt: skip
    assert {"id": "c", "resourceId": "r"} == server.heard_json(1)


def test_an_instance_is_asked_for_by_its_original_start(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """Whatever else the server sends along; ids are not read."""
    wanted = {
        "id": "any", "status": "cancelled", "recurringEventId": "abcde",
        "originalStartTime": {"dateTime": "2026-11-23T09:00:00+01:00"},
    }  # fmt: skip
    other = {**wanted, "id": "other", "originalStartTime": {"dateTime": "2026-11-24T09:00:00+01:00"}}
    server.will(answer(200, {"items": [other], "nextPageToken": "2"}), answer(200, {"items": [other, wanted]}))

    found = remote.find_instance(CALENDAR, "abcde", "2026-11-23T08:00:00Z")

    assert wanted == found
    assert (["2026-11-23T08:00:00Z"], ["true"]) == (query(server)["originalStart"], query(server)["showDeleted"])


def test_no_proxy_is_asked_for_a_server_on_this_machine(
    server: ScriptedServer, remote: GoogleCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo works behind a company's proxy too."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.will(answer(200, PAGE))

    assert "token" == remote.list_events(CALENDAR).next_sync_token
