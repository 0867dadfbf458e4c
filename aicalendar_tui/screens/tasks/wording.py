"""A background task in plain words: what it does, how far it is, and how it ended. Pure."""

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.phrases import say_age, say_seconds
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean

MARKS = {"queued": "·", "running": "▸", "retrying": "↻", "done": "✓", "failed": "✕"}
STYLES = {
    "queued": MUTED,
    "running": "$text-accent",
    "retrying": "$text-warning",
    "done": "$text-success",
    "failed": "$text-error",
}
"""Theme variables that colour the marks and the words of a state."""


def name_task(task: Task) -> str:
    """What the task does, with what it is about; a name that we don't know stands for itself."""
    subject = clean(task.subject)
    if task.name == "calendar.pull":
        return (
            _("Fetching changes of {calendar}").format(calendar=subject)
            if subject
            else _("Fetching changes of a calendar")
        )
    if task.name == "calendar.pull_list":
        return _("Fetching the list of calendars")
    if task.name == "calendar.push":
        return _name_push(task, subject)
    if task.name == "calendar.watch":
        return (
            _("Subscribing {calendar} to live updates").format(calendar=subject)
            if subject
            else _("Subscribing to live updates")
        )
    if task.name == "calendar.unwatch":
        return (
            _("Ending live updates of {calendar}").format(calendar=subject) if subject else _("Ending live updates")
        )
    if task.name == "calendar.backstop":
        return _("Looking for anything left to do")
    return clean(f"{task.name} {task.subject}")


def _name_push(task: Task, subject: str) -> str:
    if task.total and task.total > 1:
        return ngettext("Sending {number} edit", "Sending {number} edits", task.total).format(number=task.total)
    return _("Sending the edit of {event}").format(event=subject) if subject else _("Sending edits")


def say_result(task: Task) -> str:
    """What came of it; the workers record a bare count for what they count, and a word for the rest."""
    if not task.result.isdecimal():
        return clean(_(task.result))
    number = int(task.result)
    if number == 0:
        return _("nothing was new") if task.name != "calendar.push" else _("nothing was left to send")
    texts = {
        "calendar.pull": ngettext("{number} event changed", "{number} events changed", number),
        "calendar.pull_list": ngettext("{number} calendar changed", "{number} calendars changed", number),
        "calendar.push": ngettext("{number} edit sent", "{number} edits sent", number),
        "calendar.unwatch": ngettext("{number} subscription ended", "{number} subscriptions ended", number),
    }
    return texts.get(task.name, "{number}").format(number=number)


def order_tasks(tasks: list[Task]) -> list[Task]:
    """What needs eyes first: running, then failed and retried ones, then queued, then done; the newest first in each.

    A failure that the same task has mended since is listed among what is done.
    """

    def about(task: Task) -> tuple[str, str, str | None]:
        return task.user_id, task.name, task.calendar_id

    mended = {about(task): 0 for task in tasks}
    for task in tasks:
        if task.state == "done":
            mended[about(task)] = max(mended[about(task)], task.finished_at or 0)

    def rank(task: Task) -> tuple[int, int]:
        ranks = {"running": 0, "failed": 1, "retrying": 1, "queued": 2, "done": 3}
        old = task.state == "failed" and mended[about(task)] > (task.finished_at or 0)
        return 3 if old else ranks[task.state], -max(task.finished_at or 0, task.queued_at)

    return sorted(tasks, key=rank)


def name_state(task: Task) -> str:
    """One word for the state."""
    return {
        "queued": _("queued"),
        "running": _("running"),
        "retrying": _("retrying"),
        "done": _("done"),
        "failed": _("failed"),
    }[task.state]


def say_state(task: Task, now: int) -> str:
    """The state with what matters about it at `now`: counts, the next try, the age, the reason."""
    if task.state == "running":
        return say_progress(task) or _("running for {time}").format(time=say_seconds(now - (task.started_at or now)))
    if task.state == "retrying":
        if task.retry_at is not None and task.retry_at > now:
            return _("trying again in {time}").format(time=say_seconds(task.retry_at - now))
        return _("trying again now")
    if task.state == "queued":
        if task.retry_at is not None:
            return _("waiting for the burst to end")
        waited = now - task.queued_at if task.queued_at else 0
        return _("queued") if waited < 2 else _("queued {age}").format(age=say_age(waited))
    return say_age(now - task.finished_at) if task.finished_at is not None else name_state(task)


def say_progress(task: Task) -> str:
    """`124 of 200`, `124` while the total is unknown, '' before anything is done."""
    if task.total:
        return _("{done} of {total}").format(done=task.done, total=task.total)
    return str(task.done) if task.done else ""


def share_done(task: Task) -> float | None:
    """0 … 1, or None while the total is unknown."""
    return min(1.0, max(0.0, task.done / task.total)) if task.total else None


def count_open(tasks: list[Task]) -> str:
    """`1 running · 2 waiting · 1 failed`, or that all is done."""
    running = sum(task.state == "running" for task in tasks)
    waiting = sum(task.state in ("queued", "retrying") for task in tasks)
    failed = sum(task.state == "failed" for task in tasks)
    parts = [
        _("{number} running").format(number=running) if running else "",
        _("{number} waiting").format(number=waiting) if waiting else "",
        _("{number} failed").format(number=failed) if failed else "",
    ]
    return " · ".join(filter(None, parts)) or _("all done")
