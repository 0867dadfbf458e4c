"""The simulated Google without a network: the real client talks to the simulator's core by a function call.

Every request passes `NearGoogle`, which can let it fail as the simulator's control API would, let others act while
it is under way, or let the process that sent it die before it arrives or before its answer is read.
"""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from http.client import BadStatusLine
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from aicalendar_tui.backend.google.authorization import Grant
from aicalendar_tui.backend.google.calendar import GoogleCalendar
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.faults import Fault
from aicalendar_tui.simulator.oauth import OAuthError
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.router import Answer, Request, build_error, handle
from aicalendar_tui.simulator.world import CalendarState, Resource, World

HOST = "google.test"
PAGE_SIZE = 3
DEEPEST = 2
"""Whoever acts while a request is under way makes requests too: those are disturbed no further."""


class Crash(BaseException):
    """The process is gone: nothing catches this but the schedule itself, as nothing sees SIGKILL coming."""


class Fuse:
    """Burns down by one at each point where a process can die; at the end of it, it does."""

    def __init__(self) -> None:
        self.left: int | None = None

    def point(self) -> None:
        """Raises Crash when the fuse is at its end."""
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


class VirtualClock:
    """One time for both sides; it moves when told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        return self._now

    def epoch(self) -> int:
        """Whole seconds."""
        return int(self._now.timestamp())

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._now += timedelta(seconds=seconds)


class Commit(NamedTuple):
    """An event that a request changed at Google."""

    by_us: bool
    method: str
    calendar: CalendarState
    before: Resource | None
    after: Resource


class _Meanwhile(NamedTuple):
    method: str
    arrived: bool
    action: Callable[[], object]


class NearGoogle:
    """The simulated world, and the ways to it: ours (disturbed) and the phone's (never)."""

    def __init__(self, world: World, fuse: Fuse, *, on_commit: Callable[[Commit], None]) -> None:
        self.world = world
        self.fuse = fuse
        self.meanwhile: deque[_Meanwhile] = deque()
        self.before_request: Callable[[], None] = lambda: None
        self.requests = 0
        self._on_commit = on_commit
        self._seen: dict[str, dict[str, Resource]] = {}
        self._seen_at: dict[str, int] = {}
        self._depth = 0

    def open_account(self, user: str) -> GoogleCalendar:
        """Our client for that user; its access token can expire and is renewed with a refresh token."""
        if user not in _CLIENTS:
            _CLIENTS[user] = GoogleCalendar(_grant(user), Endpoint(f"http://{HOST}"), page_size=PAGE_SIZE)
        client = _CLIENTS[user]
        authorized = client._events._http
        authorized.credentials = _grant(user)
        authorized.http.connections = {f"http:{HOST}": _Connection(self)}
        return client

    def phone(self, user: str, method: str, path: str, body: Resource | None = None, **query: str) -> Answer:
        """What somebody does at Google with an app that is not ours."""
        headers = {"authorization": f"Bearer phone-{user}"}
        pairs = list(query.items())
        content = b"" if body is None else msgspec.json.encode(body)
        request = Request(method=method, path=path, query=Query(pairs), headers=headers, body=content)
        answer = handle(self.world, request)
        self._note(method, by_us=False)
        return answer

    def travel(self, method: str, uri: str, headers: dict[str, str], body: bytes) -> Answer:
        """One request of ours. Raises BadStatusLine where the connection drops, Crash where we die."""
        self.before_request()
        self.requests += 1
        self.fuse.point()
        parts = urlsplit(uri)
        # Whoever needs a new access token waits for the one who asks for it, and does nothing meanwhile.
        asks_google = parts.path != "/token"
        if asks_google:
            self._let_others_act(method, arrived=False)
        fault = self.world.faults.take(method, parts.path)
        if fault is not None and fault.kind == "drop":
            raise BadStatusLine("dropped before the request arrived")
        if fault is not None and fault.kind == "before":
            return _failure(fault)
        if not asks_google:
            answer = self._renew(body)
        else:
            query = Query(parse_qsl(parts.query, keep_blank_values=True))
            lower = {name.lower(): value for name, value in headers.items()}
            request = Request(method=method, path=parts.path, query=query, headers=lower, body=body)
            answer = handle(self.world, request)
        self._note(method, by_us=True)
        if asks_google:
            self._let_others_act(method, arrived=True)
        # Google has it; whoever dies now never learns of that.
        self.fuse.point()
        if fault is not None and fault.kind == "drop_after":
            raise BadStatusLine("dropped before the answer arrived")
        if fault is not None and fault.kind == "after":
            return _failure(fault)
        if fault is not None and fault.kind == "truncate":
            return Answer(status=answer.status, body=answer.body[: len(answer.body) // 2], headers=answer.headers)
        return answer

    def act_meanwhile(self, method: str, arrived: bool, action: Callable[[], object]) -> None:
        """Runs `action` once, while the next request of that method, or its answer, is under way."""
        self.meanwhile.append(_Meanwhile(method, arrived, action))

    def events(self, calendar_id: str) -> dict[str, Resource]:
        """All that the calendar has, tombstones too, by id. Not to be changed."""
        return self._seen.get(calendar_id, {})

    def version_of(self, calendar_id: str, event_id: str) -> int:
        """When it last changed; 0 for what Google does not know."""
        return self.world.calendars[calendar_id].changes.get(event_id, 0)

    def version_of_etag(self, etag: str) -> int:
        """The version that the etag stands for."""
        return (int(etag.strip('"')) - self.world._etag_base) // 2

    def look(self) -> None:
        """Tells of everything that is there already."""
        self._note("GET", by_us=False)

    def _let_others_act(self, method: str, *, arrived: bool) -> None:
        if self._depth >= DEEPEST:
            return
        waiting = next((one for one in self.meanwhile if one[:2] == (method, arrived)), None)
        if waiting is None:
            return
        self.meanwhile.remove(waiting)
        self._depth += 1
        try:
            waiting.action()
        finally:
            self._depth -= 1

    def _renew(self, body: bytes) -> Answer:
        try:
            content = self.world.oauth.exchange(dict(parse_qsl(body.decode())), None)
        except OAuthError as error:
            return Answer(status=error.code, body=msgspec.json.encode({"error": error.error}))
        return Answer(status=200, body=msgspec.json.encode(content))

    def _note(self, method: str, *, by_us: bool) -> None:
        """Tells of every event that changed, the oldest change first."""
        for calendar in self.world.calendars.values():
            since = self._seen_at.get(calendar.id, 0)
            changed = []
            for event_id, version in reversed(calendar.changes.items()):
                if version <= since:
                    break
                changed.append(event_id)
            seen = self._seen.setdefault(calendar.id, {})
            for event_id in reversed(changed):
                before, after = seen.get(event_id), calendar.events[event_id].resource
                seen[event_id] = after
                self._on_commit(Commit(by_us, method, calendar, before, after))
            self._seen_at[calendar.id] = max(since, calendar.version)


_CLIENTS: dict[str, GoogleCalendar] = {}
"""One for each user, for all schedules: to build one takes longer than a schedule."""


class _Vault:
    """Fits the grant's `Vault`: one account's tokens, in memory."""

    def __init__(self, information: dict[str, Any]) -> None:
        self.information = information

    def hold(self) -> AbstractContextManager[None]:
        """Nobody else renews them."""
        return nullcontext()

    def load(self) -> dict[str, Any]:
        """As they are by now."""
        return dict(self.information)

    def save(self, information: dict[str, Any]) -> None:
        """From now on."""
        self.information = dict(information)


def _grant(user: str) -> Grant:
    tokens = {"token": f"old-{user}", "refresh_token": f"refresh-{user}", "client_id": "c", "client_secret": "s"}
    return Grant(tokens, Endpoint(f"http://{HOST}"), _Vault(tokens))


def _failure(fault: Fault) -> Answer:
    error = ApiError(fault.code, fault.reason, fault.message, retry_after_seconds=fault.retry_after_seconds)
    return build_error(error)


class _Connection:
    """What httplib2 takes for a connection."""

    def __init__(self, google: NearGoogle) -> None:
        self.sock: object | None = None
        self.host = HOST
        self._google = google
        self._request: tuple[str, str, dict[str, str], bytes] = ("", "", {}, b"")

    def connect(self) -> None:
        """Always succeeds."""
        self.sock = self

    def close(self) -> None:
        """There is nothing to close."""
        self.sock = None

    def request(self, method: str, uri: str, body: str | bytes | None, headers: dict[str, str]) -> None:
        """It leaves with `getresponse`."""
        content = body.encode() if isinstance(body, str) else body or b""
        self._request = (method, uri, dict(headers), content)

    def getresponse(self) -> "_Response":
        """Raises what became of the request."""
        return _Response(self._google.travel(*self._request))


class _Response(dict[str, Any]):
    """Headers as a dict, which is what httplib2 reads from anything that is no HTTPResponse."""

    version = 11
    reason = ""

    def __init__(self, answer: Answer) -> None:
        super().__init__({**answer.headers, "status": str(answer.status), "content-type": "application/json"})
        self._body = answer.body

    def read(self) -> bytes:
        """The whole body."""
        return self._body


def list_instances(google: NearGoogle, user: str, calendar_id: str, start: str, end: str) -> list[Resource]:
    """Google's own expansion of all series in `[start, end)`."""
    items: list[Resource] = []
    for _ in count():
        query = {"singleEvents": "true", "timeMin": start, "timeMax": end, "maxResults": "2500"}
        page = google.phone(user, "GET", f"/calendar/v3/calendars/{calendar_id}/events", None, **query).read()
        items += page["items"]
        if not page.get("nextPageToken"):
            break
    return items


__all__ = ["Commit", "Crash", "Fuse", "NearGoogle", "VirtualClock", "list_instances", "urlencode"]
