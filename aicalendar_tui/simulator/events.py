"""Writing events: insert, patch, update, delete, move, import, quick add, with Google's checks and marks."""

from __future__ import annotations

import base64
from typing import Any

from aicalendar_tui.simulator import invitations
from aicalendar_tui.simulator.conference import finish_conference
from aicalendar_tui.simulator.errors import (
    condition_not_met,
    conflict,
    deleted,
    duplicate,
    forbidden_for_non_organizer,
    invalid,
    required,
)
from aicalendar_tui.simulator.instances import Found, build_instance, build_link, find_event
from aicalendar_tui.simulator.kinds import finish_kind
from aicalendar_tui.simulator.quickadd import read_sentence
from aicalendar_tui.simulator.recurrence import read_series
from aicalendar_tui.simulator.schema import (
    EVENT_FIELDS,
    PRIVATE_FIELDS,
    check_event_id,
    finish_attendees,
    finish_event,
    merge_patch,
    pick_fields,
)
from aicalendar_tui.simulator.times import format_updated, reshow_times
from aicalendar_tui.simulator.world import CalendarState, Resource, StoredEvent, User, World

_TIME_FIELDS = frozenset({"start", "end", "recurrence"})
_ORDER = (
    "kind", "etag", "id", "status", "htmlLink", "created", "updated", "summary", "description", "location",
    "colorId", "creator", "organizer", "start", "end", "recurrence", "recurringEventId", "originalStartTime",
    "transparency", "visibility", "iCalUID", "sequence", "attendees", "extendedProperties", "hangoutLink",
    "conferenceData", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests", "reminders",
    "source", "attachments", "eventType", "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties",
)  # fmt: skip


def _arrange(resource: Resource) -> Resource:
    """The fields in the order in which Google writes them."""
    arranged = {name: resource[name] for name in _ORDER if name in resource}
    return arranged | resource


def check_etag(found_etag: str, if_match: str | None) -> None:
    """Raises ApiError 412 when If-Match is given and names another version."""
    if if_match is None or if_match.strip() == "*":
        return
    if found_etag not in [one.strip().removeprefix("W/") for one in if_match.split(",")]:
        raise condition_not_met()


def build_person(email: str, name: str | None, *, is_self: bool) -> Resource:
    """A creator or organizer."""
    person: Resource = {"email": email}
    if name:
        person["displayName"] = name
    if is_self:
        person["self"] = True
    return person


def build_new(world: World, user: User, calendar: CalendarState, event_id: str, uid: str | None) -> Resource:
    """The fields that Google itself fills in for a new event."""
    organizer_name = None if calendar.id in world.users else calendar.summary
    return {
        "kind": "calendar#event",
        "id": event_id,
        "status": "confirmed",
        "htmlLink": build_link(event_id, calendar.id),
        "created": format_updated(world.now()),
        "creator": build_person(user.email, None, is_self=user.email == calendar.id),
        "organizer": build_person(calendar.id, organizer_name, is_self=True),
        "iCalUID": uid or f"{event_id}@google.com",
        "sequence": 0,
        "eventType": "default",
    }


def finish(calendar: CalendarState, resource: Resource) -> Resource:
    """Check a whole event and fill in what depends on the calendar it is on."""
    finish_event(resource, calendar.zone)
    if resource.get("attendees"):
        resource["attendees"] = finish_attendees(
            resource["attendees"],
            organizer=resource.get("organizer", {}).get("email", ""),
            calendar_owner=calendar.id,
        )
    else:
        resource.pop("attendees", None)
    return _arrange(resource)


def insert_event(
    world: World, user: User, calendar_id: str, body: Resource, *, conference_version: int = 0
) -> Resource:
    """Create an event, under the client's own id when it gives one.

    Raises:
        ApiError: 400, the event is malformed; 403, 404, the calendar can't be written; 409, the id is taken.
    """
    calendar = world.open_calendar(user, calendar_id, "writer")
    fields = {name: value for name, value in pick_fields(body).items() if value is not None}
    fields.pop("originalStartTime", None)
    if body.get("id") is not None:
        event_id = check_event_id(body["id"])
        if event_id in calendar.events or event_id in calendar.used_ids:
            raise duplicate()
    else:
        event_id = world.make_event_id(calendar)
    uid = body.get("iCalUID") if isinstance(body.get("iCalUID"), str) else None
    conference = fields.pop("conferenceData", None)
    resource = build_new(world, user, calendar, event_id, uid) | fields
    finish_conference(world, resource, conference, present=None, version=conference_version)
    finish_kind(world, calendar, resource)
    resource = finish(calendar, resource)
    if resource["status"] == "cancelled":
        raise invalid("Cannot create a cancelled event.", parameter="status")
    world.record(calendar, resource)
    invitations.spread(world, calendar, resource, previous=None)
    return resource


