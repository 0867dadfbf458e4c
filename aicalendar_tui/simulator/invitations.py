"""Copies of an event on its guests' calendars, for guests who have an account here."""

from __future__ import annotations

from typing import Any

from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.instances import build_link, find_event
from aicalendar_tui.simulator.times import reshow_times
from aicalendar_tui.simulator.world import CalendarState, Resource, World

_OWN = ("colorId", "reminders", "transparency", "visibility")
"""Fields in which a guest's copy goes its own way."""
_CANCELLED_INSTANCE = ("kind", "id", "status", "recurringEventId", "originalStartTime", "iCalUID", "sequence")


def _guests(resource: Resource | None) -> dict[str, Resource]:
    return {guest["email"].lower(): guest for guest in (resource or {}).get("attendees", [])}


def spread(world: World, calendar: CalendarState, resource: Resource, *, previous: Resource | None) -> None:
    """Bring the other copies up to date after a write to the copy on `calendar`."""
    if not (resource.get("attendees") or (previous or {}).get("attendees")):
        return
    if resource.get("organizer", {}).get("self"):
        _send_out(world, calendar, resource, previous)
    else:
        _send_answer(world, calendar, resource)


def withdraw(world: World, calendar: CalendarState, resource: Resource) -> None:
    """After a deletion: the organizer's ends all copies; a guest's is an answer, declined."""
    if not resource.get("attendees"):
        return
    if resource.get("organizer", {}).get("self"):
        for email in _guests(resource):
            _end_copy(world, calendar, email, resource)
        return
    answered = [
        {**guest, "responseStatus": "declined"} if guest.get("self") else guest for guest in resource["attendees"]
    ]
    _send_answer(world, calendar, resource | {"attendees": answered})


def _find_copy_calendar(world: World, source: CalendarState, email: str) -> CalendarState | None:
    user = world.users.get(email)
    if user is None or user.email == source.id:
        return None
    return world.calendars.get(user.email)


def _send_out(world: World, source: CalendarState, resource: Resource, previous: Resource | None) -> None:
    invited = _guests(resource)
    for email in invited:
        target = _find_copy_calendar(world, source, email)
        if target is not None:
            world.record(target, _build_copy(target, resource))
    for email in _guests(previous).keys() - invited.keys():
        _end_copy(world, source, email, previous or resource)


def _build_copy(target: CalendarState, resource: Resource) -> Resource:
    present = target.events.get(resource["id"])
    own: dict[str, Any] = {}
    if present is not None and not present.cancelled:
        kept = present.resource
        own = {name: kept[name] for name in _OWN if name in kept}
    copy = {name: value for name, value in resource.items() if name not in _OWN}
    reshow_times(copy, target.zone)
    copy["htmlLink"] = build_link(copy["id"], target.id)
    for role in ("creator", "organizer"):
        person = {name: value for name, value in copy[role].items() if name != "self"}
        if person["email"] == target.id:
            person["self"] = True
        copy[role] = person
    copy["attendees"] = [_readdress_guest(guest, target.id) for guest in copy["attendees"]]
    return {**copy, "reminders": {"useDefault": True}, **own}


def _readdress_guest(guest: Resource, email: str) -> Resource:
    marked = {name: value for name, value in guest.items() if name != "self"}
    if guest["email"].lower() == email.lower():
        marked["self"] = True
    return marked


def _end_copy(world: World, source: CalendarState, email: str, resource: Resource) -> None:
    target = _find_copy_calendar(world, source, email)
    present = target.events.get(resource["id"]) if target is not None else None
    if target is None:
        return
    if present is None:
        if "recurringEventId" not in resource or resource["recurringEventId"] not in target.events:
            return
        copy = _build_copy(target, resource)
    elif present.cancelled:
        return
    else:
        copy = present.resource
    ended = copy | {"status": "cancelled"}
    if "recurringEventId" in ended:
        ended = {name: ended[name] for name in _CANCELLED_INSTANCE if name in ended}
    world.record(target, ended)


def _send_answer(world: World, source: CalendarState, resource: Resource) -> None:
    """Carry the answer of the guest who owns `source` to the organizer's copy, and from there to all."""
    organizer = world.calendars.get(resource.get("organizer", {}).get("email", ""))
    mine = next((guest for guest in resource.get("attendees", []) if guest.get("self")), None)
    if organizer is None or mine is None:
        return
    try:
        found = find_event(world, organizer, resource["id"])
    except ApiError:
        return
    if found.cancelled:
        return
    held = found.resource
    guests = _guests(held)
    if mine["email"].lower() not in guests:
        return
    answer = {name: mine[name] for name in ("responseStatus", "comment", "additionalGuests") if name in mine}
    held["attendees"] = [
        {**guest, **answer} if guest["email"].lower() == mine["email"].lower() else guest
        for guest in held["attendees"]
    ]
    if [*guests.values()] == held["attendees"]:
        return
    world.record(organizer, held)
    for email in guests:
        target = _find_copy_calendar(world, organizer, email)
        if target is None or target is source:
            continue
        present = target.events.get(held["id"])
        if present is None or not present.cancelled:
            world.record(target, _build_copy(target, held))
