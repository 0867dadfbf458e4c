"""A gateway in memory with a believable week: Monday 23 November 2026, 12:12 in Prague."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, sort_key
from aicalendar_tui.backend.domain.busy import Busy, busy_minutes
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.conflict import Choice, Conflict
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import CalendarError, NotFound
from aicalendar_tui.backend.domain.event import Attendee, Event, EventKey, new_event_id
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged, News
from aicalendar_tui.backend.domain.search import Query, join_words
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, epoch_of
from aicalendar_tui.screens.gateway import Details, Status

ZONE = "Europe/Prague"
NOW = datetime(2026, 11, 23, 12, 12, tzinfo=ZoneInfo(ZONE))
USER = "ana@example.com"

CALENDARS = (
    Calendar(
        user_id=USER,
        calendar_id="ana",
        summary="Ana Kovač",
        color="#7aa2f7",
        primary=True,
        live="live",
        live_wanted=True,
    ),
    Calendar(
        user_id=USER, calendar_id="design", summary="Design team", color="#bb9af7", live="live", live_wanted=True
    ),
    Calendar(user_id=USER, calendar_id="home", summary="Home", color="#9ece6a", live="live", live_wanted=True),
    Calendar(user_id=USER, calendar_id="health", summary="Health", color="#f7768e", live="polling"),
    Calendar(user_id=USER, calendar_id="travel", summary="Travel", color="#e0af68", live="live", live_wanted=True),
    Calendar(
        user_id=USER,
        calendar_id="holidays",
        summary="Holidays",
        color="#7dcfff",
        live="unwatchable",
        access_role="reader",
    ),
)

TASKS = (
    Task(task_id="1", user_id=USER, name="calendar.pull", subject="Travel", state="running", done=62, total=100),
    Task(task_id="2", user_id=USER, name="calendar.push", subject="Design review", state="done", finished_at=1),
    Task(
        task_id="3",
        user_id=USER,
        name="calendar.watch",
        subject="Home",
        state="retrying",
        retry_at=int(NOW.timestamp()) + 12,
        retries=1,
    ),
)

HOSTILE = "[red]bold[/] \x1b[31mESC \u202eRTL \u200bzero 会議室で打ち合わせ 👩‍👩‍👧 🇨🇿 e\u0301"


def timed(day: int, start: str, end: str, calendar: str, summary: str, *, month: int = 11, **more: object) -> Entry:
    """An entry on that day of 2026, times on the clock of Prague."""
    begin, finish = (
        int(datetime(2026, month, day, *map(int, text.split(":")), tzinfo=ZoneInfo(ZONE)).timestamp())
        for text in (start, end)
    )
    return Entry(
        user_id=USER,
        calendar_id=calendar,
        event_id=f"{summary.lower().replace(' ', '')}{month:02d}{day:02d}{start.replace(':', '')}",
        start=begin,
        end=finish,
        summary=summary,
        **more,  # type: ignore[arg-type]
    )


def whole_days(first: date, last: date, calendar: str, summary: str, **more: object) -> Entry:
    """An all-day entry on `[first, last)`."""
    return Entry(
        user_id=USER,
        calendar_id=calendar,
        event_id=f"{summary.lower().replace(' ', '')}{first:%m%d}",
        start=epoch_of(first),
        end=epoch_of(last),
        all_day=True,
        summary=summary,
        **more,  # type: ignore[arg-type]
    )


def week_entries() -> list[Entry]:
    """The week of the drawings, in every state that an event can have."""
    d = lambda day, month=11: date(2026, month, day)  # noqa: E731 - a shorthand for the table below
    standup = [
        timed(day, "09:00", "09:30", "ana", "Standup", recurring=True, original_start=f"2026-11-{day}T08:00:00Z")
        for day in (23, 24, 25, 26, 27)
    ]
    return [
        *standup,
        whole_days(d(23), d(24), "design", "Mira on leave"),
        whole_days(d(24), d(27), "travel", "Lisbon offsite"),
        whole_days(d(26), d(27), "holidays", "Thanksgiving"),
        timed(23, "09:30", "11:00", "ana", "Roadmap draft"),
        timed(23, "12:30", "13:30", "home", "Lunch, Boris", location="Kavárna"),
        timed(23, "14:00", "15:30", "design", "Design review", response="accepted", guests=4),
        timed(23, "14:30", "15:30", "ana", "Call Petr", waiting=True),
        timed(23, "15:30", "16:30", "ana", "1:1 Mira", join_url="https://meet.google.com/abc-defg-hij"),
        timed(24, "10:00", "12:00", "design", "Workshop"),
        timed(24, "13:00", "14:30", "ana", "Budget", location="Petra's room", response="needsAction"),
        timed(24, "13:30", "15:00", "health", "Dentist"),
        timed(24, "17:30", "19:00", "home", "Climbing"),
        timed(25, "11:00", "12:00", "ana", "Hiring sync", response="declined"),
        timed(25, "14:00", "16:30", "ana", "Focus"),
        timed(25, "18:00", "20:00", "home", "Opera", location="Národní divadlo"),
        timed(26, "10:30", "11:30", "design", "Vendor demo", location="Room 4", response="tentative"),
        timed(26, "15:00", "16:00", "design", "Retro", problem=True),
        timed(27, "09:30", "11:00", "ana", "Interview"),
        timed(27, "09:30", "10:30", "home", "Courier"),
        timed(27, "10:00", "11:30", "design", "Релиз 2.4"),
        timed(27, "16:00", "17:00", "design", "Demo day"),
        timed(28, "10:00", "12:00", "home", "Market", location="with Jana"),
        timed(29, "11:00", "12:30", "home", "Brunch"),
    ]


def month_entries() -> list[Entry]:
    """The rest of November, for the month and the agenda."""
    entries = [
        whole_days(date(2026, 11, 14), date(2026, 11, 17), "home", "Mountains with Jana"),
    ]
    for week in range(4):
        base = date(2026, 10, 26) + timedelta(days=7 * week)
        for offset, start, end, calendar, summary in (
            (0, "17:30", "19:00", "home", "Climbing"),
            (1, "09:00", "09:30", "ana", "Standup"),
            (1, "15:30", "16:00", "ana", "1:1 Mira"),
            (2, "10:00", "12:00", "design", "Workshop"),
            (3, "08:30", "09:00", "health", "Dentist"),
            (3, "12:30", "13:30", "home", "Lunch, Boris"),
            (3, "14:00", "15:00", "design", "Design review"),
            (4, "11:00", "12:00", "ana", "Hiring sync"),
            (4, "13:00", "14:00", "ana", "Budget"),
        ):
            day = base + timedelta(days=offset)
            entries.append(timed(day.day, start, end, calendar, summary, month=day.month))
    entries += [
        timed(1, "17:30", "19:00", "home", "Climbing", month=12),
        timed(2, "09:00", "09:30", "ana", "Standup", month=12),
        timed(3, "10:00", "12:00", "design", "Workshop", month=12),
    ]
    return entries


PEOPLE = (
    Person("mira@example.com", "Mira Holub"),
    Person("boris@example.com", "Boris"),
    Person("jana@example.com"),
    Person("petr@example.com", "Пётр Иванов"),
)


class FakeGateway:
    """Fits `Gateway`. `fail` is raised by the next edit; `delay` lets answers wait until `release` is called."""

    def __init__(self, entries: list[Entry] | None = None, *, now: datetime = NOW) -> None:
        self.entries = {
            entry.key: entry for entry in (week_entries() + month_entries() if entries is None else entries)
        }
        self.calendar_list = list(CALENDARS)
        self.state = Status(connection="live", waiting=1)
        self.task_list = list(TASKS)
        self.conflict_list: list[Conflict] = []
        self.lost: list[str] = []
        self.present = now
        self.revision = 1
        self.fail: CalendarError | None = None
        self.calls: list[tuple[object, ...]] = []
        self.gate: asyncio.Event | None = None
        self._undo: list[tuple[str, dict[EventKey, Entry]]] = []
        self._redo: list[tuple[str, dict[EventKey, Entry]]] = []
        self._listeners: list[asyncio.Queue[News | None]] = []

    @property
    def zone(self) -> str:
        return ZONE

    def now(self) -> datetime:
        return self.present

    def read_agenda(self, days: Days) -> Agenda:
        """The same as `agenda`, at once."""
        shown = {(c.user_id, c.calendar_id) for c in self.calendar_list if c.shown}
        instants, dates = days.instants, days.dates
        entries = [
            entry
            for entry in self.entries.values()
            if (entry.user_id, entry.calendar_id) in shown
            and entry.span.overlaps(dates if entry.all_day else instants)
        ]
        return Agenda(days, tuple(sorted(entries, key=sort_key)), self.revision)

    async def agenda(self, days: Days) -> Agenda:
        self.calls.append(("agenda", days))
        agenda = self.read_agenda(days)
        if self.gate is not None:
            await self.gate.wait()
        return agenda

    async def busy(self, days: Days) -> Busy:
        self.calls.append(("busy", days))
        return Busy(days, busy_minutes(self.read_agenda(days).entries, days), self.revision)

    async def calendars(self) -> list[Calendar]:
        return list(self.calendar_list)

    async def details(self, key: EventKey) -> Details | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        calendar = next(c for c in self.calendar_list if c.calendar_id == entry.calendar_id)
        zone = ZoneInfo(ZONE)
        event = Event(
            event_id=entry.event_id,
            start=entry.first_day if entry.all_day else entry.start_in(zone),
            end=entry.last_day if entry.all_day else entry.end_in(zone),
            zone=None if entry.all_day else ZONE,
            summary=entry.summary,
            location=entry.location,
            join_url=entry.join_url,
            html_link=f"https://calendar.google.com/event?eid={entry.event_id}",
            recurring_event_id=entry.event_id if entry.recurring else None,
            original_start=entry.original_start,
            attendees=(Attendee(USER, is_self=True, response=entry.response),) if entry.response else (),
        )
        return Details(key=key, event=event, calendar=calendar, waiting=entry.waiting)

    async def search(self, query: Query, *, limit: int = 100) -> list[Entry]:
        """Those whose titles have all the words."""
        found = [e for e in self.entries.values() if all(join_words(e.summary).count(word) for word in query.words)]
        return sorted(found, key=lambda entry: entry.start)[:limit]

    async def people(self) -> list[Person]:
        return list(PEOPLE)

    async def status(self) -> Status:
        return self.state

    async def tasks(self, *, limit: int = 50) -> list[Task]:
        return self.task_list[:limit]

    async def create(self, calendar: Calendar, draft: Draft, *, notify: Notify = "none") -> EventKey:
        self._refuse()
        draft.validate()
        assert draft.start is not UNSET
        assert draft.end is not UNSET
        entry = Entry(
            user_id=calendar.user_id,
            calendar_id=calendar.calendar_id,
            event_id=new_event_id(),
            start=epoch_of(draft.start),
            end=epoch_of(draft.end),
            all_day=not isinstance(draft.start, datetime),
            summary=draft.summary if isinstance(draft.summary, str) else "",
            location=draft.location if isinstance(draft.location, str) else "",
            waiting=True,
        )
        self.calls.append(("create", calendar.calendar_id, draft))
        self._remember(entry.summary)
        self.entries[entry.key] = entry
        self._changed(entry)
        return entry.key

    async def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none") -> None:
        self._refuse()
        draft.validate()
        self.calls.append(("change", key, draft, scope))
        entry = self._entry(key)
        self._remember(entry.summary)
        fields: dict[str, object] = {"waiting": True}
        if draft.start is not UNSET and draft.end is not UNSET:
            fields |= {"start": epoch_of(draft.start), "end": epoch_of(draft.end)}
            fields["all_day"] = not isinstance(draft.start, datetime)
        if isinstance(draft.summary, str):
            fields["summary"] = draft.summary
        if isinstance(draft.location, str):
            fields["location"] = draft.location
        self.entries[key] = replace(entry, **fields)
        self._changed(entry)

    async def delete(self, key: EventKey, *, scope: Scope = "this", notify: Notify = "none") -> None:
        self._refuse()
        self.calls.append(("delete", key, scope))
        entry = self._entry(key)
        self._remember(entry.summary)
        del self.entries[key]
        self._changed(entry)

    async def move(
        self,
        key: EventKey,
        calendar: Calendar,
        *,
        draft: Draft | None = None,
        scope: Scope = "this",
        notify: Notify = "none",
    ) -> EventKey:
        self._refuse()
        self.calls.append(("move", key, calendar.calendar_id))
        entry = self._entry(key)
        self._remember(entry.summary)
        moved = replace(
            self.entries.pop(key), user_id=calendar.user_id, calendar_id=calendar.calendar_id, waiting=True
        )
        self.entries[moved.key] = moved
        self._changed(moved)
        return moved.key

    async def losses(self, key: EventKey, draft: Draft, *, scope: Scope) -> list[str]:
        self._refuse()
        return list(self.lost) if scope != "this" else []

    async def conflicts(self) -> list[Conflict]:
        return list(self.conflict_list)

    async def settle(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        self._refuse()
        self.calls.append(("settle", change_id, choice))
        self.conflict_list = [each for each in self.conflict_list if each.change_id != change_id]
        self._changed(None)

    async def undo(self) -> str | None:
        return self._swap(self._undo, self._redo)

    async def redo(self) -> str | None:
        return self._swap(self._redo, self._undo)

    async def set_shown(self, calendar: Calendar, shown: bool) -> None:
        self._set_calendar(calendar, shown=shown)

    async def show_only(self, calendars: Sequence[Calendar]) -> None:
        for calendar in await self.calendars():
            self._set_calendar(calendar, shown=calendar in calendars)

    async def set_color(self, calendar: Calendar, color: str) -> None:
        self._set_calendar(calendar, color=color)

    async def set_order(self, calendars: Sequence[Calendar]) -> None:
        for position, calendar in enumerate(calendars):
            self._set_calendar(calendar, position=position)

    async def set_live(self, calendar: Calendar, wanted: bool) -> None:
        self._set_calendar(calendar, live_wanted=wanted, live="live" if wanted else "polling")

    async def sync_now(self) -> None:
        self._refuse()
        self.calls.append(("sync_now",))

    async def retry_task(self, task_id: str) -> None:
        self.calls.append(("retry_task", task_id))

    async def news(self) -> AsyncIterator[News | None]:
        queue: asyncio.Queue[News | None] = asyncio.Queue()
        self._listeners.append(queue)
        while True:
            yield await queue.get()

    # what happens elsewhere

    def change_elsewhere(self, key: EventKey, **fields: object) -> None:
        """Somebody else changes the event; the news go out."""
        self.entries[key] = replace(self._entry(key), **fields)
        self._changed(self.entries[key])

    def add_elsewhere(self, entry: Entry) -> None:
        """Somebody else adds an event; the news go out."""
        self.entries[entry.key] = entry
        self._changed(entry)

    def set_status(self, **fields: object) -> None:
        """The state line has something else to say."""
        self.state = replace(self.state, **fields)
        self.publish(ConnectionChanged(user_id=USER))

    def publish(self, news: News | None) -> None:
        """To all that follow the news."""
        for queue in self._listeners:
            queue.put_nowait(news)

    def key_of(self, summary: str) -> EventKey:
        """The first event of that name."""
        return next(entry.key for entry in self.entries.values() if entry.summary == summary)

    def _entry(self, key: EventKey) -> Entry:
        try:
            return self.entries[key]
        except KeyError:
            raise NotFound("no such event", code=404, reason="notFound") from None

    def _refuse(self) -> None:
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error

    def _remember(self, label: str) -> None:
        self._undo.append((label, dict(self.entries)))
        self._redo.clear()

    def _swap(
        self, source: list[tuple[str, dict[EventKey, Entry]]], target: list[tuple[str, dict[EventKey, Entry]]]
    ) -> str | None:
        if not source:
            return None
        label, entries = source.pop()
        target.append((label, self.entries))
        self.entries = entries
        self._changed(None)
        return label

    def _set_calendar(self, calendar: Calendar, **fields: object) -> None:
        self._refuse()
        self.calls.append(("calendar", calendar.calendar_id, fields))
        self.calendar_list = [
            replace(known, **fields) if known.calendar_id == calendar.calendar_id else known
            for known in self.calendar_list
        ]
        self._changed(None)

    def _changed(self, entry: Entry | None) -> None:
        self.revision += 1
        if entry is None:
            self.publish(None)
        else:
            self.publish(
                CalendarChanged(user_id=entry.user_id, calendar_id=entry.calendar_id, revision=self.revision)
            )


class LivelyGateway(FakeGateway):
    """The same with a real clock that starts at `NOW`: for looking at it in a terminal."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        super().__init__(entries)
        self._started = datetime.now(UTC)

    def now(self) -> datetime:
        return self.present + (datetime.now(UTC) - self._started)
