"""Lists of events: filters, pages over a snapshot, sync tokens, tombstones, expanded series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from aicalendar_tui.simulator.errors import (
    full_sync_required,
    invalid,
    not_found,
    time_range_empty,
    updated_min_too_long_ago,
)
from aicalendar_tui.simulator.instances import Instance, build_instance, iterate_instances
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.schema import CHOICES
from aicalendar_tui.simulator.times import (
    format_updated,
    from_epoch,
    load_zone,
    parse_instant,
    read_epoch,
    reshow_times,
)
from aicalendar_tui.simulator.tokens import pack_token, unpack_token
from aicalendar_tui.simulator.world import (
    ROLES,
    CalendarState,
    Resource,
    StoredEvent,
    User,
    World,
)

DEFAULT_PAGE = 250
LARGEST_PAGE = 2500
KEPT_SNAPSHOTS = 64
"""Page tokens into older snapshots are refused."""
EXPANDED_DAYS = 730
"""How far ahead an endless series is expanded when no `timeMax` is given."""

FORBIDDEN_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_NO_SYNC_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
"""A first request with one of these gets no sync token."""
_PAGE_IGNORES = ("pageToken", "maxResults")
_SYNC_IGNORES = (
    *FORBIDDEN_WITH_SYNC,
    *_PAGE_IGNORES,
    "syncToken",
    "showDeleted",
    "maxAttendees",
    "alwaysIncludeEmail",
)

Item = StoredEvent | Instance


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole answer to a list request at one moment: later pages come from it, whatever changes meanwhile."""

    items: Sequence[Item]
    version: int
    full_tombstones: bool
    """Deleted events keep their details (showDeleted), instead of nothing but their ids."""
    sync_token: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of a list request."""

    single_events: bool
    show_deleted: bool
    time_min: float | None
    time_max: float | None
    updated_min: float | None
    words: str | None
    ical_uid: str | None
    private: tuple[tuple[str, str], ...]
    shared: tuple[tuple[str, str], ...]
    event_types: frozenset[str]

    @property
    def reads_content(self) -> bool:
        """Whether events have to be decoded to filter them."""
        return bool(self.words or self.ical_uid or self.private or self.shared or self.event_types)


def read_selection(query: Query) -> Selection:
    """The filters that a request asks for.

    Raises:
        ApiError: 400, one of them is malformed, or the range is empty.
    """

    def instant(name: str) -> float | None:
        text = query.get(name)
        return parse_instant(text, label=name) if text is not None else None

    def properties(name: str) -> tuple[tuple[str, str], ...]:
        pairs = []
        for text in query.get_all(name):
            key, equals, value = text.partition("=")
            if not equals:
                raise invalid(f"Invalid value for: {text} is not a valid value", parameter=name)
            pairs.append((key, value))
        return tuple(pairs)

    time_min, time_max = instant("timeMin"), instant("timeMax")
    if time_min is not None and time_max is not None and time_max <= time_min:
        raise time_range_empty("timeMax")
    types = query.get_all("eventTypes")
    for one in types:
        if one not in CHOICES["eventType"]:
            raise invalid(f"Invalid value for: {one} is not a valid value", parameter="eventTypes")
    query.get_flag("showHiddenInvitations")
    return Selection(
        single_events=bool(query.get_flag("singleEvents")),
        show_deleted=bool(query.get_flag("showDeleted")),
        time_min=time_min,
        time_max=time_max,
        updated_min=instant("updatedMin"),
        words=query.get("q"),
        ical_uid=query.get("iCalUID"),
        private=properties("privateExtendedProperty"),
        shared=properties("sharedExtendedProperty"),
        event_types=frozenset(types),
    )


def list_events(world: World, user: User, calendar_id: str, query: Query) -> Resource:
    """One page of a calendar's events; `items` are encoded already, as `msgspec.Raw`, where they can be.

    Raises:
        ApiError: 400, parameters that are malformed or don't go together; 403, 404; 410, the sync token or
            `updatedMin` is too old.
    """
    calendar = world.open_calendar(user, calendar_id)
    selection = read_selection(query)
    order = query.get_choice("orderBy", ("startTime", "updated"))
    if order == "startTime" and not selection.single_events:
        raise invalid("The requested ordering is not available for the particular query.", parameter="orderBy")
    fingerprint = query.fingerprint(ignoring=_PAGE_IGNORES)
    binding = f"{user.email} {calendar.id} {fingerprint}"
    page_token = query.get("pageToken")
    if page_token is not None:
        snapshot, offset, snapshot_id = _open_page(world, page_token, binding)
    else:
        snapshot, offset, snapshot_id = _take_snapshot(world, calendar, query, selection, order), 0, None
    size = query.get_count("maxResults", default=DEFAULT_PAGE, most=LARGEST_PAGE)
    page = snapshot.items[offset : offset + size]
    answer = _describe(world, user, calendar, snapshot)
    if offset + size < len(snapshot.items):
        snapshot_id = snapshot_id or _keep_snapshot(world, snapshot, binding)
        answer["nextPageToken"] = pack_token([snapshot_id, offset + size])
    elif snapshot.sync_token is not None:
        answer["nextSyncToken"] = snapshot.sync_token
    renderer = Renderer(world, user, calendar, query, full_tombstones=snapshot.full_tombstones)
    answer["items"] = [renderer.render(item) for item in page]
    return answer


def _describe(world: World, user: User, calendar: CalendarState, snapshot: Snapshot) -> Resource:
    entry = user.calendar_list.get(calendar.id)
    reminders = entry.properties.get("defaultReminders", []) if entry is not None else []
    last = next(reversed(calendar.changes), None)
    updated = calendar.events[last].updated if last is not None else 0.0
    answer: Resource = {
        "kind": "calendar#events",
        "etag": world.format_etag(snapshot.version),
        "summary": calendar.summary,
    }
    if calendar.description:
        answer["description"] = calendar.description
    return answer | {
        "updated": format_updated(from_epoch(updated)),
        "timeZone": calendar.zone,
        "accessRole": world.find_role(calendar, user),
        "defaultReminders": reminders,
    }


def _open_page(world: World, page_token: str, binding: str) -> tuple[Snapshot, int, str]:
    parts = unpack_token(page_token)
    match parts:
        case [str() as snapshot_id, int() as offset]:
            kept = world.snapshots.get(snapshot_id)
            if kept is not None and kept[0] == binding:
                return kept[1], offset, snapshot_id
    raise invalid("Invalid page token value.", parameter="pageToken")


def _keep_snapshot(world: World, snapshot: Snapshot, binding: str) -> str:
    while len(world.snapshots) >= KEPT_SNAPSHOTS:
        world.snapshots.pop(next(iter(world.snapshots)))
    snapshot_id = world.make_id(20)
    world.snapshots[snapshot_id] = (binding, snapshot)
    return snapshot_id


def _take_snapshot(
    world: World, calendar: CalendarState, query: Query, selection: Selection, order: str | None
) -> Snapshot:
    token = query.get("syncToken")
    fingerprint = query.fingerprint(ignoring=_SYNC_IGNORES)
    version = world.version
    if token is not None:
        since, window = _open_sync_token(world, calendar, query, token, fingerprint)
        items = _select_changes(world, calendar, since, selection, window)
    else:
        window = (selection.time_min, selection.time_max)
        items = _select_all(world, calendar, selection)
    if order == "startTime":
        items = sorted(items, key=lambda item: (item.start, item.end))
    elif order == "updated":
        items = sorted(items, key=_updated_of)
    gets_token = not any(query.get(name) for name in _NO_SYNC_TOKEN)
    sync_token = pack_token([world.identity, calendar.id, version, fingerprint, *window]) if gets_token else None
    full = selection.show_deleted or (token is None and selection.updated_min is None)
    return Snapshot(items, version, full, sync_token)


def _updated_of(item: Item) -> float:
    return item.updated if isinstance(item, StoredEvent) else item.master.updated


def _open_sync_token(
    world: World, calendar: CalendarState, query: Query, token: str, fingerprint: str
) -> tuple[int, tuple[float | None, float | None]]:
    for name in FORBIDDEN_WITH_SYNC:
        if query.get(name) is not None:
            raise invalid(f"Sync token cannot be used together with the parameter {name}.", parameter=name)
    if query.get_flag("showDeleted") is False:
        raise invalid("Sync token cannot be used with showDeleted=false.", parameter="showDeleted")
    match unpack_token(token):
        case [str() as identity, calendar.id, int() as since, str() as first_fingerprint, time_min, time_max]:
            if first_fingerprint != fingerprint:
                raise invalid(
                    "The parameters differ from those of the request that the sync token came from.",
                    parameter="syncToken",
                )
            if identity != world.identity or since < calendar.tokens_valid_from:
                raise full_sync_required()
            return since, (time_min, time_max)
    raise invalid("Invalid sync token value.", parameter="syncToken")


def _select_all(world: World, calendar: CalendarState, selection: Selection) -> list[Item]:
    if selection.updated_min is not None:
        if selection.updated_min < world.days_ago(world.switches.tombstone_days):
            raise updated_min_too_long_ago()
        least = selection.updated_min
        candidates: Iterable[StoredEvent] = [one for one in calendar.events.values() if one.updated >= least]
        show_deleted = True
    else:
        candidates = calendar.events.values()
        show_deleted = selection.show_deleted
    time_min, time_max = selection.time_min, selection.time_max
    items: list[Item] = []
    for stored in candidates:
        if time_max is not None and stored.start >= time_max:
            continue
        if time_min is not None and stored.end <= time_min and not (stored.start == stored.end >= time_min):
            continue
        if stored.cancelled or stored.master_id is not None:
            if not _is_listed(calendar, stored, selection.single_events, show_deleted):
                continue
        elif stored.is_series:
            items.extend(_open_series(world, calendar, stored, selection))
            continue
        items.append(stored)
    if selection.reads_content:
        return [item for item in items if _content_matches(item, selection)]
    return items


def _is_listed(calendar: CalendarState, stored: StoredEvent, single_events: bool, show_deleted: bool) -> bool:
    """Whether a deleted event, or an exception, belongs in a full list (events.list, `showDeleted`)."""
    if stored.master_id is None:
        return show_deleted and not (single_events and stored.is_series)
    master = calendar.events.get(stored.master_id)
    if master is None or master.cancelled:
        return show_deleted and single_events
    return not stored.cancelled or show_deleted or not single_events


def _open_series(world: World, calendar: CalendarState, master: StoredEvent, selection: Selection) -> Iterator[Item]:
    time_min, time_max = selection.time_min, selection.time_max
    if selection.single_events:
        if time_max is None and master.end == float("inf"):
            time_max = max(world.now().timestamp(), time_min or 0.0) + EXPANDED_DAYS * 86_400
        yield from iterate_instances(world, calendar, master, time_min=time_min, time_max=time_max)
    elif time_min is None or any(
        True for _ in world.find_series(calendar, master).iterate_starts(time_min, time_max)
    ):
        yield master


def _select_changes(
    world: World,
    calendar: CalendarState,
    since: int,
    selection: Selection,
    window: tuple[float | None, float | None],
) -> list[Item]:
    changed: list[StoredEvent] = []
    for event_id, version in reversed(calendar.changes.items()):
        if version <= since:
            break
        changed.append(calendar.events[event_id])
    changed.reverse()
    items: list[Item] = []
    for stored in changed:
        if stored.master_id is not None:
            master = calendar.events.get(stored.master_id)
            if master is None or (master.cancelled and not selection.single_events):
                continue  # the series' own tombstone tells it
        if not selection.single_events or not stored.is_series:
            items.append(stored)
        elif stored.cancelled:
            items.extend(_end_instances(world, calendar, stored, window))
        else:
            bounds = Selection(True, False, window[0], window[1], None, None, None, (), (), frozenset())
            items.extend(_open_series(world, calendar, stored, bounds))
    if selection.event_types:
        return [item for item in items if _cancelled(item) or _content_matches(item, selection)]
    return items


def _cancelled(item: Item) -> bool:
    return isinstance(item, StoredEvent) and item.cancelled


def _end_instances(
    world: World, calendar: CalendarState, master: StoredEvent, window: tuple[float | None, float | None]
) -> Iterator[Item]:
    """Instances of a deleted series that an expanded list is told of: those around now, as Google does."""
    now = world.now().timestamp()
    earliest = window[0] if window[0] is not None else now - 365 * 86_400
    latest = window[1] if window[1] is not None else now + 365 * 86_400
    yield from iterate_instances(world, calendar, master, time_min=earliest, time_max=latest)


def _content_matches(item: Item, selection: Selection) -> bool:
    stored = item if isinstance(item, StoredEvent) else item.master
    event = stored.resource
    if selection.ical_uid is not None and event.get("iCalUID") != selection.ical_uid:
        return False
    if selection.event_types and event.get("eventType", "default") not in selection.event_types:
        return False
    for kind, wanted in (("private", selection.private), ("shared", selection.shared)):
        present = event.get("extendedProperties", {}).get(kind, {})
        if any(present.get(key) != value for key, value in wanted):
            return False
    if selection.words is None:
        return True
    people = [*event.get("attendees", []), event.get("organizer", {}), event.get("creator", {})]
    texts = [event.get(name, "") for name in ("summary", "description", "location")]
    texts += [person.get(name, "") for person in people for name in ("email", "displayName")]
    haystack = "\n".join(texts).casefold()
    return all(word in haystack for word in selection.words.casefold().split())


class Renderer:
    """Turns stored events into what one request sees of them."""

    def __init__(
        self, world: World, user: User, calendar: CalendarState, query: Query, *, full_tombstones: bool
    ) -> None:
        self._calendar = calendar
        zone = query.get("timeZone")
        if zone is not None:
            load_zone(zone)
        self._zone = zone if zone != calendar.zone else None
        self._most_guests = (
            query.get_count("maxAttendees", default=0, most=10_000) if query.get("maxAttendees") else None
        )
        role = world.find_role(calendar, user)
        self._hides_private = ROLES.index(role) < ROLES.index("writer")
        self._free_busy_only = role == "freeBusyReader"
        self._full_tombstones = full_tombstones
        self._plain = self._zone is None and self._most_guests is None and not self._hides_private
        self._masters: dict[str, Resource] = {}

    def render(self, item: Item) -> Any:
        """An event as JSON already encoded, or a resource, where something of it has to be changed."""
        if isinstance(item, StoredEvent):
            if item.cancelled and not self._full_tombstones:
                return _build_tombstone(item.resource)
            if self._plain:
                return msgspec.Raw(item.raw)
            return self.adapt(item.resource)
        master = self._masters.get(item.master.id)
        if master is None:
            master = self._masters[item.master.id] = item.master.resource
        built = build_instance(self._calendar, master, item.series, item.start)
        if item.master.cancelled:
            return _build_tombstone(built | {"status": "cancelled"})
        return self.adapt(built)

    def adapt(self, event: Resource) -> Resource:
        """A resource in the request's zone, with as many guests and details as it may see."""
        if self._zone is not None:
            reshow_times(event, self._zone)
        if self._most_guests is not None and len(event.get("attendees", [])) > self._most_guests:
            event["attendees"] = [guest for guest in event["attendees"] if guest.get("self")]
            event["attendeesOmitted"] = True
        if self._free_busy_only or (self._hides_private and event.get("visibility") in ("private", "confidential")):
            return _hide_details(event)
        return event


