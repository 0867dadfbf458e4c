"""A command line without processes: services and leases in memory, and what was printed as text."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, Sidebar, sort_key
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.event import Event, EventKey
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, Span
from aicalendar_tui.backend.ports import AccountRow
from aicalendar_tui.backend.services.read import EventView, Summary
from aicalendar_tui.cli.context import Context
from aicalendar_tui.cli.output import Output
from aicalendar_tui.cli.parser import build_parser
from aicalendar_tui.cli.report import report_error
from aicalendar_tui.settings import load_settings

USER = "ana@example.com"
NOW = "2026-11-23T09:42"
WORK = Calendar(user_id=USER, calendar_id="work-id", summary="Work", color="#ff0000", primary=True)
HOME = Calendar(user_id=USER, calendar_id="home-id", summary="Home", color="#00ff00", position=1)
HOLIDAYS = Calendar(user_id=USER, calendar_id="holidays-id", summary="Holidays", access_role="reader", position=2)


class Terminal(io.StringIO):
    """Says that a person looks at it."""

    def isatty(self) -> bool:
        return True


@dataclass
class FakeServices:
    """What commands use of the real `Services`; `outcome` is how requested tasks turn out."""

    entries: list[Entry] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=lambda: [WORK, HOME, HOLIDAYS])
    has_account: bool = True
    outcome: Task | None = None
    broker_away: bool = False
    pushed: bool = True
    problem: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    created: list[tuple[str, Draft]] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    conflicts: int = 0

    def accounts(self) -> list[AccountRow]:
        if not self.has_account:
            return []
        return [AccountRow(user_id=USER, email=USER, endpoint="http://x", revision=1, window=Span(0, 1))]

    def resolve_user(self, user_id: str) -> str:
        return USER if user_id == "me" else user_id

    def read_agenda(self, user_id: str, days: Days) -> Agenda:
        shown = [
            entry for entry in self.entries if entry.span.overlaps(days.dates if entry.all_day else days.instants)
        ]
        return Agenda(days, tuple(sorted(shown, key=sort_key)), revision=7)

    def read_calendars(self, user_id: str) -> Sidebar:
        return Sidebar(tuple(self.calendars))

    def read_channels(self, user_id: str) -> list[Channel]:
        return self.channels

    def read_status(self, user_id: str) -> Summary:
        return Summary(waiting=0, conflicts=self.conflicts, rejected=0, open_tasks=0, live_calendars=0, calendars=3)

    def read_event(self, key: EventKey) -> EventView | None:
        event = Event(event_id=key.event_id, start=datetime.now(UTC), end=datetime.now(UTC))
        return EventView(event=event, calendar=WORK, waiting=not self.pushed, problem=self.problem)

    def read_task(self, task_id: str) -> Task | None:
        return self.tasks.get(task_id)

    def read_tasks(self, user_id: str, limit: int = 50) -> list[Task]:
        return list(self.tasks.values())[:limit]

    def create_event(self, user_id: str, calendar_id: str, draft: Draft) -> EventKey:
        self.created.append((calendar_id, draft))
        return EventKey(user_id, calendar_id, "new")

    def request_sync(self, user_id: str, **how: Any) -> list[str]:
        return self._request("sync", tuple(sorted(how.items())))

    def set_live(self, user_id: str, calendar_id: str | None, wanted: bool) -> list[str]:
        return self._request("live", calendar_id, wanted)

    def invalidate_user_cache(self, user_id: str) -> int:
        self.forgotten.append(user_id)
        return 1

    def _request(self, *asked: Any) -> list[str]:
        self.asked.append(asked)
        if self.broker_away:
            raise Transient("connection refused")
        if self.outcome:
            self.tasks[self.outcome.task_id] = self.outcome
            return [self.outcome.task_id]
        return []


@dataclass
class FakeLease:
    """Ready at once, or never."""

    ready: bool = True
    closed: bool = False

    def wait_ready(self, names: Sequence[str], *, timeout_seconds: float) -> bool:
        return self.ready

    def __enter__(self) -> "FakeLease":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


@dataclass
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str
    leases: int


def run(
    *arguments: str,
    services: FakeServices | None = None,
    home: Path = Path("/nonexistent"),
    terminal: bool = False,
    ready: bool = True,
    environ: dict[str, str] | None = None,
    now: str = NOW,
) -> Answer:
    """One command at `now` in UTC; time-outs are over almost at once."""
    home.mkdir(parents=True, exist_ok=True)
    out, err = (Terminal(), Terminal()) if terminal else (io.StringIO(), io.StringIO())
    leases: list[FakeLease] = []

    def acquire_lease(_settings: object) -> FakeLease:
        leases.append(FakeLease(ready))
        return leases[-1]

    environ = {
        "AICALENDAR_HOME": str(home),
        "AICALENDAR_ZONE": "UTC",
        "GOOGLE_API_ENDPOINT": "http://127.0.0.1:1",  # where nobody answers
        "TERM": "xterm",
        **(environ or {}),
    }
    output = Output(out, err, environ=environ)
    fake = services or FakeServices()
    try:
        options = build_parser().parse_args(arguments)
        settings = load_settings(environ=environ, overrides={"now": now}, demo=getattr(options, "demo", False))
        context = Context(
            options,
            settings,
            output,
            build_services=lambda _: fake,  # pyright: ignore[reportArgumentType] - what commands use of it
            acquire_lease=acquire_lease,  # pyright: ignore[reportArgumentType] - the same
            wait_seconds=0.1,
        )
        code = options.run(context)
    except Exception as error:
        code = report_error(error, debug=False, stderr=err)
    assert all(lease.closed for lease in leases)
    return Answer(code, out.getvalue(), err.getvalue(), len(leases))


def entry(summary: str, start: str, end: str, **fields: Any) -> Entry:
    """An entry of the work calendar; whole days where the texts are dates, else times in UTC."""
    all_day = "T" not in start
    begin, finish = (int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) for text in (start, end))
    given = {"user_id": USER, "calendar_id": WORK.calendar_id, "event_id": summary.lower() or "x", **fields}
    return Entry(summary=summary, start=begin, end=finish, all_day=all_day, **given)
