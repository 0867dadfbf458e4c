"""The use cases, one a file. `Services` is all of them together, as the composition root hands them out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, Sidebar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.conflict import Choice, Conflict
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.search import Query
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ports import AccountRow, AgendaCache, ChangeFeed, Clock, Store, TaskQueue, Tunnel
from aicalendar_tui.backend.services.accept import Accept
from aicalendar_tui.backend.services.backstop import Backstop
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.pull import Pull
from aicalendar_tui.backend.services.pull_list import PullList
from aicalendar_tui.backend.services.push import Push
from aicalendar_tui.backend.services.read import EventView, Read, Summary
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.backend.services.search import Search
from aicalendar_tui.backend.services.settle import Settle
from aicalendar_tui.backend.services.trouble import Trouble
from aicalendar_tui.backend.services.watch import Watch


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case on one set of adapters; the methods are the verbs that screens, API and commands use."""

    store: Store
    cache: AgendaCache
    queue: TaskQueue
    open_feed: Callable[[], ChangeFeed]
    clock: Clock
    tunnel: Tunnel
    ledger: Ledger
    accept: Accept
    pull: Pull
    pull_list: PullList
    push: Push
    edit: Edit
    read: Read
    watch: Watch
    backstop: Backstop
    request_sync: RequestSync
    trouble: Trouble
    forget_cached: Callable[[str], int]

    def set_live(self, user_id: str, calendar_id: str | None, wanted: bool) -> list[str]:
        """See `Watch.set_live`."""
        return self.watch.set_live(user_id, calendar_id, wanted)

    def unsubscribe(self, channel_id: str) -> str | None:
        """See `Watch.unsubscribe`."""
        return self.watch.unsubscribe(channel_id)

    def retry_task(self, task_id: str) -> str | None:
        """See `RequestSync.retry`."""
        return self.request_sync.retry(task_id)

    def read_agenda(self, user_id: str, days: Days) -> Agenda:
        """See `Read.agenda`."""
        return self.read.agenda(user_id, days)

    def read_calendars(self, user_id: str) -> Sidebar:
        """See `Read.calendars`."""
        return self.read.calendars(user_id)

    def read_event(self, key: EventKey) -> EventView | None:
        """See `Read.event`."""
        return self.read.event(key)

    def read_people(self, user_id: str) -> list[Person]:
        """See `Read.people`."""
        return self.read.people(user_id)

    def read_status(self, user_id: str) -> Summary:
        """See `Read.summary`."""
        return self.read.summary(user_id)

    def read_tasks(self, user_id: str, limit: int = 50) -> list[Task]:
        """See `Read.tasks`."""
        return self.read.tasks(user_id, limit)

    def read_task(self, task_id: str) -> Task | None:
        """See `Read.task`."""
        return self.read.task(task_id)

    def read_channels(self, user_id: str) -> list[Channel]:
        """See `Read.channels`."""
        return self.read.channels(user_id)

    def create_event(self, user_id: str, calendar_id: str, draft: Draft, *, notify: Notify = "none") -> EventKey:
        """See `Edit.create`."""
        return self.edit.create(user_id, calendar_id, draft, notify=notify)

    def change_event(self, key: EventKey, draft: Draft, scope: Scope = "this", *, notify: Notify = "none") -> None:
        """See `Edit.change`."""
        self.edit.change(key, draft, scope=scope, notify=notify)

    def delete_event(self, key: EventKey, scope: Scope = "this", *, notify: Notify = "none") -> None:
        """See `Edit.delete`."""
        self.edit.delete(key, scope=scope, notify=notify)

    def move_event(
        self,
        key: EventKey,
        calendar: tuple[str, str],
        draft: Draft | None = None,
        scope: Scope = "this",
        *,
        notify: Notify = "none",
    ) -> EventKey:
        """See `Edit.move`."""
        return self.edit.move(key, calendar, draft=draft, scope=scope, notify=notify)

    def list_losses(self, key: EventKey, draft: Draft, scope: Scope) -> list[str]:
        """See `Edit.losses`."""
        return self.edit.losses(key, draft, scope)

    def list_conflicts(self, user_id: str) -> list[Conflict]:
        """See `Settle.list`."""
        return self._settling.list(user_id)

    def settle(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        """See `Settle`."""
        self._settling(change_id, choice)

    @property
    def _settling(self) -> Settle:
        return Settle(self.store, self.cache, self.edit.publisher, self.clock)

    def find_turn(self, user_ids: Sequence[str], *, undone: bool) -> str | None:
        """See `Read.find_turn`."""
        return self.read.find_turn(user_ids, undone=undone)

    def undo(self, user_id: str) -> str | None:
        """See `Edit.undo`."""
        return self.edit.undo(user_id)

    def redo(self, user_id: str) -> str | None:
        """See `Edit.redo`."""
        return self.edit.redo(user_id)

    def accounts(self) -> list[AccountRow]:
        """See `Read.accounts`."""
        return self.read.accounts()

    def resolve_user(self, user_id: str) -> str:
        """See `Read.resolve_user`."""
        return self.read.resolve_user(user_id)

    def search(self, user_id: str, query: Query, *, zone: str, limit: int = 100) -> list[Entry]:
        """See `Search`."""
        return Search(self.store, self.clock)(user_id, query, zone=zone, limit=limit)

    def invalidate_user_cache(self, user_id: str) -> int:
        """Removes all that Redis holds for the user; returns how many keys. Losing them costs time, nothing else."""
        return self.forget_cached(user_id)

    def health(self) -> dict[str, Any]:
        """What the API's /health says: whether the database answers, and what else is away."""
        with self.store.read() as unit:
            database_id = unit.database_id()
        return {"status": "ok", "database": database_id, "cache": "away" if self.cache.away else "ok"}
