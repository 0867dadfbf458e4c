"""An account at Google in memory, for tests of services: the rules of the protocol without HTTP.

Edits "on the phone" are made with `put`, `cancel` and the port's own methods; `fail` and `before_next` bring what
goes wrong. The same contract suite runs on this and on the real adapter.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aicalendar_tui.backend.domain.change import merge_fields
from aicalendar_tui.backend.domain.errors import (
    AddressRefused,
    CalendarError,
    ChannelIdNotUnique,
    Conflict,
    Duplicate,
    NotAuthorized,
    NotFound,
    NotWatchable,
    Rejected,
    SyncTokenExpired,
)
from aicalendar_tui.backend.domain.event import Resource, is_cancelled, new_event_id, original_start_of, parse_event
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.times import Span, epoch_of, format_moment, original_key, parse_original_key
from aicalendar_tui.backend.ports import CalendarPage, EventPage, Watched

FIRST_MOMENT = 1_800_000_000
"""When the fake's clock starts; each write is a second later."""


class Call(NamedTuple):
    """One request as it arrived: the port's method name and its arguments by name."""

    operation: str
    arguments: dict[str, Any]


class _Fault(NamedTuple):
    error: CalendarError
    after: bool


class _Shelf:
    """The events of one calendar, with the write sequence in which each last changed."""

    def __init__(self) -> None:
        self.events: dict[str, Resource] = {}
        self.changed_at: dict[str, int] = {}


