"""`export` and `import`: whole calendars as .ics, a week or a month as a picture."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.services.transfer import Transfer
from aicalendar_tui.cli.choosing import default_calendar, find_calendar
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import FAILURE, OK, CommandError, UsageError
from aicalendar_tui.cli.waiting import first_error, running_services
from aicalendar_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

MOST_PROBLEMS_TOLD = 10


def export(context: "Context") -> int:
    """Write to --output in one step, or print."""
    document = _ics(context) if context.options.what == "ics" else _picture(context)
    target = context.options.output
    if target is None or str(target) == "-":
        context.output.text(document)
        return OK
    _write(target, document)
    context.output.note(_("written: {path}").format(path=target))
    return OK


def _ics(context: "Context") -> str:
    from aicalendar_tui.backend.ics.writing import write_ics

    if context.options.range:
        raise UsageError(_("an .ics file has all events of a calendar: leave the day away"))
    calendars = context.services.read_calendars(context.user_id).calendars
    if context.options.calendar:
        chosen: Sequence[Calendar] = [find_calendar(calendars, context.options.calendar)]
    else:
        chosen = [calendar for calendar in calendars if calendar.shown]
    transfer = _transfer(context)
    resources = [
        resource
        for calendar in chosen
        for resource in transfer.shown_resources(context.user_id, calendar.calendar_id)
    ]
    return write_ics(resources, ", ".join(calendar.summary for calendar in chosen))


def _picture(context: "Context") -> str:
    from aicalendar_tui.cli.grids import draw, read_day
    from aicalendar_tui.screens.picture import svg

    options = context.options
    width, height = options.size
    day = read_day(context, options.range)
    return svg(draw(context, options.what, day, width=width, height=height, dark=False if options.light else None))


def _write(target: Path, document: str) -> None:
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_text(document, "utf-8", newline="")
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise CommandError(_("can't write {path}: {reason}").format(path=target, reason=error.strerror)) from error


def import_files(context: "Context") -> int:
    """Take what is good, name what is not, and send; importing a file twice adds nothing twice."""
    from aicalendar_tui.backend.ics.reading import read_ics
    from aicalendar_tui.simulator.ics import is_calendar

    options, services = context.options, context.services
    calendars = services.read_calendars(context.user_id).calendars
    calendar = find_calendar(calendars, options.calendar) if options.calendar else default_calendar(calendars)
    if not calendar.writable:
        raise UsageError(_("the calendar {name!r} can only be read").format(name=clean(calendar.summary)))
    read = []
    for path in options.files:  # all of them before the first event is taken
        try:
            if not is_calendar(path.read_bytes()):
                raise CommandError(
                    _("{path} is no calendar: an .ics file has a line BEGIN:VCALENDAR").format(path=clean(str(path)))
                )
            read.append((path, read_ics(path, zone=context.zone)))
        except OSError as error:
            raise CommandError(_("can't read {path}: {reason}").format(path=path, reason=error.strerror)) from error
    transfer = _transfer(context)
    taken = 0
    for path, file in read:
        _tell_problems(context, path, [(problem.line, problem.message) for problem in file.problems])
        done = transfer.take(
            context.user_id,
            calendar.calendar_id,
            file.events,
            progress=lambda number, total: context.output.progress(f"{number} / {total}"),
        )
        context.output.clear_progress()
        taken += done.taken
        told = ngettext(
            "{file}: {number} event into {calendar}", "{file}: {number} events into {calendar}", done.taken
        ).format(file=clean(path.name), number=done.taken, calendar=clean(calendar.summary))
        if done.known:
            told += _(", {number} were here already").format(number=done.known)
        context.output.line(told)
    return _send(context, calendar) if taken else OK


def _tell_problems(context: "Context", path: Path, problems: Sequence[tuple[int, str]]) -> None:
    for line, message in problems[:MOST_PROBLEMS_TOLD]:
        context.output.note(f"{clean(str(path))}:{line}: {clean(message)}")
    if (left := len(problems) - MOST_PROBLEMS_TOLD) > 0:
        context.output.note(
            ngettext("… and {number} more like that", "… and {number} more like that", left).format(number=left)
        )


def _send(context: "Context", calendar: Calendar) -> int:
    services = context.services
    with running_services(context) as work:
        tasks = work.wait_for(
            work.request(
                lambda: services.request_sync(context.user_id, calendar_id=calendar.calendar_id, scope="push")
            ),
            while_progressing=True,
        )
    if reason := first_error(tasks):
        context.output.note(_("they are kept and wait to be sent ({reason})").format(reason=clean(reason)))
        return FAILURE
    return OK


def _transfer(context: "Context") -> Transfer:
    services = context.services
    return Transfer(services.store, services.cache, services.edit.publisher, services.clock)
