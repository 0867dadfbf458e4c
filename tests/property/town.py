"""Two people with three calendars and one computer: every service, on SQLite in memory, beside a near Google.

Everything that happens is decided by the schedule: which task a worker takes, when a message arrives, where a
process dies. `process` runs something as a process would; a crash leaves nothing but the database (and the broker's
queue), and the worker that starts then looks at the database first, as the real one does.
"""

import pickle
import random
from base64 import b32hexencode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any, NamedTuple

from starlette.requests import Request

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.errors import CalendarError, Transient
from aicalendar_tui.backend.domain.event import new_event_id
from aicalendar_tui.backend.domain.news import News
from aicalendar_tui.backend.ports import RemoteCalendar, TaskName, WriteUnit
from aicalendar_tui.backend.receiver.webhook import read_notification
from aicalendar_tui.backend.services import Services, edit, push, settle
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
from aicalendar_tui.backend.store.store import IN_MEMORY, PeeweeStore
from aicalendar_tui.simulator import channels
from aicalendar_tui.simulator.oauth import Grant
from aicalendar_tui.simulator.world import World
from aicalendar_tui.worker.tasks import Runner, register_tasks
from tests.property.near_google import Commit, Crash, Fuse, NearGoogle, VirtualClock
from tests.unit.services.household import SilentFeed, StandingTunnel, timed

ANA = "ana@example.com"
BORIS = "boris@example.com"
WORK = "work@group.calendar.google.com"
USERS = (ANA, BORIS)
PLACES = ((ANA, ANA), (ANA, WORK), (BORIS, BORIS))
"""Whose calendar, and which."""
ADDRESS = "https://calendar.example.com"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLIENT = "c"
SCOPE = "https://www.googleapis.com/auth/calendar"


class Message(NamedTuple):
    """A task on its way to a worker."""

    name: str
    task_id: str
    arguments: dict[str, Any]
    ready_at: float = 0.0
    retries: int = 0


class Broker:
    """Fits `ports.TaskQueue`: Redis, which can be away, lose everything, or give a task out twice."""

    def __init__(self, fuse: Fuse) -> None:
        self.queue: list[Message] = []
        self.unacked: list[Message] = []
        self.away = False
        self._fuse = fuse

    def send(self, name: TaskName, *, task_id: str, arguments: dict[str, Any], countdown_seconds: float = 0) -> None:
        """Raises Transient while `away`, Crash where we die."""
        self._fuse.point()
        if self.away:
            raise Transient("the task queue is away")
        self.queue.append(Message(name, task_id, arguments))
        self._fuse.point()

    def waiting(self) -> int:
        """Raises Transient while `away`."""
        if self.away:
            raise Transient("the task queue is away")
        return len(self.queue)

    def lose(self) -> None:
        """FLUSHALL, or a server that was killed."""
        self.queue.clear()
        self.unacked.clear()

    def restore(self) -> None:
        """What a dead worker had fetched is given out again (acks_late)."""
        self.queue[:0], self.unacked = self.unacked, []


class FragileStore(PeeweeStore):
    """SQLite in memory; the process can die before, within and after each transaction that writes."""

    def __init__(self, fuse: Fuse, original: bytes | None = None) -> None:
        super().__init__(IN_MEMORY)
        self._fuse = fuse
        self._original = original

    def _prepare(self) -> None:
        """Begins as a copy of another database, where there is one."""
        if self._original is None:
            super()._prepare()
        else:
            self._database.connection().deserialize(self._original)

    def copy(self) -> bytes:
        """The whole database."""
        return self._database.connection().serialize()

    def count_written(self) -> int:
        """How many rows were ever written."""
        return self._database.connection().total_changes

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Any]:
        """See `ports.Store`."""
        outermost = not self._database.in_transaction()
        if outermost:
            self._fuse.point()
        with super().write(durable=durable) as unit:
            yield unit
            if outermost:
                self._fuse.point()
        if outermost:
            self._fuse.point()

    def is_busy(self) -> bool:
        """Whether a transaction is open."""
        return self._database.in_transaction()


class FragileCache(MemoryAgendaCache):
    """The process can die before it drops a view."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    def invalidate(self, user_id: str, *, event_ids: Any = ()) -> None:
        """See `ports.AgendaCache`."""
        self._fuse.point()
        super().invalidate(user_id, event_ids=event_ids)


class FragilePublisher(MemoryChangePublisher):
    """The process can die before it tells anybody."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    def publish(self, news: News) -> None:
        """See `ports.ChangePublisher`."""
        self._fuse.point()


