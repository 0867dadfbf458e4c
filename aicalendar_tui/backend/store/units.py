"""What can be read and written within a transaction: all the tables together."""

import threading
from typing import Any, Literal

from peewee import Database, fn

from aicalendar_tui.backend.store.channels import ChannelTable
from aicalendar_tui.backend.store.events import EventTable
from aicalendar_tui.backend.store.instances import InstanceTable
from aicalendar_tui.backend.store.outbox import Outbox
from aicalendar_tui.backend.store.schema import Account, ChangeRow, ChannelRow, Meta, TaskRow, UndoRow
from aicalendar_tui.backend.store.search import SearchTable
from aicalendar_tui.backend.store.stages import Stages
from aicalendar_tui.backend.store.tasks import TaskTable, is_open


class Units(EventTable, InstanceTable, SearchTable, Stages, Outbox, ChannelTable, TaskTable):
    """Fits `ports.ReadUnit` and `ports.WriteUnit`; only `PeeweeStore` opens and ends the transactions around it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._local = threading.local()

    @property
    def writing(self) -> bool:
        """Whether this thread's open transaction is a write."""
        return getattr(self._local, "writing", False)

    @writing.setter
    def writing(self, value: bool) -> None:
        self._local.writing = value

    def counts(self, user_id: str) -> dict[Literal["waiting", "conflict", "rejected", "open_tasks"], int]:
        """What the state line shows."""
        counts: dict[Any, int] = {"waiting": 0, "conflict": 0, "rejected": 0}
        query = ChangeRow.select(ChangeRow.state, fn.COUNT(ChangeRow.id)).where(ChangeRow.user_id == user_id)
        counts.update(self._rows(query.group_by(ChangeRow.state)))
        row = self._one(TaskRow.select(fn.COUNT(TaskRow.task_id)).where((TaskRow.user_id == user_id) & is_open()))
        counts["open_tasks"] = row[0] if row else 0
        return counts

    def delete_account(self, user_id: str) -> None:
        """See `ports.WriteUnit`; the events' rows go with the next `sweep_generations`."""
        for calendar in self.calendars(user_id):
            self.delete_calendar(user_id, calendar.calendar_id)
        for table in (ChangeRow, UndoRow, TaskRow, ChannelRow, Account):
            table.delete().where(table.user_id == user_id).execute(self._db)
        Meta.delete().where((Meta.key == "default_user") & (Meta.value == user_id)).execute(self._db)