def get_event(world: World, user: User, calendar_id: str, event_id: str) -> Resource:
    """An event or instance; a deleted one with status `cancelled`.

    Raises:
        ApiError: 404.
    """
    calendar = world.open_calendar(user, calendar_id)
    found = find_event(world, calendar, event_id)
    if found.cancelled:
        return found.resource | {"status": "cancelled"}
    return found.resource


def _open_for_write(
    world: World, user: User, calendar_id: str, event_id: str, if_match: str | None
) -> tuple[CalendarState, Found]:
    calendar = world.open_calendar(user, calendar_id, "writer")
    found = find_event(world, calendar, event_id)
    check_etag(found.etag, if_match)
    return calendar, found


def patch_event(
    world: World,
    user: User,
    calendar_id: str,
    event_id: str,
    body: Resource,
    *,
    if_match: str | None = None,
    conference_version: int = 0,
) -> Resource:
    """Change the given fields; null clears one; `status: confirmed` brings a deleted event back.

    Raises:
        ApiError: 400, 403, 404; 410, the event is deleted; 412, it is not the version that If-Match names.
    """
    calendar, found = _open_for_write(world, user, calendar_id, event_id, if_match)
    patch = pick_fields(body)
    conference_given = "conferenceData" in patch
    conference = patch.pop("conferenceData", None)
    patch.pop("originalStartTime", None)
    patch.pop("eventType", None)
    _check_not_deleted(found, patch)
    # A cancelled exception keeps no details: what comes back is the instance as its series has it.
    base = found.resource if "start" in found.resource else _rebuild_instance(world, calendar, found)
    resource = merge_patch(base, patch)
    if conference_given:
        finish_conference(world, resource, conference, present=base.get("conferenceData"), version=conference_version)
    return _save(world, calendar, found, base, resource)


def update_event(
    world: World,
    user: User,
    calendar_id: str,
    event_id: str,
    body: Resource,
    *,
    if_match: str | None = None,
    conference_version: int = 0,
) -> Resource:
    """Replace an event: whatever the body leaves out is gone, but for what only Google writes.

    Raises:
        ApiError: as `patch_event`.
    """
    calendar, found = _open_for_write(world, user, calendar_id, event_id, if_match)
    fields = {name: value for name, value in pick_fields(body).items() if value is not None}
    conference = fields.pop("conferenceData", None)
    fields.pop("originalStartTime", None)
    fields.pop("eventType", None)
    fields.setdefault("status", "confirmed")
    _check_not_deleted(found, fields)
    base = found.resource if "start" in found.resource else _rebuild_instance(world, calendar, found)
    kept = {
        name: value
        for name, value in base.items()
        if name not in EVENT_FIELDS or name in ("eventType", "originalStartTime", "sequence")
    }
    kept.pop("hangoutLink", None)
    resource = kept | fields
    present = base.get("conferenceData")
    if conference_version == 0 and present is not None:
        resource["conferenceData"] = present
        if "hangoutLink" in base:
            resource["hangoutLink"] = base["hangoutLink"]
    else:
        finish_conference(world, resource, conference, present=present, version=conference_version)
    return _save(world, calendar, found, base, resource)


def _check_not_deleted(found: Found, fields: Resource) -> None:
    if found.master is not None and found.master.cancelled:
        raise deleted()
    if found.cancelled and fields.get("status") not in ("confirmed", "tentative"):
        raise deleted()


def _rebuild_instance(world: World, calendar: CalendarState, found: Found) -> Resource:
    master = found.master
    if master is None or found.stored is None or not master.is_series:
        raise deleted()
    start = found.stored.start
    built = build_instance(calendar, master.resource, world.find_series(calendar, master), start)
    return built | {"status": "cancelled", "originalStartTime": found.resource["originalStartTime"]}


def _save(world: World, calendar: CalendarState, found: Found, base: Resource, resource: Resource) -> Resource:
    if found.master is not None and resource.get("recurrence"):
        raise invalid("An instance of a recurring event can't recur itself.", parameter="recurrence")
    resource.pop("etag", None)
    resource.setdefault("status", "confirmed")  # a null takes it away: back to what it is by itself
    if resource["status"] == "cancelled":
        _remove(world, calendar, found)
        return find_event(world, calendar, found.resource["id"]).resource
    if int(resource.get("sequence", 0)) < int(base.get("sequence", 0)):
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of "
            "the resource. Re-fetch the resource and use its sequence number on the following request.",
            parameter="sequence",
        )
    finish_kind(world, calendar, resource)
    resource = finish(calendar, resource)
    changed = {name for name in EVENT_FIELDS if base.get(name) != resource.get(name)} - {"sequence"}
    _check_guest(world, base, resource, changed)
    if changed & _TIME_FIELDS and resource["sequence"] == base["sequence"]:
        resource["sequence"] += 1
    keep_updated = found.stored is not None and changed == {"reminders"}
    stored = world.record(calendar, resource, keep_updated=keep_updated)
    if found.stored is not None and found.stored.is_series:
        _settle_exceptions(world, calendar, stored, restored=found.stored.cancelled)
    invitations.spread(world, calendar, resource, previous=base)
    return resource


