"""A screen that keeps up: it reads through the gateway, hears the news, and hands its widgets a new scene.

Each wait is a worker of a group that ends in a message; its handler changes the state. Reads are taken together
(`Coalesced`): while one is under way, any number of wishes make one more.
"""

import asyncio
from datetime import datetime, timedelta

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.notifications import Notification, Notify
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.busy import Busy
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.screens.calendar.footer import Footer, Hint
from aicalendar_tui.screens.calendar.header import Header
from aicalendar_tui.screens.calendar.reading import Coalesced
from aicalendar_tui.screens.calendar.scene import Flash, Scene, View
from aicalendar_tui.screens.calendar.sidebar import Sidebar
from aicalendar_tui.screens.calendar.state import State
from aicalendar_tui.screens.calendar.time_grid import TimeGrid
from aicalendar_tui.screens.calendar.too_small import SMALLEST, TooSmall
from aicalendar_tui.screens.gateway import Gateway, Status
from aicalendar_tui.screens.messages import KeysAwaited, NewsArrived
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.text import cut

SHOWN_TASKS = 12
"""How many are read: several of them may say the same, and then only one is shown."""
FLASH_STEPS = ((0.4, 0.6), (0.7, 0.3), (1.0, 0.0))
"""(seconds after a change came in, strength from then on)."""
STALE_SECONDS = 0.2
"""How soon to ask again after an answer that was older than what is shown already."""
TOAST_SECONDS = 4.0
SAME_ERROR_SECONDS = 6.0
"""For how long the same error is not told again."""
OWN_EDIT_SECONDS = 15.0
"""For how long news about an event that was just edited here is taken for the echo of that edit."""
QUIET_SECONDS = 1.5
"""For how long nothing flashes after an undo or a redo, which may be about any event."""


class Initial(Struct, frozen=True, kw_only=True):
    """What was read before the first paint, so that it shows this week's events already."""

    agenda: Agenda
    calendars: tuple[Calendar, ...] = ()
    status: Status = Status()


