"""The only bridge between the screens and everything that can block.

Each method runs in a thread and ends in plain domain values; nothing else in `screens` reaches a database, a socket
or a lock. Screens never touch what is behind it, and it never touches a widget.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.event import Event, EventKey
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ports import News

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

    async def calendars(self) -> list[Calendar]:
        """All calendars of all accounts, in the user's order, hidden ones too."""
        ...

    async def details(self, key: EventKey) -> Details | None:
        """The event as it is shown (pending edits applied); None when it is gone."""
        ...

    async def status(self) -> Status: ...

    async def tasks(self, *, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        ...

    async def create(self, calendar: Calendar, draft: Draft) -> EventKey:
        """Raises InvalidEdit. Shown at once; on its way to Google."""
        ...

    async def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this") -> None:
        """Raises InvalidEdit, NotFound. For a single event the scope does not matter."""
        ...

    async def delete(self, key: EventKey, *, scope: Scope = "this") -> None: ...

    async def undo(self) -> str | None:
        """Takes the newest edit back; returns its event's title, or None when there is nothing to undo."""
        ...

    async def redo(self) -> str | None: ...

    async def set_shown(self, calendar: Calendar, shown: bool) -> None: ...

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
