"""What keeps everything true when a message was lost: all derived from the database, asked every few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from msgspec.structs import replace

from aicalendar_tui.backend.domain.channel import MOST_SECONDS, Channel, has_ended, renewal_is_due, renewal_jitter
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.ports import Clock, Lock, Store, TaskName
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.i18n import N_

OUTBOX_SECONDS = 10
"""A change that waits longer than this is pushed again."""
LOST_QUEUED_SECONDS = 30
FETCH_SECONDS = 3
"""So long a fetched task may not have begun yet although the broker has no message left."""
LOST_RUNNING_SECONDS = 120
KEEP_TASKS_SECONDS = 86_400
COMPARE_SECONDS = 86_400
"""Each calendar is listed as a whole so often, whatever its sync token says (PROTOCOL 5)."""
MOST_DEATHS = 3
"""What killed so many workers in a row is not requested again by itself.

Deaths over pulls are counted with the calendar, for a full sync takes many tasks; others in the ledger of tasks."""
KEEP_CHANNELS_SECONDS = MOST_SECONDS + 86_400
"""A dead channel is forgotten when Google, too, can have no memory of it."""
RELIST_SECONDS = 900
SWEEP_SECONDS = 60
"""So often it is tried to stop what is left of a calendar's channels, and so old is one whose answer was lost."""
PAUSE_SECONDS = 30
"""So long after a failure the same is not requested again."""
LOST = N_("The worker stopped; it was asked for again")
KILLED = N_("The worker died over it")
GIVEN_UP = N_("Syncing this calendar stopped the worker again and again; sync it by hand to try once more")


