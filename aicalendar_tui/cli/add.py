"""`add`: one event, from a plain form. Taken at once, then sent."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.cli.choosing import default_calendar, find_calendar
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import FAILURE, OK, UsageError
from aicalendar_tui.cli.waiting import Work, first_error, running_services
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import day_range, full_day, time_range
from aicalendar_tui.screens.editor.typed_time import end_on_clock, parse_end, parse_start

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

USUAL_LENGTH = timedelta(hours=1)


def add_event(context: "Context") -> int:
    """Store the edit, wait for it to reach Google, and say what became of it.

    Offline is no failure: the edit is kept, and sent when that is possible.
    """
    options = context.options
    if not options.title.strip():
        raise UsageError(_("a title is needed"))
    calendars = context.services.read_calendars(context.user_id).calendars
    calendar = find_calendar(calendars, options.calendar) if options.calendar else default_calendar(calendars)
    if not calendar.writable:
        raise UsageError(_("the calendar {name!r} can only be read").format(name=clean(calendar.summary)))
    start, end = read_times(options.start, options.end, now=context.now, zone=context.zone, all_day=options.all_day)
    draft = Draft(
        summary=options.title,
        start=start,
        end=end,
        zone=context.zone if isinstance(start, datetime) else None,
        **({"location": options.place} if options.place else {}),
    )
    draft.validate()
    key = context.services.create_event(context.user_id, calendar.calendar_id, draft)
    when = _describe(start, end, hour24=context.settings.clock_hours == 24)
    context.output.line(
        _("Added: {title}, {when} ({calendar})").format(
            title=clean(options.title), when=when, calendar=clean(calendar.summary)
        )
    )
    with running_services(context) as work:
        return _send(context, key, work)


def _send(context: "Context", key: EventKey, work: Work) -> int:
    services = context.services

    def ask() -> Sequence[str]:
        return services.request_sync(key.user_id, calendar_id=key.calendar_id, scope="push")

    tasks = work.wait_for(work.request(ask))
    if context.options.no_wait:
        return OK
    event = services.read_event(key)
    if event is None or not (event.waiting or event.problem):
        return OK
    if event.problem:
        context.output.note(_("it was refused: {reason}").format(reason=clean(_(event.problem))))
        return FAILURE
    reason = first_error(tasks)
    context.output.note(
        _("it is kept and waits to be sent{reason}").format(reason=f" ({clean(reason)})" if reason else "")
    )
    return OK


def read_times(
    start: str, end: str | None, *, now: datetime, zone: str, all_day: bool
) -> tuple[date, date] | tuple[datetime, datetime]:
    """The half-open span that was typed: dates for whole days, else times in `zone`.

    A start without a day is today, or tomorrow when that time is over. Raises UsageError.
    """
    today = now.date()
    if all_day or _names_only_a_day(start, today):
        return _read_days(start, end, today)
    begin = _read_start(start, now)
    typed = parse_start(start, today=today)
    if end is not None:
        finish = _read_iso(end, now) or parse_end(end, start=begin, today=today)
        named = parse_start(end, today=today)
        if named and named.day and named.clock and datetime.combine(named.day, named.clock) < begin:
            # Only a bare time before the start's means the next day.
            raise UsageError(_("the end is before the start"))
    elif typed and typed.end_clock:
        finish = end_on_clock(begin, typed.end_clock)
    else:
        finish = begin + ((typed.length if typed else None) or USUAL_LENGTH)
    if not isinstance(finish, datetime):
        raise UsageError(_("{text!r} is no end; try 16:30, +45m or 2026-11-24T16:30").format(text=end))
    if finish < begin:
        raise UsageError(_("the end is before the start"))
    tzinfo = ZoneInfo(zone)
    return begin.replace(tzinfo=tzinfo), finish.replace(tzinfo=tzinfo)


def _names_only_a_day(text: str, today: date) -> bool:
    typed = parse_start(text, today=today)
    return typed is not None and typed.day is not None and typed.clock is None


def _read_days(start: str, end: str | None, today: date) -> tuple[date, date]:
    typed = parse_start(start, today=today)
    if typed is None or typed.day is None or typed.clock is not None:
        raise UsageError(_("{text!r} is no day; try tomorrow, 24 dec or 2026-12-24").format(text=start))
    last = typed.last_day or typed.day
    if end is not None:
        found = parse_end(end, start=typed.day, today=today)
        if found is None:
            raise UsageError(_("{text!r} is no day; try tomorrow, 24 dec or 2026-12-24").format(text=end))
        last = found
    if last < typed.day:
        raise UsageError(_("the end is before the start"))
    return typed.day, last + timedelta(days=1)


def _read_start(text: str, now: datetime) -> datetime:
    """Wall-clock time, naive."""
    typed = _read_iso(text, now) or parse_start(text, today=now.date())
    if isinstance(typed, datetime):
        return typed
    if typed is None or typed.clock is None:
        raise UsageError(_("{text!r} is no time; try tomorrow 15:00 or 2026-11-24T15:00").format(text=text))
    if typed.day:
        return datetime.combine(typed.day, typed.clock)
    begin = datetime.combine(now.date(), typed.clock)
    return begin if begin.time() >= time(now.hour, now.minute) else begin + timedelta(days=1)


def _read_iso(text: str, now: datetime) -> datetime | None:
    """An ISO time, with an offset perhaps: then it is converted to the shown zone."""
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(now.tzinfo).replace(tzinfo=None) if moment.tzinfo else moment


def _describe(start: date, end: date, *, hour24: bool) -> str:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return day_range(start, end)
    if start.date() == end.date():
        return f"{full_day(start)} {time_range(start, end, hour24=hour24)}"
    days = Days(start.date(), end.date() + timedelta(days=1), "")
    return f"{day_range(days.first, days.last)}, {time_range(start, end, hour24=hour24)}"
