"""The simulated Google's state: users, calendars, events, the order of changes. No I/O, own clock, one seed.

Everything that happens is numbered by one counter, `World.version`: it orders changes for sync tokens and makes
etags. An event is kept as its encoded JSON and never changed in place, so a snapshot of a list is a list of
references.
"""

from __future__ import annotations

import random
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from aicalendar_tui.simulator.channels import Channels
from aicalendar_tui.simulator.clock import Clock
from aicalendar_tui.simulator.errors import SimulatorError, access_needed, not_found
from aicalendar_tui.simulator.faults import Faults
from aicalendar_tui.simulator.oauth import OAuth
from aicalendar_tui.simulator.quota import Quota
from aicalendar_tui.simulator.recurrence import Series, read_series
from aicalendar_tui.simulator.switches import Switches
from aicalendar_tui.simulator.times import format_updated, read_epoch, reshow_times

ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")
"""Access roles from the weakest to the strongest."""

BASE32HEX = "0123456789abcdefghijklmnopqrstuv"
"""The letters that event ids may consist of."""

_ETAG_BASE = 3_500_000_000_000_000
"""Etags are large numbers in quotes, as Google's are."""

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One version of an event on one calendar: what lists filter by, and its encoded resource."""

    id: str
    version: int
    start: float
    """Seconds since the epoch; a cancelled exception's original start."""
    end: float
    """Exclusive; infinity for a series without an end."""
    cancelled: bool
    is_series: bool
    master_id: str | None
    """The series' event, when this is an exception of one."""
    suffix: str | None
    """The exception's key within its series: what follows `{master_id}_` in its id."""
    updated: float
    raw: bytes

    @property
    def resource(self) -> Resource:
        """A fresh copy of the event as it was stored."""
        return msgspec.json.decode(self.raw)


@dataclass(slots=True)
class CalendarState:
    """A calendar: its properties, its events and the order in which they changed last."""

    id: str
    summary: str
    zone: str
    owner: str
    description: str | None = None
    location: str | None = None
    watchable: bool = True
    data_version: int = 0
    """The version at which the calendar's own properties changed last."""
    version: int = 0
    """The version of the last change to any of its events."""
    tokens_valid_from: int = 0
    """Sync tokens of an earlier version are answered with 410."""
    acl: dict[str, str] = field(default_factory=dict)
    """Rule id (`user:ana@example.com`, `default`) → role."""
    acl_versions: dict[str, int] = field(default_factory=dict)
    events: dict[str, StoredEvent] = field(default_factory=dict)
    exceptions: dict[str, dict[str, str]] = field(default_factory=dict)
    """Master id → suffix → the exception's event id."""
    changes: dict[str, int] = field(default_factory=dict)
    """Event id → version of its last change, in the order of these versions."""
    ids_by_uid: dict[str, list[str]] = field(default_factory=dict)
    """iCalUID → ids of the masters and single events that carry it."""
    used_ids: set[str] = field(default_factory=set)
    """Ids of events that were purged: still not free."""


@dataclass(slots=True)
class ListEntry:
    """A calendar as one user sees it in the calendar list."""

    properties: Resource
    version: int
    deleted: bool = False


@dataclass(slots=True)
class User:
    """An account: an address, a calendar list and settings."""

    email: str
    name: str
    zone: str
    calendar_list: dict[str, ListEntry] = field(default_factory=dict)
    list_changes: dict[str, int] = field(default_factory=dict)
    list_tokens_valid_from: int = 0
    settings: dict[str, str] = field(default_factory=dict)