def _check_guest(world: World, base: Resource, resource: Resource, changed: set[str]) -> None:
    """Guests may change their own answer and what only they see."""
    organizes = base.get("organizer", {}).get("self", False)
    if organizes or base.get("guestsCanModify") or world.switches.guests_may_edit:
        return
    if changed - PRIVATE_FIELDS - {"status"}:
        raise forbidden_for_non_organizer()
    if "attendees" in changed:

        def others(event: Resource) -> list[Resource]:
            return [guest for guest in event.get("attendees", []) if not guest.get("self")]

        if others(base) != others(resource):
            raise forbidden_for_non_organizer()


def _settle_exceptions(world: World, calendar: CalendarState, master: StoredEvent, *, restored: bool) -> None:
    """After a change of the series: exceptions whose instance is gone end; a restored series lists its own."""
    exceptions = calendar.exceptions.get(master.id, {})
    series = read_series(master.resource, calendar.zone) if master.is_series else None
    for suffix, event_id in list(exceptions.items()):
        stored = calendar.events[event_id]
        is_gone = series is None or series.parse_suffix(suffix) is None
        if is_gone and not stored.cancelled:
            _cancel(world, calendar, stored.resource)
        elif restored:
            world.bump(calendar, stored)


def _cancel(world: World, calendar: CalendarState, resource: Resource) -> StoredEvent:
    resource = resource | {"status": "cancelled"}
    if "recurringEventId" in resource:
        # A cancelled instance forgets its own details: nothing but its key is promised.
        kept = ("kind", "id", "status", "recurringEventId", "originalStartTime", "iCalUID", "sequence")
        resource = {name: resource[name] for name in kept if name in resource}
    return world.record(calendar, resource)


def _remove(world: World, calendar: CalendarState, found: Found) -> None:
    if found.cancelled:
        raise deleted()
    before = found.resource
    _cancel(world, calendar, dict(before))
    invitations.withdraw(world, calendar, before)


def delete_event(world: World, user: User, calendar_id: str, event_id: str, *, if_match: str | None = None) -> None:
    """Delete an event, or cancel one instance of a series.

    Raises:
        ApiError: 403, 404; 410, it is deleted already; 412.
    """
    calendar, found = _open_for_write(world, user, calendar_id, event_id, if_match)
    _remove(world, calendar, found)


def move_event(
    world: World,
    user: User,
    calendar_id: str,
    event_id: str,
    destination: str | None,
    *,
    if_match: str | None = None,
) -> Resource:
    """Put an event (a whole series, never an instance) on another calendar, which becomes its organizer.

    Raises:
        ApiError: 400, an instance or no default event; 403; 404; 409, the id is in use there; 410; 412.
    """
    if destination is None:
        raise required("Required parameter: destination", parameter="destination")
    source, found = _open_for_write(world, user, calendar_id, event_id, if_match)
    target = world.open_calendar(user, destination, "writer")
    if found.master is not None:
        raise invalid("Cannot move an instance of a recurring event.", parameter="eventId")
    if found.cancelled:
        raise deleted()
    if found.resource.get("eventType", "default") != "default":
        raise invalid("Only default events can be moved.", parameter="eventId")
    if not found.resource.get("organizer", {}).get("self"):
        raise forbidden_for_non_organizer()
    if target is source:
        return found.resource
    present = target.events.get(event_id)
    if event_id in target.used_ids or (present is not None and not present.cancelled):
        raise conflict("The event exists on the destination calendar already.")
    organizer_name = None if target.id in world.users else target.summary
    exceptions = [source.events[one] for one in source.exceptions.get(event_id, {}).values()]
    moved = _readdress(target, found.resource, organizer_name)
    world.record(target, moved)
    for stored in exceptions:
        world.record(target, _readdress(target, stored.resource, organizer_name))
    _cancel(world, source, dict(found.resource))
    return moved


def _readdress(target: CalendarState, resource: Resource, organizer_name: str | None) -> Resource:
    moved = dict(resource)
    reshow_times(moved, target.zone)
    if "start" not in moved:
        return moved
    moved["htmlLink"] = build_link(moved["id"], target.id)
    moved["organizer"] = build_person(target.id, organizer_name, is_self=True)
    return finish(target, moved)