def _hide_details(event: Resource) -> Resource:
    shown = (
        "kind", "etag", "id", "status", "htmlLink", "created", "updated", "start", "end", "recurrence",
        "recurringEventId", "originalStartTime", "transparency", "iCalUID", "sequence", "eventType",
    )  # fmt: skip
    return {name: event[name] for name in shown if name in event} | {"visibility": "private"}


def _build_tombstone(event: Resource) -> Resource:
    """A deleted event in an incremental list: nothing but its key is promised."""
    kept = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
    return {name: event[name] for name in kept if name in event}


def list_instances(world: World, user: User, calendar_id: str, event_id: str, query: Query) -> Resource:
    """One page of a series' instances, exceptions among them, by original start.

    Raises:
        ApiError: 400, malformed parameters, or no series; 404.
    """
    calendar = world.open_calendar(user, calendar_id)
    master = calendar.events.get(event_id)
    if master is None or master.cancelled:
        raise not_found()
    if not master.is_series:
        raise invalid("The event is not recurring.", parameter="eventId")
    selection = read_selection(query)
    binding = f"{user.email} {calendar.id} {event_id} {query.fingerprint(ignoring=_PAGE_IGNORES)}"
    page_token = query.get("pageToken")
    if page_token is not None:
        snapshot, offset, snapshot_id = _open_page(world, page_token, binding)
    else:
        items = _select_instances(world, calendar, master, selection, query.get("originalStart"))
        snapshot, offset, snapshot_id = Snapshot(items, calendar.version, True, None), 0, None
    size = query.get_count("maxResults", default=DEFAULT_PAGE, most=LARGEST_PAGE)
    answer = _describe(world, user, calendar, snapshot)
    if offset + size < len(snapshot.items):
        snapshot_id = snapshot_id or _keep_snapshot(world, snapshot, binding)
        answer["nextPageToken"] = pack_token([snapshot_id, offset + size])
    renderer = Renderer(world, user, calendar, query, full_tombstones=True)
    answer["items"] = [renderer.render(item) for item in snapshot.items[offset : offset + size]]
    return answer


