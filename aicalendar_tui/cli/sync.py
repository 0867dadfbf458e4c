"""`sync`: send what waits and fetch what is new, now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aicalendar_tui.cli.choosing import find_calendar
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import FAILURE, OK, CommandError
from aicalendar_tui.cli.waiting import first_error, running_services
from aicalendar_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

PULLS_LOOKED_AT = 500
"""More calendars than anyone has."""


def sync_now(context: "Context") -> int:
    """Both ways, one calendar or all; waits as long as there is progress. Raises CommandError."""
    options = context.options
    user_id = context.user_id
    calendar_id: str | None = None
    if options.calendar:
        calendar_id = find_calendar(context.services.read_calendars(user_id).calendars, options.calendar).calendar_id

    def ask() -> Sequence[str]:
        return context.services.request_sync(user_id, calendar_id=calendar_id, full=options.full)

    with running_services(context) as work:
        task_ids = work.request(ask)
        if options.no_wait:
            return OK
        tasks = work.wait_for(task_ids, while_progressing=True)
        # A calendar that the list has just brought is fetched by a task of its own.
        if more := _open_pulls(context, known=task_ids):
            tasks += work.wait_for(more, while_progressing=True)
    if error := first_error(tasks):
        raise CommandError(_("the sync failed: {reason}").format(reason=clean(error)))
    if len(tasks) < len(task_ids) + len(more) or any(task.is_open for task in tasks):
        context.output.note(_("not done yet; it goes on while aicalendar or aicalendar serve runs"))
        return FAILURE
    calendars = context.services.read_calendars(user_id).calendars
    count = sum(c.synced_at is not None and calendar_id in (None, c.calendar_id) for c in calendars)
    context.output.line(
        ngettext("{number} calendar is up to date", "{number} calendars are up to date", count).format(number=count)
    )
    return OK


def _open_pulls(context: "Context", *, known: Sequence[str]) -> list[str]:
    tasks = context.services.read_tasks(context.user_id, PULLS_LOOKED_AT)
    return [
        task.task_id for task in tasks if task.is_open and task.name == "calendar.pull" and task.task_id not in known
    ]
