"""`tasks`: the ledger of what the services do and did, in plain words."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.cli.output import SCHEMA, clean
from aicalendar_tui.cli.report import OK
from aicalendar_tui.i18n import N_, _
from aicalendar_tui.screens.dates import time_of

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

_NAMES = {
    "calendar.pull": N_("fetch changes"),
    "calendar.pull_list": N_("fetch the list of calendars"),
    "calendar.push": N_("send edits"),
    "calendar.watch": N_("turn live updates on"),
    "calendar.unwatch": N_("turn live updates off"),
    "calendar.backstop": N_("look for what was missed"),
}
_STATES = {
    "queued": N_("queued"),
    "running": N_("running"),
    "retrying": N_("tries again"),
    "done": N_("done"),
    "failed": N_("failed"),
}


def describe_task(task: Task) -> str:
    """`fetch changes of Work: 250 of 1000`."""
    name = _(_NAMES[task.name]) if task.name in _NAMES else task.name
    subject = f": {clean(task.subject)}" if task.subject else ""
    if task.state == "running" and (task.done or task.total):
        of = _("{done} of {total}") if task.total else "{done}"
        return f"{name}{subject} · {of.format(done=task.done, total=task.total)}"
    return f"{name}{subject}"


def print_tasks(context: "Context") -> int:
    """Open ones first, then the newest."""
    tasks = context.services.read_tasks(context.user_id, context.options.limit)
    if context.options.json:
        context.output.json({"schema": SCHEMA, "tasks": [_task_document(task) for task in tasks]})
        return OK
    if not tasks:
        context.output.line(_("The services have had nothing to do yet."))
    for task in tasks:
        context.output.line(_task_line(context, task))
    return OK


def _task_line(context: "Context", task: Task) -> str:
    zone = ZoneInfo(context.zone)
    at = datetime.fromtimestamp(task.finished_at or task.started_at or task.queued_at, UTC).astimezone(zone)
    clock = time_of(at, hour24=context.settings.clock_hours == 24)
    more = clean(_(task.error if task.state in ("failed", "retrying") else task.result))
    rest = context.output.dim(f" · {more}") if more else ""
    return f"{clock}  {_(_STATES[task.state]):<12} {describe_task(task)}{rest}"


def _task_document(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__struct_fields__}