def import_event(
    world: World, user: User, calendar_id: str, body: Resource, *, conference_version: int = 0
) -> Resource:
    """Add a private copy of an event by its iCalUID; the same UID again updates that copy.

    Raises:
        ApiError: 400, no iCalUID, or malformed; 403; 404.
    """
    calendar = world.open_calendar(user, calendar_id, "writer")
    uid = body.get("iCalUID")
    if not isinstance(uid, str) or not uid:
        raise required("Required: iCalUID", parameter="iCalUID")
    fields = {name: value for name, value in pick_fields(body).items() if value is not None}
    fields.pop("originalStartTime", None)
    conference = fields.pop("conferenceData", None)
    known = [calendar.events[one] for one in calendar.ids_by_uid.get(uid, []) if one in calendar.events]
    event_id = known[0].id if known else "_" + _base32hex(uid)
    resource = build_new(world, user, calendar, event_id, uid) | fields
    if known:
        resource["created"] = known[0].resource["created"]
    organizer = body.get("organizer")
    if isinstance(organizer, dict) and isinstance(organizer.get("email"), str):
        mine = organizer["email"].lower() == calendar.id.lower()
        resource["organizer"] = build_person(organizer["email"], organizer.get("displayName"), is_self=mine)
    finish_conference(world, resource, conference, present=None, version=conference_version)
    resource = finish(calendar, resource)
    stored = world.record(calendar, resource)
    if known and known[0].is_series:
        _settle_exceptions(world, calendar, stored, restored=known[0].cancelled)
    return resource


def _base32hex(text: str) -> str:
    return base64.b32hexencode(text.encode()).decode().rstrip("=").lower()


def quick_add(world: World, user: User, calendar_id: str, text: str | None) -> Resource:
    """Create an event from an English sentence such as `Lunch with Boris tomorrow 12:30-13:30`.

    Raises:
        ApiError: 400, no text; 403; 404.
    """
    if not text or not text.strip():
        raise required("Required parameter: text", parameter="text")
    calendar = world.open_calendar(user, calendar_id, "writer")
    body: dict[str, Any] = read_sentence(text, now=world.now(), zone_name=calendar.zone)
    return insert_event(world, user, calendar_id, body)


def receive_event(
    world: World,
    calendar: CalendarState,
    body: Resource,
    *,
    event_id: str | None = None,
    uid: str | None = None,
    organizer: Resource | None = None,
) -> Resource:
    """Put an event on a calendar as it arrives from elsewhere: no access is asked for, nobody is told.

    `organizer` (`{"email", "displayName"?}`) is somebody else; without it the calendar organizes the event.

    Raises:
        ApiError: 400, the event is malformed.
    """
    fields = {name: value for name, value in pick_fields(body).items() if value is not None}
    fields.pop("originalStartTime", None)
    event_id = event_id or world.make_event_id(calendar)
    owner = world.users.get(calendar.owner) or User(calendar.owner, calendar.summary, calendar.zone)
    resource = build_new(world, owner, calendar, event_id, uid) | fields
    if calendar.owner not in world.users:
        resource["creator"] = build_person(calendar.id, calendar.summary, is_self=True)
    if organizer is not None:
        mine = organizer["email"].lower() == calendar.id.lower()
        person = build_person(organizer["email"], organizer.get("displayName"), is_self=mine)
        resource["organizer"] = resource["creator"] = person
    resource = finish(calendar, resource)
    stored = world.record(calendar, resource)
    if stored.is_series:
        _settle_exceptions(world, calendar, stored, restored=False)
    return resource


def receive_exception(
    world: World, calendar: CalendarState, master_id: str, original: float, body: Resource
) -> Resource | None:
    """Give one instance of a stored series its own fields, or cancel it, as it arrives from elsewhere.

    `original` is the instance's original start, in seconds since the epoch. None when the series has no such
    instance.

    Raises:
        ApiError: 400, the fields are malformed.
    """
    master = calendar.events[master_id]
    if not master.is_series:
        return None
    series = world.find_series(calendar, master)
    if not series.includes(original):
        return None
    built = build_instance(calendar, master.resource, series, original)
    if body.get("status") == "cancelled":
        return _cancel(world, calendar, built).resource
    fields = pick_fields(body)
    fields.pop("recurrence", None)
    fields.pop("originalStartTime", None)
    # Times replace each other whole: a date and a date-time must not be merged.
    for name in ("start", "end"):
        if name in fields:
            built.pop(name)
    resource = finish(calendar, merge_patch(built, fields))
    world.record(calendar, resource)
    return resource
