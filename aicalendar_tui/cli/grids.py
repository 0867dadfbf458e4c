"""`week` and `month`: the grids of the screen, printed once."""

import os
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.cli.agenda import FIRST_DAYS, agenda_document, read_calendars
from aicalendar_tui.cli.output import Output
from aicalendar_tui.cli.ranges import read_range
from aicalendar_tui.cli.report import OK
from aicalendar_tui.screens.dates import month_days, week_start

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.screens.calendar.scene import View
    from aicalendar_tui.screens.picture import Colors, Picture

COLUMNS, ROWS = 100, 40
"""Where nobody looks at a terminal."""
LEAST_COLUMNS, LEAST_ROWS = 40, 16


def print_week(context: "Context") -> int:
    """The week of a day, to scale."""
    return _print(context, "week")


def print_month(context: "Context") -> int:
    """The month of a day."""
    return _print(context, "month")


def _print(context: "Context", view: "View") -> int:
    day = read_day(context, context.options.range)
    if context.options.json:
        days = shown_days(context, view, day)
        agenda = context.services.read_agenda(context.user_id, days)
        context.output.json(agenda_document(agenda, read_calendars(context)))
        return OK
    from aicalendar_tui.screens.picture import text_rows

    size = shutil.get_terminal_size((COLUMNS, ROWS + 4))
    width, height = max(LEAST_COLUMNS, size.columns), max(LEAST_ROWS, size.lines - 4)
    picture = draw(context, view, day, width=width, height=height)
    context.output.line(f" {context.output.bold(picture.title)}")
    for row in text_rows(picture, colors_of(context.output, os.environ)):
        context.output.line(row)
    return OK


def read_day(context: "Context", words: list[str]) -> date:
    """The first day of the stretch that was asked for; today without words. Raises UsageError."""
    if not words:
        return context.today
    first_day_of_week = FIRST_DAYS[context.settings.first_day_of_week]
    return read_range(
        " ".join(words), today=context.today, zone=context.zone, first_day_of_week=first_day_of_week
    ).first


def shown_days(context: "Context", view: "View", day: date) -> Days:
    """The days that the view of that day shows."""
    first_day_of_week = FIRST_DAYS[context.settings.first_day_of_week]
    if view == "month":
        return month_days(day, context.zone, first_day_of_week)
    first = week_start(day, first_day_of_week)
    return Days(first, first + timedelta(days=7), context.zone)


def draw(
    context: "Context", view: "View", day: date, *, width: int, height: int, dark: bool | None = None
) -> "Picture":
    """The picture of a week or a month, in the light of the theme that is set unless `dark` says otherwise."""
    from aicalendar_tui.cli.screen import read_preferences
    from aicalendar_tui.screens.calendar.scene import Scene, Slot
    from aicalendar_tui.screens.picture import draw_picture

    days = shown_days(context, view, day)
    scene = Scene(
        view=view,
        days=days,
        now=context.now,
        # The month is that of the cursor; in a week there shall be none to be seen.
        cursor=Slot(day if view == "month" else days.first - timedelta(days=1)),
        agenda=context.services.read_agenda(context.user_id, days),
        calendars=tuple(read_calendars(context).values()),
        preferences=read_preferences(context.settings),
    )
    light = context.settings.theme in ("light", "aicalendar-light")
    return draw_picture(scene, width=width, height=height, dark=not light if dark is None else dark)


def colors_of(output: Output, environ: Mapping[str, str]) -> "Colors":
    """What the terminal can show."""
    if not output.coloured:
        return "none"
    return "all" if environ.get("COLORTERM") in ("truecolor", "24bit") else "256"
