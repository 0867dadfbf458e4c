"""Values of an event as one line of text, for people who have to choose between two of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aicalendar_tui.backend.domain.event import guests_of
from aicalendar_tui.backend.domain.rebase import TIME_UNIT
from aicalendar_tui.backend.domain.times import parse_moment

ATTENDEE_PREFIX = "attendee "


def describe_event(resource: Mapping[str, Any]) -> str:
    """Title and time, as `Standup, 2026-11-23 09:00`."""
    moment = parse_moment(resource.get("start"))
    when = "" if moment is None else f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else f"{moment}"
    return ", ".join(filter(None, (str(resource.get("summary") or ""), when)))


def describe_unit(resource: Mapping[str, Any], unit: str) -> str:
    """The value of one unit of `rebase` ('' where there is none): a time, a guest's answer, a rule, a text."""
    if unit == TIME_UNIT:
        return _describe_time(resource)
    if unit.startswith(ATTENDEE_PREFIX):
        return _describe_answer(resource, unit.removeprefix(ATTENDEE_PREFIX))
    if unit == "attendees":
        return ", ".join(str(guest.get("email", "")) for guest in guests_of(resource))
    return _describe_value(resource.get(unit))


def _describe_time(resource: Mapping[str, Any]) -> str:
    start, end = parse_moment(resource.get("start")), parse_moment(resource.get("end"))
    if start is None or end is None:
        return ""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        last = end - timedelta(days=1)
        return f"{start}" if last <= start else f"{start} – {last}"
    same_day = start.date() == end.date()
    zone = (resource.get("start") or {}).get("timeZone") or f"{start:%z}"
    return f"{start:%Y-%m-%d %H:%M} – {end:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}} {zone}"


def _describe_answer(resource: Mapping[str, Any], address: str) -> str:
    for guest in guests_of(resource):
        if str(guest.get("email", "")).lower() == address.lower():
            return ", ".join(filter(None, (guest.get("responseStatus") or "needsAction", guest.get("comment"))))
    return ""


def _describe_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_describe_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_describe_value(part) for part in value)
    return str(value)
