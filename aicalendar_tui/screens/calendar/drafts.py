"""Keys that change an event, as drafts: what to set so that it moves, lasts longer, or exists twice."""

from datetime import UTC, date, datetime, timedelta

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.screens.calendar.scene import Slot


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


def _length(event: Event) -> timedelta:
    start, end = event.start, event.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(UTC) - start.astimezone(UTC)
    return timedelta(days=max(1, _days_between(start, end)))


def _days_between(start: date, end: date) -> int:
    return end.toordinal() - start.toordinal()