class LiveScreen(Screen[None]):
    """Sidebar, header, view and footer, always true. What the keys do is added by its subclasses."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    class AgendaRead(Message, bubble=False):
        """The gateway answered for `agenda.days`; `shown` unless it was read ahead."""

        def __init__(self, agenda: Agenda, *, shown: bool) -> None:
            super().__init__()
            self.agenda = agenda
            self.shown = shown

    class BusyRead(Message, bubble=False):
        """The gateway told how full the days of a year are."""

        def __init__(self, busy: Busy) -> None:
            super().__init__()
            self.busy = busy

    class SurroundingsRead(Message, bubble=False):
        """What stands around the view was read; `today` is None when the view tells it."""

        def __init__(
            self, calendars: list[Calendar], status: Status, tasks: list[Task], today: Agenda | None
        ) -> None:
            super().__init__()
            self.calendars = calendars
            self.status = status
            self.tasks = tasks
            self.today = today

    class ReadEnded(Message, bubble=False):
        """A read is over without an answer."""

        def __init__(self, read: Coalesced, error: CalendarError) -> None:
            super().__init__()
            self.read = read
            self.error = error

    def __init__(
        self,
        gateway: Gateway,
        *,
        initial: Initial | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__()
        self.gateway = gateway
        now = gateway.now()
        self.state = State(now, gateway.zone, preferences)
        if initial is not None:
            self.state.calendars = initial.calendars
            self.state.status = initial.status
            self.state.accept(initial.agenda)
            self.state.accept_today(initial.agenda, now.date())
        self._agenda_read = Coalesced(self._start_agenda_read)
        self._surroundings_read = Coalesced(self._start_surroundings_read)
        self.awaiting = False
        """A key has something read first: the keys after it wait, so that they act on what it brings."""
        self._own_edits: dict[str, float] = {}
        self._quiet_until = 0.0
        self._flash_timers: list[Timer] = []
        self._view_widget: Painted | None = None
        self._told, self._told_until = "", 0.0
        self._told_kind = ""
        self._told_toast: Notification | None = None
        self._countdown: Timer | None = None
        self.set_reactive(LiveScreen.scene, self.state.scene(now))

    def compose(self) -> ComposeResult:
        """The sidebar beside header and view, the footer below. Month and agenda come when they are asked for."""
        scene = self.state.scene(self.gateway.now())
        grid = TimeGrid(scene)
        self._view_widget = grid
        with Horizontal(id="stage"):
            yield Sidebar(scene)
            with Vertical(id="main"):
                yield Header(scene)
                yield grid
        yield Footer(scene)
        yield TooSmall()

    def on_mount(self) -> None:
        """The first paint shows what was read before; everything is read once more behind it."""
        self._await_next_minute()
        self.call_after_refresh(self._read_everything)

    def on_resize(self, event: events.Resize) -> None:
        """A terminal that is too small says so instead of breaking."""
        columns, rows = SMALLEST
        self.set_class(event.size.width < columns or event.size.height < rows, "-small")

    def on_screen_resume(self) -> None:
        """Back from a dialog: time went on."""
        self.refresh_scene()

    # showing

    @property
    def present(self) -> datetime:
        """Now, on the clock of the zone that is shown."""
        return self.gateway.now().astimezone(zone_of(self.state.zone))

    def refresh_scene(self) -> None:
        """Hand out what is to be seen now."""
        self.scene = self.state.scene(self.gateway.now())

    def watch_scene(self, scene: Scene) -> None:
        """Each widget repaints the lines that differ."""
        for widget in self.query("Header, Sidebar, Footer, TimeGrid, MonthGrid, YearGrid, AgendaList").results(
            Painted
        ):
            if widget.display or not isinstance(widget, TimeGrid):
                widget.scene = scene  # pyright: ignore[reportAttributeAccessIssue] - all of these have one

    def _await_next_minute(self) -> None:
        now = self.gateway.now()
        self.set_timer(60.05 - now.second - now.microsecond / 1e6, self._minute_passed)

    def _minute_passed(self) -> None:
        before, now = self.scene.now if self.scene else None, self.present
        if before is not None and before.date() != now.date():
            self._read_everything()
        self.refresh_scene()
        self._await_next_minute()

    def _show_view(self, view: View) -> None:
        self.state.show_view(view)
        self._put_view(view)
        self._moved()

    def _put_view(self, view: View) -> None:
        """Have the widget of that view in place, made on first use."""
        match view:
            case "month":
                from aicalendar_tui.screens.calendar.month_grid import MonthGrid as Wanted
            case "year":
                from aicalendar_tui.screens.calendar.year_grid import YearGrid as Wanted
            case "agenda":
                from aicalendar_tui.screens.calendar.agenda_list import AgendaList as Wanted
            case _:
                Wanted = TimeGrid  # noqa: N806 - a class
        found = list(self.query(Wanted))
        widget = found[0] if found else Wanted(self.state.scene(self.gateway.now()))
        if self._view_widget is not None and self._view_widget is not widget:
            self._view_widget.display = False
        self._view_widget = widget
        widget.display = True
        if not found:
            self.query_one("#main").mount(widget)

    def _moved(self) -> None:
        """The cursor is elsewhere: show it from what is known, and read what is shown if it is not known exactly."""
        self.refresh_scene()
        if self.state.view == "year":
            if self.state.busy is None or self.state.busy.days != self.state.days:
                self._agenda_read.restart()
        elif self.state.agendas.of(self.state.days) is None:
            self._agenda_read.restart()

    # reading

    def _read_everything(self) -> None:
        self._agenda_read.request()
        self._surroundings_read.request()

    def _start_agenda_read(self) -> None:
        if self.state.view == "year":
            self.run_worker(self._read_busy(self.state.days), group="agenda", exclusive=True)
            return
        self.run_worker(self._read_agenda(self.state.days, shown=True), group="agenda", exclusive=True)

    async def _read_agenda(self, days: Days, *, shown: bool) -> None:
        try:
            agenda = await self.gateway.agenda(days)
        except CalendarError as error:
            if shown:
                self.post_message(self.ReadEnded(self._agenda_read, error))
            return
        self.post_message(self.AgendaRead(agenda, shown=shown))

    async def _read_busy(self, days: Days) -> None:
        try:
            busy = await self.gateway.busy(days)
        except CalendarError as error:
            self.post_message(self.ReadEnded(self._agenda_read, error))
        else:
            self.post_message(self.BusyRead(busy))

    def on_live_screen_busy_read(self, message: BusyRead) -> None:
        """Paint the year, unless another one is shown by now."""
        if message.busy.days == self.state.days:
            self.state.busy = message.busy
            self.refresh_scene()
        self._agenda_read.finish()

    def on_live_screen_agenda_read(self, message: AgendaRead) -> None:
        """Newer than what is shown: show it, and read the neighbours ahead. Older: it comes too late."""
        changed = self.state.accept(message.agenda)
        if changed is not None:
            self.state.accept_today(message.agenda, self.present.date())
        elif message.shown:
            self.set_timer(STALE_SECONDS, self._agenda_read.request)
        if message.shown:
            if changed:
                self._flash(changed)
            self.refresh_scene()
            self._agenda_read.finish()
            self._read_ahead()

    def _read_ahead(self) -> None:
        """The periods before and after, so that turning the page has nothing to wait for."""
        state = self.state
        if state.view in ("agenda", "year"):
            return
        wanted = []
        for periods in (1, -1):
            days = state.days_away(periods)
            known = state.agendas.of(days)
            if known is None or known.revision < state.agendas.revision:
                wanted.append(days)
        if wanted:
            self.run_worker(self._read_each(wanted), group="ahead", exclusive=True)

    async def _read_each(self, wanted: list[Days]) -> None:
        for days in wanted:
            await self._read_agenda(days, shown=False)

    def _start_surroundings_read(self) -> None:
        self.run_worker(self._read_surroundings(), group="surroundings", exclusive=True)

    async def _read_surroundings(self) -> None:
        gateway = self.gateway
        today = self.present.date()
        try:
            status = await gateway.status()
            calendars = await gateway.calendars()
            tasks = await gateway.tasks(limit=SHOWN_TASKS)
            agenda = None
            if today not in self.state.days:
                agenda = await gateway.agenda(Days(today, today + timedelta(days=1), self.state.zone))
        except CalendarError as error:
            self.post_message(self.ReadEnded(self._surroundings_read, error))
            return
        self.post_message(self.SurroundingsRead(calendars, status, tasks, agenda))

    def on_live_screen_surroundings_read(self, message: SurroundingsRead) -> None:
        """The sidebar and the state line have news."""
        state = self.state
        calendars = tuple(message.calendars)
        if calendars != state.calendars:
            state.calendars = calendars
        state.status = message.status
        state.tasks = tuple(message.tasks)
        if message.today is not None:
            state.accept_today(message.today, self.present.date())
        self.refresh_scene()
        self._count_down()
        self._surroundings_read.finish()

    def _count_down(self) -> None:
        """The seconds until a retry are shown: count them, as long as there are any."""
        now = self.gateway.now().timestamp()
        counting = any(task.state == "retrying" and (task.retry_at or 0) > now for task in self.state.tasks)
        if counting and self._countdown is None:
            self._countdown = self.set_interval(1.0, self._second_passed)
        elif not counting and self._countdown is not None:
            self._countdown.stop()
            self._countdown = None

    def _second_passed(self) -> None:
        self.refresh_scene()
        self._count_down()

    def on_live_screen_read_ended(self, message: ReadEnded) -> None:
        """What is shown stays; say why it is not newer."""
        self._tell_error(message.error)
        message.read.finish()

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Only identity comes with the news: read again."""
        if not isinstance(message.news, TasksChanged):
            self._agenda_read.request()
        self._surroundings_read.request()

    def _flash(self, changed: frozenset[EventKey]) -> None:
        """Let what changed by itself light up softly for a second; our own edits are no news to us."""
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            return
        self._own_edits = {event: until for event, until in self._own_edits.items() if until > now}
        keys = frozenset(key for key in changed if key.event_id not in self._own_edits)
        if not keys:
            return
        for timer in self._flash_timers:
            timer.stop()
        self.state.flash = Flash(keys | self.state.flash.keys, 1.0)
        self._flash_timers = [
            self.set_timer(seconds, lambda strength=strength: self._fade(strength))
            for seconds, strength in FLASH_STEPS
        ]

    def _expect_own_changes(self) -> None:
        """What changes in the next moment is our doing, whichever event it is about."""
        self._quiet_until = asyncio.get_running_loop().time() + QUIET_SECONDS

    def _fade(self, strength: float) -> None:
        self.state.flash = Flash(self.state.flash.keys, strength) if strength else Flash()
        self.refresh_scene()

    # keys that have to wait

    def _await(self) -> None:
        """The key at hand is done only when its answer is here."""
        self.awaiting = True

    def _awaited(self) -> None:
        """It is; what it opens, if anything, was asked for."""
        self.awaiting = False
        self.post_message(KeysAwaited())

    # telling

    def _tell(self, text: str, *, warning: bool = False, kind: str = "") -> None:
        """A line that goes away by itself. It may hold other people's text: never markup.

        Of several of the same kind in a row only the last is shown; one without a kind stays beside the others.
        """
        severity = "warning" if warning else "information"
        toast = Notification(cut(text, 200), severity=severity, timeout=TOAST_SECONDS, markup=False)
        if kind and self._told_kind == kind and self._told_toast is not None:
            # Textual has a public way to take all toasts away, but none for a single one.
            self.app._unnotify(self._told_toast, refresh=False)
        self._told_kind, self._told_toast = kind, toast
        self.app.post_message(Notify(toast))

    def _tell_error(self, error: CalendarError) -> None:
        from aicalendar_tui.screens.wording import error_text

        text, now = error_text(error), asyncio.get_running_loop().time()
        if self._told != text or now >= self._told_until:
            self._told, self._told_until = text, now + SAME_ERROR_SECONDS
            self.notify(cut(text, 200), markup=False, timeout=SAME_ERROR_SECONDS, severity="error")

    def _set_hints(self, hints: tuple[Hint, ...]) -> None:
        self.query_one(Footer).mode = hints
