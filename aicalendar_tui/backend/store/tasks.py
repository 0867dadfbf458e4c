"""The ledger of tasks, which the panel shows."""

from typing import Any

import msgspec
from peewee import Case, Expression

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.store.schema import TaskRow
from aicalendar_tui.backend.store.statements import Statements


class TaskTable(Statements):
    """`task`."""

    def task(self, task_id: str) -> Task | None:
        """None is "unknown", never "pending"."""
        rows = list(TaskRow.select().where(TaskRow.task_id == task_id).dicts().execute(self._db))
        return Task(**rows[0]) if rows else None

    def tasks(self, user_id: str, *, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        open_first = Case(None, ((is_open(), 0),), 1)
        query = (
            TaskRow.select()
            .where(TaskRow.user_id == user_id)
            .order_by(open_first, TaskRow.queued_at.desc(), TaskRow.task_id)
            .limit(limit)
        )
        return [Task(**row) for row in query.dicts().execute(self._db)]

    def count_begun(self, user_id: str, calendar_id: str, name: str, *, since: int) -> int:
        """Those that have ended as well."""
        query = TaskRow.select().where(
            (TaskRow.user_id == user_id)
            & (TaskRow.calendar_id == calendar_id)
            & (TaskRow.name == name)
            & (TaskRow.started_at >= since)
        )
        return query.count(self._db)

    def put_task(self, task: Task) -> None:
        """A new row, or the same id again from the start."""
        fields = msgspec.structs.asdict(task)
        TaskRow.insert(**fields).on_conflict(
            conflict_target=[TaskRow.task_id],
            update={name: value for name, value in fields.items() if name != "task_id"},
        ).execute(self._db)

    def update_task(self, task_id: str, **fields: Any) -> None:
        """An unknown id is left alone."""
        TaskRow.update(**fields).where(TaskRow.task_id == task_id).execute(self._db)

    def forget_tasks(self, before: int) -> None:
        """Finished ones only."""
        TaskRow.delete().where(TaskRow.finished_at < before).execute(self._db)


def is_open() -> Expression:
    """The condition for a task that is still on its way."""
    return TaskRow.state.in_(("queued", "running", "retrying"))
