"""`agenda` and `next`: events as text or JSON. The JSON is described in docs/commands.md and only ever grows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.cli.output import SCHEMA, Output, clean
from aicalendar_tui.cli.ranges import read_range
from aicalendar_tui.cli.report import OK
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import full_day, in_minutes, short_day, time_of

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

LOOK_AHEAD_DAYS = (2, 60, 370)
"""How far `next` looks: near first, since that is nearly always enough."""
FIRST_DAYS = {"monday": 0, "saturday": 5, "sunday": 6}

Calendars = Mapping[tuple[str, str], Calendar]


def print_agenda(context: "Context") -> int:
    """The events of a range of days, by day."""
    days = read_range(
        " ".join(context.options.range),
        today=context.today,
        zone=context.zone,
        first_day_of_week=FIRST_DAYS[context.settings.first_day_of_week],
    )
    agenda = context.services.read_agenda(context.user_id, days)
    calendars = read_calendars(context)
    if context.options.json:
        context.output.json(agenda_document(agenda, calendars))
        return OK
    painter = _Painter(context.output, calendars, context.now, hour24=context.settings.clock_hours == 24)
    for line in painter.agenda(agenda):
        context.output.line(line)
    return OK


def print_next(context: "Context") -> int:
    """The next event that has a time and isn't declined."""
    if context.options.bar:
        return _print_bar(context)
    entry = _find_next(context)
    calendars = read_calendars(context)
    starts_in = entry.start - int(context.now.timestamp()) if entry else None
    if context.options.json:
        event = event_document(entry, calendars, zone_of(context.zone)) if entry else None
        context.output.json({"schema": SCHEMA, "event": event, "starts_in_seconds": starts_in})
    elif entry is None or starts_in is None:
        context.output.line(_("Nothing is planned."))
    else:
        painter = _Painter(context.output, calendars, context.now, hour24=context.settings.clock_hours == 24)
        context.output.line(painter.next_event(entry, starts_in))
    return OK


def _print_bar(context: "Context") -> int:
    """One short line without colours; an empty one when nothing comes today, so that the bar stays as it is."""
    from aicalendar_tui.cli.status_bar import bar_text, waybar_document

    days = Days(context.today, context.today + timedelta(days=1), context.zone)
    entries = context.services.read_agenda(context.user_id, days).entries
    if context.options.bar == "waybar":
        document = waybar_document(entries, context.now, hour24=context.settings.clock_hours == 24)
        context.output.line(json.dumps(document, ensure_ascii=False))
    else:
        text = bar_text(entries, context.now, hour24=context.settings.clock_hours == 24)
        context.output.line(text.replace("#", "##") if context.options.bar == "tmux" else text)
    return OK


def paint_entries(context: "Context", calendars: Calendars, entries: Sequence[Entry]) -> Iterable[str]:
    """A line for each, with its day."""
    painter = _Painter(context.output, calendars, context.now, hour24=context.settings.clock_hours == 24)
    return painter.dated_events(entries)


def _find_next(context: "Context") -> Entry | None:
    now = context.now.timestamp()
    for length in LOOK_AHEAD_DAYS:
        days = Days(context.today, context.today + timedelta(days=length), context.zone)
        for entry in context.services.read_agenda(context.user_id, days).entries:
            if not entry.all_day and entry.start >= now and entry.response != "declined":
                return entry
    return None


def read_calendars(context: "Context") -> Calendars:
    """All calendars by their keys; says so when none was fetched yet."""
    sidebar = context.services.read_calendars(context.user_id)
    if not sidebar.calendars:
        context.output.note(
            _("no calendar has been fetched yet; fetch them: {command}").format(command=_sync(context))
        )
    return {(calendar.user_id, calendar.calendar_id): calendar for calendar in sidebar.calendars}


def _sync(context: "Context") -> str:
    return "aicalendar --demo sync" if context.settings.demo else "aicalendar sync"


