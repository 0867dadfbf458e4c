"""The calendar screen: what each command does, and what each answer of the gateway changes.

Each wait is a worker of a group that ends in a message; its handler changes the state and hands the widgets a new
scene. Reads are taken together (`Coalesced`); edits wait for each other, so that they arrive in order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ports import TasksChanged
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.drafts import copy_of, draft_at, moment_of
from aicalendar_tui.screens.calendar.entry_look import title_of
from aicalendar_tui.screens.calendar.footer import Footer, Hint
from aicalendar_tui.screens.calendar.header import Header
from aicalendar_tui.screens.calendar.pointing import EdgeReached, MonthTurned, PlacePointed
from aicalendar_tui.screens.calendar.reading import Coalesced
from aicalendar_tui.screens.calendar.scene import Flash, Scene, View
from aicalendar_tui.screens.calendar.sidebar import CalendarPointed, DayPointed, Sidebar
from aicalendar_tui.screens.calendar.state import SLOT_MINUTES, State, moved_entry
from aicalendar_tui.screens.calendar.time_grid import TimeGrid
from aicalendar_tui.screens.calendar.too_small import SMALLEST, TooSmall
from aicalendar_tui.screens.commands import COMMANDS, bound_keys
from aicalendar_tui.screens.dates import add_months
from aicalendar_tui.screens.gateway import Details, Gateway, Status
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import clean, cut

SHOWN_TASKS = 6
FLASH_STEPS = ((0.4, 0.6), (0.7, 0.3), (1.0, 0.0))
"""(seconds after a change came in, strength from then on)."""
STALE_SECONDS = 0.2
"""How soon to ask again after an answer that was older than what is shown already."""
SAME_ERROR_SECONDS = 6.0
"""For how long the same error is not told again."""
OWN_EDIT_SECONDS = 15.0
"""For how long news about an event that was just edited here is taken for the echo of that edit."""


class Initial(Struct, frozen=True, kw_only=True):
    """What was read before the first paint, so that it shows this week's events already."""

    agenda: Agenda
    calendars: tuple[Calendar, ...] = ()
    status: Status = Status()


