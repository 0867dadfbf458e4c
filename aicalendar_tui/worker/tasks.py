"""Celery's side of each use case: retries and the ledger, then one call into a service."""

import logging
import random
from collections.abc import Callable
from typing import Any, cast

from celery import Celery, Task

from aicalendar_tui.backend.domain import task as ledger_task
from aicalendar_tui.backend.domain.errors import CalendarError, DatabaseUnusable, Transient
from aicalendar_tui.backend.domain.retry import MAX_RETRIES, retry_delay
from aicalendar_tui.backend.queue import BACKSTOP, PULL
from aicalendar_tui.backend.services import Services
from aicalendar_tui.backend.services.backstop import GIVEN_UP
from aicalendar_tui.backend.services.pull import Progress
from aicalendar_tui.backend.services.trouble import describe
from aicalendar_tui.i18n import N_

logger = logging.getLogger(__name__)

Work = Callable[[Services, Progress], str | None]
"""Gives the result; None when the task was put off and is queued again."""


class Runner:
    """Runs one delivery of a task: the ledger's row, the supervisor's watch over it, and what a fault leads to."""

    def __init__(
        self,
        services: Callable[[], Services],
        *,
        busy: Callable[[str], None] = lambda task_id: None,
        idle: Callable[[str], None] = lambda task_id: None,
    ) -> None:
        """`busy` and `idle` tell the supervisor when a task begins and ends."""
        self._services = services
        self._busy = busy
        self._idle = idle
        self._unrecorded: dict[str, tuple[str, str]] = {}
        self._begun: dict[str, str] = {}

    @property
    def services(self) -> Services:
        """Built by the worker that first needs them, after any fork."""
        return self._services()

    def run(self, task: Task, work: Work, *, user_id: str, calendar_id: str | None = None) -> None:
        """Raises Celery's Retry after a passing fault, as long as there are tries left.

        What a full disk keeps from being written into the ledger is remembered, and written when there is room.
        """
        try:
            self._record()
            self._deliver(task, work, user_id=user_id, calendar_id=calendar_id)
        except DatabaseUnusable as error:
            logger.error("%s: %s", task.name, error)
            self._unrecorded[str(cast(Any, task.request).id)] = (user_id, describe(error))

    def look(self) -> None:
        """One round of the backstop."""
        try:
            self._record()
            self.services.backstop()
        except DatabaseUnusable as error:
            logger.error("%s: %s", BACKSTOP, error)

    def let_go(self) -> None:
        """Notes that the worker ends in good order: what it has no time to finish killed nobody."""
        try:
            for task_id, user_id in list(self._begun.items()):
                self.services.ledger.release(task_id, user_id)
        except CalendarError as error:
            logger.info("tasks are left as they are: %s", error)

    def _record(self) -> None:
        """Raises DatabaseUnusable while there is no room; the rest stays for the next time."""
        for task_id, (user_id, reason) in list(self._unrecorded.items()):
            self.services.ledger.fail(task_id, user_id, reason)
            self._unrecorded.pop(task_id, None)

    def _deliver(self, task: Task, work: Work, *, user_id: str, calendar_id: str | None) -> None:
        request: Any = task.request
        task_id = str(request.id)
        services = self.services
        ledger = services.ledger
        if services.backstop.turns_away(user_id, str(task.name), calendar_id, task_id):
            # Also the broker's own second delivery, and what a notification asks for, would kill the next worker.
            if task.name == PULL:  # any other says already that the worker died over it
                ledger.fail(task_id, user_id, GIVEN_UP)
            return
        self._busy(task_id)
        self._begun[task_id] = user_id
        try:
            ledger.begin(
                ledger_task.Task(
                    task_id=task_id,
                    user_id=user_id,
                    name=str(task.name),
                    calendar_id=calendar_id,
                    retries=request.retries,
                    queued_at=services.clock.epoch(),
                )
            )
            result = work(services, lambda done, total: ledger.progress(task_id, user_id, done, total))
        except Transient as error:
            services.trouble(user_id, calendar_id, error)
            delay = retry_delay(request.retries, error, random.random())
            if delay is None:
                ledger.fail(task_id, user_id, describe(error))
                return
            ledger.retry(task_id, user_id, describe(error), delay_seconds=delay)
            raise task.retry(countdown=delay, max_retries=MAX_RETRIES, exc=error) from error
        except DatabaseUnusable:
            raise  # nothing about it can be written either
        except CalendarError as error:
            services.trouble(user_id, calendar_id, error)
            ledger.fail(task_id, user_id, describe(error))
        except Exception as error:
            # A defect of ours: shown in the panel, and raised so that the log has its traceback.
            ledger.fail(task_id, user_id, f"{type(error).__name__}: {error}")
            raise
        else:
            if result is not None:
                ledger.finish(task_id, user_id, result)
        finally:
            self._begun.pop(task_id, None)
            self._idle(task_id)


def register_tasks(app: Celery, runner: Runner) -> None:
    """Gives the app its tasks, by the names of `backend.queue`."""

    @app.task(name="calendar.pull", bind=True)
    def pull(task: Task, *, user_id: str, calendar_id: str, full: bool = False, seen: int | None = None) -> None:
        def work(services: Services, progress: Progress) -> str | None:
            def put_off(delay_seconds: float, seen: int) -> None:
                task_id = str(task.request.id)
                services.ledger.put_off(task_id, user_id, calendar_id, delay_seconds=delay_seconds, seen=seen)

            changes = services.pull(user_id, calendar_id, full=full, progress=progress, put_off=put_off, seen=seen)
            return None if changes is None else str(changes)

        runner.run(task, work, user_id=user_id, calendar_id=calendar_id)

    @app.task(name="calendar.pull_list", bind=True)
    def pull_list(task: Task, *, user_id: str) -> None:
        runner.run(task, lambda services, progress: str(services.pull_list(user_id)), user_id=user_id)

    @app.task(name="calendar.push", bind=True)
    def push(task: Task, *, user_id: str) -> None:
        def work(services: Services, progress: Progress) -> str:
            return str(services.push(user_id, progress=progress))

        runner.run(task, work, user_id=user_id)

    @app.task(name="calendar.watch", bind=True)
    def watch(task: Task, *, user_id: str, calendar_id: str) -> None:
        def work(services: Services, progress: Progress) -> str:
            return N_("live") if services.watch.start(user_id, calendar_id) else N_("polled")

        runner.run(task, work, user_id=user_id, calendar_id=calendar_id)

    @app.task(name="calendar.unwatch", bind=True)
    def unwatch(task: Task, *, user_id: str, calendar_id: str) -> None:
        def work(services: Services, progress: Progress) -> str:
            return str(services.watch.stop(user_id, calendar_id))

        runner.run(task, work, user_id=user_id, calendar_id=calendar_id)

    @app.task(name="calendar.backstop")
    def backstop() -> None:
        runner.look()