class World:
    """Everything the simulated Google knows. Not thread-safe: one caller at a time."""

    def __init__(self, clock: Clock, seed: int = 0, *, identity: str = "") -> None:
        self.clock = clock
        self.random = random.Random(seed)
        chances = [random.Random(seed + number) for number in (1, 2, 3)]
        self._chances = (self.random, *chances)
        self.version = 0
        self.adopt_identity(identity or f"seed {seed}")
        self.users: dict[str, User] = {}
        self.calendars: dict[str, CalendarState] = {}
        self.switches = Switches()
        self.faults = Faults(chances[0])
        self.oauth = OAuth(clock, chances[1], self.switches)
        self.channels = Channels(clock, chances[2], self.switches)
        self.quota = Quota(clock, self.switches)
        self.snapshots: dict[str, Any] = {}
        """Snapshots that page tokens point into, the oldest first."""
        self.requests: deque[tuple[str, str, int]] = deque(maxlen=10_000)
        """The last requests: method, path, status."""
        self._dirty: set[str] = set()

    def adopt_identity(self, identity: str) -> None:
        """Be this world: no token or etag of another one that counted the same versions passes for its own."""
        self.identity = identity
        self._etag_base = _ETAG_BASE + (zlib.crc32(identity.encode()) << 24)

    def reseed(self, text: str) -> None:
        """Go on with other random names than the world began with: after a restart they would repeat."""
        for number, chance in enumerate(self._chances):
            chance.seed(f"{text} {number}")

    # Users and calendars

    def add_user(self, email: str, name: str, zone: str = "UTC", *, access_token: str | None = None) -> User:
        """A new account with its primary calendar; `access_token` opens it and never expires."""
        if email in self.users:
            raise SimulatorError(f"user {email} exists already")
        user = User(email, name, zone)
        user.settings = {
            "autoAddHangouts": "false",
            "dateFieldOrder": "DMY",
            "defaultEventLength": "60",
            "format24HourTime": "true",
            "hideInvitations": "false",
            "hideWeekends": "false",
            "locale": "en",
            "remindOnRespondedEventsOnly": "false",
            "showDeclinedEvents": "true",
            "timezone": zone,
            "useKeyboardShortcuts": "true",
            "weekStart": "1",
        }
        self.users[email] = user
        self.add_calendar(user, name, zone, calendar_id=email)
        if access_token is not None:
            self.oauth.grant_lasting_token(email, access_token)
        return user

    def add_calendar(
        self,
        user: User,
        summary: str,
        zone: str,
        *,
        calendar_id: str | None = None,
        role: str = "owner",
        watchable: bool = True,
        entry: Resource | None = None,
        description: str | None = None,
    ) -> CalendarState:
        """A new calendar on `user`'s list; with a role below owner it belongs to nobody known."""
        calendar_id = calendar_id or f"{self.make_id(26)}@group.calendar.google.com"
        owner = user.email if role == "owner" else calendar_id
        calendar = CalendarState(calendar_id, summary, zone, owner, description=description, watchable=watchable)
        calendar.data_version = self.next_version()
        self.calendars[calendar_id] = calendar
        self.set_acl(calendar, f"user:{user.email}", role)
        self.put_list_entry(user, calendar_id, entry or {})
        return calendar

    def put_list_entry(self, user: User, calendar_id: str, properties: Resource) -> ListEntry:
        """Put a calendar on a user's list, or change how it stands there."""
        present = user.calendar_list.get(calendar_id)
        if present is not None and not present.deleted:
            properties = {**present.properties, **properties}
        entry = ListEntry(properties, self.next_version())
        user.calendar_list[calendar_id] = entry
        self.touch_list(user, calendar_id, entry.version)
        return entry

    def touch_list(self, user: User, calendar_id: str, version: int) -> None:
        """Note that a calendar list entry changed, for sync tokens and channels."""
        user.list_changes.pop(calendar_id, None)
        user.list_changes[calendar_id] = version
        self._dirty.add(f"users/{user.email}/calendarList")

    def set_acl(self, calendar: CalendarState, rule_id: str, role: str) -> None:
        """Give (or with `none` take) a role; a user's calendar list follows at the caller's hands."""
        calendar.acl[rule_id] = role
        calendar.acl_versions.pop(rule_id, None)
        calendar.acl_versions[rule_id] = self.next_version()
        self._dirty.add(f"calendars/{calendar.id}/acl")

    def find_role(self, calendar: CalendarState, user: User) -> str:
        """The strongest of a user's own, their domain's and everybody's role."""
        domain = user.email.partition("@")[2]
        names = (f"user:{user.email}", f"group:{user.email}", f"domain:{domain}", "default")
        return max((calendar.acl.get(name, "none") for name in names), key=ROLES.index)

    def resolve_calendar_id(self, user: User, calendar_id: str) -> str:
        """`primary` stands for the user's own calendar."""
        return user.email if calendar_id == "primary" else calendar_id

    def open_calendar(self, user: User, calendar_id: str, role: str = "reader") -> CalendarState:
        """The calendar, when the user has that role or a stronger one.

        Raises:
            ApiError: 404, there is none that the user may see; 403, the role is too weak.
        """
        calendar = self.calendars.get(self.resolve_calendar_id(user, calendar_id))
        if calendar is None:
            raise not_found()
        held = ROLES.index(self.find_role(calendar, user))
        if held == 0:
            raise not_found()
        if held < ROLES.index(role):
            raise access_needed(role)
        return calendar

    # Numbers and names

    def make_event_id(self, calendar: CalendarState) -> str:
        """A random event id that the calendar has never seen."""
        while True:
            event_id = self.make_id(26)
            if event_id not in calendar.events and event_id not in calendar.used_ids:
                return event_id

    def next_version(self) -> int:
        """One more change has happened."""
        self.version += 1
        return self.version

    def format_etag(self, version: int) -> str:
        """The etag of something that changed last at that version; its quotes belong to it."""
        return f'"{self._etag_base + 2 * version}"'

    def make_id(self, length: int) -> str:
        """A random base32hex name."""
        return "".join(self.random.choices(BASE32HEX, k=length))

    def now(self) -> datetime:
        """The world's present instant, in UTC."""
        return self.clock.now()

    # Events

    def find_series(self, calendar: CalendarState, stored: StoredEvent) -> Series:
        """The instances of a stored master event."""
        return read_series(stored.resource, calendar.zone)

    def record(self, calendar: CalendarState, resource: Resource, *, keep_updated: bool = False) -> StoredEvent:
        """Store a complete event as its calendar's newest change; sets etag and `updated`.

        Reminder changes keep `updated` (`keep_updated`), as at Google: only the etag tells them.
        """
        version = self.next_version()
        now = self.now()
        event_id = resource["id"]
        resource["etag"] = self.format_etag(version)
        if not keep_updated or "updated" not in resource:
            resource["updated"] = format_updated(now)
        stored = index_event(resource, version, calendar.zone)
        self.place(calendar, stored, resource["iCalUID"])
        calendar.changes.pop(event_id, None)
        calendar.changes[event_id] = version
        calendar.version = version
        self._dirty.add(f"calendars/{calendar.id}/events")
        return stored

    def place(self, calendar: CalendarState, stored: StoredEvent, ical_uid: str) -> None:
        """Put a version of an event in the calendar's indexes."""
        calendar.events[stored.id] = stored
        if stored.master_id is not None and stored.suffix is not None:
            calendar.exceptions.setdefault(stored.master_id, {})[stored.suffix] = stored.id
        else:
            ids = calendar.ids_by_uid.setdefault(ical_uid, [])
            if stored.id not in ids:
                ids.append(stored.id)

    def change_zone(self, calendar: CalendarState, zone: str) -> None:
        """Write all of a calendar's events in another zone; nobody is told, for no instant moves but all-day ones."""
        calendar.zone = zone
        for stored in list(calendar.events.values()):
            resource = stored.resource
            reshow_times(resource, zone)
            calendar.events[stored.id] = index_event(resource, stored.version, zone)

    def bump(self, calendar: CalendarState, stored: StoredEvent) -> StoredEvent:
        """List an unchanged event again as the newest change."""
        return self.record(calendar, stored.resource, keep_updated=True)

    def purge(self, calendar: CalendarState, event_ids: Iterable[str]) -> None:
        """Forget deleted events, as Google does after some weeks: their ids stay taken."""
        for event_id in list(event_ids):
            stored = calendar.events.pop(event_id, None)
            if stored is None:
                continue
            calendar.used_ids.add(event_id)
            calendar.changes.pop(event_id, None)
            if stored.master_id is not None and stored.suffix is not None:
                calendar.exceptions.get(stored.master_id, {}).pop(stored.suffix, None)
            else:
                calendar.ids_by_uid.pop(stored.resource["iCalUID"], None)

    # Telling the watchers

    def publish(self) -> None:
        """Queue one notification a channel for each resource that changed since the last call."""
        dirty, self._dirty = sorted(self._dirty), set()
        for resource in dirty:
            self.channels.announce(resource)

    def expire_sync_tokens(self, calendar_id: str | None = None) -> None:
        """Make every sync token that was given out so far answer 410 (of one calendar, or of all)."""
        chosen = [self.calendars[calendar_id]] if calendar_id else list(self.calendars.values())
        cut = self.next_version()
        for calendar in chosen:
            calendar.tokens_valid_from = cut
        if calendar_id is None:
            for user in self.users.values():
                user.list_tokens_valid_from = cut

    def days_ago(self, days: int) -> float:
        """Seconds since the epoch, so many days before now."""
        return (self.now() - timedelta(days=days)).timestamp()


def index_event(resource: Resource, version: int, zone: str) -> StoredEvent:
    """Encode an event and read from it what lists filter by."""
    cancelled = resource["status"] == "cancelled"
    master_id = resource.get("recurringEventId")
    is_series = "recurrence" in resource and master_id is None
    suffix = resource["id"][len(master_id) + 1 :] if master_id is not None else None
    if "start" in resource:
        start = read_epoch(resource["start"], zone)
        end = read_epoch(resource["end"], zone)
        if is_series:
            series = read_series(resource, zone)
            start = min(start, next(series.iterate_starts(), start))
            end = series.last_end
    else:
        start = end = read_epoch(resource["originalStartTime"], zone)
    updated = datetime.fromisoformat(resource["updated"]).timestamp()
    return StoredEvent(
        id=resource["id"],
        version=version,
        start=start,
        end=end,
        cancelled=cancelled,
        is_series=is_series,
        master_id=master_id,
        suffix=suffix,
        updated=updated,
        raw=msgspec.json.encode(resource),
    )
