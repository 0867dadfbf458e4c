"""What a client may write into an event: known fields, their types, null for "clear"."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime
from typing import Any

from aicalendar_tui.simulator.errors import invalid, time_range_empty
from aicalendar_tui.simulator.recurrence import read_series
from aicalendar_tui.simulator.times import load_zone, normalise_time

EVENT_FIELDS: dict[str, type] = {
    "anyoneCanAddSelf": bool,
    "attachments": list,
    "attendees": list,
    "attendeesOmitted": bool,
    "birthdayProperties": dict,
    "colorId": str,
    "conferenceData": dict,
    "description": str,
    "end": dict,
    "eventLabelId": str,
    "eventType": str,
    "extendedProperties": dict,
    "focusTimeProperties": dict,
    "gadget": dict,
    "guestsCanInviteOthers": bool,
    "guestsCanModify": bool,
    "guestsCanSeeOtherGuests": bool,
    "location": str,
    "originalStartTime": dict,
    "outOfOfficeProperties": dict,
    "recurrence": list,
    "reminders": dict,
    "sequence": int,
    "source": dict,
    "start": dict,
    "status": str,
    "summary": str,
    "transparency": str,
    "visibility": str,
    "workingLocationProperties": dict,
}
"""Writable fields of an event; all others in a body are ignored, as Google does."""

CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"),
}
RESPONSES = ("needsAction", "declined", "tentative", "accepted")

PRIVATE_FIELDS = frozenset(
    {"colorId", "eventLabelId", "reminders", "transparency", "visibility", "attendees", "extendedProperties"}
)
"""What a guest may change on their own copy (of attendees: the own answer only)."""

_EVENT_ID = re.compile(r"[a-v0-9]{5,1024}\Z")
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\Z")
_DEFAULTS = {"transparency": "opaque", "visibility": "default"}


def check_event_id(event_id: Any) -> str:
    """A client's own event id: base32hex, 5 to 1024 letters.

    Raises:
        ApiError: 400, it is none.
    """
    if not isinstance(event_id, str) or _EVENT_ID.match(event_id) is None:
        raise invalid("Invalid resource id value.", parameter="resource.id")
    return event_id


def pick_fields(body: dict[str, Any]) -> dict[str, Any]:
    """The writable fields of a request body; None stands for "clear".

    Raises:
        ApiError: 400, a field has the wrong type or an unknown choice.
    """
    picked: dict[str, Any] = {}
    for name, kind in EVENT_FIELDS.items():
        if name not in body:
            continue
        value = body[name]
        if value is None:
            picked[name] = None
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise invalid(f"Invalid value for: {name}.", parameter=name)
        if name in CHOICES and value not in CHOICES[name]:
            raise invalid(f"Invalid value for: {name}.", parameter=name)
        if isinstance(value, str) and "\ud800" <= max(value, default="") <= "\udfff":
            raise invalid(f"Invalid value for: {name}.", parameter=name)
        picked[name] = deepcopy(value)
    return picked


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Patch semantics: objects merge, arrays and plain values replace, null removes."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            present = merged.get(name)
            merged[name] = merge_patch(present if isinstance(present, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def finish_event(resource: dict[str, Any], zone: str) -> dict[str, Any]:
    """Check an event as a whole and write its times as Google does; changes and gives back `resource`.

    Raises:
        ApiError: 400, times are missing, mixed or reversed, or a field is malformed.
    """
    start = normalise_time(resource.get("start") or {}, zone, label="start")
    end = normalise_time(resource.get("end") or {}, zone, label="end")
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.", parameter="end")
    _check_order(start, end)
    recurring = bool(resource.get("recurrence"))
    if recurring:
        for label, given in (("start", resource["start"]), ("end", resource["end"])):
            if "dateTime" in given and not given.get("timeZone"):
                raise invalid(f"Missing time zone definition for {label} time.", parameter=label)
    resource["start"], resource["end"] = start, end
    if recurring:
        series = read_series(resource, zone)
        _ = series.rules  # parsed here, so that a bad rule is refused
    else:
        resource.pop("recurrence", None)
    for name, default in _DEFAULTS.items():
        if resource.get(name) == default:
            del resource[name]
    for name in ("summary", "description", "location", "colorId"):
        if resource.get(name) == "":
            del resource[name]
    if "colorId" in resource and resource["colorId"] not in {str(number) for number in range(1, 12)}:
        raise invalid("Invalid color id.", parameter="colorId")
    resource["reminders"] = _finish_reminders(resource.get("reminders"))
    _check_properties(resource.get("extendedProperties"))
    return resource


def _check_order(start: dict[str, Any], end: dict[str, Any]) -> None:
    if "date" in start:
        if end["date"] <= start["date"]:
            raise time_range_empty("end")
    elif datetime.fromisoformat(end["dateTime"]) < datetime.fromisoformat(start["dateTime"]):
        raise time_range_empty("end")


def _finish_reminders(reminders: dict[str, Any] | None) -> dict[str, Any]:
    if reminders is None:
        return {"useDefault": True}
    use_default = reminders.get("useDefault", not reminders.get("overrides"))
    overrides = reminders.get("overrides") or []
    if not isinstance(use_default, bool) or not isinstance(overrides, list) or len(overrides) > 5:
        raise invalid("Invalid value for: reminders.", parameter="reminders")
    if use_default and overrides:
        raise invalid("Cannot specify both default reminders and overrides at the same time.")
    for one in overrides:
        minutes = one.get("minutes") if isinstance(one, dict) else None
        if (
            not isinstance(minutes, int)
            or isinstance(minutes, bool)
            or not 0 <= minutes <= 40_320
            or one.get("method") not in ("email", "popup")
        ):
            raise invalid("Invalid value for: reminders.overrides.", parameter="reminders.overrides")
    finished: dict[str, Any] = {"useDefault": use_default}
    if overrides:
        finished["overrides"] = [{"method": one["method"], "minutes": one["minutes"]} for one in overrides]
    return finished


def _check_properties(properties: dict[str, Any] | None) -> None:
    for kind in ("private", "shared"):
        values = (properties or {}).get(kind, {})
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise invalid("Invalid value for: extendedProperties.", parameter="extendedProperties")


def finish_attendees(attendees: Any, *, organizer: str, calendar_owner: str) -> list[dict[str, Any]]:
    """Guests as Google gives them back: answers filled in, organizer and self marked.

    Raises:
        ApiError: 400, a guest has no e-mail address, or an unknown answer.
    """
    if not isinstance(attendees, list):
        raise invalid("Invalid value for: attendees.", parameter="attendees")
    finished: dict[str, dict[str, Any]] = {}
    for one in attendees:
        if not isinstance(one, dict) or not isinstance(one.get("email"), str):
            raise invalid("Missing attendee email.", parameter="attendees[].email")
        if _EMAIL.match(one["email"]) is None:
            raise invalid("Invalid attendee email.", parameter="attendees[].email")
        answer = one.get("responseStatus") or "needsAction"
        if answer not in RESPONSES:
            raise invalid("Invalid value for: attendees.responseStatus.", parameter="attendees")
        guest: dict[str, Any] = {"email": one["email"]}
        for name, kind in (("displayName", str), ("comment", str), ("additionalGuests", int)):
            if isinstance(one.get(name), kind) and one[name]:
                guest[name] = one[name]
        for name in ("optional", "resource"):
            if one.get(name) is True:
                guest[name] = True
        if one["email"].lower() == organizer.lower():
            guest["organizer"] = True
        if one["email"].lower() == calendar_owner.lower():
            guest["self"] = True
        guest["responseStatus"] = answer
        finished[one["email"].lower()] = guest
    return list(finished.values())


def check_zone(name: Any) -> str:
    """An IANA zone's name.

    Raises:
        ApiError: 400, there is no such zone.
    """
    if not isinstance(name, str):
        raise invalid("Invalid time zone definition.", parameter="timeZone")
    load_zone(name)
    return name
