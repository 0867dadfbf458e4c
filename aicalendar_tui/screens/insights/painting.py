"""The figures as bars and as a heat map, in cells. Pure."""

from collections.abc import Mapping, Sequence

from textual.content import Content

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import short_day, short_month
from aicalendar_tui.screens.insights.figures import HOURS, Figures, Key, share_steps
from aicalendar_tui.screens.sheet import FAINT, MUTED
from aicalendar_tui.screens.text import clean, fit
from aicalendar_tui.screens.theme import Palette, mix, visible_color

Calendars = Mapping[Key, Calendar]
Part = str | tuple[str, str] | Content
LABEL_CELLS = 20
HOURS_CELLS = 10
STEPS = 5
EIGHTHS = " ▏▎▍▌▋▊▉█"


def say_hours(minutes: int) -> str:
    """`12 h`, `1.5 h`, `45 min`."""
    if minutes < 60:
        return _("{number} min").format(number=minutes)
    mark = _("decimal mark: .").removeprefix("decimal mark: ")
    hours = f"{minutes / 60:.1f}".removesuffix(".0").replace(".", mark)
    return _("{number} h").format(number=hours)


def bar(share: float, width: int) -> str:
    """`share` of `width` cells, exact to an eighth; never nothing for more than nothing."""
    eighths = max(1 if share > 0 else 0, round(min(1.0, share) * width * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[rest] if rest else "")


def heading(text: str) -> Part:
    """A group's name."""
    return (text, "bold")


def paint_calendars(figures: Figures, calendars: Calendars, palette: Palette, *, width: int) -> list[Part]:
    """A bar for each calendar, the longest first."""
    room = max(8, width - LABEL_CELLS - HOURS_CELLS)
    largest = max(figures.by_calendar.values(), default=1)
    parts: list[Part] = [heading(_("By calendar"))]
    for key, minutes in figures.by_calendar.items():
        calendar = calendars.get(key)
        name = clean(calendar.summary) if calendar else ""
        color = visible_color(calendar.color, palette) if calendar else palette.accent
        parts += ["\n", fit(name, LABEL_CELLS - 1), " ", (fit(say_hours(minutes), HOURS_CELLS), MUTED)]
        parts.append((bar(minutes / largest, room), color))
    if not figures.by_calendar:
        parts += ["\n", (_("Nothing took time in these weeks."), MUTED)]
    return parts


def paint_weeks(figures: Figures, calendars: Calendars, palette: Palette, *, width: int) -> list[Part]:
    """A bar for each week, made of the calendars' colours."""
    room = max(8, width - LABEL_CELLS - HOURS_CELLS)
    largest = max((week.total for week in figures.weeks), default=0) or 1
    parts: list[Part] = [heading(_("By week"))]
    for week in figures.weeks:
        label = f"{week.first.day} {short_month(week.first.month)}"
        parts += ["\n", fit(_("from {day}").format(day=label), LABEL_CELLS)]
        parts.append((fit(say_hours(week.total), HOURS_CELLS), MUTED))
        done = reached = 0
        for key in figures.by_calendar:
            done += week.minutes.get(key, 0)
            until = round(done / largest * room)
            calendar = calendars.get(key)
            color = visible_color(calendar.color, palette) if calendar else palette.accent
            parts.append(("█" * (until - reached), color))
            reached = until
    return parts


def paint_balance(figures: Figures, *, width: int) -> list[Part]:
    """Meetings, focus time and what is left of the working hours, a line each."""
    rows = [
        (_("meetings with guests"), figures.meetings, "$text-accent"),
        (_("focus time"), figures.focus, "$text-success"),
        (_("left of working hours"), figures.free, FAINT),
    ]
    label_cells = LABEL_CELLS + 4
    room = max(8, width - label_cells - HOURS_CELLS)
    # What is left is most of the time, and would leave nothing to be seen of the other two.
    largest = max(figures.meetings, figures.focus, 1)
    parts: list[Part] = [heading(_("Meetings and focus"))]
    for label, minutes, style in rows:
        parts += ["\n", fit(label, label_cells), (fit(say_hours(minutes), HOURS_CELLS), MUTED)]
        if style != FAINT:
            parts.append((bar(minutes / largest, room), style))
    return parts


def paint_heat(figures: Figures, palette: Palette, *, first_day_of_week: int, ground: str, width: int) -> list[Part]:
    """Weekdays down, hours across, in five steps of one hue; a legend below."""
    cell = 3 if width >= 4 + 3 * HOURS else 2 if width >= 4 + 2 * HOURS else 1
    steps = share_steps([minutes for hours in figures.heat for minutes in hours], STEPS)
    colors = heat_colors(palette, ground)
    every = 3 if cell > 1 else 6
    scale = "".join(fit(str(hour) if hour % every == 0 else "", cell) for hour in range(HOURS))
    parts: list[Part] = [heading(_("Busiest hours")), "\n", (" " * 4 + scale, MUTED)]
    for number in range(7):
        weekday = (first_day_of_week + number) % 7
        parts += ["\n", (fit(short_day(weekday), 4), MUTED)]
        row = steps[weekday * HOURS : (weekday + 1) * HOURS]
        parts += [(" " * cell, f"on {colors[step]}") for step in row]
    parts += ["\n", (" " * 4 + _("less") + " ", MUTED)]
    parts += [("  ", f"on {color}") for color in colors]
    parts.append((" " + _("more"), MUTED))
    return parts


def heat_colors(palette: Palette, ground: str) -> Sequence[str]:
    """From nothing to the most."""
    return [mix(ground, palette.accent, share) for share in (0.06, 0.22, 0.4, 0.58, 0.78, 1.0)]
