"""The unmodified real client can't tell the difference."""

import json
from collections.abc import Callable
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from aicalendar_tui.simulator.server import RunningSimulator
from tests.integration.simulator.discovery_schema import find_problems, list_methods, load_document

DAY = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
TIMES = {
    "start": {"dateTime": "2026-11-24T10:00:00Z", "timeZone": "Europe/Prague"},
    "end": {"dateTime": "2026-11-24T11:00:00Z", "timeZone": "Europe/Prague"},
}


def failure(request: Any, **options: Any) -> HttpError:
    """The error that a request meets."""
    with pytest.raises(HttpError) as caught:
        request.execute(**options)
    return caught.value


def control(simulator: RunningSimulator, name: str, /, **wish: Any) -> Any:
    """A request to the control API."""
    connection = httplib2.Http()
    try:
        response, content = connection.request(f"{simulator.base_url}/_control/{name}", "POST", body=json.dumps(wish))
    finally:
        connection.close()
    assert response.status == 200, content
    return json.loads(content)


def test_every_method_answers_what_the_discovery_document_says(google: Any, simulator: RunningSimulator) -> None:
    """Each answer has only known fields, of the right types, and every method of the document is tried."""
    tried: set[str] = set()

    def call(request: Any) -> Any:
        method = list_methods()[request.methodId]
        answer = request.execute()
        tried.add(request.methodId)
        if "response" in method:
            assert [] == find_problems(answer, method["response"])
        else:
            assert answer == ""
        return answer

    events, entries, calendars = google.events(), google.calendarList(), google.calendars()
    channel = {"type": "web_hook", "address": "http://127.0.0.1:9/", "token": "t"}
    new = call(calendars.insert(body={"summary": "New"}))["id"]
    for request in (
        entries.list(),
        entries.get(calendarId="primary"),
        entries.patch(calendarId=new, body={"selected": True}),
        entries.update(calendarId=new, body={"colorId": "5"}),
        entries.watch(body=channel | {"id": "list"}),
        entries.delete(calendarId=new),
        entries.insert(body={"id": new}),
        calendars.get(calendarId="primary"),
        calendars.patch(calendarId=new, body={"description": "d"}),
        calendars.update(calendarId=new, body={"summary": "Newer"}),
        google.colors().get(),
        google.settings().list(),
        google.settings().get(setting="timezone"),
        google.settings().watch(body=channel | {"id": "settings"}),
        google.acl().list(calendarId="primary"),
        google.acl().watch(calendarId="primary", body=channel | {"id": "acl"}),
        google.freebusy().query(
            body={"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-30T00:00:00Z", "items": [{"id": "primary"}]}
        ),
    ):
        call(request)
    rule = call(google.acl().insert(calendarId=new, body={"role": "reader", "scope": {"type": "default"}}))
    for request in (
        google.acl().get(calendarId=new, ruleId=rule["id"]),
        google.acl().patch(calendarId=new, ruleId=rule["id"], body={"role": "freeBusyReader"}),
        google.acl().update(calendarId=new, ruleId=rule["id"], body={"role": "reader", "scope": rule["scope"]}),
        google.acl().delete(calendarId=new, ruleId=rule["id"]),
    ):
        call(request)
    wish = {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    body = {**TIMES, "summary": "x", "conferenceData": wish, "attendees": [{"email": "mira@example.com"}]}
    event = call(events.insert(calendarId="primary", body=body, conferenceDataVersion=1, sendUpdates="all"))
    series = call(events.insert(calendarId="primary", body={**TIMES, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}))
    opened = call(events.watch(calendarId="primary", body=channel | {"id": "events"}))
    call(google.channels().stop(body={"id": "events", "resourceId": opened["resourceId"]}))
    instance = call(events.instances(calendarId="primary", eventId=series["id"]))["items"][1]
    for request in (
        events.patch(calendarId="primary", eventId=instance["id"], body={"location": "there"}),
        events.delete(calendarId="primary", eventId=series["id"] + "_20261126T100000Z"),
        events.instances(calendarId="primary", eventId=series["id"], showDeleted=True),
        events.get(calendarId="primary", eventId=event["id"]),
        events.update(calendarId="primary", eventId=event["id"], body={**DAY, "summary": "y"}),
        events.move(calendarId="primary", eventId=event["id"], destination=new),
        events.quickAdd(calendarId="primary", text="Lunch tomorrow 12:30"),
        events.import_(calendarId="primary", body={**DAY, "iCalUID": "u@x"}),
        events.list(calendarId="primary", maxResults=2500, showDeleted=True),
        events.list(calendarId="primary", singleEvents=True, maxResults=2500),
        calendars.delete(calendarId=new),
        calendars.clear(calendarId="primary"),
    ):
        call(request)
    assert {"calendar.calendars.transferOwnership"} == list_methods().keys() - tried


def test_a_full_and_an_incremental_sync_go_as_the_guide_says(google: Any) -> None:
    """list_next follows the pages; the token of the last page gives the changes."""
    events = google.events()
    request, items, answer = events.list(calendarId="primary", maxResults=20), [], {}
    while request is not None:
        answer = request.execute()
        items += answer["items"]
        request = events.list_next(request, answer)
    assert len(items) == len({one["id"] for one in items}) > 40
    created = events.insert(calendarId="primary", body=DAY).execute()
    changes = events.list(calendarId="primary", syncToken=answer["nextSyncToken"]).execute()
    assert [created["id"]] == [one["id"] for one in changes["items"]]


def test_errors_carry_google_reasons_through_the_client(google: Any) -> None:
    """HttpError parses them."""
    events = google.events()
    error = failure(events.get(calendarId="primary", eventId="nothing"))
    assert (404, "notFound") == (error.resp.status, error.error_details[0]["reason"])
    created = events.insert(calendarId="primary", body=DAY | {"id": "mine1"}).execute()
    assert 409 == failure(events.insert(calendarId="primary", body=DAY | {"id": "mine1"})).resp.status
    patch = events.patch(calendarId="primary", eventId=created["id"], body={"summary": "x"})
    patch.headers["If-Match"] = '"stale"'
    assert (412, "conditionNotMet") == (
        failure(patch).resp.status,
        failure(patch).error_details[0]["reason"],
    )


def test_a_long_query_arrives_as_an_overridden_post(google: Any, simulator: RunningSimulator) -> None:
    """Over 2,048 characters the client sends a form and x-http-method-override: GET."""
    answer = google.events().list(calendarId="primary", privateExtendedProperty=["k=" + "v" * 3000]).execute()
    assert [] == answer["items"]
    method, _, status = simulator.world.requests[-1]
    assert ("POST", 200) == (method, status)


def test_the_holidays_calendar_is_reached_by_its_odd_name(google: Any) -> None:
    """A # and two @ in the id."""
    entry = google.calendarList().list().execute()["items"][-1]
    items = google.events().list(calendarId=entry["id"]).execute()["items"]
    assert ("reader", True) == (entry["accessRole"], len(items) > 20)


def test_a_batch_answers_each_part(google: Any, simulator: RunningSimulator) -> None:
    """One good and one bad request in one body."""
    document = {**load_document(), "rootUrl": f"{simulator.base_url}/"}
    document["baseUrl"] = f"{simulator.base_url}/calendar/v3/"
    service = build_from_document(document, http=google._http)
    outcomes: dict[str, Any] = {}

    def note(request_id: str, answer: Any, error: HttpError | None) -> None:
        outcomes[request_id] = error.resp.status if error is not None else answer["summary"]

    batch = service.new_batch_http_request(callback=note)
    batch.add(service.events().insert(calendarId="primary", body=DAY | {"summary": "in a batch"}), request_id="good")
    batch.add(service.events().get(calendarId="primary", eventId="nothing"), request_id="bad")
    batch.execute()
    assert {"good": "in a batch", "bad": 404} == outcomes


def test_a_failure_before_the_commit_is_retried_to_one_event(google: Any, simulator: RunningSimulator) -> None:
    """num_retries sends it again; nothing was done the first time."""
    control(simulator, "faults", kind="before", method="POST", path="/events$", code=503)
    created = google.events().insert(calendarId="primary", body=DAY).execute(num_retries=1)
    assert "confirmed" == created["status"]


@pytest.mark.parametrize("kind", ["after", "drop_after"])
def test_a_failure_after_the_commit_makes_the_retry_a_duplicate(
    google: Any, simulator: RunningSimulator, kind: str
) -> None:
    """The event is there: its own id is what makes a retry safe."""
    control(simulator, "faults", kind=kind, method="POST", path="/events$")
    request = google.events().insert(calendarId="primary", body=DAY | {"id": "once1"})
    assert 409 == failure(request, num_retries=1).resp.status
    assert "confirmed" == google.events().get(calendarId="primary", eventId="once1").execute()["status"]


def test_a_dropped_connection_is_a_network_error(google: Any, simulator: RunningSimulator) -> None:
    """Nothing was done, and no answer came."""
    google.colors().get().execute()
    control(simulator, "faults", kind="drop", path="/colors", times=3)
    with pytest.raises((OSError, httplib2.HttpLib2Error)):
        google.colors().get().execute()


def test_a_truncated_answer_is_a_string_to_the_client(google: Any, simulator: RunningSimulator) -> None:
    """googleapiclient gives back the text without an error: the trap that clients have to know."""
    control(simulator, "faults", kind="truncate", method="GET", path="/events$")
    assert isinstance(google.events().list(calendarId="primary").execute(), str)


def test_an_edit_between_pages_is_made(google: Any, simulator: RunningSimulator) -> None:
    """It shows in the next sync, not in the pages."""
    edit = {"method": "POST", "path": "calendars/primary/events", "body": DAY | {"summary": "between"}}
    control(simulator, "between-pages", user="ana@example.com", **edit)
    events = google.events()
    answer = events.list(calendarId="primary", maxResults=5).execute()
    while "nextPageToken" in answer:
        answer = events.list(calendarId="primary", maxResults=5, pageToken=answer["nextPageToken"]).execute()
    changes = events.list(calendarId="primary", syncToken=answer["nextSyncToken"]).execute()
    assert ["between"] == [one["summary"] for one in changes["items"]]


def test_no_web_page_can_steer_the_simulator(simulator: RunningSimulator) -> None:
    """A browser names the page's origin; such requests are refused, as is what makes no sense."""
    connection = httplib2.Http()
    url = f"{simulator.base_url}/_control/expire"
    try:
        response, _ = connection.request(url, "POST", body="{}", headers={"Origin": "https://evil.example"})
        wrong, _ = connection.request(url, "POST", body='{"everything": true}')
    finally:
        connection.close()
    assert (403, 400) == (response.status, wrong.status)


def test_the_clock_can_be_pushed_and_the_state_read(simulator: RunningSimulator) -> None:
    """Over HTTP, as a test in another process does it."""
    control(simulator, "clock", freeze=True)
    control(simulator, "clock", set="2030-01-01T00:00:00+00:00", advance_seconds=60)
    connection = httplib2.Http()
    try:
        _, content = connection.request(f"{simulator.base_url}/_control/state")
    finally:
        connection.close()
    state = json.loads(content)
    assert "2030-01-01T00:01:00+00:00" == state["now"]
    assert 6 <= len(state["calendars"])


def test_users_are_apart(make_service: Callable[..., Any], simulator: RunningSimulator) -> None:
    """A user added by the control API has a token and a calendar of their own."""
    from google.oauth2.credentials import Credentials

    control(simulator, "users", email="eve@example.org", name="Eve", zone="UTC", access_token="eve")
    eve = make_service(Credentials("eve"))
    assert ["eve@example.org"] == [one["id"] for one in eve.calendarList().list().execute()["items"]]
    assert 404 == failure(eve.events().list(calendarId="ana@example.com")).resp.status
