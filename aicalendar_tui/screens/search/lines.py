"""One line for each hit, in columns. Pure."""

from collections.abc import Mapping
from datetime import date, tzinfo

from textual.content import Content

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import short_day, short_month, time_of
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean, fit, width_of
from aicalendar_tui.screens.theme import Palette, visible_color

DAY_CELLS = 17
TIME_CELLS = 14
CALENDAR_CELLS = 18
WIDE = 90
"""From here on the calendar's name stands at the end of the line."""

Calendars = Mapping[tuple[str, str], Calendar]


def hit_day(entry: Entry, zone: tzinfo) -> date:
    """The day on which it starts."""
    return entry.first_day if entry.all_day else entry.start_in(zone).date()


def hit_line(
    entry: Entry, calendars: Calendars, palette: Palette, *, zone: tzinfo, now: int, hour24: bool, width: int
) -> Content:
    """`Tue 24 Nov 2026  09:00–10:00  ▌ Dentist · Žižkov      Home`, exactly `width` cells where that is possible."""
    calendar = calendars.get((entry.user_id, entry.calendar_id))
    day = hit_day(entry, zone)
    said = f"{short_day(day.weekday())} {day.day} {short_month(day.month)} {day.year}"
    over = entry.end <= now
    color = visible_color(calendar.color if calendar else palette.accent, palette)
    title = clean(entry.summary) or _("(no title)")
    if entry.recurring:
        title += " ↻"
    place = clean(entry.location)
    tail = CALENDAR_CELLS + 2 if width >= WIDE else 0
    room = max(8, width - DAY_CELLS - TIME_CELLS - 2 - tail)
    shown_title = fit(title, min(width_of(title), room))
    rest = fit(f" · {place}" if place else "", room - width_of(shown_title))
    parts: list[str | tuple[str, str]] = [
        (fit(said, DAY_CELLS), MUTED if over else ""),
        (fit(_times(entry, zone, hour24=hour24), TIME_CELLS), MUTED),
        ("▌ ", color),
        (shown_title, MUTED if over else "bold"),
        (rest, MUTED),
    ]
    if tail:
        name = clean(calendar.summary) if calendar else ""
        if calendar and not calendar.shown:
            hidden = _("hidden")
            name = f"{name} ({hidden})"
        parts.append(("  " + fit(name, CALENDAR_CELLS), MUTED))
    return Content.assemble(*parts)


def _times(entry: Entry, zone: tzinfo, *, hour24: bool) -> str:
    if entry.all_day:
        return _("all day")
    start, end = entry.start_in(zone), entry.end_in(zone)
    shown = time_of(start, hour24=hour24)
    if end == start or (not hour24 and end.date() != start.date()):
        return shown
    return f"{shown}–{time_of(end, hour24=hour24)}" if hour24 else shown
