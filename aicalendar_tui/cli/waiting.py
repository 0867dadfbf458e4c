"""Waiting for the services to do what a command asked for."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.cli.tasks import describe_task
from aicalendar_tui.i18n import _

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

POLL_SECONDS = 0.05
NEEDED = ("receiver", "worker")


@contextmanager
def running_services(context: "Context") -> Iterator[Callable[[], bool]]:
    """A lease for the block; what it yields waits until receiver and worker are ready, for 10 s at most.

    With --no-wait nothing is started: what others run does the work, or it waits until somebody runs it.
    """
    if context.options.no_wait:
        yield lambda: False
        return
    with context.acquire_lease() as lease:

        def wait_ready() -> bool:
            context.output.progress(_("starting the services"))
            return lease.wait_ready(NEEDED, timeout_seconds=context.wait_seconds)

        yield wait_ready


def request(context: "Context", ask: Callable[[], Sequence[str]], wait_ready: Callable[[], bool]) -> Sequence[str]:
    """The ids of the tasks that `ask` requested; none when nobody could be asked, which is fine with --no-wait.

    Raises: CommandError (the services don't come up).
    """
    ready = wait_ready()
    try:
        return ask()
    except Transient as error:
        if context.options.no_wait:
            return ()
        reason = _("the services can't be reached") if ready else _("the services don't start")
        raise CommandError(_("{reason}; see what is wrong with: aicalendar doctor").format(reason=reason)) from error


def wait_for_tasks(context: "Context", task_ids: Sequence[str], *, while_progressing: bool = False) -> list[Task]:
    """Block until all of them are done or have failed, or 10 s are over; returns how each is then.

    `while_progressing` gives work that reports progress another 10 s from each report on. A task that is being
    retried is waited for like any other.
    """
    deadline = time.monotonic() + context.wait_seconds
    progress = -1
    while True:
        tasks = [task for task_id in task_ids if (task := context.services.read_task(task_id))]
        open_tasks = [task for task in tasks if task.is_open]
        if not open_tasks and len(tasks) == len(task_ids):
            break
        done = sum(task.done for task in tasks) + sum(not task.is_open for task in tasks)
        if while_progressing and done > progress:
            progress, deadline = done, time.monotonic() + context.wait_seconds
        if time.monotonic() > deadline:
            break
        context.output.progress(describe_task(open_tasks[0]) if open_tasks else _("waiting for the services"))
        time.sleep(POLL_SECONDS)
    context.output.clear_progress()
    return tasks


def first_error(tasks: Sequence[Task]) -> str:
    """Why the first that failed did, or ''."""
    return next((task.error or _("failed") for task in tasks if task.state == "failed"), "")
