"""What keeps everything true when a message was lost: all derived from the database, asked every few seconds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import renewal_is_due
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.ports import Clock, Store, TaskName
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.i18n import N_

OUTBOX_SECONDS = 10
"""A change that waits longer than this is pushed again."""
LOST_QUEUED_SECONDS = 30
LOST_RUNNING_SECONDS = 120
KEEP_TASKS_SECONDS = 86_400
RELIST_SECONDS = 900
PAUSE_SECONDS = 30
"""So long after a failure the same is not requested again."""
LOST = N_("The worker stopped; it was asked for again")


@dataclass(frozen=True, slots=True)
class Backstop:
    """Requests what should be under way and isn't."""

    store: Store
    ledger: Ledger
    clock: Clock
    poll_seconds: int = 300
    watched_poll_seconds: int = 900

    def __call__(self, *, after_start: bool = False) -> int:
        """Returns how many tasks it requested. `after_start`: what a former worker was running is lost for sure."""
        with self.store.read() as unit:
            accounts = unit.accounts()
        return sum(self._look_after(account.user_id, after_start=after_start) for account in accounts)

    def _look_after(self, user_id: str, *, after_start: bool) -> int:
        now = self.clock.epoch()
        with self.store.read() as unit:
            tasks = unit.tasks(user_id, limit=1_000)
            calendars = unit.calendars(user_id)
            states = {c.calendar_id: unit.sync_state(user_id, c.calendar_id) for c in calendars}
            changes = unit.changes(user_id)
            address = unit.public_address()
            channels = unit.channels(user_id, states=("pending", "active", "retiring"))
        lost = {task.task_id for task in tasks if _is_lost(task, now, after_start=after_start)}
        self._tidy(tasks, lost, now)
        # What is queued may be in the broker's hands still, or lost with it or the former worker: to do it once more
        # costs less than to wait for it.
        held = [task for task in tasks if _holds(task, now) and not (after_start and task.is_open)]
        busy = {(task.name, task.calendar_id) for task in held if task.task_id not in lost}
        listed = [t.queued_at for t in tasks if t.name == "calendar.pull_list" and t.state != "failed"]

        wanted: list[tuple[TaskName, Calendar | None]] = []
        if not calendars or now - max(listed, default=0) >= RELIST_SECONDS:
            wanted.append(("calendar.pull_list", None))
        if any(c.state == "waiting" and (after_start or now - c.created_at >= OUTBOX_SECONDS) for c in changes):
            wanted.append(("calendar.push", None))
        for calendar in calendars:
            state = states[calendar.calendar_id]
            period = self.watched_poll_seconds if calendar.live == "live" else self.poll_seconds
            if state.dirty_seq > state.synced_seq or state.staged or now - (calendar.synced_at or 0) >= period:
                wanted.append(("calendar.pull", calendar))
            own = [channel for channel in channels if channel.calendar_id == calendar.calendar_id]
            if calendar.live_wanted and state.watchable and address:
                active = [c for c in own if c.state == "active" and c.address == address]
                if all(renewal_is_due(channel, now) for channel in active):
                    wanted.append(("calendar.watch", calendar))
            elif not calendar.live_wanted and own:
                wanted.append(("calendar.unwatch", calendar))
        requests = [item for item in wanted if (item[0], item[1].calendar_id if item[1] else None) not in busy]
        for name, calendar in requests:
            self.ledger.request(
                name,
                user_id,
                calendar_id=calendar.calendar_id if calendar else None,
                subject=calendar.summary if calendar else "",
            )
        return len(requests)

    def _tidy(self, tasks: Sequence[Task], lost: Collection[str], now: int) -> None:
        """Ends the rows of lost tasks and forgets old ones; writes only when there is something to write."""
        old = any(task.finished_at is not None and task.finished_at < now - KEEP_TASKS_SECONDS for task in tasks)
        if not lost and not old:
            return
        with self.store.write() as unit:
            for task_id in lost:
                unit.update_task(task_id, state="failed", error=LOST, finished_at=now)
            unit.forget_tasks(now - KEEP_TASKS_SECONDS)


def _holds(task: Task, now: int) -> bool:
    """Whether another one of the kind has to wait: it is open, or one failed only just now.

    One that never began met only a broker that was away, and one that was lost only a worker's end: neither says
    anything against trying now.
    """
    failed_at_work = task.state == "failed" and task.started_at is not None and task.error != LOST
    return task.is_open or (failed_at_work and now - (task.finished_at or 0) < PAUSE_SECONDS)


def _is_lost(task: Task, now: int, *, after_start: bool) -> bool:
    """Whether no worker can be doing it any more: the broker or a worker was lost with it."""
    if not task.is_open:
        return False
    if task.state == "running":
        return after_start or now - (task.started_at or now) >= LOST_RUNNING_SECONDS
    if task.state == "retrying":
        return now - (task.retry_at or now) >= LOST_QUEUED_SECONDS
    return now - task.queued_at >= LOST_QUEUED_SECONDS
