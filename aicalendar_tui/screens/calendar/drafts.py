"""Keys that change an event, as drafts: what to set so that it moves, lasts longer, or exists twice."""

from datetime import UTC, date, datetime, timedelta

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.screens.calendar.scene import Slot
from aicalendar_tui.screens.dates import short_day, short_month, time_of, time_range


def moment_of(slot: Slot, zone: str) -> datetime:
    """The instant of a place in the calendar, in the zone in which it is shown."""
    return datetime(slot.day.year, slot.day.month, slot.day.day, *divmod(slot.minute, 60), tzinfo=zone_of(zone))


def draft_at(entry: Entry, event: Event, zone: str) -> Draft:
    """What moves the event to where `entry` (its ghost) is; times stay in the event's own zone."""
    if entry.all_day:
        return Draft(start=entry.first_day, end=entry.last_day)
    own = event.zone or zone
    start, end = (datetime.fromtimestamp(epoch, UTC).astimezone(zone_of(own)) for epoch in (entry.start, entry.end))
    return Draft(start=start, end=end, zone=own)


def copy_of(event: Event, slot: Slot | None, zone: str) -> Draft:
    """The same event once more, by itself: at `slot`, or at its own time when that is None.

    Guests and calls are not copied: nobody gets an invitation by a key pressed.
    """
    start, end, own = event.start, event.end, event.zone or zone
    if slot is not None:
        length = _length(event)
        if isinstance(start, datetime):
            start = moment_of(slot, zone).astimezone(zone_of(own))
            end = (start.astimezone(UTC) + length).astimezone(zone_of(own))
        else:
            start, end = slot.day, slot.day + length
    return Draft(
        summary=event.summary,
        start=start,
        end=end,
        zone=own if isinstance(start, datetime) else None,
        location=event.location,
        description=event.description,
        color_id=event.color_id,
        transparency="transparent" if event.transparency == "transparent" else "opaque",
    )


def keep_hour(event: Event, slot: Slot, zone: str) -> Slot:
    """That day, at the hour at which the event begins: where days are all that one points at."""
    if not isinstance(event.start, datetime):
        return slot
    start = event.start.astimezone(zone_of(zone))
    return Slot(slot.day, start.hour * 60 + start.minute)


def say_place(entry: Entry, zone: str, *, hour24: bool) -> str:
    """`Thu 26 Nov 12:00–14:00`: where an entry is while it is moved."""
    local = zone_of(zone)
    if entry.all_day:
        return say_days(entry.first_day, entry.last_day - timedelta(days=1))
    return say_times(entry.start_in(local), entry.end_in(local), hour24=hour24)


def say_days(first: date, last: date) -> str:
    """`Thu 26 Nov – Sat 28 Nov`; a single day once."""
    return _short(first) if last <= first else f"{_short(first)} – {_short(last)}"


def say_times(start: datetime, end: datetime, *, hour24: bool) -> str:
    """`Thu 26 Nov 12:00–14:00`; with the last day where that is another one."""
    if end.date() == start.date() or end - start < timedelta(days=1):
        return f"{_short(start)} {time_range(start, end, hour24=hour24)}"
    first, last = (f"{_short(moment)} {time_of(moment, hour24=hour24)}" for moment in (start, end))
    return f"{first} – {last}"


def _short(day: date) -> str:
    return f"{short_day(day.weekday())} {day.day} {short_month(day.month)}"


def _length(event: Event) -> timedelta:
    start, end = event.start, event.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(UTC) - start.astimezone(UTC)
    return timedelta(days=max(1, _days_between(start, end)))


def _days_between(start: date, end: date) -> int:
    return end.toordinal() - start.toordinal()
