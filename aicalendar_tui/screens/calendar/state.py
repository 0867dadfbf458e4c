"""Where the user is in the calendar: view, cursor and selection, and how the keys change them. No widget in sight."""

from copy import copy
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.busy import Busy
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.screens.calendar.agendas import Agendas, changed_keys
from aicalendar_tui.screens.calendar.scene import Flash, Scene, Slot, View, divide, is_bar, local_days
from aicalendar_tui.screens.dates import add_months, month_days, week_start
from aicalendar_tui.screens.gateway import Status
from aicalendar_tui.screens.layout import DAY_MINUTES, block_of
from aicalendar_tui.screens.preferences import ROW_MINUTES, Preferences, Week, is_working_day

SHORTEST_MINUTES = 15
"""No key makes an event shorter."""
AGENDA_BEFORE, AGENDA_AFTER = timedelta(days=14), timedelta(days=42)
MOST_DAYS = 9
SOUGHT = timedelta(weeks=8)
"""How far Tab looks for an event behind the days shown."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)
"""Where the calendar ends: far enough, and safe for all arithmetic on dates."""


class State:
    """Changed by the screen's actions and by answers; `scene` says how it looks."""

    def __init__(self, now: datetime, zone: str, preferences: Preferences | None = None) -> None:
        self.zone = self.home_zone = zone
        self.preferences = preferences or Preferences()
        self._present = now.date()
        self.cursor = Slot(now.date(), self._slot_of(now))
        self.view: View = "week"
        self.days = self._days_of("week", now.date())
        self.agendas = Agendas()
        self.calendars: tuple[Calendar, ...] = ()
        self.status = Status()
        self.tasks: tuple[Task, ...] = ()
        self.today: tuple[Entry, ...] = ()
        self.selected: EventKey | None = None
        self.anchor: Slot | None = None
        self.ghost: Entry | None = None
        self.flash = Flash()
        self.busy: Busy | None = None
        self._current: tuple[str, str] | None = None
        self._ordered: tuple[Agenda, Days, list[Entry]] | None = None

    def scene(self, now: datetime) -> Scene:
        """How it looks at that moment."""
        now = now.astimezone(zone_of(self.zone))
        self._present = now.date()
        return Scene(
            view=self.view,
            days=self.days,
            now=now,
            cursor=self.cursor,
            agenda=self.agenda,
            today=self.today,
            calendars=self.calendars,
            status=self.status,
            tasks=self.tasks,
            selected=self.selected,
            current=self.current_calendar,
            anchor=self.anchor,
            ghost=self.ghost,
            flash=self.flash,
            busy=self.busy,
            preferences=self.preferences,
            home_zone=self.home_zone,
        )

    @property
    def slot_minutes(self) -> int:
        """What the cursor, and an event moved by keys, goes at a time: a row of the grid."""
        return self.preferences.minutes_per_row

    def _slot_of(self, moment: datetime) -> int:
        return (moment.hour * 60 + moment.minute) // self.slot_minutes * self.slot_minutes

    @property
    def agenda(self) -> Agenda:
        """What is known of the days shown."""
        return self.agendas.covering(self.days)

    @property
    def current_calendar(self) -> Calendar | None:
        """The calendar under the cursor: the one pointed at last, in the list or by selecting an event of it."""
        found = self.calendar_of(*self._current) if self._current else None
        return found or next((c for c in self.calendars if c.primary), None) or next(iter(self.calendars), None)

    def calendar_of(self, user_id: str, calendar_id: str) -> Calendar | None:
        """The calendar with that key."""
        wanted = (user_id, calendar_id)
        return next((c for c in self.calendars if (c.user_id, c.calendar_id) == wanted), None)

    def point_calendar(self, calendar: Calendar) -> None:
        """Make it the one under the cursor."""
        self._current = (calendar.user_id, calendar.calendar_id)

    @property
    def entry(self) -> Entry | None:
        """The selected event, as the view shows it."""
        if self.selected is None:
            return None
        return next((entry for entry in self.agenda.entries if entry.key == self.selected), None)

    # answers

    def accept(self, agenda: Agenda) -> frozenset[EventKey] | None:
        """Takes an answer in; returns which of its entries changed since the last one, None if it came too late."""
        before = self.agendas.of(agenda.days)
        if not self.agendas.accept(agenda):
            return None
        if self.selected is not None and self.entry is None and agenda.days == self.days:
            self.selected = None
            self._select_under_cursor()
        elif self.selected is None:
            self._select_under_cursor()
        return changed_keys(before, agenda) if before is not None else frozenset()

    def accept_today(self, agenda: Agenda, today: date) -> None:
        """Takes today's entries out of any agenda that covers today."""
        if today not in agenda.days:
            return
        zone = zone_of(self.zone)
        self.today = tuple(
            entry for entry in agenda.entries if (days := local_days(entry, zone))[0] <= today < days[1]
        )

    # going about

    def show_view(self, view: View) -> None:
        """Another way to look at the day under the cursor."""
        self.view = view
        self.days = self._days_of(view, self.cursor.day)
        self._select_under_cursor()

    def show_several(self, count: int) -> None:
        """The view of several days, with so many."""
        self.preferences = replace(self.preferences, several_days=min(max(1, count), MOST_DAYS))
        self.show_view("days")

    def show_week(self, week: Week) -> None:
        """The view of a week, of that kind."""
        self.preferences = replace(self.preferences, week=week)
        self.show_view("week")

    def zoom(self, steps: int) -> bool:
        """Fewer minutes in a row (1) or more (-1); False at the end of it."""
        place = ROW_MINUTES.index(self.preferences.minutes_per_row) - steps
        if not 0 <= place < len(ROW_MINUTES):
            return False
        self.preferences = replace(self.preferences, minutes_per_row=ROW_MINUTES[place])
        step = self.slot_minutes
        self.cursor = Slot(self.cursor.day, self.cursor.minute // step * step)
        return True

    def travel(self, zone: str) -> None:
        """See the calendar in another zone: the instant under the cursor stays under it."""
        if zone == self.zone:
            return
        day, minute = self.cursor.day, self.cursor.minute
        instant = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone_of(self.zone))
        there = instant.astimezone(zone_of(zone))
        self.zone, self.anchor = zone, None
        last = LAST_DAY - timedelta(days=1)
        self.cursor = Slot(min(max(there.date(), FIRST_DAY), last), self._slot_of(there))
        self.days = Days(self.days.first, self.days.last, zone)
        if self.cursor.day not in self.days:
            self.days = self._days_of(self.view, self.cursor.day)
        self._select_under_cursor()

    def days_away(self, periods: int) -> Days:
        """What would be shown so many periods on; nothing moves."""
        probe = copy(self)
        probe.turn(periods)
        return probe.days

    def move(self, *, days: int = 0, minutes: int = 0) -> None:
        """Move the cursor; it takes the view along when it leaves it. Minutes stop at the ends of the day."""
        minute = min(max(0, self.cursor.minute + minutes), DAY_MINUTES - self.slot_minutes)
        day = _clamped(self.cursor.day, days)
        if self._skips_weekends and abs(days) == 1:
            while not is_working_day(day.weekday()) and (further := _clamped(day, days)) != day:
                day = further
        self.cursor = Slot(day, minute)
        self._follow_cursor(days)
        self._select_under_cursor()

    def turn(self, periods: int) -> None:
        """The same place some periods later, or earlier for a negative number."""
        day = self.cursor.day
        match self.view:
            case "month":
                moved = add_months(day, periods)
            case "year":
                moved = add_months(day, 12 * periods)
            case "week" | "agenda":
                moved = _clamped(day, 7 * periods)
            case _:
                moved = _clamped(day, len(self.days) * periods)
        if not FIRST_DAY <= moved < LAST_DAY:
            return
        shift = moved - day
        self.cursor = Slot(moved, self.cursor.minute)
        if self.view == "days":
            self.days = Days(self.days.first + shift, self.days.last + shift, self.zone)
        else:
            self._follow_cursor(periods)
        self._select_under_cursor()

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Straight to a day; the hour stays unless `minute` is given."""
        day = min(max(day, FIRST_DAY), LAST_DAY - timedelta(days=1))
        self.cursor = Slot(day, self.cursor.minute if minute is None else minute)
        if day not in self.days or self.view in ("day", "month"):
            self.days = self._days_of(self.view, day)
        self._select_under_cursor()

    def point(self, slot: Slot, key: EventKey | None) -> None:
        """The user pointed there; the event counts, if there is one."""
        self.cursor = slot
        self.selected = key
        if key is not None:
            self._current = (key.user_id, key.calendar_id)

    def select(self, entry: Entry) -> None:
        """Select it, and put the cursor where it starts."""
        zone = zone_of(self.zone)
        first, last = local_days(entry, zone)
        minute = self.cursor.minute
        if not is_bar(entry):
            minute = self._slot_of(entry.start_in(zone))
        inside = max(first, self.days.first) if first < self.days.last and last > self.days.first else first
        self.cursor = Slot(inside, minute)
        if inside not in self.days:
            self.days = self._days_of(self.view, inside)
        self.selected = entry.key
        self._current = (entry.user_id, entry.calendar_id)

    def in_order(self) -> list[Entry]:
        """The entries of the days shown, in the order in which one goes through them."""
        agenda, days = self.agenda, self.days
        if self._ordered is None or self._ordered[0] is not agenda or self._ordered[1] != days:
            self._ordered = (agenda, days, self._put_in_order(agenda))
        return self._ordered[2]

    def _put_in_order(self, agenda: Agenda) -> list[Entry]:
        zone = zone_of(self.zone)

        def place(entry: Entry) -> tuple[date, bool, int, int, str]:
            first = max(local_days(entry, zone)[0], self.days.first)
            return first, not is_bar(entry), entry.start, -entry.end, entry.event_id

        return sorted(
            (
                entry
                for entry in agenda.entries
                if (days := local_days(entry, zone))[0] < self.days.last and days[1] > self.days.first
            ),
            key=place,
        )

    def select_step(self, step: int) -> bool:
        """Select the next event (1) or the one before (-1) from the cursor; False when the days shown have none."""
        entries = self.in_order()
        index = next((n for n, entry in enumerate(entries) if entry.key == self.selected), None)
        if index is not None:
            index += step
        else:
            zone = zone_of(self.zone)

            def start_of(entry: Entry) -> Slot:
                first = max(local_days(entry, zone)[0], self.days.first)
                if is_bar(entry):
                    return Slot(first, 0)
                start = entry.start_in(zone)
                return Slot(first, start.hour * 60 + start.minute)

            later = [n for n, entry in enumerate(entries) if start_of(entry) >= self.cursor]
            earlier = [n for n, entry in enumerate(entries) if start_of(entry) < self.cursor]
            candidates = later[:1] if step > 0 else earlier[-1:]
            index = candidates[0] if candidates else -1
        if not 0 <= index < len(entries):
            return False
        self.select(entries[index])
        return True

    def step_busy_day(self, step: int) -> bool:
        """To the next day (1) with something in it, or the one before (-1); False when the year has none."""
        busy, day = self.busy, self.cursor.day
        while busy is not None and (day := day + timedelta(days=step)) in busy.days:
            if busy.minutes[(day - busy.days.first).days]:
                self.cursor = Slot(day, self.cursor.minute)
                return True
        return False

    def days_beyond(self, step: int) -> Days:
        """Where to look for an event after the days shown (1), or before them (-1): some weeks."""
        if step > 0:
            return Days(self.days.last, min(self.days.last + SOUGHT, LAST_DAY), self.zone)
        return Days(max(self.days.first - SOUGHT, FIRST_DAY), self.days.first, self.zone)

    def select_beyond(self, step: int, agenda: Agenda) -> bool:
        """Turn to the first event after the days shown (1), or to the last one before them (-1); False without one.

        What reaches into the days shown from there was on the way already.
        """
        zone = zone_of(self.zone)
        around = self.days_beyond(step)

        def place(entry: Entry) -> tuple[date, bool, int, int, str]:
            return local_days(entry, zone)[0], not is_bar(entry), entry.start, -entry.end, entry.event_id

        def is_beyond(entry: Entry) -> bool:
            first, last = local_days(entry, zone)
            return first in around and (step > 0 or last <= around.last)

        found = sorted((entry for entry in agenda.entries if is_beyond(entry)), key=place)
        if not found:
            return False
        entry = found[0 if step > 0 else -1]
        first = local_days(entry, zone)[0]
        if self.view == "agenda":
            while first not in self.days:
                self.widen(forward=step > 0)
        self.select(entry)
        return True

    def range(self) -> tuple[Slot, Slot]:
        """The selected range, or an hour from the cursor: (first slot, slot after the last)."""
        if self.anchor is None:
            return self.cursor, _later(self.cursor, 60)
        low, high = min(self.cursor, self.anchor), max(self.cursor, self.anchor)
        return low, _later(high, self.slot_minutes)

    def widen(self, *, forward: bool) -> None:
        """The agenda list goes on: half as many days again at that end, so that empty years are soon crossed."""
        more = timedelta(days=min(366, max(28, len(self.days) // 2)))
        first, last = self.days.first, self.days.last
        if forward:
            last = max(last, min(last + more, LAST_DAY))
        else:
            first = min(first, max(first - more, FIRST_DAY))
        self.days = Days(first, last, self.zone)

    def _follow_cursor(self, direction: int) -> None:
        day = self.cursor.day
        if self.view == "month":
            shown = self.days.first + timedelta(days=len(self.days) // 2)
            if (shown.year, shown.month) != (day.year, day.month):
                self.days = self._days_of("month", day)
        elif day not in self.days:
            if self.view == "days":
                first = day if direction > 0 else day - timedelta(days=len(self.days) - 1)
                self.days = Days(first, first + timedelta(days=len(self.days)), self.zone)
            else:
                self.days = self._days_of(self.view, day)

    def _days_of(self, view: View, day: date) -> Days:
        match view:
            case "day":
                return Days(day, day + timedelta(days=1), self.zone)
            case "days":
                return Days(day, day + timedelta(days=self.preferences.several_days), self.zone)
            case "month":
                return month_days(day, self.zone, self.preferences.first_day_of_week)
            case "year":
                return Days(date(day.year, 1, 1), date(day.year + 1, 1, 1), self.zone)
            case "agenda":
                return Days(day - AGENDA_BEFORE, day + AGENDA_AFTER, self.zone)
            case _:
                return self._week_of(day)

    def _week_of(self, day: date) -> Days:
        match self.preferences.week:
            case "ahead":
                first = day - (day - self._present) % timedelta(days=7)
            case "five" if is_working_day(day.weekday()):
                first = week_start(day, 0)
                return Days(first, first + timedelta(days=5), self.zone)
            case _:  # a day of the weekend that one points at is never hidden: it shows its whole week
                first = week_start(day, self.preferences.first_day_of_week)
        return Days(first, first + timedelta(days=7), self.zone)

    @property
    def _skips_weekends(self) -> bool:
        return self.view == "week" and self.preferences.week == "five"

    def _select_under_cursor(self) -> None:
        """The event at the cursor is the selected one; where several are, the one selected already stays."""
        if self.ghost is not None or self.anchor is not None:
            return
        if self.view in ("month", "year"):
            self.selected = None
            return
        if self.view == "agenda":
            if self.entry is None:
                self._select_in_list()
            return
        day = Days(self.cursor.day, self.cursor.day + timedelta(days=1), self.zone)
        row = self.cursor.minute // self.slot_minutes
        instants = day.instants
        near = [
            e for e in self.agenda.entries if not e.all_day and e.start < instants.end and e.end >= instants.start
        ]
        here = []
        for piece in divide(near, day).days[0]:
            block = block_of(piece.start, piece.end, self.slot_minutes)
            if block.top <= row < block.bottom:
                here.append(piece.entry)
        if any(entry.key == self.selected for entry in here):
            return
        self.selected = here[0].key if here else None
        if here:
            self._current = (here[0].user_id, here[0].calendar_id)

    def _select_in_list(self) -> None:
        """In the agenda something is always selected: what runs at the cursor or comes next.

        A bar of whole days counts from its first day on, not as long as it lasts: it would always be the next one.
        """
        zone = zone_of(self.zone)
        cursor = self.cursor

        def is_ahead(entry: Entry) -> bool:
            first, last = local_days(entry, zone)
            if is_bar(entry):
                return first > cursor.day
            if last - timedelta(days=1) != cursor.day:
                return last > cursor.day
            end = entry.end_in(zone)
            return end.date() > cursor.day or end.hour * 60 + end.minute > cursor.minute

        entries = self.in_order()
        ahead = [entry for entry in entries if is_ahead(entry)]
        if ahead:
            # The day's first event rather than the bar above it.
            day = local_days(ahead[0], zone)[0]
            timed = (e for e in ahead if not is_bar(e) and local_days(e, zone)[0] <= day)
            entry = next(timed, ahead[0])
        else:
            entry = entries[-1] if entries else None
        self.selected = entry.key if entry else None
        if entry is not None:
            self._current = (entry.user_id, entry.calendar_id)


def _clamped(day: date, days: int) -> date:
    try:
        moved = day + timedelta(days=days)
    except OverflowError:
        return day
    return moved if FIRST_DAY <= moved < LAST_DAY else day


def _later(slot: Slot, minutes: int) -> Slot:
    """The slot that many minutes on, into the next day if need be."""
    total = slot.minute + minutes
    return Slot(slot.day + timedelta(days=total // DAY_MINUTES), total % DAY_MINUTES)


def moved_entry(entry: Entry, zone: str, *, days: int = 0, minutes: int = 0, resize: bool = False) -> Entry:
    """Where the entry would be: moved on the local clock, or with only its end moved; never of no length."""
    if entry.all_day:
        shift = days * 86_400
        if resize:
            return replace(entry, end=max(entry.start + 86_400, entry.end + shift))
        return replace(entry, start=entry.start + shift, end=entry.end + shift)
    local = zone_of(zone)
    by = timedelta(days=days, minutes=minutes)
    if resize:
        end = int((entry.end_in(local) + by).timestamp())
        return replace(entry, end=max(entry.start + SHORTEST_MINUTES * 60, end))
    start = int((entry.start_in(local) + by).timestamp())
    return replace(entry, start=start, end=start + entry.end - entry.start)