class _Painter:
    """Entries as lines of text."""

    def __init__(self, output: Output, calendars: Calendars, now: datetime, *, hour24: bool) -> None:
        self._output = output
        self._calendars = calendars
        self._now = now
        self._hour24 = hour24

    def agenda(self, agenda: Agenda) -> Iterable[str]:
        """A heading and the events for each day that has some."""
        zone = zone_of(agenda.days.zone)
        by_day = _group_by_day(agenda, zone)
        width = max((len(self._times(entry, day, zone)) for day in by_day for entry in by_day[day]), default=0)
        if not by_day:
            yield _("Nothing is planned.")
        for number, (day, entries) in enumerate(by_day.items()):
            if number:
                yield ""
            yield self._heading(day)
            for entry in entries:
                yield self._event(entry, self._times(entry, day, zone).ljust(width), _last_end(entry, zone))

    def next_event(self, entry: Entry, starts_in_seconds: int) -> str:
        """`in 18 min  10:00–11:00  Design review`, with the day where that isn't today."""
        zone = self._now.tzinfo or zone_of(None)
        start = entry.start_in(zone)
        when = self._times(entry, start.date(), zone)
        if start.date() != self._now.date():
            when = f"{short_day(start.weekday())} {self._short_date(start.date())} {when}"
        # Rounded up: "in 0 min" would be over before it is read.
        until = in_minutes(-(-starts_in_seconds // 60))
        return f"{self._output.bold(until)}  {self._event(entry, when, None).strip()}"

    def dated_events(self, entries: Sequence[Entry]) -> Iterable[str]:
        """`Tue 24 Nov 2026  ● 10:00–11:00  Design review`, in columns."""
        zone = self._now.tzinfo or zone_of(None)
        days = [entry.first_day if entry.all_day else entry.start_in(zone).date() for entry in entries]
        heads = [f"{short_day(day.weekday())} {self._short_date(day)} {day.year}" for day in days]
        times = [self._times(entry, day, zone) for entry, day in zip(entries, days, strict=True)]
        widths = [max(map(len, column), default=0) for column in (heads, times)]
        for entry, head, time in zip(entries, heads, times, strict=True):
            yield f"{head.ljust(widths[0])}{self._event(entry, time.ljust(widths[1]), _last_end(entry, zone))}"

    def _heading(self, day: date) -> str:
        text = full_day(day) if day.year == self._now.year else f"{full_day(day)} {day.year}"
        return self._output.bold(" · ".join([text, _("today")]) if day == self._now.date() else text)

    def _event(self, entry: Entry, times: str, ended_at: float | None) -> str:
        calendar = self._calendars.get((entry.user_id, entry.calendar_id))
        title = clean(entry.summary) or _("(no title)")
        past = ended_at is not None and ended_at <= self._now.timestamp()
        if entry.response == "declined":
            shown = self._output.struck(title)
        else:
            shown = self._output.dim(title) if past else title
        notes = [clean(entry.location), *self._marks(entry)]
        if not self._output.coloured and calendar:
            # Without colours the dot doesn't tell which calendar it is.
            notes.append(clean(calendar.summary))
        rest = " · ".join(filter(None, notes))
        dot = self._output.tinted("●", calendar.color) if calendar and self._output.coloured else "·"
        return f"  {dot} {times}  {shown}{self._output.dim(f' · {rest}') if rest else ''}"

    def _marks(self, entry: Entry) -> Iterable[str]:
        if entry.response == "declined":
            yield _("declined")
        elif entry.response == "tentative":
            yield _("maybe")
        elif entry.response == "needsAction":
            yield _("not answered")
        if entry.problem:
            yield _("! needs a decision")
        elif entry.waiting:
            yield _("↑ waits to be sent")

    def _times(self, entry: Entry, day: date, zone: tzinfo) -> str:
        """The part of the entry that is on that day: `10:00–11:00`, `22:00–…`, `…–06:00`."""
        if entry.all_day:
            return _("all day")
        start, end = entry.start_in(zone), entry.end_in(zone)
        begins = time_of(start, hour24=self._hour24) if start.date() == day else "…"
        if end == start:
            return begins
        last = end - timedelta(seconds=1)
        ends = time_of(end, hour24=self._hour24) if last.date() == day else "…"
        return _("all day") if begins == ends == "…" else f"{begins}–{ends}"

    def _short_date(self, day: date) -> str:
        return full_day(day).partition(" ")[2]


def _group_by_day(agenda: Agenda, zone: tzinfo) -> dict[date, list[Entry]]:
    """Each entry under each day it touches; days without any are left out."""
    by_day: dict[date, list[Entry]] = {}
    for entry in agenda.entries:
        if entry.all_day:
            first, last = entry.first_day, entry.last_day
        else:
            first = entry.start_in(zone).date()
            last = max(first, (entry.end_in(zone) - timedelta(seconds=1)).date()) + timedelta(days=1)
        day = max(first, agenda.days.first)
        while day < min(last, agenda.days.last):
            by_day.setdefault(day, []).append(entry)
            day += timedelta(days=1)
    return dict(sorted(by_day.items()))


def _last_end(entry: Entry, zone: tzinfo) -> float:
    """When it is over, as epoch seconds; an all-day entry with its last day in `zone`."""
    if not entry.all_day:
        return entry.end
    day = entry.last_day
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def agenda_document(agenda: Agenda, calendars: Calendars) -> dict[str, Any]:
    """The JSON of `agenda`."""
    zone = zone_of(agenda.days.zone)
    return {
        "schema": SCHEMA,
        "from": agenda.days.first.isoformat(),
        "to": agenda.days.last.isoformat(),
        "zone": agenda.days.zone,
        "revision": agenda.revision,
        "events": [event_document(entry, calendars, zone) for entry in agenda.entries],
    }


def event_document(entry: Entry, calendars: Calendars, zone: tzinfo) -> dict[str, Any]:
    """One event of the JSON; `start` and `end` (exclusive) are dates for an all-day event, else have an offset."""
    calendar = calendars.get((entry.user_id, entry.calendar_id))
    return {
        "user_id": entry.user_id,
        "calendar_id": entry.calendar_id,
        "calendar": calendar.summary if calendar else None,
        "color": calendar.color if calendar else None,
        "event_id": entry.event_id,
        "original_start": entry.original_start,
        "summary": entry.summary,
        "start": (entry.first_day if entry.all_day else entry.start_in(zone)).isoformat(),
        "end": (entry.last_day if entry.all_day else entry.end_in(zone)).isoformat(),
        "all_day": entry.all_day,
        "location": entry.location,
        "status": entry.status,
        "response": entry.response,
        "guests": entry.guests,
        "recurring": entry.recurring,
        "free": entry.free,
        "join_url": entry.join_url,
        "waiting": entry.waiting,
        "problem": entry.problem,
    }
