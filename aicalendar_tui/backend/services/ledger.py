"""The ledger of background tasks: what the panel and the API tell about them."""

from dataclasses import dataclass
from math import ceil
from uuid import uuid4

from msgspec.structs import replace

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.ports import ChangePublisher, Clock, Store, TaskName, TaskQueue

SHARED: frozenset[TaskName] = frozenset({"calendar.pull_list", "calendar.watch", "calendar.unwatch"})
MOST_OPEN = 200
"""How many open tasks of a user are looked through for one that will do."""
FRESH_SECONDS = 20
"""A message that was handed over longer ago may be lost: then another is sent."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Requests tasks and records what becomes of them; each step is published for the open panels."""

    store: Store
    queue: TaskQueue
    publisher: ChangePublisher
    clock: Clock

    def request(
        self,
        name: TaskName,
        user_id: str,
        *,
        calendar_id: str | None = None,
        subject: str = "",
        full: bool = False,
        channel_id: str | None = None,
    ) -> str:
        """Hands the task to the workers and returns its id. Raises Transient when the broker is away.

        For what is asked for from several sides (`SHARED`), one that was handed over a moment ago and that nobody has
        begun will do as well: its id is returned. The row is written first, so that an id given out is always known.
        """
        task = Task(
            task_id=str(uuid4()),
            user_id=user_id,
            name=name,
            calendar_id=calendar_id,
            subject=subject,
            queued_at=self.clock.epoch(),
        )
        arguments: dict[str, str | bool] = {"user_id": user_id}
        if calendar_id is not None:
            arguments["calendar_id"] = calendar_id
        if full:
            arguments["full"] = True
        if channel_id is not None:
            arguments["channel_id"] = channel_id
        with self.store.write() as unit:
            if name in SHARED:
                for other in unit.tasks(user_id, limit=MOST_OPEN):
                    if _will_do(other, task):
                        return other.task_id
            unit.put_task(task)
        try:
            self.queue.send(name, task_id=task.task_id, arguments=arguments)
        except Transient as error:
            self.fail(task.task_id, user_id, str(error))
            raise
        self._publish(user_id, task.task_id)
        return task.task_id

    def begin(self, task: Task) -> None:
        """A worker took it; `task` is what to record should the ledger not know it (a lost database)."""
        with self.store.write() as unit:
            if unit.task(task.task_id) is None:
                unit.put_task(replace(task, state="running", started_at=self.clock.epoch()))
            else:
                unit.update_task(
                    task.task_id,
                    state="running",
                    retries=task.retries,
                    retry_at=None,
                    error="",
                    started_at=self.clock.epoch(),
                    finished_at=None,
                )
        self._publish(task.user_id, task.task_id)

    def progress(self, task_id: str, user_id: str, done: int, total: int | None = None) -> None:
        """How far it is."""
        with self.store.write() as unit:
            unit.update_task(task_id, done=done, total=total)
        self._publish(user_id, task_id)

    def finish(self, task_id: str, user_id: str, result: str) -> None:
        """It is done."""
        with self.store.write() as unit:
            unit.update_task(task_id, state="done", result=result, error="", finished_at=self.clock.epoch())
        self._publish(user_id, task_id)

    def retry(self, task_id: str, user_id: str, error: str, *, delay_seconds: float) -> None:
        """It met a passing fault and will be tried again."""
        with self.store.write() as unit:
            retry_at = self.clock.epoch() + round(delay_seconds)
            unit.update_task(task_id, state="retrying", error=error, retry_at=retry_at)
        self._publish(user_id, task_id)

    def put_off(self, task_id: str, user_id: str, calendar_id: str, *, delay_seconds: float, seen: int) -> None:
        """A pull waits for a burst of notifications to end: queued again, as itself, with the time in `retry_at`.

        The row is written before the message leaves, so that a lost message is missed at its time.
        Raises Transient when the broker is away; the task runs on then.
        """
        with self.store.write() as unit:
            retry_at = self.clock.epoch() + ceil(delay_seconds)
            unit.update_task(task_id, state="queued", error="", retry_at=retry_at)
        try:
            self.queue.send(
                "calendar.pull",
                task_id=task_id,
                arguments={"user_id": user_id, "calendar_id": calendar_id, "seen": seen},
                countdown_seconds=delay_seconds,
            )
        except Transient:
            with self.store.write() as unit:
                unit.update_task(task_id, state="running", retry_at=None)
            raise
        self._publish(user_id, task_id)

    def release(self, task_id: str, user_id: str) -> None:
        """Its worker ends before it: as good as never begun. One that has ended meanwhile stays as it is."""
        with self.store.write() as unit:
            task = unit.task(task_id)
            if task is None or task.state != "running":
                return
            unit.update_task(task_id, state="queued", started_at=None)
        self._publish(user_id, task_id)

    def fail(self, task_id: str, user_id: str, error: str) -> None:
        """It will not be tried again by itself."""
        with self.store.write() as unit:
            unit.update_task(task_id, state="failed", error=error, finished_at=self.clock.epoch())
        self._publish(user_id, task_id)

    def _publish(self, user_id: str, task_id: str) -> None:
        self.publisher.publish(TasksChanged(user_id=user_id, task_id=task_id))


def _will_do(other: Task, task: Task) -> bool:
    """Whether `other` waits to do the very same as `task`, and surely reached the broker only just now."""
    same = (other.name, other.calendar_id) == (task.name, task.calendar_id)
    return same and other.state == "queued" and task.queued_at - other.queued_at < FRESH_SECONDS
