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
    from aicalendar_tui.launcher.lease import Lease

POLL_SECONDS = 0.05
NEEDED = ("receiver", "worker")


@contextmanager
def running_services(context: "Context") -> Iterator["Work"]:
    """Keeps the services running for the block.

    With --no-wait nothing is started: what others run does the work, or it waits until somebody runs it.
    """
    if context.options.no_wait:
        yield Work(context, None)
        return
    with context.acquire_lease() as lease:
        yield Work(context, lease)


class Work:
    """What a command asks of the services, and its patience: one time limit for their start and for the work."""

    def __init__(self, context: "Context", lease: "Lease | None") -> None:
        self._context = context
        self._lease = lease
        self._deadline = time.monotonic() + context.wait_seconds

    def request(self, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
        """The ids of the tasks that `ask` requested; none when nobody could be asked, which is fine with --no-wait.

        Raises: CommandError (the services can't be reached).
        """
        ready = self._wait_ready()
        try:
            return ask()
        except Transient as error:
            if self._lease is None:
                return ()
            reason = _("the services can't be reached") if ready else _("the services don't start")
            raise CommandError(
                _("{reason}; see what is wrong with: aicalendar doctor").format(reason=reason)
            ) from error

    def wait_for(self, task_ids: Sequence[str], *, while_progressing: bool = False) -> list[Task]:
        """Block until all of them are done or have failed, or the time is over; returns how each is then.

        `while_progressing` gives work that reports progress the whole time again from each report on. A task that
        is being retried is waited for like any other. Without services there is nothing to wait for.
        """
        if self._lease is None:
            return []
        context = self._context
        progress = -1
        while True:
            tasks = [task for task_id in task_ids if (task := context.services.read_task(task_id))]
            open_tasks = [task for task in tasks if task.is_open]
            if not open_tasks and len(tasks) == len(task_ids):
                break
            done = sum(task.done for task in tasks) + sum(not task.is_open for task in tasks)
            if while_progressing and done > progress:
                progress, self._deadline = done, time.monotonic() + context.wait_seconds
            if time.monotonic() > self._deadline:
                break
            context.output.progress(describe_task(open_tasks[0]) if open_tasks else _("waiting for the services"))
            time.sleep(POLL_SECONDS)
        context.output.clear_progress()
        return tasks

    def _wait_ready(self) -> bool:
        if self._lease is None:
            return False
        self._context.output.progress(_("starting the services"))
        return self._lease.wait_ready(NEEDED, timeout_seconds=max(0.0, self._deadline - time.monotonic()))


def first_error(tasks: Sequence[Task]) -> str:
    """Why the first that failed did, or ''."""
    return next((_(task.error) or _("failed") for task in tasks if task.state == "failed"), "")
