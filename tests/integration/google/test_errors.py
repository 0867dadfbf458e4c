"""Each thing that can go wrong between us and Google ends as the error that says what can be done about it."""

import pytest

from aicalendar_tui.backend.credentials import StaticCredentials
from aicalendar_tui.backend.domain import errors
from aicalendar_tui.backend.google.calendar import GoogleCalendar
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from tests.integration.google.scripted_server import Reply, ScriptedServer, answer, google_error

CALENDAR = "me@example.com"
PAGE = {"items": [], "nextSyncToken": "token"}


def call(remote: GoogleCalendar, operation: str) -> object:
    """One request of that kind, with some arguments."""
    match operation:
        case "list_calendars":
            return remote.list_calendars()
        case "list_events":
            return remote.list_events(CALENDAR, sync_token="old")
        case "get":
            return remote.get_event(CALENDAR, "abcde")
        case "instances":
            return remote.find_instance(CALENDAR, "abcde", "2026-11-23")
        case "insert":
            return remote.insert_event(CALENDAR, {"id": "abcde"})
        case "patch":
            return remote.patch_event(CALENDAR, "abcde", {"summary": "x"}, etag='"1"')
        case "delete":
            return remote.delete_event(CALENDAR, "abcde", etag='"1"')
        case "move":
            return remote.move_event(CALENDAR, "abcde", "other@example.com")
        case "watch":
            return remote.watch_events(
                CALENDAR, channel_id="c", token="t", address="https://example.com", ttl_seconds=60
            )
        case "stop":
            return remote.stop_channel(channel_id="c", resource_id="r")
    raise AssertionError(operation)


OPERATIONS = (
    "list_calendars", "list_events", "get", "instances", "insert", "patch", "delete", "move", "watch", "stop",
)  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "code", "reason", "expected"),
    [
        ("list_events", 410, "fullSyncRequired", errors.SyncTokenExpired),
        ("list_calendars", 410, "fullSyncRequired", errors.SyncTokenExpired),
        ("list_events", 410, "updatedMinTooLongAgo", errors.SyncTokenExpired),
        ("list_events", 410, "deleted", errors.NotFound),
        ("list_events", 404, "notFound", errors.NotFound),
        ("delete", 410, "deleted", errors.NotFound),
        ("patch", 410, "deleted", errors.NotFound),
        ("get", 404, "notFound", errors.NotFound),
        ("instances", 404, "notFound", errors.NotFound),
        ("stop", 404, "notFound", errors.NotFound),
        ("insert", 409, "duplicate", errors.Duplicate),
        ("insert", 409, "conflict", errors.Transient),
        ("move", 409, "conflict", errors.Transient),
        ("patch", 412, "conditionNotMet", errors.Conflict),
        ("delete", 412, "conditionNotMet", errors.Conflict),
        ("watch", 400, "pushNotSupportedForRequestedResource", errors.NotWatchable),
        ("watch", 400, "channelIdNotUnique", errors.ChannelIdNotUnique),
        ("watch", 400, "push.webhookUrlUnauthorized", errors.AddressRefused),
        ("watch", 401, "push.webhookUrlUnauthorized", errors.AddressRefused),
        ("watch", 403, "push.webhookUrlUnauthorized", errors.AddressRefused),
        ("watch", 400, "push.webhookUrlNotHttps", errors.Rejected),
        ("patch", 400, "invalid", errors.Rejected),
        ("patch", 403, "forbiddenForNonOrganizer", errors.Rejected),
        ("patch", 403, "quotaExceeded", errors.Rejected),
        ("patch", 403, "rateLimitExceeded", errors.Transient),
        ("patch", 403, "userRateLimitExceeded", errors.Transient),
        ("patch", 403, "insufficientPermissions", errors.NotAuthorized),
        ("patch", 408, "timeout", errors.Transient),
        ("patch", 429, "rateLimitExceeded", errors.Transient),
        ("get", 500, "backendError", errors.Transient),
        ("get", 503, "backendError", errors.Transient),
        ("get", 304, "notModified", errors.Transient),
    ],
)
def test_protocol_31_answer_becomes_the_error_that_says_what_to_do(
    server: ScriptedServer, remote: GoogleCalendar, operation: str, code: int, reason: str, expected: type
) -> None:
    """The table over code, reason and operation."""
    server.will(google_error(code, reason, "in words"))

    with pytest.raises(errors.CalendarError) as raised:
        call(remote, operation)

    assert expected is type(raised.value)
    assert raised.value.__cause__ is not None


def test_a_rejection_keeps_its_code_and_reason(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """They are shown to the user and stored with the change."""
    server.will(google_error(403, "forbiddenForNonOrganizer", "Only the organizer may do that."))

    with pytest.raises(errors.Rejected, match="Only the organizer may do that") as raised:
        call(remote, "patch")

    assert (403, "forbiddenForNonOrganizer") == (raised.value.code, raised.value.reason)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", [200, 403, 404, 407, 409, 502])
def test_a_captive_portal_gives_nothing_up(
    server: ScriptedServer, remote: GoogleCalendar, operation: str, code: int
) -> None:
    """A page of HTML is not Google's word, whatever its code: the same request may work in another network."""
    server.will(answer(code, b"<html>Please sign in to the hotel</html>", headers={"Content-Type": "text/html"}))

    with pytest.raises(errors.Transient):
        call(remote, operation)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in ("delete", "stop")])
