"""`watch`: live updates of calendars, on, off, or how they are."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.cli.choosing import find_calendar
from aicalendar_tui.cli.output import SCHEMA, clean
from aicalendar_tui.cli.report import FAILURE, OK, CommandError
from aicalendar_tui.cli.waiting import first_error, running_services
from aicalendar_tui.i18n import N_, _

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

_STATES = {
    "live": N_("● live"),
    "starting": N_("◐ is being turned on"),
    "polling": N_("○ asked for changes every {minutes} min"),
    "unwatchable": N_("○ has no live updates; asked every {minutes} min"),
    "degraded": N_("✕ the last sync failed"),
}


def change_watching(context: "Context") -> int:
    """`watch on` stores the wish, which the services fulfil; then how things are is printed."""
    options = context.options
    calendars = context.services.read_calendars(context.user_id).calendars
    chosen = find_calendar(calendars, options.calendar) if options.calendar else None
    if options.wish == "status":
        return _print_status(context, chosen)
    return _set_wish(context, chosen, wanted=options.wish == "on")


def _set_wish(context: "Context", chosen: Calendar | None, *, wanted: bool) -> int:
    calendar_id = chosen.calendar_id if chosen else None
    with running_services(context) as work:
        task_ids = work.request(lambda: context.services.set_live(context.user_id, calendar_id, wanted))
        tasks = work.wait_for(task_ids)
    # What was printed must be true a moment later: with our lease gone, others may keep the services alive or not.
    _print_status(context, chosen)
    if error := first_error(tasks):
        raise CommandError(_("not done yet: {reason}; the services will try again").format(reason=clean(error)))
    if any(task.is_open for task in tasks):
        context.output.note(_("not done yet; it goes on while aicalendar or aicalendar serve runs"))
        return FAILURE
    return OK


def _print_status(context: "Context", chosen: Calendar | None) -> int:
    calendars = [
        calendar
        for calendar in context.services.read_calendars(context.user_id).calendars
        if chosen is None or calendar.calendar_id == chosen.calendar_id
    ]
    channels = [channel for channel in context.services.read_channels(context.user_id) if channel.state == "active"]
    if context.options.json:
        documents = [_calendar_document(calendar, channels) for calendar in calendars]
        context.output.json({"schema": SCHEMA, "calendars": documents})
        return OK
    width = max((len(clean(calendar.summary)) for calendar in calendars), default=0)
    for calendar in calendars:
        state = _(_STATES[calendar.live]).format(minutes=max(1, context.settings.poll_seconds // 60))
        problem = context.output.dim(f" · {clean(_(calendar.problem))}") if calendar.problem else ""
        context.output.line(f"{clean(calendar.summary):<{width}}  {state}{problem}")
    if any(calendar.live_wanted and calendar.live == "polling" for calendar in calendars):
        reason = clean(_(context.services.tunnel.problem)) or _("Google has no way to here")
        context.output.note(_("no live updates now: {reason}; see aicalendar doctor").format(reason=reason))
    return OK


def _calendar_document(calendar: Calendar, channels: list[Channel]) -> dict[str, Any]:
    expirations = [
        channel.expiration_ms
        for channel in channels
        if channel.calendar_id == calendar.calendar_id and channel.expiration_ms
    ]
    return {
        "calendar_id": calendar.calendar_id,
        "calendar": calendar.summary,
        "wanted": calendar.live_wanted,
        "state": calendar.live,
        "expires": datetime.fromtimestamp(max(expirations) / 1000, UTC).isoformat() if expirations else None,
        "synced_at": calendar.synced_at,
        "problem": calendar.problem,
    }