class _Wanted(NamedTuple):
    name: TaskName
    calendar_id: str | None = None
    subject: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class Backstop:
    """Requests what should be under way and isn't."""

    store: Store
    ledger: Ledger
    clock: Clock
    poll_seconds: int = 300
    watched_poll_seconds: int = 900
    lock: Lock | None = None
    """Two beats, or two workers with one beat's late messages, would both request what only one sees missing."""

    def __call__(self, *, after_start: bool = False) -> int:
        """Returns how many tasks it requested; 0 while another process looks (what it finds is requested there).

        `after_start`: what a former worker was running is lost for sure. That round is never left to others.
        """
        if self.lock is None or after_start:
            return self._look_after_all(after_start=after_start)
        with self.lock.hold("backstop") as free:
            return self._look_after_all(after_start=False) if free else 0

    def _look_after_all(self, *, after_start: bool) -> int:
        with self.store.read() as unit:
            accounts = unit.accounts()
        return sum(self._look_after(account.user_id, after_start=after_start) for account in accounts)

    def has_given_up(self, user_id: str, calendar_id: str) -> bool:
        """Whether so many workers died over pulls of the calendar that only the user may ask for one again."""
        with self.store.read() as unit:
            return unit.deaths(user_id, calendar_id) >= MOST_DEATHS

    def turns_away(self, user_id: str, name: str, calendar_id: str | None, task_id: str) -> bool:
        """Whether this delivery would kill the next worker.

        A pull, whoever asks for it, until the user does; of all else what the broker delivers once more: a task with
        an id of its own is the user's wish.
        """
        if name == "calendar.pull" and calendar_id is not None:
            return self.has_given_up(user_id, calendar_id)
        with self.store.read() as unit:
            task = unit.task(task_id)
            if task is None or task.error != KILLED:
                return False
            return _count_deaths(unit.tasks(user_id, limit=1_000), name, calendar_id) >= MOST_DEATHS

    def _look_after(self, user_id: str, *, after_start: bool) -> int:
        now = self.clock.epoch()
        with self.store.read() as unit:
            tasks = unit.tasks(user_id, limit=1_000)
            known = unit.channels(user_id)
        channels = [channel for channel in known if channel.state != "dead"]
        emptied = self._is_emptied(tasks)
        lost = [task for task in tasks if _is_lost(task, now, after_start=after_start, emptied=emptied)]
        ended = [channel for channel in channels if has_ended(channel, now)]
        self._tidy(user_id, tasks, lost, ended, after_start=after_start)
        self._forget_channels(user_id, known)
        if lost:
            with self.store.read() as unit:
                tasks = unit.tasks(user_id, limit=1_000)
        # What is queued may be in the broker's hands still, or lost with it or the former worker: to do it once more
        # costs less than to wait for it.
        lost_ids = {task.task_id for task in lost}
        held = [task for task in tasks if _holds(task, now) and not (after_start and task.is_open)]
        busy = {(task.name, task.calendar_id) for task in held if task.task_id not in lost_ids}
        standing = [channel for channel in channels if channel not in ended]
        requests = [
            wanted
            for wanted in self._wants(user_id, tasks, standing, after_start=after_start)
            if (wanted.name, wanted.calendar_id) not in busy
        ]
        for name, calendar_id, subject, full in requests:
            self.ledger.request(name, user_id, calendar_id=calendar_id, subject=subject, full=full)
        return len(requests)

    def _is_emptied(self, tasks: Sequence[Task]) -> bool:
        """Whether the broker has nothing for anybody: what is called queued and not being done was lost with it.

        While something runs, a worker may have fetched the next ones already.
        """
        if any(task.state == "running" for task in tasks) or not any(task.state == "queued" for task in tasks):
            return False
        try:
            return self.ledger.queue.waiting() == 0
        except Transient:
            return False

    def _wants(
        self, user_id: str, tasks: Sequence[Task], channels: Sequence[Channel], *, after_start: bool
    ) -> list[_Wanted]:
        """What the database says is to be done, whatever is under way."""
        now = self.clock.epoch()
        with self.store.read() as unit:
            calendars = unit.calendars(user_id)
            states = {c.calendar_id: unit.sync_state(user_id, c.calendar_id) for c in calendars}
            deaths = {c.calendar_id: unit.deaths(user_id, c.calendar_id) for c in calendars}
            compared = {c.calendar_id: unit.compared_at(user_id, c.calendar_id) for c in calendars}
            changes = unit.changes(user_id)
            address = unit.public_address()
        wanted: list[_Wanted] = []
        listed = [t.queued_at for t in tasks if t.name == "calendar.pull_list" and t.state != "failed"]
        if not calendars or now - max(listed, default=0) >= RELIST_SECONDS:
            wanted.append(_Wanted("calendar.pull_list"))
        if any(c.state == "waiting" and (after_start or now - c.created_at >= OUTBOX_SECONDS) for c in changes):
            wanted.append(_Wanted("calendar.push"))
        for calendar in calendars:
            key, subject = calendar.calendar_id, calendar.summary
            state = states[key]
            period = self.watched_poll_seconds if calendar.live == "live" else self.poll_seconds
            if deaths[key] >= MOST_DEATHS:
                pass  # not pulled until the user asks; its channels are looked after all the same
            elif state.sync_token is not None and now >= compared[key] + COMPARE_SECONDS - _jitter(key):
                wanted.append(_Wanted("calendar.pull", key, subject, full=not state.staged))
            elif state.dirty_seq > state.synced_seq or state.staged or now - (calendar.synced_at or 0) >= period:
                wanted.append(_Wanted("calendar.pull", key, subject))
            own = [channel for channel in channels if channel.calendar_id == key]
            if calendar.live_wanted and state.watchable:
                good = [c for c in own if c.state == "active" and c.address == address]
                keep = [c for c in own if c.state == "active"] if not address else good[:1]
                must_open = bool(address) and all(renewal_is_due(c, now, renewal_jitter(c)) for c in good)
                if must_open or (len(own) > len(keep) and _sweep_is_due(key, tasks, own, now)):
                    wanted.append(_Wanted("calendar.watch", key, subject))
            elif own and _sweep_is_due(key, tasks, own, now):
                wanted.append(_Wanted("calendar.unwatch", key, subject))
        gone = {channel.calendar_id for channel in channels} - states.keys()
        wanted += [
            _Wanted("calendar.unwatch", key)
            for key in sorted(gone)
            if _sweep_is_due(key, tasks, [c for c in channels if c.calendar_id == key], now)
        ]
        return [
            item
            for item in wanted
            if item.name == "calendar.pull" or _count_deaths(tasks, item.name, item.calendar_id) < MOST_DEATHS
        ]

    def _tidy(
        self,
        user_id: str,
        tasks: Sequence[Task],
        lost: Sequence[Task],
        ended: Sequence[Channel],
        *,
        after_start: bool,
    ) -> None:
        """Ends the rows of lost tasks and ended channels, counts what killed its worker, and forgets old tasks.

        Writes only when there is something to write.
        """
        now = self.clock.epoch()
        old = any(task.finished_at is not None and task.finished_at < now - KEEP_TASKS_SECONDS for task in tasks)
        if not lost and not old and not ended:
            return
        with self.store.write() as unit:
            for task in lost:
                killed = after_start and task.state == "running"
                unit.update_task(task.task_id, state="failed", error=KILLED if killed else LOST, finished_at=now)
                key = task.calendar_id
                if not killed or task.name != "calendar.pull" or key is None:
                    continue
                if unit.count_death(user_id, key) >= MOST_DEATHS:
                    unit.set_problem(user_id, key, GIVEN_UP)
                    unit.bump_revision(user_id)
            for channel in ended:
                unit.put_channel(replace(channel, state="dead"))
            if ended:
                unit.bump_revision(user_id)
            unit.forget_tasks(now - KEEP_TASKS_SECONDS)

    def _forget_channels(self, user_id: str, channels: Sequence[Channel]) -> None:
        before = self.clock.epoch() - KEEP_CHANNELS_SECONDS
        if any(channel.state == "dead" and channel.created_at < before for channel in channels):
            with self.store.write() as unit:
                unit.forget_channels(user_id, before)


