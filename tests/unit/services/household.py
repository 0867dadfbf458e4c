"""All services on a real SQLite file, an account at Google in memory, and a clock that stands still.

`restart` abandons every object as a crash does and builds them anew on the same file.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.change import Change
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey, Resource, is_cancelled
from aicalendar_tui.backend.domain.news import News
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ports import Lock, RemoteCalendar
from aicalendar_tui.backend.queue import MemoryTaskQueue
from aicalendar_tui.backend.services import Services
from aicalendar_tui.backend.services.accept import Accept
from aicalendar_tui.backend.services.backstop import Backstop
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.pull import Pull
from aicalendar_tui.backend.services.pull_list import PullList
from aicalendar_tui.backend.services.push import Push
from aicalendar_tui.backend.services.read import Read
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.backend.services.trouble import Trouble
from aicalendar_tui.backend.services.watch import Watch
from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.store import PeeweeStore
from aicalendar_tui.backend.store.transactions import TransactionalStore
from tests.fakes.remote_calendar import FakeRemoteCalendar, FakeRemotes

USER = "ana"
HOME = "home@example.com"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADDRESS = "https://calendar.example.com"


class FrozenClock:
    """Stands at `NOW` until it is told otherwise."""

    def __init__(self) -> None:
        self.seconds = int(NOW.timestamp())

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def epoch(self) -> int:
        """Whole seconds."""
        return self.seconds

    def advance(self, seconds: int) -> None:
        """Lets time pass."""
        self.seconds += seconds


class SilentFeed:
    """Fits `ports.ChangeFeed`; nothing ever happens elsewhere."""

    async def follow(self, user_ids: Collection[str]) -> AsyncIterator[News | None]:
        """Waits for ever."""
        await asyncio.Event().wait()
        yield None


class Household:
    """One user with the calendars of `google`; the database is the file `calendar.db` in `folder`."""

    def __init__(self, folder: Path, google: FakeRemoteCalendar | None = None) -> None:
        self.folder = folder
        self.google = google or FakeRemoteCalendar(HOME)
        self.remotes = FakeRemotes(**{USER: self.google})
        self.clock = FrozenClock()
        self.queue = MemoryTaskQueue()
        self.ids = count(1)
        self.build()
        with self.store.write() as unit:
            unit.put_account(USER, email="ana@example.com", endpoint="https://google.test", now=self.clock.epoch())

    def build(self) -> None:
        """The objects of one process."""
        self.store = self.open_store()
        self.cache = MemoryAgendaCache()
        self.publisher = MemoryChangePublisher()
        self.lock = self.make_lock()
        self.ledger = Ledger(self.store, self.queue, self.publisher, self.clock)
        self.read = Read(self.store, self.cache)
        self.accept = Accept(self.store, self.ledger, self.clock)
        self.use(self.google)
        self.pull_list = PullList(self.store, self.remotes, self.cache, self.publisher, self.ledger, self.clock)
        self.edit = Edit(self.store, self.cache, self.publisher, self.clock)
        self.watch = Watch(
            self.store,
            self.remotes,
            self.cache,
            self.publisher,
            self.ledger,
            self.lock,
            self.clock,
            new_id=lambda: f"channel-{next(self.ids)}",
            new_token=lambda: f"token-{next(self.ids)}",
        )
        self.backstop = Backstop(self.store, self.ledger, self.clock)
        self.request_sync = RequestSync(self.store, self.ledger)
        self.trouble = Trouble(self.store, self.cache, self.publisher)

    def open_store(self) -> TransactionalStore:
        """The database, which `restart` opens again."""
        return PeeweeStore(self.folder / "calendar.db")

    def make_lock(self) -> Lock:
        """Between the processes of one household."""
        return FileLock(self.folder / "locks")

    def use(self, remote: RemoteCalendar) -> None:
        """Pull and push talk to `remote` from now on: `google`, or something that stands before it."""

        def open_remote(user_id: str) -> RemoteCalendar:
            return remote

        self.pull = Pull(self.store, open_remote, self.cache, self.publisher, self.ledger, self.lock, self.clock)
        self.push = Push(self.store, open_remote, self.cache, self.publisher, self.lock, self.clock)

    def restart(self) -> None:
        """Nothing but the file is left of the former objects."""
        self.store.close()
        self.build()

    def connect(self) -> None:
        """The list of calendars, and the first full sync of each."""
        self.pull_list(USER)
        with self.store.read() as unit:
            calendars = unit.calendars(USER)
        for calendar in calendars:
            self.pull(USER, calendar.calendar_id)
        self.finish_tasks()

    def finish_tasks(self) -> None:
        """All that was enqueued so far is done, as far as the ledger knows."""
        for task in self.queue.sent:
            self.ledger.finish(task.task_id, USER, "")
        self.queue.sent.clear()

    def services(self) -> Services:
        """All of them together, as the worker gets them."""
        return Services(
            store=self.store,
            cache=self.cache,
            queue=self.queue,
            open_feed=SilentFeed,
            clock=self.clock,
            tunnel=StandingTunnel(),
            ledger=self.ledger,
            accept=self.accept,
            pull=self.pull,
            pull_list=self.pull_list,
            push=self.push,
            edit=self.edit,
            read=self.read,
            watch=self.watch,
            backstop=self.backstop,
            request_sync=self.request_sync,
            trouble=self.trouble,
            forget_cached=self.cache.invalidate_user_cache,
        )

    # what tests look at

    def mirror(self, calendar_id: str = HOME) -> dict[str, Resource]:
        """What the database says is at Google, tombstones left out, by id."""
        with self.store.read() as unit:
            rows = unit._sql(
                "SELECT e.event_id, e.family_id FROM event e JOIN calendar c ON c.generation = e.generation"
                " WHERE c.user_id = ? AND c.calendar_id = ? AND NOT e.cancelled",
                (USER, calendar_id),
            )
            families = unit.families(USER, calendar_id, {family_id for _, family_id in rows})
        resources = {resource["id"]: resource for family in families.values() for resource in family}
        return {event_id: resources[event_id] for event_id, _ in rows if not is_cancelled(resources[event_id])}

    def outbox(self) -> list[Change]:
        """What is not at Google yet, oldest first."""
        with self.store.read() as unit:
            return unit.changes(USER)

    def agenda(self, days: Days | None = None) -> list[Entry]:
        """What a screen shows of those days; of the month around `NOW` when none are given."""
        return list(self.read.agenda(USER, days or MONTH).entries)

    def summaries(self, days: Days | None = None) -> list[str]:
        """The titles of `agenda`, in its order."""
        return [entry.summary for entry in self.agenda(days)]

    def revision(self) -> int:
        """The number that counts what is shown."""
        with self.store.read() as unit:
            return unit.revision(USER)

    def sent(self) -> list[tuple[str, str | None]]:
        """(task name, calendar) of what was enqueued."""
        return [(task.name, task.arguments.get("calendar_id")) for task in self.queue.sent]

    def create(self, summary: str = "Tea", *, hour: int = 9, **fields: object) -> EventKey:
        """An hour on the day of `NOW`, made here by the user."""
        return self.edit.create(USER, HOME, draft(summary, hour=hour, **fields))

    def write_calendar(self) -> None:
        """The calendar and nothing of its events: for tests that need no sync."""
        with self.store.write() as unit:
            unit.put_calendar(USER, HOME, {"id": HOME, "summary": "Home", "accessRole": "owner"}, 0)


class StandingTunnel:
    """Stands at a fixed address."""

    problem = ""

    def address(self) -> str | None:
        """The public base URL."""
        return ADDRESS


def draft(summary: str = "Tea", *, hour: int = 9, day: int = 23, **fields: object) -> Draft:
    """An hour in November 2026, in UTC."""
    start = datetime(2026, 11, day, hour, tzinfo=UTC)
    return Draft(summary=summary, start=start, end=start.replace(minute=59), **fields)  # pyright: ignore[reportArgumentType]


def timed(summary: str = "Walk", *, day: int = 23, hour: int = 9, **fields: object) -> Resource:
    """A resource as somebody else would write it: an hour in November 2026, in UTC."""
    moment = f"2026-11-{day:02}T{hour:02}"
    return {
        "summary": summary,
        "start": {"dateTime": f"{moment}:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": f"{moment}:59:00Z", "timeZone": "UTC"},
        **fields,
    }


MONTH = Days(NOW.date().replace(day=1), NOW.date().replace(month=12, day=1), "UTC")
