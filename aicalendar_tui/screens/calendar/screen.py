"""The calendar screen: where each command of the table has its action."""

from datetime import date
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.drafts import moment_of, say_days, say_times
from aicalendar_tui.screens.calendar.dragging import Dragged, DraggedGrid
from aicalendar_tui.screens.calendar.editing_screen import EditingScreen
from aicalendar_tui.screens.calendar.opening import Openings
from aicalendar_tui.screens.calendar.people import People
from aicalendar_tui.screens.calendar.pointing import EdgeReached, MonthTurned, PlacePointed, YearTurned
from aicalendar_tui.screens.calendar.scene import Slot, is_bar
from aicalendar_tui.screens.calendar.sidebar import CalendarPointed, DayPointed, Sidebar
from aicalendar_tui.screens.calendar.state import moved_entry
from aicalendar_tui.screens.commands import COMMANDS, bound_keys
from aicalendar_tui.screens.dates import add_months
from aicalendar_tui.screens.preferences import Week
from aicalendar_tui.screens.text import clean


class CalendarScreen(People, Openings, EditingScreen, inherit_bindings=False):
    """Going about in the calendar, the sidebar and the dialogs; where one is, `State` knows."""

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

    class BeyondRead(Message, bubble=False):
        """What lies behind the days shown, for a step over their end from `cursor`."""

        def __init__(self, agenda: Agenda | CalendarError, step: int, shown: Days, cursor: Slot) -> None:
            super().__init__()
            self.agenda = agenda
            self.step = step
            self.shown = shown
            self.cursor = cursor

    _drag_refused = False
    """The mouse drags what can't be moved, or Esc let it go: the rest of the drag means nothing."""
    _counting = False
    """The key before asked for a digit: how many days."""

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
        view = self.state.view
        if self._grabbed is not None and view == "month":
            self._move(days=7 * rows)
        elif self._grabbed is not None or view not in ("month", "year", "agenda"):
            self._move(minutes=rows * self.state.slot_minutes)
        elif view == "year" and self.query_one("YearGrid").linear:  # pyright: ignore[reportAttributeAccessIssue]
            self._go_to(add_months(self.state.cursor.day, rows))
        elif view in ("month", "year"):
            self._move(days=7 * rows)
        else:
            self._step(rows)

    def _move(self, *, days: int = 0, minutes: int = 0) -> None:
        state = self.state
        if state.ghost is not None:
            state.ghost = moved_entry(state.ghost, state.zone, days=days, minutes=minutes)
            state.select(state.ghost)
            self._show_grab()
        else:
            state.move(days=days, minutes=minutes)
            self._show_range()
        self._moved()

    def _show_range(self) -> None:
        """What is selected, and the keys that end it."""
        state = self.state
        if state.anchor is None:
            return
        first, last = state.range()
        if state.view == "month":
            when = say_days(first.day, max(state.anchor, state.cursor).day)
        else:
            moments = moment_of(first, state.zone), moment_of(last, state.zone)
            when = say_times(*moments, hour24=state.preferences.hour24)
        self._set_hints(((when, ""), ("h j k l", _("range")), ("o Enter", _("create")), ("Esc", _("cancel"))))

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
        now, step = self.present, self.state.slot_minutes
        self.state.go_to(now.date(), (now.hour * 60 + now.minute) // step * step)
        self._moved()

    def action_goto(self) -> None:
        """Ask where to."""
        from aicalendar_tui.screens.goto.screen import GotoScreen

        self.app.push_screen(GotoScreen(self.present.date()), self._go_to)

    def _go_to(self, day: date | None) -> None:
        if day is not None:
            self.state.go_to(day)
            self._moved()

    def action_next_event(self) -> None:
        """The next event; after the last one shown, the first of the periods after."""
        self._step(1)

    def action_previous_event(self) -> None:
        """The event before; before the first one shown, the last of the periods before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        if self.state.ghost is not None:
            return
        if self.state.view == "year":
            if self.state.step_busy_day(step):
                self._moved()
        elif self.state.select_step(step):
            self._moved()
        else:
            self._seek(step)

    def _seek(self, step: int) -> None:
        """Read what lies behind the days shown; the page turns once it is known how far."""
        self._await()
        self.run_worker(self._read_beyond(step, self.state.days, self.state.cursor), group="beyond", exclusive=True)

    async def _read_beyond(self, step: int, shown: Days, cursor: Slot) -> None:
        beyond = self.state.days_beyond(step)
        days = Days(min(shown.first, beyond.first), max(shown.last, beyond.last), shown.zone)
        try:
            agenda = await self.gateway.agenda(days)
        except CalendarError as error:
            self.post_message(self.BeyondRead(error, step, shown, cursor))
        else:
            self.post_message(self.BeyondRead(agenda, step, shown, cursor))

    def on_calendar_screen_beyond_read(self, message: BeyondRead) -> None:
        """Go there, unless the mouse went elsewhere meanwhile."""
        state, step, agenda = self.state, message.step, message.agenda
        if isinstance(agenda, CalendarError):
            self._tell_error(agenda)
        elif (state.days, state.cursor) == (message.shown, message.cursor):
            state.agendas.accept(agenda)
            if state.select_step(step) or state.select_beyond(step, agenda):
                self._moved()
            elif state.view == "agenda":
                state.widen(forward=step > 0)
                self._moved()
            else:
                self._tell(_("No event in the next 8 weeks") if step > 0 else _("No event in the 8 weeks before"))
        self._awaited()

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
        """A few days from the cursor on; a digit after it says how many."""
        self._show_view("days")
        self._counting = True
        self._set_hints((("1 … 9", _("so many days")),))

    def on_key(self, event: events.Key) -> None:
        """The digit after `x`; any other key is what it always is."""
        if not self._counting:
            return
        self._counting = False
        self._set_hints(())
        if event.character and event.character in "123456789":
            event.stop()
            event.prevent_default()
            self.state.show_several(int(event.character))
            self._moved()

    def action_view_year(self) -> None:
        """Twelve months of days, as full as they are."""
        self._show_view("year")

    def action_week_kind(self) -> None:
        """Seven days, Monday to Friday, seven days from today; and around again."""
        kinds: tuple[Week, ...] = ("seven", "five", "ahead")
        names = (_("Whole weeks"), _("Monday to Friday"), _("Seven days from today"))
        number = (kinds.index(self.state.preferences.week) + 1) % len(kinds)
        self.state.show_week(kinds[number])
        self._put_view("week")
        self._moved()
        self._tell(names[number], kind="week")

    def action_zoom_in(self) -> None:
        """Fewer minutes in a row."""
        self._zoom(1)

    def action_zoom_out(self) -> None:
        """More of the day at once."""
        self._zoom(-1)

    def _zoom(self, steps: int) -> None:
        if self.state.view in ("month", "year", "agenda"):
            return
        self.state.zoom(steps)
        self.refresh_scene()

    def action_travel(self) -> None:
        """See the calendar as it is elsewhere."""
        from aicalendar_tui.screens.goto.zone_screen import ZoneScreen

        dialog = ZoneScreen(self.gateway.now(), home=self.state.home_zone, shown=self.state.zone)
        self.app.push_screen(dialog, self._travel)

    def _travel(self, zone: str | None) -> None:
        if zone is not None and zone != self.state.zone:
            self.state.travel(zone)
            self._moved()
            self._surroundings_read.request()

    def action_view_agenda(self) -> None:
        """A list without end."""
        self._show_view("agenda")

    def action_leave(self) -> None:
        """Out of a mode, or out of the sidebar."""
        self._drag_refused = any(grid.drags for grid in self.query(DraggedGrid).results(DraggedGrid))
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
        elif message.open and message.key is not None:
            self.action_details()
        elif message.open:
            self._show_view("day")

    def on_dragged(self, message: Dragged) -> None:
        """The event comes along with the mouse, or its end does; on free time a range opens."""
        state, start, slot = self.state, message.start, message.slot
        if self._drag_refused or (self._grabbed is not None and message.key != self._grabbed.key):
            return
        if message.key is None:
            if state.anchor is None:
                self._begin_range(start)
            state.cursor = slot
            self._show_range()
            self.refresh_scene()
            return
        if self._grabbed is None:
            state.point(start, message.key)
            self.action_grab()
            if self._grabbed is None:
                self._drag_refused = True
                return
        entry = self._grabbed
        days, minutes = (slot.day - start.day).days, slot.minute - start.minute
        if state.view == "month" or is_bar(entry):
            minutes = 0
        state.ghost = moved_entry(entry, state.zone, days=days, minutes=minutes, resize=message.resize)
        state.cursor = slot
        state.selected = entry.key
        self._show_grab()
        self.refresh_scene()

    def on_drag_ended(self) -> None:
        """The event stays there; a range becomes a new event."""
        self._drag_refused = False
        if self._grabbed is not None:
            self._drop()
        elif self.state.anchor is not None:
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

    def on_year_turned(self, message: YearTurned) -> None:
        """The same day of another year."""
        self._go_to(add_months(self.state.cursor.day, 12 * message.years))

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

    def action_select_range(self) -> None:
        """The cursor now drags one end of a range along; `o` or Enter creates in it."""
        if self.state.view in ("year", "agenda") or self._grabbed is not None:
            return
        if self.state.anchor is not None:
            self.action_leave()
            return
        self._begin_range(self.state.cursor)

    def _begin_range(self, slot: Slot) -> None:
        self.state.anchor = slot
        self.state.selected = None
        self._show_range()
        self.refresh_scene()

    # the rest

    def action_sync(self) -> None:
        """Fetch and send everything now."""
        self._edit(self.gateway.sync_now, _("Synchronising"))

    def action_tasks(self) -> None:
        """What runs in the background."""
        from aicalendar_tui.screens.tasks.screen import TasksScreen

        self.app.push_screen(TasksScreen(self.gateway))

    def action_conflicts(self) -> None:
        """What waits for a decision; that of the selected event first."""
        from aicalendar_tui.screens.conflicts.screen import ConflictsScreen

        entry = self.state.entry
        self.app.push_screen(ConflictsScreen(self.gateway, first=entry.key if entry else None))

    def action_help(self) -> None:
        """All keys."""
        from aicalendar_tui.screens.help.screen import HelpScreen

        self.app.push_screen(HelpScreen(COMMANDS))

    def action_palette(self) -> None:
        """Search all commands by name."""
        self.app.action_command_palette()
