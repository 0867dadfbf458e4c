"""All that is known of one task, as rows of label and value. Pure."""

from datetime import UTC, datetime, tzinfo

from textual.content import Content

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.phrases import say_seconds
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.tasks.wording import STYLES, name_state, name_task, say_progress, say_result, say_state
from aicalendar_tui.screens.text import clean, fit, wrap

LABEL_CELLS = 13
MOST_LINES = 40
"""Of one value."""
LONGEST_ERROR = 4000
"""Letters; a whole traceback fits, a whole web page does not."""


def task_facts(task: Task, now: int, *, zone: tzinfo | None, width: int) -> Content:
    """Rows of `width` cells, long values under themselves; times on the clock of `zone`."""
    said, name = say_state(task, now), name_state(task)
    rows = [
        (_("what"), name_task(task), "bold"),
        (_("state"), said if task.state == "queued" else f"{name} · {said}", STYLES[task.state]),
        (_("progress"), "" if task.state == "running" else say_progress(task), ""),
        (_("result"), say_result(task), ""),
        (_("error"), clean_lines(_(task.error)), "$text-error"),
        (_("retries"), _say_retries(task.retries), ""),
        (_("next try"), _say_next_try(task, zone or UTC), ""),
        (_("times"), _say_times(task, zone or UTC), ""),
        (_("took"), _say_length(task), ""),
        (_("task"), clean(f"{task.task_id}  {task.name}"), MUTED),
    ]
    parts: list[str | tuple[str, str]] = []
    for label, value, style in rows:
        # Where the width is not known yet, nothing is broken: the first layout will ask again.
        room = max(10, width - LABEL_CELLS) if width else LONGEST_ERROR
        lines = [line for text in value.split("\n") for line in wrap(text, room, MOST_LINES)]
        for number, line in enumerate(lines):
            parts += [(fit("" if number else label, LABEL_CELLS), MUTED), (line, style), "\n"]
    return Content.assemble(*parts[:-1])


def clean_lines(text: str) -> str:
    """An error of several lines, each made harmless."""
    return "\n".join(filter(None, map(clean, text[:LONGEST_ERROR].splitlines())))


def _say_retries(retries: int) -> str:
    return ngettext("{number} time", "{number} times", retries).format(number=retries) if retries else ""


def _say_times(task: Task, zone: tzinfo) -> str:
    parts = []
    if task.queued_at:
        parts.append(_("queued {time}").format(time=_clock(task.queued_at, zone)))
    if task.started_at is not None:
        parts.append(_("started {time}").format(time=_clock(task.started_at, zone)))
    if task.finished_at is not None:
        parts.append(_("ended {time}").format(time=_clock(task.finished_at, zone)))
    return " · ".join(parts)


def _say_next_try(task: Task, zone: tzinfo) -> str:
    return _clock(task.retry_at, zone) if task.state == "retrying" and task.retry_at is not None else ""


def _say_length(task: Task) -> str:
    if task.finished_at is None or task.started_at is None:
        return ""
    seconds = task.finished_at - task.started_at
    return say_seconds(seconds) if seconds > 0 else _("less than a second")


def _clock(epoch: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(epoch, UTC).astimezone(zone).strftime("%H:%M:%S")