def _select_instances(
    world: World,
    calendar: CalendarState,
    master: StoredEvent,
    selection: Selection,
    original_start: str | None,
) -> list[Item]:
    series = world.find_series(calendar, master)
    bounds = Selection(True, False, selection.time_min, selection.time_max, None, None, None, (), (), frozenset())
    keyed: list[tuple[float, Item]] = []
    for item in _open_series(world, calendar, master, bounds):
        keyed.append((item.start, item))
    for suffix, exception_id in calendar.exceptions.get(master.id, {}).items():
        stored = calendar.events[exception_id]
        if stored.cancelled and not selection.show_deleted:
            continue
        if selection.time_max is not None and stored.start >= selection.time_max:
            continue
        if selection.time_min is not None and stored.end <= selection.time_min:
            continue
        original = series.parse_suffix(suffix)
        keyed.append((original if original is not None else stored.start, stored))
    if original_start is not None:
        wanted = _read_original(original_start, calendar)
        keyed = [one for one in keyed if one[0] == wanted]
    return [item for _, item in sorted(keyed, key=lambda one: one[0])]


def _read_original(text: str, calendar: CalendarState) -> float:
    if len(text) == 10:
        try:
            return read_epoch({"date": text}, calendar.zone)
        except ValueError as error:
            raise invalid("Invalid value for: originalStart.", parameter="originalStart") from error
    return parse_instant(text, label="originalStart")
