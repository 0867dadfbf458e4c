"""Background tasks and errors in plain words."""

from aicalendar_tui.backend.domain.errors import (
    CalendarError,
    Conflict,
    InvalidEdit,
    NotAuthorized,
    NotFound,
    Transient,
)
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.text import clean


def task_name(task: Task) -> str:
    """What the task does, with its subject, on one line."""
    subject = clean(task.subject)
    match task.name.removeprefix("calendar."):
        case "pull":
            return _("Fetching {subject}").format(subject=subject) if subject else _("Fetching changes")
        case "pull_list":
            return _("Fetching the list of calendars")
        case "push":
            return _("Sending {subject}").format(subject=subject) if subject else _("Sending edits")
        case "watch":
            return _("Going live: {subject}").format(subject=subject) if subject else _("Going live")
        case "unwatch":
            return _("Live off: {subject}").format(subject=subject) if subject else _("Live off")
        case "backstop":
            return _("Looking for missed changes")
        case name:
            return f"{clean(name)} {subject}".strip()


def error_text(error: CalendarError) -> str:
    """What went wrong and what to do, on one line."""
    detail = clean(_(str(error))) if str(error) else ""
    match error:
        case InvalidEdit():
            return detail or _("This can't be a calendar entry")
        case NotAuthorized():
            return _("Signed out of Google: sign in again with aicalendar login")
        case Conflict():
            return _("It changed at Google in the meantime")
        case NotFound():
            return _("It is gone")
        case Transient():
            return (
                _("Not possible right now: {detail}").format(detail=detail) if detail else _("Not possible right now")
            )
        case _:
            return _("Refused: {detail}").format(detail=detail) if detail else _("Refused")
