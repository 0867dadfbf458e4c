"""Asking the workers to pull and push now, and to try a failed task again."""

from dataclasses import dataclass
from typing import Literal

from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.ports import Store
from aicalendar_tui.backend.services.ledger import Ledger

SyncScope = Literal["both", "pull", "push"]


@dataclass(frozen=True, slots=True)
class RequestSync:
    """What `r`, `aicalendar sync` and every edit end in."""

    store: Store
    ledger: Ledger

    def __call__(
        self, user_id: str, *, calendar_id: str | None = None, full: bool = False, scope: SyncScope = "both"
    ) -> list[str]:
        """Returns the task ids. Raises NotFound for an unknown user or calendar, Transient with the broker away."""
        with self.store.write() as unit:
            if unit.account(user_id) is None:
                raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")
            calendars = unit.calendars(user_id)
            if calendar_id is not None:
                calendars = [calendar for calendar in calendars if calendar.calendar_id == calendar_id]
                if not calendars:
                    raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")
            changes = unit.changes(user_id)
            if scope != "push":
                for calendar in calendars:
                    unit.mark_dirty(user_id, calendar.calendar_id)
                    unit.clear_deaths(user_id, calendar.calendar_id)
        requested = []
        if scope != "pull" and (changes or scope == "push"):
            label = next((change.label for change in reversed(changes) if change.label), "")
            requested.append(self.ledger.request("calendar.push", user_id, subject=label))
        if scope != "push":
            if calendar_id is None:
                requested.append(self.ledger.request("calendar.pull_list", user_id))
            requested += [
                self.ledger.request(
                    "calendar.pull",
                    user_id,
                    calendar_id=calendar.calendar_id,
                    subject=calendar.summary,
                    full=full,
                )
                for calendar in calendars
            ]
        return requested

    def retry(self, task_id: str) -> str | None:
        """Requests the same work again; returns the new task's id, None for an unknown one."""
        with self.store.read() as unit:
            task = unit.task(task_id)
        if task is None:
            return None
        if task.calendar_id is not None:
            with self.store.write() as unit:
                unit.clear_deaths(task.user_id, task.calendar_id)
        name = task.name
        if name == "calendar.push":
            with self.store.write() as unit:
                for change in unit.changes(task.user_id):
                    if change.state == "rejected":
                        unit.set_change_state(change.change_id, "waiting")
        return self.ledger.request(
            name,  # pyright: ignore[reportArgumentType] - the ledger holds only names of tasks
            task.user_id,
            calendar_id=task.calendar_id,
            subject=task.subject,
        )
