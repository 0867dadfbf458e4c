"""Single instances of recurring events: built from their master, or stored as exceptions."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from aicalendar_tui.simulator.errors import not_found
from aicalendar_tui.simulator.recurrence import Series
from aicalendar_tui.simulator.times import format_time
from aicalendar_tui.simulator.world import CalendarState, Resource, StoredEvent, World

_NOT_INHERITED = ("recurrence", "id", "etag", "htmlLink", "start", "end")


@dataclass(frozen=True, slots=True)
class Found:
    """What an event id names: a stored event, or an instance that has no exception yet."""

    resource: Resource
    stored: StoredEvent | None
    master: StoredEvent | None
    """The series, when the id names one of its instances."""

    @property
    def etag(self) -> str:
        """The etag to compare with If-Match; a virtual instance has its master's."""
        return self.resource["etag"]

    @property
    def cancelled(self) -> bool:
        """Whether it counts as deleted: itself, or the series that it belongs to."""
        return self.resource["status"] == "cancelled" or (self.master is not None and self.master.cancelled)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance without an exception, not built yet: lists of thousands stay cheap."""

    master: StoredEvent
    series: Series
    start: float
    end: float


def build_link(event_id: str, calendar_id: str) -> str:
    """The address at which Google's web client would show the event."""
    name = f"{event_id} {calendar_id.replace('@group.calendar.google.com', '@g')}"
    return "https://www.google.com/calendar/event?eid=" + base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def build_instance(calendar: CalendarState, master: Resource, series: Series, start: float) -> Resource:
    """The event of one instance as its series has it."""
    instance_id = f"{master['id']}_{series.build_suffix(start)}"
    zones = {label: master[label].get("timeZone", calendar.zone) for label in ("start", "end")}
    times = {
        "start": format_time(start, all_day=series.all_day, event_zone=zones["start"], calendar_zone=calendar.zone),
        "end": format_time(
            series.end_of(start),
            all_day=series.all_day,
            event_zone=zones["end"],
            calendar_zone=calendar.zone,
        ),
    }
    return {
        "kind": "calendar#event",
        "etag": master["etag"],
        "id": instance_id,
        **{name: value for name, value in master.items() if name not in _NOT_INHERITED and name != "kind"},
        "htmlLink": build_link(instance_id, calendar.id),
        **times,
        "recurringEventId": master["id"],
        "originalStartTime": times["start"],
    }


def find_event(world: World, calendar: CalendarState, event_id: str) -> Found:
    """The event of that id, or the instance that the id of an instance names.

    Raises:
        ApiError: 404, there is neither.
    """
    stored = calendar.events.get(event_id)
    if stored is not None:
        master = calendar.events.get(stored.master_id) if stored.master_id else None
        return Found(stored.resource, stored, master)
    master_id, _, suffix = event_id.rpartition("_")
    master = calendar.events.get(master_id)
    if master is None or not master.is_series:
        raise not_found()
    resource = master.resource
    series = world.find_series(calendar, master)
    start = series.parse_suffix(suffix)
    if start is None:
        raise not_found()
    return Found(build_instance(calendar, resource, series, start), None, master)


def iterate_instances(
    world: World,
    calendar: CalendarState,
    master: StoredEvent,
    *,
    time_min: float | None,
    time_max: float | None,
) -> Iterator[Instance]:
    """The instances without an exception that end after `time_min` and start before `time_max`."""
    series = world.find_series(calendar, master)
    excepted = calendar.exceptions.get(master.id, {})
    for start in series.iterate_starts(time_min, time_max):
        if not excepted or series.build_suffix(start) not in excepted:
            yield Instance(master, series, start, series.end_of(start))