class CalendarScreen(Screen[None], inherit_bindings=False):
    """Views, sidebar, header and footer. The state lives in `State`, the drawing in the widgets."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, command.id, command.label, show=False, id=f"{command.id}.{number}")
            for command in COMMANDS
            for number, key in enumerate(bound_keys(command))
        ),
        Binding("escape", "leave", show=False),
    ]

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    class AgendaRead(Message, bubble=False):
        """The gateway answered for `agenda.days`; `shown` unless it was read ahead."""

        def __init__(self, agenda: Agenda, *, shown: bool) -> None:
            super().__init__()
            self.agenda = agenda
            self.shown = shown

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

    class DetailsRead(Message, bubble=False):
        """The event to act on was opened: None when it is gone. `then` is what the key was pressed for."""

        def __init__(self, details: Details | None, then: Callable[[Details], None]) -> None:
            super().__init__()
            self.details = details
            self.then = then

    class EditMade(Message, bubble=False):
        """The gateway took an edit; `toast` says so (or is ''), `select` is the event to select."""

        def __init__(self, toast: str, select: EventKey | None = None) -> None:
            super().__init__()
            self.toast = toast
            self.select = select

    class ReadEnded(Message, bubble=False):
        """A read is over without an answer."""

        def __init__(self, read: Coalesced, error: CalendarError) -> None:
            super().__init__()
            self.read = read
            self.error = error

    class EditRefused(Message, bubble=False):
        """The gateway could not do it; nothing changed."""

        def __init__(self, error: CalendarError) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        gateway: Gateway,
        *,
        initial: Initial | None = None,
        first_day_of_week: int = 0,
        hour24: bool = True,
    ) -> None:
        super().__init__()
        self.gateway = gateway
        now = gateway.now()
        self.state = State(now, gateway.zone, first_day_of_week=first_day_of_week, hour24=hour24)
        if initial is not None:
            self.state.calendars = initial.calendars
            self.state.status = initial.status
            self.state.accept(initial.agenda)
            self.state.accept_today(initial.agenda, now.date())
        self._agenda_read = Coalesced(self._start_agenda_read)
        self._surroundings_read = Coalesced(self._start_surroundings_read)
        self._edits = asyncio.Lock()
        self._own_edits: dict[str, float] = {}
        self._flash_timers: list[Timer] = []
        self._grabbed: Entry | None = None
        self._clipboard: Details | None = None
        self._view_widget: Painted | None = None
        self._told, self._told_until = "", 0.0
        self._countdown: Timer | None = None
        self.set_reactive(CalendarScreen.scene, self.state.scene(now))

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

    def refresh_scene(self) -> None:
        """Hand out what is to be seen now."""
        self.scene = self.state.scene(self.gateway.now())

    def watch_scene(self, scene: Scene) -> None:
        """Each widget repaints the lines that differ."""
        for widget in self.query("Header, Sidebar, Footer, TimeGrid, MonthGrid, AgendaList").results(Painted):
            if widget.display or not isinstance(widget, TimeGrid):
                widget.scene = scene  # pyright: ignore[reportAttributeAccessIssue] - all of these have one

    def _await_next_minute(self) -> None:
        now = self.gateway.now()
        self.set_timer(60.05 - now.second - now.microsecond / 1e6, self._minute_passed)

    def _minute_passed(self) -> None:
        before, now = self.scene.now if self.scene else None, self.gateway.now()
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
        if self.state.agendas.of(self.state.days) is None:
            self._agenda_read.restart()

    # reading

    def _read_everything(self) -> None:
        self._agenda_read.request()
        self._surroundings_read.request()

    def _start_agenda_read(self) -> None:
        self.run_worker(self._read_agenda(self.state.days, shown=True), group="agenda", exclusive=True)

    async def _read_agenda(self, days: Days, *, shown: bool) -> None:
        try:
            agenda = await self.gateway.agenda(days)
        except CalendarError as error:
            if shown:
                self.post_message(self.ReadEnded(self._agenda_read, error))
            return
        self.post_message(self.AgendaRead(agenda, shown=shown))

    def on_calendar_screen_agenda_read(self, message: AgendaRead) -> None:
        """Newer than what is shown: show it, and read the neighbours ahead. Older: it comes too late."""
        changed = self.state.accept(message.agenda)
        if changed is not None:
            self.state.accept_today(message.agenda, self.gateway.now().date())
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
        if state.view == "agenda":
            return
        wanted = []
        for periods in (1, -1):
            probe = State(self.gateway.now(), state.zone, first_day_of_week=state.first_day_of_week)
            probe.view, probe.days, probe.cursor = state.view, state.days, state.cursor
            probe.turn(periods)
            known = state.agendas.of(probe.days)
            if known is None or known.revision < state.agendas.revision:
                wanted.append(probe.days)
        if wanted:
            self.run_worker(self._read_each(wanted), group="ahead", exclusive=True)

    async def _read_each(self, wanted: list[Days]) -> None:
        for days in wanted:
            await self._read_agenda(days, shown=False)

    def _start_surroundings_read(self) -> None:
        self.run_worker(self._read_surroundings(), group="surroundings", exclusive=True)

    async def _read_surroundings(self) -> None:
        gateway = self.gateway
        today = gateway.now().date()
        try:
            status = await gateway.status()
            calendars = await gateway.calendars()
            tasks = await gateway.tasks(limit=SHOWN_TASKS)
            agenda = None
            if today not in self.state.days:
                agenda = await gateway.agenda(Days(today, today + timedelta(days=1), gateway.zone))
        except CalendarError as error:
            self.post_message(self.ReadEnded(self._surroundings_read, error))
            return
        self.post_message(self.SurroundingsRead(calendars, status, tasks, agenda))

    def on_calendar_screen_surroundings_read(self, message: SurroundingsRead) -> None:
        """The sidebar and the state line have news."""
        state = self.state
        calendars = tuple(message.calendars)
        if calendars != state.calendars:
            state.calendars = calendars
        state.status = message.status
        state.tasks = tuple(message.tasks)
        if message.today is not None:
            state.accept_today(message.today, self.gateway.now().date())
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

    def on_calendar_screen_read_ended(self, message: ReadEnded) -> None:
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

    def _fade(self, strength: float) -> None:
        self.state.flash = Flash(self.state.flash.keys, strength) if strength else Flash()
        self.refresh_scene()

    # telling

    def _tell(self, text: str, *, warning: bool = False) -> None:
        """A line that goes away by itself. It may hold other people's text: never markup."""
        self.notify(cut(text, 200), markup=False, timeout=4, severity="warning" if warning else "information")

    def _tell_error(self, error: CalendarError) -> None:
        from aicalendar_tui.screens.wording import error_text

        text, now = error_text(error), asyncio.get_running_loop().time()
        if self._told != text or now >= self._told_until:
            self._told, self._told_until = text, now + SAME_ERROR_SECONDS
            self.notify(cut(text, 200), markup=False, timeout=SAME_ERROR_SECONDS, severity="error")

    # going about

    def action_cursor_left(self) -> None:
        """A day back; in the agenda to the day before."""
        self._move(days=-1)

    def action_cursor_right(self) -> None:
        """A day on."""
        self._move(days=1)

    def action_cursor_up(self) -> None:
        """Earlier: half an hour, a week in the month, an event in the agenda."""
        self._move_rows(-1)

    def action_cursor_down(self) -> None:
        """Later, likewise."""
        self._move_rows(1)

    def _move_rows(self, rows: int) -> None:
        if self._grabbed is not None or self.state.view not in ("month", "agenda"):
            self._move(minutes=rows * SLOT_MINUTES)
        elif self.state.view == "month":
            self._move(days=7 * rows)
        else:
            self._step(rows)

    def _move(self, *, days: int = 0, minutes: int = 0) -> None:
        state = self.state
        if state.ghost is not None:
            state.ghost = moved_entry(state.ghost, state.zone, days=days, minutes=minutes)
            state.select(state.ghost)
        else:
            state.move(days=days, minutes=minutes)
        self._moved()

    def action_week_back(self) -> None:
        """Seven days."""
        self._move(days=-7)

    def action_week_forward(self) -> None:
        """Seven days."""
        self._move(days=7)

    def action_period_back(self) -> None:
        """One page of the view."""
        self.state.turn(-1)
        self._moved()

    def action_period_forward(self) -> None:
        """One page of the view."""
        self.state.turn(1)
        self._moved()

    def action_today(self) -> None:
        """To the present: day and hour."""
        now = self.gateway.now()
        self.state.go_to(now.date(), (now.hour * 60 + now.minute) // SLOT_MINUTES * SLOT_MINUTES)
        self._moved()

    def action_goto(self) -> None:
        """Ask where to."""
        from aicalendar_tui.screens.goto.screen import GotoScreen

        self.app.push_screen(GotoScreen(self.gateway.now().date()), self._go_to)

    def _go_to(self, day: date | None) -> None:
        if day is not None:
            self.state.go_to(day)
            self._moved()

    def action_next_event(self) -> None:
        """The next event shown; after the last one, the next period."""
        self._step(1)

    def action_previous_event(self) -> None:
        """The event before; before the first one, the period before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        if self.state.ghost is not None:
            return
        if not self.state.select_step(step):
            if self.state.view == "agenda":
                self.state.widen(forward=step > 0)
            else:
                self.state.turn(step)
        self._moved()

    def action_view_day(self) -> None:
        """One day."""
        self._show_view("day")

    def action_view_week(self) -> None:
        """Seven days."""
        self._show_view("week")

    def action_view_month(self) -> None:
        """Whole weeks of a month."""
        self._show_view("month")

    def action_view_days(self) -> None:
        """A few days from the cursor on."""
        self._show_view("days")

    def action_view_agenda(self) -> None:
        """A list without end."""
        self._show_view("agenda")

    def action_leave(self) -> None:
        """Out of a mode, or out of the sidebar."""
        if self._grabbed is not None:
            original = self._grabbed
            self._end_grab()
            self.state.select(original)
            self._moved()
        elif self.state.anchor is not None:
            self.state.anchor = None
            self._set_hints(())
            self.state.move()
            self._moved()
        else:
            self._leave_sidebar()

    def action_quit(self) -> None:
        """Back, if there is something to go back from; else the end."""
        if self._grabbed is not None or self.state.anchor is not None or self.query_one(Sidebar).has_focus:
            self.action_leave()
        else:
            self.app.exit()

    def on_place_pointed(self, message: PlacePointed) -> None:
        """The mouse says where."""
        if self._grabbed is not None:
            return
        self.state.point(message.slot, message.key)
        self._moved()
        if message.create:
            self.action_create_here()

    def on_edge_reached(self, message: EdgeReached) -> None:
        """The list needs more days."""
        self.state.widen(forward=message.forward)
        self._moved()

    # the sidebar

    def action_sidebar(self) -> None:
        """To the list of calendars (unfolded where it is folded away), and back."""
        sidebar = self.query_one(Sidebar)
        if sidebar.has_focus:
            self._leave_sidebar()
            return
        self.add_class("-sidebar")
        sidebar.focus()
        self._set_hints(
            (
                ("j k", _("calendar")),
                ("Space", _("show, hide")),
                ("W", _("live")),
                ("Esc", _("back")),
            )
        )

    def _leave_sidebar(self) -> None:
        self.remove_class("-sidebar")
        self.set_focus(None)
        self._set_hints(())

    def on_sidebar_left(self) -> None:
        """The keys move the cursor again."""
        self._leave_sidebar()

    def on_calendar_pointed(self, message: CalendarPointed) -> None:
        """F and W now act on that calendar."""
        self.state.point_calendar(message.calendar)
        self.refresh_scene()
        if message.toggle:
            self.action_toggle_shown()

    def on_day_pointed(self, message: DayPointed) -> None:
        """The mini month says where to."""
        self._go_to(message.day)

    def on_month_turned(self, message: MonthTurned) -> None:
        """The same day of another month."""
        self._go_to(add_months(self.state.cursor.day, message.months))

    def action_toggle_shown(self) -> None:
        """Show or hide the calendar under the cursor."""
        calendar = self.state.current_calendar
        if calendar is None:
            self._tell(_("There is no calendar yet"), warning=True)
            return
        self.state.point_calendar(calendar)
        shown = not calendar.shown
        name = clean(calendar.summary)
        text = _("{name} is shown") if shown else _("{name} is hidden · F shows it again")
        self._edit(lambda: self.gateway.set_shown(calendar, shown), text.format(name=name))

    def action_toggle_live(self) -> None:
        """Live updates of the calendar under the cursor, on or off."""
        calendar = self.state.current_calendar
        if calendar is None:
            self._tell(_("There is no calendar yet"), warning=True)
            return
        if calendar.live == "unwatchable":
            text = _("{name}: Google offers no live updates for it; it is asked every so often")
            self._tell(text.format(name=clean(calendar.summary)), warning=True)
            return
        wanted = not calendar.live_wanted
        text = _("Live updates on: {name}") if wanted else _("Live updates off: {name}")
        self._edit(lambda: self.gateway.set_live(calendar, wanted), text.format(name=clean(calendar.summary)))

    # events

    def action_details(self) -> None:
        """Open the selected event; put down what is held; open the day of a month."""
        if self._grabbed is not None:
            self._drop()
            return
        if self.state.anchor is not None:
            self.action_create_here()
            return
        entry = self.state.entry
        if entry is None:
            if self.state.view == "month":
                self._show_view("day")
            return
        from aicalendar_tui.screens.details.screen import DetailsScreen

        self.app.push_screen(DetailsScreen(self.gateway, entry.key), self._details_closed)

    def _details_closed(self, command: str | None) -> None:
        """The dialog may end in a command of the table, on the event it showed."""
        if command in {known.id for known in COMMANDS}:
            getattr(self, f"action_{command}")()

    def action_create(self) -> None:
        """A new event, from the form."""
        self.action_create_here()

    def action_create_here(self) -> None:
        """A new event at the cursor, or over the selected range."""
        writable = [calendar for calendar in self.state.calendars if calendar.writable]
        if not writable:
            self._tell(_("No calendar to write to yet"), warning=True)
            return
        first, last = self.state.range()
        self.state.anchor = None
        self._set_hints(())
        current = self.state.current_calendar
        calendar = current if current is not None and current.writable else writable[0]
        self._open_editor(
            None, moment_of(first, self.state.zone), moment_of(last, self.state.zone), calendar, self._create
        )

    def action_edit(self) -> None:
        """The selected event in the form."""
        self._with_details(self._edit_details)

    def _edit_details(self, details: Details) -> None:
        event = details.event

        def changed(calendar: Calendar, draft: Draft) -> None:
            del calendar  # moving to another calendar is not part of a draft
            toast = _("{title} changed · u undoes").format(title=self._short_title(details))
            self._ask_scope(
                event.recurring_event_id is not None or bool(event.recurrence),
                lambda scope: self._edit(
                    lambda: self.gateway.change(details.key, draft, scope=scope), toast, details.key
                ),
            )

        self._open_editor(details, event.start, event.end, details.calendar, changed)

    def _open_editor(
        self,
        details: Details | None,
        start: Any,
        end: Any,
        calendar: Calendar,
        then: Callable[[Calendar, Draft], None],
    ) -> None:
        from aicalendar_tui.screens.editor.screen import EditorScreen

        editor = EditorScreen(
            self.gateway,
            calendars=[known for known in self.state.calendars if known.writable],
            details=details,
            start=start,
            end=end,
            calendar=calendar,
        )
        self.app.push_screen(editor, lambda result: then(result.calendar, result.draft) if result else None)
        self.refresh_scene()

    def _create(self, calendar: Calendar, draft: Draft) -> None:
        async def create() -> EventKey:
            return await self.gateway.create(calendar, draft)

        title = clean(draft.summary) if isinstance(draft.summary, str) else ""
        self._edit(create, _("{title} created · u undoes").format(title=cut(title or _("(no title)"), 60)))

    def action_delete(self) -> None:
        """Without a question, except how much of a series; `u` brings it back."""
        entry = self.state.entry
        if entry is None:
            return self._nothing_selected()
        toast = _("{title} deleted · u undoes").format(title=cut(title_of(entry), 60))
        key = entry.key
        self._ask_scope(
            entry.recurring, lambda scope: self._edit(lambda: self.gateway.delete(key, scope=scope), toast, key)
        )
        return None

    def action_undo(self) -> None:
        """Take the newest edit back."""
        self._edit(self._undo, "")

    async def _undo(self) -> None:
        title = await self.gateway.undo()
        text = _("Nothing to undo") if title is None else _("Undone: {title}").format(title=cut(clean(title), 60))
        self.post_message(self.EditMade(text))

    def action_redo(self) -> None:
        """Make the edit again that was taken back last."""
        self._edit(self._redo, "")

    async def _redo(self) -> None:
        title = await self.gateway.redo()
        text = _("Nothing to redo") if title is None else _("Redone: {title}").format(title=cut(clean(title), 60))
        self.post_message(self.EditMade(text))

    def action_select_range(self) -> None:
        """The cursor now drags one end of a range along; `o` or Enter creates in it."""
        if self.state.view in ("month", "agenda") or self._grabbed is not None:
            return
        if self.state.anchor is not None:
            self.action_leave()
            return
        self.state.anchor = self.state.cursor
        self.state.selected = None
        self._set_hints((("h j k l", _("range")), ("o Enter", _("create")), ("Esc", _("cancel"))))
        self.refresh_scene()

    def action_join(self) -> None:
        """The call of the selected event, else of the one that runs or comes next."""
        entry = self.state.entry
        if entry is None or not entry.join_url:
            now = self.gateway.now().timestamp()
            entry = next((e for e in self.state.today if e.join_url and e.end > now and not e.all_day), None)
        if entry is None:
            self._tell(_("No call to join"), warning=True)
            return
        self._open_link(entry.join_url, _("Joining {title}").format(title=cut(title_of(entry), 60)))

    def action_open(self) -> None:
        """The event's page at Google."""

        def open_page(details: Details) -> None:
            link = details.event.html_link
            if not link:
                self._tell(_("It has no page yet: it is not at Google"), warning=True)
                return
            self._open_link(link, _("Opening {title}").format(title=self._short_title(details)))

        self._with_details(open_page)

    def _open_link(self, link: str, toast: str) -> None:
        from aicalendar_tui.screens.browser import is_web_link, open_in_browser

        if not is_web_link(link):
            self._tell(_("Not a web address: {link}").format(link=cut(clean(link), 60)), warning=True)
            return
        self._tell(toast)
        self.run_worker(lambda: open_in_browser(link), thread=True, group="browser", exclusive=True)

    # moving

    def action_grab(self) -> None:
        """Take the selected event in the hand: hjkl, then Enter puts it down and Esc leaves it where it was."""
        entry = self._editable()
        if entry is None:
            return
        self._grabbed = self.state.ghost = entry
        self._set_hints((("h j k l", _("move")), ("Enter", _("put down")), ("Esc", _("cancel"))))
        self.refresh_scene()

    def _end_grab(self) -> None:
        self._grabbed = self.state.ghost = None
        self._set_hints(())

    def _drop(self) -> None:
        before, ghost = self._grabbed, self.state.ghost
        self._end_grab()
        if before is not None and ghost is not None and before.span != ghost.span:
            self._place(before, ghost)
        self._moved()

    def action_move_left(self) -> None:
        """The event, a day back."""
        self._shift(days=-1)

    def action_move_right(self) -> None:
        """The event, a day on."""
        self._shift(days=1)

    def action_move_up(self) -> None:
        """The event, half an hour earlier."""
        self._shift(minutes=-SLOT_MINUTES)

    def action_move_down(self) -> None:
        """The event, half an hour later."""
        self._shift(minutes=SLOT_MINUTES)

    def action_shorten(self) -> None:
        """Its end, half an hour (or a day) earlier."""
        self._shift(minutes=-SLOT_MINUTES, resize=True)

    def action_lengthen(self) -> None:
        """Its end, half an hour (or a day) later."""
        self._shift(minutes=SLOT_MINUTES, resize=True)

    def _shift(self, *, days: int = 0, minutes: int = 0, resize: bool = False) -> None:
        entry = self._editable()
        if entry is None:
            return
        if entry.all_day and minutes:
            days, minutes = (1 if minutes > 0 else -1) if resize else 0, 0
        moved = moved_entry(entry, self.state.zone, days=days, minutes=minutes, resize=resize)
        if moved.span != entry.span:
            self._place(entry, moved)

    def _place(self, before: Entry, ghost: Entry) -> None:
        """Ask how much of the series, show it at once, and hand it to the gateway."""
        toast = _("{title} moved · u undoes").format(title=cut(title_of(before), 60))

        async def place(scope: Scope) -> None:
            details = await self.gateway.details(before.key)
            if details is not None:
                draft = draft_at(ghost, details.event, self.state.zone)
                await self.gateway.change(before.key, draft, scope=scope)

        def go(scope: Scope) -> None:
            self._show_at_once(ghost)
            self._edit(lambda: place(scope), toast, before.key)

        self._ask_scope(before.recurring, go)

    def _show_at_once(self, entry: Entry) -> None:
        """Put the entry where the user wants it, ahead of the gateway's own answer, so that keys can follow on."""
        agenda = self.state.agenda
        entries = tuple(entry if known.key == entry.key else known for known in agenda.entries)
        self.state.agendas.accept(replace(agenda, entries=entries))
        self.state.select(entry)
        self.refresh_scene()

    def action_copy(self) -> None:
        """Remember the selected event for P."""

        def remember(details: Details) -> None:
            self._clipboard = details
            self._tell(_("{title} copied · P pastes at the cursor").format(title=self._short_title(details)))

        self._with_details(remember)

    def action_paste(self) -> None:
        """The remembered event once more, at the cursor."""
        if self._clipboard is None:
            self._tell(_("Nothing copied yet: y copies"), warning=True)
            return
        self._add_copy(self._clipboard, copy_of(self._clipboard.event, self.state.cursor, self.state.zone))

    def action_duplicate(self) -> None:
        """The selected event once more, at the same time."""
        self._with_details(lambda details: self._add_copy(details, copy_of(details.event, None, self.state.zone)))

    def _add_copy(self, details: Details, draft: Draft) -> None:
        calendar = details.calendar
        if not calendar.writable:
            writable = [known for known in self.state.calendars if known.writable]
            if not writable:
                self._tell(_("No calendar to write to yet"), warning=True)
                return
            calendar = writable[0]
        self._create(calendar, draft)

    def _editable(self) -> Entry | None:
        entry = self.state.ghost or self.state.entry
        if entry is None:
            self._nothing_selected()
            return None
        calendar = self.state.calendar_of(entry.user_id, entry.calendar_id)
        if calendar is not None and not calendar.writable:
            self._tell(_("{name} can only be read").format(name=clean(calendar.summary)), warning=True)
            return None
        return entry

    def _nothing_selected(self) -> None:
        self._tell(_("No event selected: Tab goes to the next one"), warning=True)

    # the rest

    def action_sync(self) -> None:
        """Fetch and send everything now."""
        self._edit(self.gateway.sync_now, _("Synchronising"))

    def action_tasks(self) -> None:
        """What runs in the background."""
        from aicalendar_tui.screens.tasks.screen import TasksScreen

        self.app.push_screen(TasksScreen(self.gateway))

    def action_help(self) -> None:
        """All keys."""
        from aicalendar_tui.screens.help.screen import HelpScreen

        self.app.push_screen(HelpScreen(COMMANDS))

    def action_palette(self) -> None:
        """Search all commands by name."""
        self.app.action_command_palette()

    # edits

    def _edit(
        self, request: Callable[[], Awaitable[EventKey | None]], toast: str, key: EventKey | None = None
    ) -> None:
        """Ask the gateway for a change. Not exclusive: a change asked for is never cancelled by the next one."""
        if key is not None:
            self._own(key.event_id)
        self.run_worker(self._make_edit(request, toast), group="edits")

    async def _make_edit(self, request: Callable[[], Awaitable[EventKey | None]], toast: str) -> None:
        async with self._edits:
            try:
                created = await request()
            except CalendarError as error:
                self.post_message(self.EditRefused(error))
                return
        if toast:
            self.post_message(self.EditMade(toast, created))

    def _own(self, event_id: str) -> None:
        self._own_edits[event_id] = asyncio.get_running_loop().time() + OWN_EDIT_SECONDS

    def on_calendar_screen_edit_made(self, message: EditMade) -> None:
        """Say it, and read what it changed without waiting for the news."""
        if message.select is not None:
            self._own(message.select.event_id)
            self.state.selected = message.select
        self._tell(message.toast)
        self._read_everything()

    def on_calendar_screen_edit_refused(self, message: EditRefused) -> None:
        """Say why; show again how things really are."""
        self._tell_error(message.error)
        self._read_everything()

    def _with_details(self, then: Callable[[Details], None]) -> None:
        """Open the selected event, then do it."""
        entry = self.state.entry
        if entry is None:
            self._nothing_selected()
            return
        self.run_worker(self._read_details(entry.key, then), group="details", exclusive=True)

    async def _read_details(self, key: EventKey, then: Callable[[Details], None]) -> None:
        try:
            details = await self.gateway.details(key)
        except CalendarError as error:
            self.post_message(self.EditRefused(error))
            return
        self.post_message(self.DetailsRead(details, then))

    def on_calendar_screen_details_read(self, message: DetailsRead) -> None:
        """Go on with what the key was pressed for."""
        if message.details is None:
            self._tell(_("This event is gone"), warning=True)
            self._read_everything()
        else:
            message.then(message.details)

    def _ask_scope(self, recurring: bool, then: Callable[[Scope], None]) -> None:
        """How much of the series; a single event has no question."""
        if not recurring:
            then("this")
            return
        from aicalendar_tui.screens.scope.screen import ScopeScreen

        self.app.push_screen(ScopeScreen(), lambda scope: then(scope) if scope else None)

    @staticmethod
    def _short_title(details: Details) -> str:
        return cut(clean(details.event.summary) or _("(no title)"), 60)

    def _set_hints(self, hints: tuple[Hint, ...]) -> None:
        self.query_one(Footer).mode = hints