@pytest.mark.parametrize(
    "body",
    [b'{"items": [{"id": "abc', b"", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 9000],
    ids=["cut", "empty", "list", "null", "text", "not UTF-8", "too deep"],
)
def test_an_answer_that_is_no_whole_object_is_transient(
    server: ScriptedServer, remote: GoogleCalendar, operation: str, body: bytes
) -> None:
    """googleapiclient would hand a cut answer on as text; nothing may advance on it."""
    server.will(answer(200, body))

    with pytest.raises(errors.Transient):
        call(remote, operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_body_shorter_than_promised_is_transient(
    server: ScriptedServer, remote: GoogleCalendar, operation: str
) -> None:
    """The connection broke in the middle of an answer."""
    server.will(answer(200, PAGE, cut_bytes=5))

    with pytest.raises(errors.Transient):
        call(remote, operation)


def test_a_cut_answer_spoils_only_its_own_request(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """The next request gets a connection of its own and a whole answer."""
    server.will(answer(200, PAGE, cut_bytes=5), answer(200, PAGE))

    with pytest.raises(errors.Transient):
        remote.list_events(CALENDAR)

    assert "token" == remote.list_events(CALENDAR).next_sync_token


@pytest.mark.parametrize("operation", ["list_events", "list_calendars"])
def test_a_page_without_any_token_is_transient(
    server: ScriptedServer, remote: GoogleCalendar, operation: str
) -> None:
    """Taken for the last page it would end the calendar's sync for ever."""
    server.will(answer(200, {"items": []}))

    with pytest.raises(errors.Transient):
        call(remote, operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_connection_that_always_drops_is_unreachable(
    server: ScriptedServer, remote: GoogleCalendar, operation: str
) -> None:
    """Nobody answers, on the second connection neither."""
    server.will(None, None, None, None)

    with pytest.raises(errors.Unreachable):
        call(remote, operation)


def test_a_dropped_connection_is_asked_again_by_httplib2(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """So an insert may arrive twice: our own id is what keeps it one event."""
    server.will(None, google_error(409, "duplicate"))

    with pytest.raises(errors.Duplicate):
        remote.insert_event(CALENDAR, {"id": "abcde", "summary": "once"})

    assert ["POST", "POST"] == [request.method for request in server.heard]
    assert server.heard_json(0) == server.heard_json(1)


def test_a_dropped_patch_is_sent_again_with_the_same_etag(server: ScriptedServer, remote: GoogleCalendar) -> None:
    """So one's own success can read as a conflict: the caller has to fetch and compare."""
    server.will(None, google_error(412, "conditionNotMet"))

    with pytest.raises(errors.Conflict):
        remote.patch_event(CALENDAR, "abcde", {"summary": "x"}, etag='"7"')

    assert ['"7"', '"7"'] == [request.headers["if-match"] for request in server.heard]


def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Offline: refused, or a name that does not resolve."""
    for base in ("http://127.0.0.1:9", "http://nowhere.invalid"):
        remote = GoogleRemotes(StaticCredentials({"token": "demo"}), Endpoint(base), timeout_seconds=5)("me")
        with pytest.raises(errors.Unreachable):
            remote.list_calendars()


def test_a_silent_server_is_unreachable_after_the_timeout(server: ScriptedServer) -> None:
    """A request never waits for ever."""
    remotes = GoogleRemotes(StaticCredentials({"token": "demo"}), Endpoint(server.base), timeout_seconds=0.2)
    server.will(b"HTTP/1.1 200 OK\r\n", answer(200, PAGE))
    remote = remotes("me")

    with pytest.raises(errors.Unreachable):
        remote.list_events(CALENDAR)

    assert "token" == remote.list_events(CALENDAR).next_sync_token


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "Mon, 23 Nov 2026 12:00:30 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}, 30.0),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:30 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "Mon, 23 Nov 2026 12:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_the_wish_to_be_asked_later_is_passed_on(
    server: ScriptedServer, remote: GoogleCalendar, code: int, headers: dict[str, str], expected: float | None
) -> None:
    """Seconds, or a date counted by the server's own clock; nonsense is no wish."""
    server.will(google_error(code, "rateLimitExceeded", headers=headers))

    with pytest.raises(errors.Transient) as raised:
        remote.list_events(CALENDAR)

    assert expected == raised.value.retry_after_seconds


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, {"kind": "api#channel", "id": "c"}),
        answer(200, {"resourceId": "r", "expiration": "tomorrow"}),
    ],
)
def test_a_channel_that_cannot_be_kept_is_transient(
    server: ScriptedServer, remote: GoogleCalendar, reply: Reply
) -> None:
    """Without a resourceId it could never be stopped."""
    server.will(reply)

    with pytest.raises(errors.Transient):
        call(remote, "watch")