class NameLock:
    """Fits `ports.Lock` within one thread: who asks while another one works finds it taken."""

    def __init__(self) -> None:
        self._held: set[str] = set()

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Yields whether the lock was free."""
        if name in self._held:
            yield False
            return
        self._held.add(name)
        try:
            yield True
        finally:
            self._held.discard(name)


class _Retried(Exception):
    pass


class _Delivery:
    """What Celery gives a task to know about itself."""

    def __init__(self, town: "Town", message: Message) -> None:
        self.name = message.name
        self.request = SimpleNamespace(id=message.task_id, retries=message.retries)
        self._town, self._message = town, message

    def retry(self, *, countdown: float, max_retries: int, exc: Exception) -> _Retried:
        """The same task again, later."""
        ready_at = self._town.clock.epoch() + countdown
        self._town.broker.queue.append(self._message._replace(ready_at=ready_at, retries=self._message.retries + 1))
        return _Retried()


class _Tasks:
    """Takes the place of the Celery app: keeps the functions by name."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., None]] = {}

    def task(self, *, name: str, bind: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """A decorator."""

        def keep(function: Callable[..., None]) -> Callable[..., None]:
            self.functions[name] = function
            return function

        return keep


class Town:
    """The world, our database and the services of the processes that are alive."""

    def __init__(self, seed: int, on_commit: Callable[[Commit], None]) -> None:
        """Begins where `_begin` ended, with dice of its own."""
        if not _BEGINNING:
            _BEGINNING.append(_begin())
        self.world: World = pickle.loads(_BEGINNING[0].world)
        self.world.reseed(str(seed))
        assert isinstance(self.world.clock, VirtualClock)
        self.clock = self.world.clock
        self.fuse = Fuse()
        self.google = NearGoogle(self.world, self.fuse, on_commit=on_commit)
        self.google.before_request = self._check_no_transaction
        self.ids = count(100)
        self.crashes = 0
        _name_events_by(random.Random(seed))
        self.store = FragileStore(self.fuse, _BEGINNING[0].database)
        self.broker = Broker(self.fuse)
        self.sign_in()
        self.build()
        self.google.look()

    @classmethod
    def empty(cls) -> "Town":
        """Two accounts at Google, and nothing here but their names."""
        town = cls.__new__(cls)
        town.clock = VirtualClock(NOW)
        town.world = World(town.clock)
        town.fuse = Fuse()
        town.google = NearGoogle(town.world, town.fuse, on_commit=lambda commit: None)
        for email in USERS:
            user = town.world.add_user(email, email.partition("@")[0], "UTC", access_token=f"phone-{email}")
            if email == ANA:
                town.world.add_calendar(user, "Work", "Europe/Berlin", calendar_id=WORK)
        town.ids = count(1)
        town.store = FragileStore(town.fuse)
        town.broker = Broker(town.fuse)
        town.sign_in()
        town.build()
        with town.store.write() as unit:
            for email in USERS:
                unit.put_account(email, email=email, endpoint="https://google.test", now=town.clock.epoch())
            unit.set_public_address(ADDRESS)
        return town

    def close(self) -> None:
        """The end of this world."""
        self.store.close()
        for module in _NAMING:
            vars(module)["new_event_id"] = new_event_id

    def sign_in(self) -> None:
        """Both users grant us access (again)."""
        for email in USERS:
            self.world.oauth.grants[f"refresh-{email}"] = Grant(email, CLIENT, SCOPE, f"refresh-{email}")
        self.remotes = {email: self.google.open_account(email) for email in USERS}

    def build(self) -> None:
        """The objects of the processes; nothing in them outlives a crash."""
        self.cache = FragileCache(self.fuse)
        self.publisher = FragilePublisher(self.fuse)
        self.lock = NameLock()
        common = (self.store, self._remote, self.cache, self.publisher)
        self.ledger = Ledger(self.store, self.broker, self.publisher, self.clock)
        self.read = Read(self.store, self.cache)
        self.accept = Accept(self.store, self.ledger, self.clock)
        self.pull = Pull(*common, self.ledger, self.lock, self.clock)
        self.push = Push(*common, self.lock, self.clock)
        self.pull_list = PullList(*common, self.ledger, self.clock)
        self.edit = Edit(self.store, self.cache, self.publisher, self.clock)
        self.watch = Watch(
            *common,
            self.ledger,
            self.lock,
            self.clock,
            new_id=lambda: f"channel-{next(self.ids)}",
            new_token=lambda: f"token-{next(self.ids)}",
        )
        self.backstop = Backstop(self.store, self.ledger, self.clock)
        self.request_sync = RequestSync(self.store, self.ledger)
        self.services = Services(
            store=self.store,
            cache=self.cache,
            queue=self.broker,
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
            trouble=Trouble(self.store, self.cache, self.publisher),
            forget_cached=self.cache.invalidate_user_cache,
        )
        tasks = _Tasks()
        register_tasks(tasks, Runner(lambda: self.services))  # pyright: ignore[reportArgumentType] - all it asks for
        self.tasks = tasks.functions

    def _remote(self, user_id: str) -> RemoteCalendar:
        return self.remotes[user_id]

    def _check_no_transaction(self) -> None:
        assert not self.store.is_busy(), "a transaction is held across a request"

    # what happens

    def process(self, work: Callable[[], object]) -> bool:
        """Runs something as a process would; returns whether it came to its end.

        Passing faults are for later. A crash takes the processes along, and new ones start.
        """
        try:
            work()
        except Crash:
            self.restart()
            return False
        except (CalendarError, _Retried):
            return False
        return True

    def restart(self) -> None:
        """Nothing is left but the database and the broker; the worker that starts asks the database."""
        self.crashes += 1
        self.google.meanwhile.clear()
        self.broker.restore()
        self.build()
        self.process(lambda: self.backstop(after_start=True))

    def work(self, choice: int = 0) -> bool:
        """A worker does one of the tasks that wait; returns whether there was any."""
        now = self.clock.epoch()
        ready = [message for message in self.broker.queue if message.ready_at <= now]
        if not ready or self.broker.away:
            return False
        message = ready[choice % len(ready)]
        self.broker.queue.remove(message)
        self.broker.unacked.append(message)
        self.process(lambda: self.tasks[message.name](_Delivery(self, message), **message.arguments))
        if message in self.broker.unacked:
            self.broker.unacked.remove(message)
        return True

    def work_off(self) -> None:
        """Until nothing is left that could be done now."""
        for _ in range(500):
            if not self.work():
                return
        raise AssertionError("the workers never come to rest")

    def deliver(self, most: int, choice: Callable[[Notification], Notification] = lambda note: note) -> list[str]:
        """Google's messages arrive, the first `most` of them; returns the ids of the channels that accepted one.

        What is not taken (503) is sent again. `choice` may forge what arrives.
        """
        accepted = []
        for _ in range(most):
            message = self.world.channels.take()
            if message is None:
                break
            outcome: list[str] = []
            note = choice(_read(message))
            if not self.process(lambda note=note, outcome=outcome: outcome.append(self.accept(note))):
                self.world.channels.queue.append(message)
            elif outcome == ["accepted"]:
                accepted.append(message.channel_id)
        return accepted

    @contextmanager
    def writing(self) -> Iterator[WriteUnit]:
        """A transaction of the schedule's own, which nothing disturbs."""
        with PeeweeStore.write(self.store) as unit:
            yield unit


_NAMING = (edit, push, settle)
"""Who chooses ids; there is no other seam."""


class _Beginning(NamedTuple):
    """What every schedule begins with; to make it takes longer than a schedule."""

    world: bytes
    database: bytes


_BEGINNING: list[_Beginning] = []


def _begin() -> _Beginning:
    """All is connected and watched; each calendar has an event and a series, and Boris is invited to one."""
    town = Town.empty()
    for email in USERS:
        town.pull_list(email)
    for number, (owner, calendar_id) in enumerate(PLACES):
        town.watch.set_live(owner, calendar_id, True)
        guests: dict[str, Any] = {"attendees": [{"email": BORIS}]} if number == 0 else {}
        series = timed(f"w{number}1", day=23 + number, hour=12, recurrence=["RRULE:FREQ=DAILY;COUNT=4"])
        for event in (timed(f"w{number}0", day=22 + number, **guests), series):
            town.google.phone(owner, "POST", path_of(calendar_id), event)
    town.work_off()
    town.deliver(100)
    town.work_off()
    beginning = _Beginning(pickle.dumps(town.world), town.store.copy())
    town.close()
    return beginning


def path_of(calendar_id: str, event_id: str = "") -> str:
    """Where the API has a calendar's events, or one of them."""
    return f"/calendar/v3/calendars/{calendar_id}/events" + (f"/{event_id}" if event_id else "")


def _read(message: channels.Notification) -> Notification:
    headers = [(name.lower().encode(), value.encode()) for name, value in message.headers.items()]
    return read_notification(Request({"type": "http", "headers": headers}))


def _name_events_by(dice: random.Random) -> None:
    """The ids that we choose come from the schedule's seed, or no schedule could be repeated; `close` ends that."""

    def next_event_id() -> str:
        return b32hexencode(dice.randbytes(16)).decode().rstrip("=").lower()

    for module in _NAMING:
        vars(module)["new_event_id"] = next_event_id