class FakeRemoteCalendar:
    """Fits `ports.RemoteCalendar`. Everything given out is a copy, as it would be over HTTP."""

    def __init__(self, *calendar_ids: str, page_size: int = 250, fingerprint: str = "fake") -> None:
        self.page_size = page_size
        self.calls: list[Call] = []
        self.channels: dict[str, dict[str, Any]] = {}
        self.unwatchable: set[str] = set()
        self.refused_addresses: set[str] = set()
        self._fingerprint = fingerprint
        self._sequence = 0
        self._oldest_token = 0
        self._token_pages: dict[str, tuple[list[Resource], int, str | None]] = {}
        self._calendars = _Shelf()
        self._shelves: dict[str, _Shelf] = {}
        self._used_channel_ids: set[str] = set()
        self._faults: dict[str, deque[_Fault]] = defaultdict(deque)
        self._hooks: dict[str, deque[Callable[[], object]]] = defaultdict(deque)
        for calendar_id in calendar_ids or ("me@example.com",):
            self.put_calendar({"id": calendar_id, "summary": calendar_id, "accessRole": "owner"})

    # what happens at Google without us

    def put_calendar(self, resource: Resource) -> None:
        """Adds or changes an entry of the calendar list; the first one is the primary calendar."""
        entry = {"kind": "calendar#calendarListEntry", "timeZone": "UTC", "backgroundColor": "#9fe1e7", **resource}
        if not self._shelves:
            entry.setdefault("primary", True)
        self._shelves.setdefault(resource["id"], _Shelf())
        self._write(self._calendars, entry)

    def remove_calendar(self, calendar_id: str) -> None:
        """Takes a calendar off the list; its events are gone."""
        del self._shelves[calendar_id]
        self._write(self._calendars, {"id": calendar_id, "deleted": True})

    def put(self, calendar_id: str, resource: Resource) -> Resource:
        """Writes an event as somebody else would, with no If-Match; returns it as Google would send it."""
        body = {"id": new_event_id(), **resource}
        return self._complete(self._shelf(calendar_id), body)

    def cancel(self, calendar_id: str, event_id: str) -> None:
        """Deletes an event, or an instance by its id, as somebody else would."""
        self._cancel(self._shelf(calendar_id), event_id)

    def expire_sync_tokens(self) -> None:
        """From now on every sync token given out so far is 410."""
        self._sequence += 1
        self._oldest_token = self._sequence

    def live_events(self, calendar_id: str) -> dict[str, Resource]:
        """What is there and not cancelled, by id: what a mirror has to equal in the end."""
        events = self._shelf(calendar_id).events
        return {event_id: deepcopy(event) for event_id, event in events.items() if not is_cancelled(event)}

    def fail(self, operation: str, error: CalendarError, *, times: int = 1, after: bool = False) -> None:
        """The next `times` calls of that method raise `error`; with `after` once the work is done."""
        self._faults[operation].extend([_Fault(error, after)] * times)

    def before_next(self, operation: str, action: Callable[[], object]) -> None:
        """Runs `action` once, just before the next call of that method: a race on purpose."""
        self._hooks[operation].append(action)

    def operations(self) -> list[str]:
        """The names of the calls so far, in order."""
        return [call.operation for call in self.calls]

    # the port

    @property
    def fingerprint(self) -> str:
        """See `ports.RemoteCalendar`."""
        return self._fingerprint

    def list_calendars(self, *, sync_token: str | None = None, page_token: str | None = None) -> CalendarPage:
        """See `ports.RemoteCalendar`."""
        with self._request("list_calendars", sync_token=sync_token, page_token=page_token):
            items, next_page_token, next_sync_token = self._list(self._calendars, "calendars", sync_token, page_token)
            return CalendarPage(items=items, next_page_token=next_page_token, next_sync_token=next_sync_token)

    def list_events(
        self, calendar_id: str, *, sync_token: str | None = None, page_token: str | None = None
    ) -> EventPage:
        """See `ports.RemoteCalendar`."""
        with self._request("list_events", calendar_id=calendar_id, sync_token=sync_token, page_token=page_token):
            items, next_page_token, next_sync_token = self._list(
                self._shelf(calendar_id), calendar_id, sync_token, page_token
            )
            return EventPage(items=items, next_page_token=next_page_token, next_sync_token=next_sync_token)

    def get_event(self, calendar_id: str, event_id: str) -> Resource:
        """See `ports.RemoteCalendar`."""
        with self._request("get_event", calendar_id=calendar_id, event_id=event_id):
            return deepcopy(self._find(self._shelf(calendar_id), event_id))

    def find_instance(self, calendar_id: str, event_id: str, original_start: str) -> Resource | None:
        """See `ports.RemoteCalendar`."""
        with self._request(
            "find_instance", calendar_id=calendar_id, event_id=event_id, original_start=original_start
        ):
            shelf = self._shelf(calendar_id)
            master = shelf.events.get(event_id)
            if master is None or is_cancelled(master):
                raise NotFound("the series is gone", code=404, reason="notFound")
            return deepcopy(self._instance(shelf, event_id, original_start))

    def insert_event(self, calendar_id: str, body: Resource, *, send_updates: str = "none") -> Resource:
        """See `ports.RemoteCalendar`."""
        with self._request("insert_event", calendar_id=calendar_id, body=body, send_updates=send_updates):
            shelf = self._shelf(calendar_id)
            if body["id"] in shelf.events:
                raise Duplicate("the id is taken", code=409, reason="duplicate")
            return self._complete(shelf, body)

    def patch_event(
        self, calendar_id: str, event_id: str, fields: Resource, *, etag: str, send_updates: str = "none"
    ) -> Resource:
        """See `ports.RemoteCalendar`."""
        with self._request(
            "patch_event",
            calendar_id=calendar_id,
            event_id=event_id,
            fields=fields,
            etag=etag,
            send_updates=send_updates,
        ):
            shelf = self._shelf(calendar_id)
            found = self._find(shelf, event_id)
            self._check_etag(found, etag)
            if is_cancelled(found) and fields.get("status") not in ("confirmed", "tentative"):
                raise NotFound("the event is deleted", code=410, reason="deleted")
            return self._complete(shelf, merge_fields(self._details(shelf, found), deepcopy(fields)))

    def delete_event(self, calendar_id: str, event_id: str, *, etag: str = "", send_updates: str = "none") -> None:
        """See `ports.RemoteCalendar`."""
        with self._request(
            "delete_event", calendar_id=calendar_id, event_id=event_id, etag=etag, send_updates=send_updates
        ):
            shelf = self._shelf(calendar_id)
            if etag:
                self._check_etag(self._find(shelf, event_id), etag)
            self._cancel(shelf, event_id)

    def move_event(
        self, calendar_id: str, event_id: str, destination: str, *, send_updates: str = "none"
    ) -> Resource:
        """See `ports.RemoteCalendar`."""
        with self._request(
            "move_event",
            calendar_id=calendar_id,
            event_id=event_id,
            destination=destination,
            send_updates=send_updates,
        ):
            source, target = self._shelf(calendar_id), self._shelf(destination)
            found = self._find(source, event_id)
            if is_cancelled(found):
                raise NotFound("the event is deleted", code=410, reason="deleted")
            if found.get("recurringEventId"):
                raise Rejected("an instance can't be moved", code=400, reason="invalid")
            for event in [event for event in source.events.values() if event.get("recurringEventId") == event_id]:
                self._write(target, event)
            moved = self._write(target, found)
            self._cancel(source, event_id)
            return moved

    def watch_events(
        self, calendar_id: str, *, channel_id: str, token: str, address: str, ttl_seconds: int
    ) -> Watched:
        """See `ports.RemoteCalendar`. The channel stands in `channels` until it is stopped."""
        with self._request(
            "watch_events",
            calendar_id=calendar_id,
            channel_id=channel_id,
            token=token,
            address=address,
            ttl_seconds=ttl_seconds,
        ):
            self._shelf(calendar_id)
            if calendar_id in self.unwatchable:
                raise NotWatchable(code=400, reason="pushNotSupportedForRequestedResource")
            if address in self.refused_addresses:
                raise AddressRefused(code=401, reason="push.webhookUrlUnauthorized")
            if channel_id in self._used_channel_ids:
                raise ChannelIdNotUnique(code=400, reason="channelIdNotUnique")
            self._used_channel_ids.add(channel_id)
            expiration_ms = (FIRST_MOMENT + self._sequence + ttl_seconds) * 1000
            self.channels[channel_id] = {
                "calendar_id": calendar_id,
                "token": token,
                "address": address,
                "resource_id": f"resource-of-{calendar_id}",
                "expiration_ms": expiration_ms,
            }
            return Watched(resource_id=f"resource-of-{calendar_id}", expiration_ms=expiration_ms)

    def stop_channel(self, *, channel_id: str, resource_id: str) -> None:
        """See `ports.RemoteCalendar`."""
        with self._request("stop_channel", channel_id=channel_id, resource_id=resource_id):
            channel = self.channels.get(channel_id)
            if channel is None or channel["resource_id"] != resource_id:
                raise NotFound("no such channel", code=404, reason="notFound")
            del self.channels[channel_id]

    # the inside

    @contextmanager
    def _request(self, operation: str, **arguments: Any) -> Iterator[None]:
        if self._hooks[operation]:
            self._hooks[operation].popleft()()
        self.calls.append(Call(operation, deepcopy(arguments)))
        fault = self._faults[operation].popleft() if self._faults[operation] else None
        if fault and not fault.after:
            raise fault.error
        yield
        if fault:
            raise fault.error

    def _shelf(self, calendar_id: str) -> _Shelf:
        if calendar_id not in self._shelves:
            raise NotFound("no such calendar", code=404, reason="notFound")
        return self._shelves[calendar_id]

    def _write(self, shelf: _Shelf, resource: Resource) -> Resource:
        """Stores a copy with a new etag, as the newest change of the shelf."""
        self._sequence += 1
        stored = {**deepcopy(resource), "etag": f'"{self._sequence}"'}
        shelf.events[resource["id"]] = stored
        shelf.changed_at[resource["id"]] = self._sequence
        return deepcopy(stored)

    def _complete(self, shelf: _Shelf, body: Resource) -> Resource:
        stamp = datetime.fromtimestamp(FIRST_MOMENT + self._sequence, UTC).isoformat()
        resource = {
            "kind": "calendar#event",
            "status": "confirmed",
            "created": stamp,
            "sequence": 0,
            "iCalUID": f"{body['id']}@google.com",
            "eventType": "default",
            "reminders": {"useDefault": True},
            **{name: value for name, value in body.items() if value is not None},
            "updated": stamp,
        }
        if not is_cancelled(resource):
            event = parse_event(resource)
            if event is None or "end" not in resource or event.end < event.start:
                raise Rejected("start and end are needed", code=400, reason="required")
        return self._write(shelf, resource)

    def _find(self, shelf: _Shelf, event_id: str) -> Resource:
        if event_id in shelf.events:
            return shelf.events[event_id]
        master_id, _, key = event_id.rpartition("_")
        instance = self._instance(shelf, master_id, _read_key(key)) if key and master_id in shelf.events else None
        if instance is None:
            raise NotFound("no such event", code=404, reason="notFound")
        return instance

    def _instance(self, shelf: _Shelf, master_id: str, original_start: str) -> Resource | None:
        """The exception stored for that instance, or the plain one built from the series; None if there is none."""
        for event in shelf.events.values():
            if event.get("recurringEventId") == master_id and original_start_of(event) == original_start:
                return event
        return self._plain_instance(shelf, master_id, original_start)

    def _details(self, shelf: _Shelf, found: Resource) -> Resource:
        """The event itself; of a cancelled instance, which kept none, the details of its series."""
        original_start = original_start_of(found)
        if not is_cancelled(found) or original_start is None:
            return found
        return self._plain_instance(shelf, found["recurringEventId"], original_start) or found

    @staticmethod
    def _plain_instance(shelf: _Shelf, master_id: str, original_start: str) -> Resource | None:
        master = shelf.events[master_id]
        event = parse_event(master)
        if event is None or not event.recurrence:
            return None
        epoch = epoch_of(parse_original_key(original_start))
        for start, end in expand_series(event, Span(epoch, epoch + 1)):
            if original_key(start) == original_start:
                moment = format_moment(start, event.zone)
                return {
                    **{name: value for name, value in master.items() if name != "recurrence"},
                    "id": f"{master_id}_{original_start.replace('-', '').replace(':', '')}",
                    "recurringEventId": master_id,
                    "originalStartTime": moment,
                    "start": moment,
                    "end": format_moment(end, event.zone),
                }
        return None

    def _cancel(self, shelf: _Shelf, event_id: str) -> None:
        found = self._find(shelf, event_id)
        if is_cancelled(found):
            raise NotFound("the event is deleted", code=410, reason="deleted")
        kept = ("id", "recurringEventId", "originalStartTime")
        self._write(shelf, {name: found[name] for name in kept if name in found} | {"status": "cancelled"})
        # A deleted series takes its exceptions along, and no list mentions them.
        for other in [event["id"] for event in shelf.events.values() if event.get("recurringEventId") == event_id]:
            del shelf.events[other], shelf.changed_at[other]

    @staticmethod
    def _check_etag(found: Resource, etag: str) -> None:
        if found["etag"] != etag:
            raise Conflict("the event is another by now")

    def _list(
        self, shelf: _Shelf, name: str, sync_token: str | None, page_token: str | None
    ) -> tuple[list[Resource], str | None, str | None]:
        """One page of what changed since the token; later pages come from the snapshot that the first one took."""
        since = 0
        if sync_token is not None:
            kind, _, number = sync_token.rpartition(":")
            if kind != name:
                raise Rejected("a sync token of another list", code=400, reason="invalid")
            since = int(number)
            if since < self._oldest_token:
                raise SyncTokenExpired("fullSyncRequired")
        if page_token is None:
            changed = sorted((at, key) for key, at in shelf.changed_at.items() if at > since)
            rest, end = [deepcopy(shelf.events[key]) for _, key in changed], self._sequence
        else:
            rest, end, first_token = self._token_pages[page_token]
            if first_token != sync_token:
                raise Rejected("a page token of another request", code=400, reason="invalid")
        page, rest = rest[: self.page_size], rest[self.page_size :]
        if not rest:
            return deepcopy(page), None, f"{name}:{end}"
        next_page_token = f"page-{len(self._token_pages) + 1}"
        self._token_pages[next_page_token] = (rest, end, sync_token)
        return deepcopy(page), next_page_token, None


class FakeRemotes:
    """Fits `ports.Remotes`: the accounts of several users, and those whose grant is gone."""

    def __init__(self, **accounts: FakeRemoteCalendar) -> None:
        self.accounts = dict(accounts)

    def __call__(self, user_id: str) -> FakeRemoteCalendar:
        """See `ports.Remotes`."""
        if user_id not in self.accounts:
            raise NotAuthorized("no credentials are stored for this account")
        return self.accounts[user_id]


def _read_key(basic: str) -> str:
    """The original start from the end of one of the fake's own instance ids; '' for anything else."""
    try:
        moment = datetime.fromisoformat(basic)
    except ValueError:
        return ""
    return original_key(moment if "T" in basic else moment.date())
