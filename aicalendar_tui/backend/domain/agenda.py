"""What a view shows: entries, each one visible instance of an event."""

from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.event import EventKey, Response
from aicalendar_tui.backend.domain.times import Days, Span, date_of_epoch


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instance in a view. `start` and `end` are epoch seconds, end exclusive.

    For an all-day entry they count from UTC midnights of its dates; read `first_day` and `last_day` then.
    `event_id` names the series for an instance of one, with `original_start`; else the event itself.
    """

    user_id: str
    calendar_id: str
    event_id: str
    start: int
    end: int
    all_day: bool = False
    original_start: str | None = None
    summary: str = ""
    location: str = ""
    status: str = "confirmed"
    response: Response | None = None
    color_id: str | None = None
    event_type: str = "default"
    free: bool = False
    join_url: str = ""
    guests: int = 0
    recurring: bool = False
    waiting: bool = False
    """An edit of it is not at Google yet."""
    problem: bool = False
    """An edit of it is in conflict or was rejected."""

    @property
    def key(self) -> EventKey:
        """What to act on."""
        return EventKey(self.user_id, self.calendar_id, self.event_id, self.original_start)

    @property
    def span(self) -> Span:
        """`[start, end)`."""
        return Span(self.start, self.end)

    @property
    def first_day(self) -> date:
        """The first date of an all-day entry."""
        return date_of_epoch(self.start)

    @property
    def last_day(self) -> date:
        """The date after the last one of an all-day entry (exclusive)."""
        return date_of_epoch(self.end)

    def start_in(self, zone: tzinfo) -> datetime:
        """When a timed entry starts, in `zone`."""
        return datetime.fromtimestamp(self.start, UTC).astimezone(zone)

    def end_in(self, zone: tzinfo) -> datetime:
        """When a timed entry ends, in `zone`."""
        return datetime.fromtimestamp(self.end, UTC).astimezone(zone)


class Agenda(Struct, frozen=True):
    """The entries that overlap `days`, all-day ones first, then by start, longer first; with their revision."""

    days: Days
    entries: tuple[Entry, ...]
    revision: int = 0


class Sidebar(Struct, frozen=True):
    """The calendars in the user's order, with the revision they were read at."""

    calendars: tuple[Calendar, ...]
    revision: int = 0


def sort_key(entry: Entry) -> tuple[bool, int, int, str, str]:
    """The order of entries in a view."""
    return (not entry.all_day, entry.start, -entry.end, entry.summary, entry.event_id)
