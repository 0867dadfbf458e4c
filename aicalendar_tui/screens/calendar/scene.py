"""All that a view needs to draw itself, as one value: the screen makes a new one, the widgets compare and repaint."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.busy import Busy
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Days, zone_of
from aicalendar_tui.screens.gateway import Status
from aicalendar_tui.screens.layout import DAY_MINUTES, Bar
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.theme import EVENT_COLORS

View = Literal["day", "days", "week", "month", "year", "agenda"]


class Slot(Struct, frozen=True, order=True):
    """A place in the calendar: a day and a minute of it on the local clock."""

    day: date
    minute: int = 9 * 60


class Flash(Struct, frozen=True):
    """Entries that changed by themselves a moment ago; `strength` falls from 1 to 0."""

    keys: frozenset[EventKey] = frozenset()
    strength: float = 0.0


class Scene(Struct, frozen=True, kw_only=True):
    """What is to be seen now. `days` are those of the view; `agenda` may cover other days while they are read."""

    view: View
    days: Days
    now: datetime
    cursor: Slot
    agenda: Agenda
    today: tuple[Entry, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    status: Status = Status()
    tasks: tuple[Task, ...] = ()
    selected: EventKey | None = None
    current: Calendar | None = None
    """The calendar under the cursor: what F and W act on."""
    anchor: Slot | None = None
    """The other end of a range that is being selected."""
    ghost: Entry | None = None
    """The selected event at the place to which it is being moved."""
    flash: Flash = Flash()
    busy: Busy | None = None
    """How full the days of a year are, once that is known."""
    preferences: Preferences = Preferences()
    home_zone: str = ""
    """The zone one lives in; another one than `zone` while one looks at the calendar from elsewhere."""

    def busy_minutes(self, day: date) -> int:
        """How long that day is taken; 0 while nobody knows."""
        busy = self.busy
        if busy is None or day not in busy.days:
            return 0
        return busy.minutes[(day - busy.days.first).days]

    @property
    def hour24(self) -> bool:
        """Whether the clock has 24 hours."""
        return self.preferences.hour24

    @property
    def first_day_of_week(self) -> int:
        """0 is Monday, 6 Sunday."""
        return self.preferences.first_day_of_week

    @property
    def second_zone(self) -> str:
        """The zone whose hours stand beside ours: home when one looks from elsewhere; '' for none."""
        if self.home_zone and self.home_zone != self.days.zone:
            return self.home_zone
        second = self.preferences.second_zone
        return second if second != self.days.zone else ""

    @property
    def zone(self) -> tzinfo:
        """The zone in which days are shown."""
        return zone_of(self.days.zone)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, with the ghost in its event's place."""
        ghost = self.ghost
        if ghost is None:
            return self.agenda.entries
        key = ghost.key
        return tuple(ghost if entry.key == key else entry for entry in self.agenda.entries)

    def color_of(self, entry: Entry) -> str:
        """The event's own colour, else its calendar's."""
        if entry.color_id and (color := EVENT_COLORS.get(entry.color_id)):
            return color
        return calendar_colors(self.calendars).get((entry.user_id, entry.calendar_id), "#7aa2f7")

    def entry_of(self, key: EventKey | None) -> Entry | None:
        """The entry with that key, if it is in the agenda."""
        return next((entry for entry in self.agenda.entries if entry.key == key), None) if key else None


@lru_cache(maxsize=8)
def calendar_colors(calendars: tuple[Calendar, ...]) -> dict[tuple[str, str], str]:
    """The colour of each calendar by (user_id, calendar_id)."""
    return {(calendar.user_id, calendar.calendar_id): calendar.color for calendar in calendars}


class Piece(Struct, frozen=True):
    """The part of a timed entry that lies in one day: minutes `[start, end)` on the local clock."""

    entry: Entry
    start: int
    end: int


class Sections(Struct, frozen=True):
    """Entries divided for drawing: bars of whole days, and for each day its timed pieces in drawing order."""

    bars: tuple[tuple[Entry, Bar], ...]
    days: tuple[tuple[Piece, ...], ...]


def is_bar(entry: Entry) -> bool:
    """Whether the entry is drawn as a bar across days: all-day ones, and those of 24 hours and more."""
    return entry.all_day or entry.end - entry.start >= DAY_SECONDS


def local_days(entry: Entry, zone: tzinfo) -> tuple[date, date]:
    """The local days `[first, last)` that the entry touches; at least one."""
    if entry.all_day:
        return entry.first_day, max(entry.last_day, entry.first_day + timedelta(days=1))
    first = entry.start_in(zone).date()
    final = datetime.fromtimestamp(max(entry.start, entry.end - 1), UTC).astimezone(zone).date()
    return first, final + timedelta(days=1)


def divide(entries: Sequence[Entry], days: Days) -> Sections:
    """What of `entries` lies within `days`, divided into bars and pieces."""
    zone = zone_of(days.zone)
    bars: list[tuple[Entry, Bar]] = []
    pieces: list[list[Piece]] = [[] for _ in range(len(days))]
    for entry in entries:
        first, last = local_days(entry, zone)
        start, end = max(0, (first - days.first).days), min(len(days), (last - days.first).days)
        if start >= end:
            continue
        if is_bar(entry):
            bars.append((entry, Bar(start, end)))
            continue
        begin, finish = entry.start_in(zone), entry.end_in(zone)
        for number in range(start, end):
            day = days.first + timedelta(days=number)
            begins = begin.hour * 60 + begin.minute if begin.date() == day else 0
            ends = finish.hour * 60 + finish.minute if finish.date() == day else DAY_MINUTES
            pieces[number].append(Piece(entry, begins, max(begins, ends)))
    for day_pieces in pieces:
        day_pieces.sort(key=lambda piece: (piece.start, -piece.end))
    return Sections(tuple(bars), tuple(map(tuple, pieces)))
