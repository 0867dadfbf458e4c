"""Focus time, out of office and working location: what Google asks of such events, and what it fills in."""

from __future__ import annotations

from typing import Any

from aicalendar_tui.simulator.errors import ApiError, invalid
from aicalendar_tui.simulator.world import CalendarState, Resource, World

PROPERTIES = {
    "focusTime": "focusTimeProperties",
    "outOfOffice": "outOfOfficeProperties",
    "workingLocation": "workingLocationProperties",
}
"""The field that belongs to each type, and to no other."""
_MALFORMED = {
    "focusTime": "malformedFocusTimeEvent",
    "outOfOffice": "malformedOutOfOfficeEvent",
    "workingLocation": "malformedWorkingLocationEvent",
}
_DECLINE_MODES = ("declineNone", "declineAllConflictingInvitations", "declineOnlyNewConflictingInvitations")
_CHAT_STATUSES = ("available", "doNotDisturb")
_PLACES = ("homeOffice", "officeLocation", "customLocation")


def finish_kind(world: World, calendar: CalendarState, resource: Resource) -> None:
    """Check the event's type against everything else in it, and write its properties as Google does.

    Raises:
        ApiError: 400, such an event can't be on this calendar, or be so.
    """
    kind = resource.get("eventType", "default")
    for other, name in PROPERTIES.items():
        if other != kind:
            resource.pop(name, None)
    if kind not in PROPERTIES:
        return
    if calendar.id not in world.users:
        raise _malformed(kind, "Events of this type can only be on a primary calendar.")
    if resource.get("attendees"):
        raise invalid("Attendees cannot be added to this event type.", parameter="attendees")
    if kind == "workingLocation":
        _finish_workplace(resource)
    else:
        _finish_declines(resource, kind)


def _finish_workplace(resource: Resource) -> None:
    if resource.get("transparency") != "transparent" or resource.get("visibility") != "public":
        raise _malformed("workingLocation", "A working location event must be transparent and public.")
    properties = resource.get("workingLocationProperties") or {}
    place = properties.get("type")
    if place not in _PLACES:
        raise _malformed("workingLocation", "A working location event needs a type of location.")
    given = properties.get(place)
    if place == "homeOffice":
        resource["workingLocationProperties"] = {"type": place, "homeOffice": {}}
        return
    if not isinstance(given, dict):
        raise _malformed("workingLocation", "The location of that type is missing.")
    resource["workingLocationProperties"] = {"type": place, place: given}


def _finish_declines(resource: Resource, kind: str) -> None:
    if (resource.get("start") or {}).get("date"):
        raise _malformed(kind, "An event of this type can't be all day.")
    name = PROPERTIES[kind]
    properties: dict[str, Any] = {"autoDeclineMode": "declineNone"} | (resource.get(name) or {})
    if properties["autoDeclineMode"] not in _DECLINE_MODES:
        raise invalid(f"Invalid value for: {name}.autoDeclineMode.", parameter=name)
    if not isinstance(properties.get("declineMessage", ""), str):
        raise invalid(f"Invalid value for: {name}.declineMessage.", parameter=name)
    if properties.get("chatStatus", "available") not in _CHAT_STATUSES:
        raise invalid(f"Invalid value for: {name}.chatStatus.", parameter=name)
    if not properties.get("declineMessage"):
        properties.pop("declineMessage", None)
    resource[name] = properties


def _malformed(kind: str, message: str) -> ApiError:
    # [?] The reasons are those that people report; the documentation names none.
    return ApiError(400, _MALFORMED[kind], message)
