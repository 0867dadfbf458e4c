"""A gateway for the dialogs: fixed calendars, one rich event, tasks in every state, and a clock that stands still."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.conflict import Choice, Conflict, ConflictUnit
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.event import Attendee, Event, EventKey
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.news import News
from aicalendar_tui.backend.domain.search import Query
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.gateway import Details, Status

ZONE = "Europe/Prague"
NOW = datetime(2026, 11, 23, 12, 12, tzinfo=ZoneInfo(ZONE))
EPOCH = int(NOW.timestamp())
ME = "ana@example.com"

WORK = Calendar(user_id=ME, calendar_id=ME, summary="Ana Kovač", color="#7aa2f7", primary=True, zone=ZONE)
DESIGN = Calendar(user_id=ME, calendar_id="design", summary="Design team", color="#bb9af7")
HOME = Calendar(user_id=ME, calendar_id="home", summary="Home", color="#9ece6a")
HOLIDAYS = Calendar(user_id=ME, calendar_id="holidays", summary="Holidays", color="#7dcfff", access_role="reader")

REVIEW_KEY = EventKey(ME, "design", "review", "2026-11-23T13:00:00Z")
REVIEW = Event(
    event_id="review",
    start=datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo(ZONE)),
    end=datetime(2026, 11, 23, 15, 30, tzinfo=ZoneInfo(ZONE)),
    zone=ZONE,
    summary="Design review",
    location="Room 4, Karlín",
    description="<p>Bring the <b>new flows</b>.</p><ul><li>Onboarding &amp; sign-in</li><li>Empty states</li></ul>"
    'Notes: <a href="https://docs.example.com/d/1">the document</a>',
    recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20261224T225959Z",),
    attendees=(
        Attendee("mira@example.com", "Mira Holub", "accepted", organizer=True),
        Attendee(ME, "Ana Kovač", "accepted", is_self=True),
        Attendee("boris@example.com", "Boris", "tentative", comment="maybe ten minutes late"),
        Attendee("jana@example.com", "", "needsAction", optional=True),
        Attendee("petr@example.com", "Пётр Иванов", "declined"),
        Attendee("room4@example.com", "Room 4", "accepted", resource=True),
    ),
    organizer="Mira Holub",
    join_url="https://meet.example.com/abc-defg-hij",
    html_link="https://calendar.example.com/event?eid=review",
    reminders_minutes=(10, 1440),
)
DETAILS = Details(key=REVIEW_KEY, event=REVIEW, calendar=DESIGN, waiting=True)

TASKS = (
    Task(
        task_id="pull-travel",
        user_id=ME,
        name="calendar.pull",
        calendar_id="travel",
        subject="Travel",
        state="running",
        done=124,
        total=200,
        queued_at=EPOCH - 14,
        started_at=EPOCH - 12,
    ),
    Task(
        task_id="watch-design",
        user_id=ME,
        name="calendar.watch",
        calendar_id="design",
        subject="Design team",
        state="retrying",
        error="503 backendError: the service is away for a moment",
        retries=2,
        retry_at=EPOCH + 4,
        queued_at=EPOCH - 40,
        started_at=EPOCH - 39,
    ),
    Task(
        task_id="push-2",
        user_id=ME,
        name="calendar.push",
        subject="Lunch, Boris",
        state="queued",
        total=2,
        queued_at=EPOCH - 1,
    ),
    Task(
        task_id="push-1",
        user_id=ME,
        name="calendar.push",
        subject="Design review",
        state="done",
        done=1,
        total=1,
        result="1 sent",
        queued_at=EPOCH - 95,
        started_at=EPOCH - 94,
        finished_at=EPOCH - 93,
    ),
    Task(
        task_id="pull-holidays",
        user_id=ME,
        name="calendar.pull",
        calendar_id="holidays",
        subject="Holidays",
        state="failed",
        error="403 forbidden: you need to be signed in again to read this calendar; nothing is lost meanwhile",
        retries=3,
        queued_at=EPOCH - 7300,
        started_at=EPOCH - 7290,
        finished_at=EPOCH - 7200,
    ),
    Task(
        task_id="backstop-1",
        user_id=ME,
        name="calendar.backstop",
        state="done",
        result="nothing to do",
        queued_at=EPOCH - 300,
        started_at=EPOCH - 300,
        finished_at=EPOCH - 299,
    ),
)

CONFLICTS = (
    Conflict(
        change_id=1,
        key=REVIEW_KEY,
        title="Design review",
        kind="both_changed",
        reason="It was changed at Google meanwhile, too",
        units=(
            ConflictUnit(
                unit="time",
                base="2026-11-23 14:00 – 15:30 Europe/Prague",
                mine="2026-11-24 15:00 – 16:30 Europe/Prague",
                theirs="2026-11-23 16:00 – 17:30 Europe/Prague",
            ),
            ConflictUnit(unit="location", base="Room 4", mine="Room 7, Karlín", theirs=""),
            ConflictUnit(
                unit="description",
                base="",
                mine="Bring the new flows, and the numbers of last week's trial with the people from Brno",
                theirs="<p>Moved, since <b>Boris</b> is away</p>",
            ),
            ConflictUnit(unit=f"attendee {ME}", base="needsAction", mine="accepted", theirs="declined, on leave"),
        ),
        behind=2,
    ),
    Conflict(
        change_id=2,
        key=EventKey(ME, "home", "climbing"),
        title="Climbing",
        kind="gone",
        reason="It was deleted at Google meanwhile",
        units=(ConflictUnit(unit="summary", base="Climb", mine="Climbing", theirs=""),),
    ),
    Conflict(
        change_id=3,
        key=EventKey(ME, "design", "retro"),
        title="Retro",
        kind="rejected",
        reason="Calendar usage limits exceeded.",
        units=(ConflictUnit(unit="transparency", base="opaque", mine="transparent", theirs="opaque"),),
    ),
)


def hit(summary: str, days: float, **fields: Any) -> Entry:
    """An hour long, `days` from now."""
    start = EPOCH + int(days * 86_400)
    place = {"user_id": ME, "calendar_id": HOME.calendar_id, "event_id": summary}
    return Entry(**{**place, "start": start, "end": start + 3600, "summary": summary, **fields})


HITS = (
    hit("Lunch, Boris", 0.02, location="Kavárna"),
    hit("Team lunch", 7, calendar_id=DESIGN.calendar_id, recurring=True, original_start="2026-11-30"),
    hit("Lunch with a name that goes on and on until no terminal has room for it any more", 300, location="Brno"),
    hit("Lunch and learn", -30, calendar_id=HOLIDAYS.calendar_id),
    hit("Summer lunch", -120, start=EPOCH // 86_400 * 86_400, end=EPOCH // 86_400 * 86_400 + 86_400, all_day=True),
)


PEOPLE = (
    Person("mira@example.com", "Mira Holub"),
    Person("boris@example.com", "Boris"),
    Person("jana@example.com"),
    Person("petr@example.com", "Пётр Иванов"),
)


class FakeDialogGateway:
    """Answers at once from what it was given; `retried` and `reads` tell what was asked of it."""

    zone = ZONE

    def __init__(
        self,
        *,
        details: Details | None = DETAILS,
        tasks: tuple[Task, ...] = TASKS,
        conflicts: tuple[Conflict, ...] = CONFLICTS,
    ) -> None:
        self.shown_details = details
        self.shown_tasks = list(tasks)
        self.shown_conflicts = list(conflicts)
        self.settled: list[tuple[int, Choice | Mapping[str, Choice]]] = []
        self.retried: list[str] = []
        self.shown_calendars = [WORK, DESIGN, HOME, HOLIDAYS]
        self.hits: tuple[Entry, ...] = HITS
        self.searched: list[Query] = []
        self.reads = 0
        self.error: Exception | None = None
        self.clock: Callable[[], datetime] = lambda: NOW

    def now(self) -> datetime:
        return self.clock()

    async def agenda(self, days: Days) -> Agenda:
        return Agenda(days, ())

    async def calendars(self) -> list[Calendar]:
        if self.error:
            raise self.error
        return list(self.shown_calendars)

    async def set_shown(self, calendar: Calendar, shown: bool) -> None:
        self._put(calendar, shown=shown)

    async def show_only(self, calendars: Sequence[Calendar]) -> None:
        wanted = {(calendar.user_id, calendar.calendar_id) for calendar in calendars}
        for calendar in self.shown_calendars:
            self._put(calendar, shown=(calendar.user_id, calendar.calendar_id) in wanted)

    async def set_color(self, calendar: Calendar, color: str) -> None:
        self._put(calendar, color=color or "#123456")

    async def set_order(self, calendars: Sequence[Calendar]) -> None:
        self.shown_calendars = list(calendars)

    async def set_live(self, calendar: Calendar, wanted: bool) -> None:
        self._put(calendar, live_wanted=wanted, live="live" if wanted else "polling")

    def _put(self, calendar: Calendar, **fields: Any) -> None:
        if self.error:
            raise self.error
        places = [known.calendar_id for known in self.shown_calendars]
        place = places.index(calendar.calendar_id)
        self.shown_calendars[place] = replace(self.shown_calendars[place], **fields)

    async def details(self, key: EventKey) -> Details | None:
        self.reads += 1
        if self.error:
            raise self.error
        return None if key.event_id == "gone" else self.shown_details

    async def search(self, query: Query, *, limit: int = 100) -> list[Entry]:
        self.searched.append(query)
        if self.error:
            raise self.error
        return [hit for hit in self.hits if any(word.strip() in hit.summary.lower() for word in query.words)][:limit]

    async def people(self) -> list[Person]:
        return list(PEOPLE)

    async def status(self) -> Status:
        return Status(connection="live")

    async def tasks(self, *, limit: int = 50) -> list[Task]:
        self.reads += 1
        if self.error:
            raise self.error
        return self.shown_tasks[:limit]

    async def create(self, calendar: Calendar, draft: Draft, *, notify: Notify = "none") -> EventKey:
        return EventKey(calendar.user_id, calendar.calendar_id, "new")

    async def change(
        self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none"
    ) -> None: ...

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
        return EventKey(calendar.user_id, calendar.calendar_id, key.event_id)

    async def losses(self, key: EventKey, draft: Draft, *, scope: Scope) -> list[str]:
        return []

    async def conflicts(self) -> list[Conflict]:
        self.reads += 1
        if self.error:
            raise self.error
        return list(self.shown_conflicts)

    async def settle(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        self.settled.append((change_id, choice))
        if self.error:
            raise self.error
        self.shown_conflicts = [each for each in self.shown_conflicts if each.change_id != change_id]

    async def undo(self) -> str | None:
        return None

    async def redo(self) -> str | None:
        return None

    async def sync_now(self) -> None: ...

    async def retry_task(self, task_id: str) -> None:
        self.retried.append(task_id)
        if self.error:
            raise self.error
        self.shown_tasks = [
            replace(task, state="queued", error="", retries=0) if task.task_id == task_id else task
            for task in self.shown_tasks
        ]

    async def news(self) -> AsyncIterator[News | None]:
        return
        yield


def today() -> date:
    """The day on which the fake's clock stands."""
    return NOW.date()
