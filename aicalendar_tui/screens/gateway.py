"""The only bridge between the screens and everything that can block.

Each method runs in a thread and ends in plain domain values; nothing else in `screens` reaches a database, a socket
or a lock. Screens never touch what is behind it, and it never touches a widget.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar
from urllib.parse import quote

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, sort_key
from aicalendar_tui.backend.domain.busy import Busy, busy_minutes
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.conflict import Choice, Conflict
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import Event, EventKey
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged, News
from aicalendar_tui.backend.domain.search import Query
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.i18n import N_, _
from aicalendar_tui.screens.accounts import ShownAccounts

if TYPE_CHECKING:
    from aicalendar_tui.backend.ports import ChangeFeed
    from aicalendar_tui.backend.services import Services

P = ParamSpec("P")
T = TypeVar("T")

Connection = Literal["starting", "live", "polling", "offline"]
"""How changes arrive: by notification, by asking every so often, or not at the moment."""


class Status(Struct, frozen=True, kw_only=True):
    """The state line."""

    connection: Connection = "starting"
    poll_seconds: int = 300
    waiting: int = 0
    conflicts: int = 0
    rejected: int = 0
    open_tasks: int = 0
    cache_away: bool = False
    """Redis is down: views come from the database."""
    signed_out: bool = False
    problem: str = ""
    """One translated line about what is wrong and what to do, or ''."""


class Details(Struct, frozen=True, kw_only=True):
    """One event, opened."""

    key: EventKey
    event: Event
    calendar: Calendar
    recurrence: tuple[str, ...] = ()
    """The rules of the series that it is, or is an instance of."""
    waiting: bool = False
    problem: str = ""
    """Why its edit is in conflict or was rejected, or ''."""


class Gateway(Protocol):
    """What the screens can ask for and do. Errors are of `domain.errors`."""

    @property
    def zone(self) -> str:
        """The IANA zone in which days are shown."""
        ...

    def now(self) -> datetime:
        """The present, aware, in `zone`. Cheap; does not block."""
        ...

    async def agenda(self, days: Days) -> Agenda:
        """The entries of all shown calendars that overlap `days`, in order."""
        ...

    async def busy(self, days: Days) -> Busy:
        """How long each of `days` is taken in all shown calendars."""
        ...

    async def calendars(self) -> list[Calendar]:
        """All calendars of all accounts, in the user's order, hidden ones too."""
        ...

    async def details(self, key: EventKey) -> Details | None:
        """The event as it is shown (pending edits applied); None when it is gone."""
        ...

    async def search(self, query: Query, *, limit: int = 100) -> list[Entry]:
        """One entry an event or series of any calendar, what is to come first."""
        ...

    async def people(self) -> list[Person]:
        """Who was seen among the guests of events, those met most often first."""
        ...

    async def status(self) -> Status: ...

    async def tasks(self, *, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        ...

    async def create(self, calendar: Calendar, draft: Draft, *, notify: Notify = "none") -> EventKey:
        """Raises InvalidEdit. Shown at once; on its way to Google."""
        ...

    async def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none") -> None:
        """Raises InvalidEdit, NotFound. For a single event the scope does not matter."""
        ...

    async def delete(self, key: EventKey, *, scope: Scope = "this", notify: Notify = "none") -> None: ...

    async def move(
        self,
        key: EventKey,
        calendar: Calendar,
        *,
        draft: Draft | None = None,
        scope: Scope = "this",
        notify: Notify = "none",
    ) -> EventKey:
        """Puts an event or a whole series (`scope` is `all`) into another calendar, changed by `draft` on the way.

        One edit, one undo. Returns its key there, the series' own. Raises InvalidEdit, NotFound.
        """
        ...

    async def losses(self, key: EventKey, draft: Draft, *, scope: Scope) -> list[str]:
        """The changed instances that such a change can't keep, as titles with times; to be asked before it."""
        ...

    async def conflicts(self) -> list[Conflict]:
        """What waits for the user's decision, oldest first."""
        ...

    async def settle(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        """As a whole or unit by unit. Raises NotFound when it is settled already, InvalidEdit with what is open."""
        ...

    async def undo(self) -> str | None:
        """Takes the newest edit back; returns its event's title, or None when there is nothing to undo."""
        ...

    async def redo(self) -> str | None: ...

    async def set_shown(self, calendar: Calendar, shown: bool) -> None: ...

    async def show_only(self, calendars: Sequence[Calendar]) -> None:
        """These and no others, in one go."""
        ...

    async def set_color(self, calendar: Calendar, color: str) -> None:
        """`#rrggbb`, on this machine alone; '' is Google's own again."""
        ...

    async def set_order(self, calendars: Sequence[Calendar]) -> None:
        """The order of all of them, from now on; accounts stay together."""
        ...

    async def set_live(self, calendar: Calendar, wanted: bool) -> None:
        """Subscribes to or unsubscribes from live updates; the services fulfil the wish."""
        ...

    async def sync_now(self) -> None:
        """Asks the services to pull and push everything now."""
        ...

    async def retry_task(self, task_id: str) -> None: ...

    def news(self) -> AsyncIterator[News | None]:
        """What changed, as it comes, own edits included; None: read everything again. Never ends by itself."""
        ...


SIGN_IN_AGAIN = N_("{user} is signed out; to sign in again: aicalendar login")
NOBODY = N_("Nobody is signed in any more; to sign in: aicalendar login")
REVISION_SECONDS = 5.0
"""How often revisions are compared, in case a message was lost."""
AWAY_SECONDS = 1.0
"""How often the database is asked while Redis is away."""


class Lease(Protocol):
    """What keeps the services running for as long as it is held (the launcher's)."""

    def follow(self) -> Iterator[object]:
        """Blocks; yields whenever a service's state changed, and ends with the lease."""
        ...

    def wait_ready(self, names: Sequence[str], *, timeout_seconds: float) -> bool: ...
    def close(self) -> None: ...


class LocalApi(Protocol):
    """The local HTTP API of the services, which alone may enqueue tasks."""

    def request(self, method: str, path: str) -> None:
        """Blocks. Raises CalendarError when the services are away; what was wished for is stored anyway."""
        ...


class ServiceGateway:
    """Fits `Gateway`: use cases in threads, news from the feed, and a lease on the services.

    The calls of one kind run one after another, so that an answer never overtakes an older one.
    """

    def __init__(
        self,
        open_services: "Callable[[], Services]",
        *,
        user_ids: Sequence[str],
        zone: str,
        now: Callable[[], datetime],
        api: LocalApi,
        acquire: Callable[[], Lease],
        poll_seconds: int,
    ) -> None:
        """`open_services` and `acquire` are first called after the first paint, in a thread.

        `user_ids` are the accounts to begin with; who signs in later, or is removed, is noticed in the database.

        `acquire` starts or joins the services, or raises CalendarError; `now` is the edge's clock.
        """
        self._open_services = open_services
        self._opening = threading.Lock()
        self._opened: Services | None = None
        self._now = now
        self._accounts = ShownAccounts(user_ids)
        self._zone = zone
        self._api = api
        self._acquire = acquire
        self._poll_seconds = poll_seconds
        self._reads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read")
        self._edits = ThreadPoolExecutor(max_workers=1, thread_name_prefix="edit")
        self._searches = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._nudges = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nudge")
        self._own_news: asyncio.Queue[News | None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lease: Lease | None = None
        self._ready = False
        self._launch_problem = ""
        self._closed = threading.Event()
        self._accounts_changed = asyncio.Event()

    @property
    def zone(self) -> str:
        """See `Gateway`."""
        return self._zone

    def now(self) -> datetime:
        """See `Gateway`."""
        return self._now().astimezone(zone_of(self._zone))

    @property
    def _user_ids(self) -> tuple[str, ...]:
        return self._accounts.user_ids

    @property
    def _services(self) -> "Services":
        """The use cases, for threads: what they need is imported and opened with the first call."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open_services()
            return self._opened

    async def agenda(self, days: Days) -> Agenda:
        """See `Gateway`."""
        return await self._read(self.read_agenda, days)

    def read_agenda(self, days: Days) -> Agenda:
        """`agenda` for before the loop runs; blocks."""
        agendas = [self._services.read_agenda(user_id, days) for user_id in self._user_ids]
        revision = self._accounts.revision_of_all([agenda.revision for agenda in agendas])
        if len(agendas) == 1:
            return Agenda(days, agendas[0].entries, revision)
        entries = sorted((entry for agenda in agendas for entry in agenda.entries), key=sort_key)
        return Agenda(days, tuple(entries), revision)

    async def busy(self, days: Days) -> Busy:
        """See `Gateway`."""

        def read() -> Busy:
            agenda = self.read_agenda(days)
            return Busy(days, busy_minutes(agenda.entries, days), agenda.revision)

        return await self._read(read)

    async def calendars(self) -> list[Calendar]:
        """See `Gateway`."""
        return await self._read(self.read_calendars)

    def read_calendars(self) -> list[Calendar]:
        """`calendars` for before the loop runs; blocks."""
        return [c for user_id in self._user_ids for c in self._services.read_calendars(user_id).calendars]

    async def details(self, key: EventKey) -> Details | None:
        """See `Gateway`."""
        view = await self._read(lambda: self._services.read_event(key))
        if view is None:
            return None
        return Details(
            key=key,
            event=view.event,
            calendar=view.calendar,
            recurrence=view.recurrence,
            waiting=view.waiting,
            problem=view.problem,
        )

    async def search(self, query: Query, *, limit: int = 100) -> list[Entry]:
        """See `Gateway`. In a thread of its own: what is shown does not wait for it."""
        zone, now = self._zone, self._now().timestamp()

        def find() -> list[Entry]:
            found = [
                entry
                for user_id in self._user_ids
                for entry in self._services.search(user_id, query, zone=zone, limit=limit)
            ]
            return sorted(found, key=lambda hit: (hit.end <= now, hit.start if hit.end > now else -hit.start))[:limit]

        return await self._in(self._searches, find)

    async def people(self) -> list[Person]:
        """See `Gateway`. Away from the other reads, which need not wait until all guests are counted."""

        def read() -> list[Person]:
            return [person for user_id in self._user_ids for person in self._services.read_people(user_id)]

        return await asyncio.to_thread(read)

    async def status(self) -> Status:
        """See `Gateway`."""
        return await self._read(self.read_status)

    def read_status(self) -> Status:
        """`status` for before the loop runs; blocks."""
        # Imported here, as everything of the services: the screen begins without them.
        from aicalendar_tui.backend.services.trouble import SIGNED_OUT, UNREACHABLE

        user_ids = self._user_ids
        summaries = [self._services.read_status(user_id) for user_id in user_ids]
        signed_out = [user_ids[i] for i, summary in enumerate(summaries) if summary.problem == SIGNED_OUT]
        problem = next(
            (summary.problem for summary in summaries if summary.problem not in ("", SIGNED_OUT)),
            self._launch_problem,
        )
        if signed_out or not user_ids:
            problem = _(SIGN_IN_AGAIN).format(user=", ".join(signed_out)) if signed_out else _(NOBODY)
        connection: Connection = "polling"
        if any(summary.problem == UNREACHABLE for summary in summaries):
            connection = "offline"
        elif not self._ready:
            connection = "starting"
        elif any(summary.live_calendars for summary in summaries):
            connection = "live"
        return Status(
            connection=connection,
            poll_seconds=self._poll_seconds,
            waiting=sum(summary.waiting for summary in summaries),
            conflicts=sum(summary.conflicts for summary in summaries),
            rejected=sum(summary.rejected for summary in summaries),
            open_tasks=sum(summary.open_tasks for summary in summaries),
            cache_away=self._ready and self._services.cache.away,
            signed_out=bool(signed_out) or not user_ids,
            problem=problem,
        )

    async def tasks(self, *, limit: int = 50) -> list[Task]:
        """See `Gateway`."""

        def read() -> list[Task]:
            tasks = [task for user_id in self._user_ids for task in self._services.read_tasks(user_id, limit)]
            return sorted(tasks, key=lambda task: (not task.is_open, -task.queued_at))[:limit]

        return await self._read(read)

    async def create(self, calendar: Calendar, draft: Draft, *, notify: Notify = "none") -> EventKey:
        """See `Gateway`."""
        user_id, calendar_id = calendar.user_id, calendar.calendar_id
        key = await self._edit(lambda: self._services.create_event(user_id, calendar_id, draft, notify=notify))
        self._push(calendar.user_id)
        return key

    async def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none") -> None:
        """See `Gateway`."""
        await self._edit(lambda: self._services.change_event(key, draft, scope, notify=notify))
        self._push(key.user_id)

    async def delete(self, key: EventKey, *, scope: Scope = "this", notify: Notify = "none") -> None:
        """See `Gateway`."""
        await self._edit(lambda: self._services.delete_event(key, scope, notify=notify))
        self._push(key.user_id)

    async def move(
        self,
        key: EventKey,
        calendar: Calendar,
        *,
        draft: Draft | None = None,
        scope: Scope = "this",
        notify: Notify = "none",
    ) -> EventKey:
        """See `Gateway`."""
        place = (calendar.user_id, calendar.calendar_id)
        moved = await self._edit(lambda: self._services.move_event(key, place, draft, scope, notify=notify))
        self._push(key.user_id)
        return moved

    async def losses(self, key: EventKey, draft: Draft, *, scope: Scope) -> list[str]:
        """See `Gateway`."""
        return await self._read(lambda: self._services.list_losses(key, draft, scope))

    async def conflicts(self) -> list[Conflict]:
        """See `Gateway`."""

        def read() -> list[Conflict]:
            return [found for user_id in self._user_ids for found in self._services.list_conflicts(user_id)]

        return await self._read(read)

    async def settle(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        """See `Gateway`."""
        await self._edit(lambda: self._services.settle(change_id, choice))
        for user_id in self._user_ids:
            self._push(user_id)

    async def undo(self) -> str | None:
        """See `Gateway`."""
        return await self._turn(lambda user_id: self._services.undo(user_id), undone=False)

    async def redo(self) -> str | None:
        """See `Gateway`."""
        return await self._turn(lambda user_id: self._services.redo(user_id), undone=True)

    async def _turn(self, turn: Callable[[str], str | None], *, undone: bool) -> str | None:
        """Of all accounts' edits the one whose turn it is."""
        user_id = await self._in(self._edits, self._services.find_turn, self._user_ids, undone=undone)
        if user_id is None:
            return None
        title = await self._edit(turn, user_id)
        self._push(user_id)
        return title

    async def set_shown(self, calendar: Calendar, shown: bool) -> None:
        """See `Gateway`."""

        def write() -> None:
            with self._services.store.write() as unit:
                unit.set_shown(calendar.user_id, calendar.calendar_id, shown)
                unit.bump_revision(calendar.user_id)

        await self._edit(write)

    async def show_only(self, calendars: Sequence[Calendar]) -> None:
        """See `Gateway`."""
        shown = {(calendar.user_id, calendar.calendar_id) for calendar in calendars}

        def write() -> None:
            with self._services.store.write() as unit:
                for user_id in self._user_ids:
                    for known in unit.calendars(user_id):
                        if known.shown != ((user_id, known.calendar_id) in shown):
                            unit.set_shown(user_id, known.calendar_id, not known.shown)
                    unit.bump_revision(user_id)

        await self._edit(write)

    async def set_color(self, calendar: Calendar, color: str) -> None:
        """See `Gateway`."""

        def write() -> None:
            with self._services.store.write() as unit:
                unit.set_color(calendar.user_id, calendar.calendar_id, color)
                unit.bump_revision(calendar.user_id)

        await self._edit(write)

    async def set_order(self, calendars: Sequence[Calendar]) -> None:
        """See `Gateway`."""

        def write() -> None:
            with self._services.store.write() as unit:
                for user_id in self._user_ids:
                    unit.set_order(user_id, [known.calendar_id for known in calendars if known.user_id == user_id])
                    unit.bump_revision(user_id)

        await self._edit(write)

    async def set_live(self, calendar: Calendar, wanted: bool) -> None:
        """See `Gateway`. The wish is stored first: the services fulfil it even if they are away now."""
        user_id, calendar_id = calendar.user_id, calendar.calendar_id

        def wish() -> None:
            with self._services.store.write() as unit:
                unit.set_live_wanted(user_id, calendar_id, wanted)
                unit.bump_revision(user_id)

        await self._edit(wish)
        if wanted:
            self._nudge("POST", f"/webhook/setup/{_quote(user_id)}?calendar_id={_quote(calendar_id)}")
            return
        for channel in await self._read(lambda: self._services.read_channels(user_id)):
            if channel.calendar_id == calendar_id:
                self._nudge("DELETE", f"/webhook/unsubscribe/{_quote(channel.channel_id)}")

    async def sync_now(self) -> None:
        """See `Gateway`. Raises CalendarError when the services are away."""
        for user_id in self._user_ids:
            await self._in(self._nudges, self._api.request, "POST", f"/sync/{_quote(user_id)}")

    async def retry_task(self, task_id: str) -> None:
        """See `Gateway`. Raises CalendarError when the services are away."""
        await self._in(self._nudges, self._api.request, "POST", f"/tasks/{_quote(task_id)}/retry")

    async def news(self) -> AsyncIterator[News | None]:
        """See `Gateway`. The first call also takes the lease: the calendar has been painted by then."""
        self._loop = asyncio.get_running_loop()
        self._own_news = asyncio.Queue()
        threading.Thread(target=self._hold_lease, name="lease holder", daemon=True).start()
        sources = [asyncio.create_task(self._follow_feed()), asyncio.create_task(self._follow_database())]
        try:
            while True:
                yield await self._own_news.get()
        finally:
            for source in sources:
                source.cancel()

    def close(self) -> None:
        """Gives the lease back and ends the threads; the services stop when nobody else needs them."""
        self._closed.set()
        if self._lease is not None:
            self._lease.close()
        for pool in (self._reads, self._edits, self._searches, self._nudges):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _follow_feed(self) -> None:
        """Of the accounts as they are; when others are shown, it is begun anew."""
        feed = await self._read(lambda: self._services.open_feed())
        while True:
            self._accounts_changed.clear()
            following = asyncio.create_task(self._pass_on(feed, self._user_ids))
            try:
                await self._accounts_changed.wait()
            finally:
                following.cancel()
                # Its socket is closed before the next one opens.
                await asyncio.wait([following])

    async def _pass_on(self, feed: "ChangeFeed", user_ids: Sequence[str]) -> None:
        async for news in feed.follow(user_ids):
            self._tell(news)

    async def _follow_database(self) -> None:
        """The slow way, in case the fast one loses something: every second while Redis is away."""
        seen: list[tuple[str, int]] | None = None
        while True:
            revisions = await self._read(self._revisions)
            if seen is not None and revisions != seen:
                self._tell(None)
            seen = revisions
            away = self._opened is None or self._opened.cache.away or not self._ready
            await asyncio.sleep(AWAY_SECONDS if away else REVISION_SECONDS)

    def _revisions(self) -> list[tuple[str, int]]:
        """Of each account there is now; from here on these are the ones that are shown."""
        revisions = [(account.user_id, account.revision) for account in self._services.accounts()]
        if self._accounts.update(revisions):
            self._call_from_thread(self._accounts_changed.set)
        return revisions

    def _hold_lease(self) -> None:
        """Takes a lease, tells how the services fare, and takes another should the supervisor die."""
        while not self._closed.is_set():
            try:
                self._lease = self._acquire()
            except CalendarError as error:
                self._launch_problem = str(error)
                self._tell_from_thread(ConnectionChanged(user_id=self._accounts.first))
                self._closed.wait(5)
                continue
            self._launch_problem = ""
            for _state in self._lease.follow():
                ready = self._lease.wait_ready(("receiver", "worker"), timeout_seconds=0)
                if ready != self._ready:
                    self._ready = ready
                    self._tell_from_thread(ConnectionChanged(user_id=self._accounts.first))
            self._ready = False
            self._tell_from_thread(ConnectionChanged(user_id=self._accounts.first))

    async def _read(self, call: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        return await self._in(self._reads, call, *arguments, **keywords)

    async def _edit(self, call: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Runs the edit and repaints from here: the stream would only come back later."""
        result = await self._in(self._edits, call, *arguments, **keywords)
        for user_id, revision in await self._read(self._revisions):
            self._tell(CalendarChanged(user_id=user_id, calendar_id="", revision=revision))
        return result

    async def _in(
        self, pool: ThreadPoolExecutor, call: Callable[P, T], *arguments: P.args, **keywords: P.kwargs
    ) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, lambda: call(*arguments, **keywords))

    def _push(self, user_id: str) -> None:
        self._nudge("POST", f"/sync/{_quote(user_id)}?scope=push")

    def _nudge(self, method: str, path: str) -> None:
        """Asks without waiting; with the services away, the backstop finds the work in the database."""

        def ask() -> None:
            with suppress(CalendarError):
                self._api.request(method, path)

        self._nudges.submit(ask)

    def _tell(self, news: News | None) -> None:
        if self._own_news is not None:
            self._own_news.put_nowait(news)

    def _tell_from_thread(self, news: News | None) -> None:
        self._call_from_thread(self._tell, news)

    def _call_from_thread(self, call: Callable[P, object], *arguments: P.args, **keywords: P.kwargs) -> None:
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # the loop closed between the two
                self._loop.call_soon_threadsafe(lambda: call(*arguments, **keywords))


def _quote(text: str) -> str:
    return quote(text, safe="")