def _jitter(calendar_id: str) -> int:
    """Up to a tenth of a day, always the same for a calendar: not all are compared at once."""
    return crc32(calendar_id.encode()) % (COMPARE_SECONDS // 10)


def _sweep_is_due(calendar_id: str, tasks: Sequence[Task], channels: Sequence[Channel], now: int) -> bool:
    """Whether something is left to be stopped, and that was not tried only just now.

    A row without resourceId can't be stopped until a notification, or another channel of the calendar, tells it.
    """
    if not any(channel.resource_id for channel in channels):
        return False
    if all(channel.state == "pending" and now - channel.created_at < SWEEP_SECONDS for channel in channels):
        return False
    tries = [t for t in tasks if t.name in ("calendar.watch", "calendar.unwatch") and t.calendar_id == calendar_id]
    return now - max((task.queued_at for task in tries if task.state == "done"), default=0) >= SWEEP_SECONDS


def _count_deaths(tasks: Sequence[Task], name: str, calendar_id: str | None) -> int:
    """How many workers in a row died over the user's tasks of that kind; one that never began killed nobody."""
    same = [task for task in tasks if (task.name, task.calendar_id) == (name, calendar_id)]
    ended = [task for task in same if not task.is_open and task.started_at is not None]
    deaths = 0
    for task in sorted(ended, key=lambda task: task.queued_at, reverse=True):
        if task.error != KILLED:
            break
        deaths += 1
    return deaths


def _holds(task: Task, now: int) -> bool:
    """Whether another one of the kind has to wait: it is open, or one failed only just now.

    One that never began met only a broker that was away, and one that was lost only a worker's end: neither says
    anything against trying now.
    """
    failed_at_work = task.state == "failed" and task.started_at is not None and task.error not in (LOST, KILLED)
    return task.is_open or (failed_at_work and now - (task.finished_at or 0) < PAUSE_SECONDS)


def _is_lost(task: Task, now: int, *, after_start: bool, emptied: bool) -> bool:
    """Whether no worker can be doing it any more: the broker or a worker was lost with it."""
    if not task.is_open:
        return False
    if task.state == "running":
        return after_start or now - (task.started_at or now) >= LOST_RUNNING_SECONDS
    if task.state == "retrying":
        return now - (task.retry_at or now) >= LOST_QUEUED_SECONDS
    # One that was put off is with a worker until its time, and no longer with the broker.
    return now - (task.retry_at or task.queued_at) >= (FETCH_SECONDS if emptied else LOST_QUEUED_SECONDS)
