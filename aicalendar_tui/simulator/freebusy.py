"""When calendars are busy, without saying with what."""

from __future__ import annotations

from aicalendar_tui.simulator.errors import ApiError, invalid, required, time_range_empty
from aicalendar_tui.simulator.instances import iterate_instances
from aicalendar_tui.simulator.times import format_date_time, from_epoch, load_zone, parse_instant
from aicalendar_tui.simulator.world import CalendarState, Resource, StoredEvent, User, World

MOST_CALENDARS = 50


def query_free_busy(world: World, user: User, body: Resource) -> Resource:
    """Busy times of the named calendars, merged and in order. Raises ApiError 400."""
    bounds = []
    for name in ("timeMin", "timeMax"):
        if not isinstance(body.get(name), str):
            raise required(f"Missing {name} parameter.", parameter=name)
        bounds.append(parse_instant(body[name], label=name))
    time_min, time_max = bounds
    if time_max <= time_min:
        raise time_range_empty("timeMax")
    items = body.get("items") or []
    if not isinstance(items, list) or len(items) > MOST_CALENDARS:
        raise invalid("Invalid value for: items.", parameter="items")
    zone = load_zone(body.get("timeZone") or "UTC")
    calendars: Resource = {}
    for item in items:
        calendar_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(calendar_id, str):
            raise invalid("Invalid value for: items.", parameter="items")
        try:
            calendar = world.open_calendar(user, calendar_id, "freeBusyReader")
        except ApiError:
            failure = {"domain": "global", "reason": "notFound"}
            calendars[calendar_id] = {"errors": [failure], "busy": []}
            continue
        busy = _merge(_find_busy(world, calendar, time_min, time_max))
        calendars[calendar_id] = {
            "busy": [
                {
                    "start": format_date_time(from_epoch(start, zone)),
                    "end": format_date_time(from_epoch(end, zone)),
                }
                for start, end in busy
            ]
        }
    return {
        "kind": "calendar#freeBusy",
        "timeMin": format_date_time(from_epoch(time_min, zone)),
        "timeMax": format_date_time(from_epoch(time_max, zone)),
        "calendars": calendars,
    }


def _find_busy(world: World, calendar: CalendarState, time_min: float, time_max: float) -> list[tuple[float, float]]:
    spans = []
    for stored in calendar.events.values():
        if stored.cancelled or stored.end <= time_min or stored.start >= time_max:
            continue
        if stored.master_id is not None:
            master = calendar.events.get(stored.master_id)
            if master is None or master.cancelled:
                continue
        if not _blocks_time(stored):
            continue
        if stored.is_series:
            found = iterate_instances(world, calendar, stored, time_min=time_min, time_max=time_max)
            spans.extend((one.start, one.end) for one in found)
        else:
            spans.append((stored.start, stored.end))
    return [(max(start, time_min), min(end, time_max)) for start, end in spans if end > start]


def _blocks_time(stored: StoredEvent) -> bool:
    event = stored.resource
    declined = any(
        guest.get("self") and guest["responseStatus"] == "declined" for guest in event.get("attendees", [])
    )
    return event.get("transparency") != "transparent" and not declined


def _merge(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
