"""One account's calendars through googleapiclient: each method is one request, or one page of a list."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from weakref import finalize

import google_auth_httplib2
import httplib2
from googleapiclient.discovery import build
from googleapiclient.model import JsonModel
from msgspec import json

from aicalendar_tui.backend.domain.errors import NotAuthorized, Transient
from aicalendar_tui.backend.domain.event import Resource, original_start_of
from aicalendar_tui.backend.google.authorization import Grant
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.errors import Operation, translated
from aicalendar_tui.backend.google.transport import Connections
from aicalendar_tui.backend.ports import CalendarPage, EventPage, Watched

TIMEOUT_SECONDS = 20.0
PAGE_SIZE = 2500
"""Google's own limit for a page of events."""


class GoogleCalendar:
    """Fits `ports.RemoteCalendar`. Belongs to one thread; connections are opened by the first request.

    Nothing is tried twice here, but by `Connections`, which send a request again when the connection drops early.
    """

    def __init__(
        self,
        grant: Grant,
        endpoint: Endpoint,
        *,
        page_size: int = PAGE_SIZE,
        timeout_seconds: float = TIMEOUT_SECONDS,
        on_denied: Callable[[], None] = lambda: None,
    ) -> None:
        # A proxy from the environment is for the world, not for a server on this machine.
        proxy: dict[str, Any] = {"proxy_info": None} if endpoint.is_loopback else {}
        http = Connections(timeout=timeout_seconds, **proxy)
        # Clients end with their threads; their connections are closed then, not whenever memory is cleaned.
        self._closing = finalize(self, http.close)
        self._on_denied = on_denied
        service = _open_service(grant, endpoint, http)
        self._calendar_list = service.calendarList()
        self._events = service.events()
        self._channels = service.channels()
        # With a sync token all of these must stay as they were in the first request.
        self._list_parameters = {"singleEvents": False, "showDeleted": True, "maxResults": page_size}

    def close(self) -> None:
        """Closes the connections; the client is of no use after."""
        self._closing()

    @property
    def fingerprint(self) -> str:
        """See `ports.RemoteCalendar`."""
        return urlencode(sorted((name, json.encode(value)) for name, value in self._list_parameters.items()))

    def list_calendars(self, *, sync_token: str | None = None, page_token: str | None = None) -> CalendarPage:
        """See `ports.RemoteCalendar`."""
        page = self._fetch(
            "list",
            self._calendar_list.list(
                showDeleted=True, showHidden=True, maxResults=250, syncToken=sync_token, pageToken=page_token
            ),
        )
        return CalendarPage(**_read_page(page))

    def list_events(
        self, calendar_id: str, *, sync_token: str | None = None, page_token: str | None = None
    ) -> EventPage:
        """See `ports.RemoteCalendar`."""
        page = self._fetch(
            "list",
            self._events.list(
                calendarId=calendar_id, syncToken=sync_token, pageToken=page_token, **self._list_parameters
            ),
        )
        return EventPage(**_read_page(page))

    def get_event(self, calendar_id: str, event_id: str) -> Resource:
        """See `ports.RemoteCalendar`."""
        return self._fetch("get", self._events.get(calendarId=calendar_id, eventId=event_id))

    def find_instance(self, calendar_id: str, event_id: str, original_start: str) -> Resource | None:
        """See `ports.RemoteCalendar`. Raises NotFound when the series itself is gone."""
        page_token = None
        while True:
            page = self._fetch(
                "instances",
                self._events.instances(
                    calendarId=calendar_id,
                    eventId=event_id,
                    originalStart=original_start,
                    showDeleted=True,  # a cancelled instance is an instance
                    pageToken=page_token,
                ),
            )
            for instance in page.get("items") or ():
                if original_start_of(instance) == original_start:
                    return instance
            page_token = page.get("nextPageToken")
            if not page_token:
                return None

    def insert_event(self, calendar_id: str, body: Resource, *, send_updates: str = "none") -> Resource:
        """See `ports.RemoteCalendar`."""
        body = {name: value for name, value in body.items() if value is not None}
        return self._fetch(
            "insert",
            self._events.insert(calendarId=calendar_id, body=body, sendUpdates=send_updates, **_versions(body)),
        )

    def patch_event(
        self, calendar_id: str, event_id: str, fields: Resource, *, etag: str, send_updates: str = "none"
    ) -> Resource:
        """See `ports.RemoteCalendar`."""
        request = self._events.patch(
            calendarId=calendar_id,
            eventId=event_id,
            body=complete_patch(fields),
            sendUpdates=send_updates,
            **_versions(fields),
        )
        request.headers["If-Match"] = etag
        return self._fetch("patch", request)

    def delete_event(self, calendar_id: str, event_id: str, *, etag: str = "", send_updates: str = "none") -> None:
        """See `ports.RemoteCalendar`."""
        request = self._events.delete(calendarId=calendar_id, eventId=event_id, sendUpdates=send_updates)
        if etag:
            request.headers["If-Match"] = etag
        self._run("delete", request)

    def move_event(
        self, calendar_id: str, event_id: str, destination: str, *, send_updates: str = "none"
    ) -> Resource:
        """See `ports.RemoteCalendar`."""
        return self._fetch(
            "move",
            self._events.move(
                calendarId=calendar_id, eventId=event_id, destination=destination, sendUpdates=send_updates
            ),
        )

    def watch_events(
        self, calendar_id: str, *, channel_id: str, token: str, address: str, ttl_seconds: int
    ) -> Watched:
        """See `ports.RemoteCalendar`."""
        body = {
            "id": channel_id,
            "type": "web_hook",
            "address": address,
            "token": token,
            "params": {"ttl": str(ttl_seconds)},
        }
        channel = self._fetch("watch", self._events.watch(calendarId=calendar_id, body=body))
        try:
            expiration = channel.get("expiration")
            return Watched(
                resource_id=channel["resourceId"], expiration_ms=None if expiration is None else int(expiration)
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Transient("a channel without a readable resourceId or expiration") from error

    def stop_channel(self, *, channel_id: str, resource_id: str) -> None:
        """See `ports.RemoteCalendar`."""
        self._run("stop", self._channels.stop(body={"id": channel_id, "resourceId": resource_id}))

    def _fetch(self, operation: Operation, request: Any) -> Resource:
        """Anything but an object was cut off or is not Google's (PROTOCOL 28): Transient."""
        answer = self._execute(operation, request)
        if isinstance(answer, dict):
            return answer
        raise Transient(f"an answer of the wrong kind ({type(answer).__name__})")

    def _run(self, operation: Operation, request: Any) -> None:
        """Google says nothing when it is done; a page of a captive portal must not pass for that."""
        if self._execute(operation, request):
            raise Transient("an answer where none was expected")

    def _execute(self, operation: Operation, request: Any) -> Any:
        try:
            with translated(operation):
                return request.execute(num_retries=0)
        except NotAuthorized:
            self._on_denied()
            raise


def complete_patch(fields: Resource) -> Resource:
    """The fields with what contradicts them taken away, since PATCH merges and both at once are refused.

    That is the other form of `start` and `end`, and own reminders beside the calendar's.
    """
    completed = dict(fields)
    for name in ("start", "end"):
        moment = fields.get(name)
        if isinstance(moment, Mapping):
            other = {"date": None} if moment.get("dateTime") else {"dateTime": None, "timeZone": None}
            completed[name] = {**other, **moment}
    reminders = fields.get("reminders")
    if isinstance(reminders, Mapping) and reminders.get("useDefault"):
        completed["reminders"] = {**reminders, "overrides": []}
    return completed


class _Model(JsonModel):
    """JSON by msgspec: a page of 2,500 events is read several times faster, and a cut one is an error."""

    def deserialize(self, content: bytes) -> Any:
        """Raises msgspec.DecodeError."""
        return json.decode(content)


def _open_service(grant: Grant, endpoint: Endpoint, http: httplib2.Http) -> Any:
    return build(
        "calendar",
        "v3",
        http=google_auth_httplib2.AuthorizedHttp(
            grant,
            http=http,
            # Without anything to renew, a 401 speaks for itself: it may be about a channel's address.
            refresh_status_codes=(HTTPStatus.UNAUTHORIZED,) if grant.renewable else (),
            max_refresh_attempts=1,
        ),
        client_options={"api_endpoint": endpoint.api_url},
        static_discovery=True,
        model=_Model(),
    )


def _read_page(page: Resource) -> dict[str, Any]:
    """Raises Transient for a list without a token: advancing on it would end the sync for ever."""
    next_page_token, next_sync_token = page.get("nextPageToken"), page.get("nextSyncToken")
    if not next_page_token and not next_sync_token:
        raise Transient("a page with neither a next page nor a sync token")
    return {
        "items": page.get("items") or [],
        "next_page_token": next_page_token,
        "next_sync_token": next_sync_token,
    }


def _versions(body: Resource) -> dict[str, Any]:
    """What has to be declared for Google not to overlook parts of the body."""
    versions: dict[str, Any] = {}
    if "conferenceData" in body:
        versions["conferenceDataVersion"] = 1
    if body.get("attachments"):
        versions["supportsAttachments"] = True
    return versions
