"""All calendars of all accounts; what is changed here shows at once, behind the sheet, too."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.calendars.lines import calendar_facts, calendar_line, moved, next_color, swatches
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean, cut, fit
from aicalendar_tui.screens.theme import palette_of
from aicalendar_tui.screens.wording import error_text

LABEL_CELLS = 12

Key = tuple[str, str]


class CalendarList(OptionList):
    """A line each, under its account where there are several."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,F,А", "screen.toggle_shown", show=False),
        Binding("enter", "screen.toggle_shown", show=False),
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
        Binding("g,п", "first", show=False),
        Binding("G,П", "last", show=False),
    ]


class CalendarsScreen(Sheet[None]):
    """Show, hide, solo, colour, order and live updates, all by one key each."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "q", "й", *bound_keys(command_of("calendars")))), "close", "close"),
        Binding("s,ы,S,Ы", "solo", show=False),
        Binding("W,Ц", "toggle_live", show=False),
        Binding("c,с,right", "color(1)", show=False),
        Binding("C,С,left", "color(-1)", show=False),
        Binding("0", "own_color", show=False),
        Binding("J,О,shift+down", "move(1)", show=False),
        Binding("K,Л,shift+up", "move(-1)", show=False),
    ]

    class CalendarsRead(Message):
        """All calendars as they are now, or why they could not be read or changed."""

        def __init__(self, calendars: Sequence[Calendar] | None, problem: str = "") -> None:
            super().__init__()
            self.calendars = calendars
            self.problem = problem

    def __init__(self, gateway: Gateway, *, first: Calendar | None = None) -> None:
        """`first` is selected to begin with."""
        super().__init__()
        self._gateway = gateway
        self._first = _key(first) if first else None
        self._calendars: list[Calendar] | None = None
        self._before_solo: list[Key] | None = None
        """What was shown before one calendar was shown alone."""
        self._problem = ""

    def compose_body(self) -> ComposeResult:
        yield CalendarList(id="list", compact=True, markup=False)
        yield Static(id="nothing", markup=False)
        yield Static(id="facts", markup=False)

    def on_mount(self) -> None:
        """Reads for the first time."""
        self.show_title(_("Calendars"))
        self.show_text("#nothing", _("Reading…"))
        self.query_one(CalendarList).display = False
        self._show_hints()
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        self.query_one(CalendarList).styles.max_height = max(3, event.size.height - self.ROWS_AROUND_BODY - 8)
        self.call_after_refresh(self._show)

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Another screen may have changed them, too."""
        if not isinstance(message.news, TasksChanged):
            self._read()

    def on_calendars_screen_calendars_read(self, message: CalendarsRead) -> None:
        """Shows what was read; after a failure what was there before, and why."""
        self._problem = message.problem
        if message.calendars is not None:
            self._calendars = list(message.calendars)
        self._show()
        self._show_hints()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells all about the calendar that was moved to."""
        event.stop()
        self._show_facts()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click shows or hides it."""
        event.stop()
        self.action_toggle_shown()

    @property
    def selected(self) -> Calendar | None:
        """The calendar under the cursor."""
        option = self.query_one(CalendarList).highlighted_option
        found = (known for known in self._calendars or () if option is not None and _id(known) == option.id)
        return next(found, None)

    # -- what the keys do --------------------------------------------------------------------------------------

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_toggle_shown(self) -> None:
        """Shows or hides it."""
        calendar = self.selected
        if calendar is not None:
            self._before_solo = None
            self._change(lambda: self._gateway.set_shown(calendar, not calendar.shown))

    def action_solo(self) -> None:
        """Shows it alone; once more, and what was shown before is shown again."""
        calendar, known = self.selected, self._calendars or []
        if calendar is None:
            return
        if self._is_alone(calendar) and self._before_solo is not None:
            back = [other for other in known if _key(other) in self._before_solo]
            self._before_solo = None
            self._change(lambda: self._gateway.show_only(back))
            return
        if self._before_solo is None:
            self._before_solo = [_key(other) for other in known if other.shown]
        self._change(lambda: self._gateway.show_only([calendar]))

    def action_toggle_live(self) -> None:
        """Live updates on or off."""
        calendar = self.selected
        if calendar is None:
            return
        if calendar.live == "unwatchable":
            self._problem = _("Google offers no live updates for it")
            self._show_hints()
            return
        self._change(lambda: self._gateway.set_live(calendar, not calendar.live_wanted))

    def action_color(self, step: int) -> None:
        """The next colour, or the one before."""
        calendar = self.selected
        if calendar is not None:
            self._change(lambda: self._gateway.set_color(calendar, next_color(calendar.color, step)))

    def action_own_color(self) -> None:
        """The one that it has at Google."""
        calendar = self.selected
        if calendar is not None:
            self._change(lambda: self._gateway.set_color(calendar, ""))

    def action_move(self, step: int) -> None:
        """A place up or down."""
        calendar = self.selected
        if calendar is not None and self._calendars:
            order = moved(self._calendars, calendar, step)
            self._change(lambda: self._gateway.set_order(order))

    def _change(self, change: Callable[[], Awaitable[None]]) -> None:
        """Changes wait for each other in the gateway; none is cancelled by the next."""
        self.run_worker(self._make_change(change), group="change")

    async def _make_change(self, change: Callable[[], Awaitable[None]]) -> None:
        problem = ""
        try:
            await change()
        except CalendarError as error:
            problem = error_text(error)
        await self._read_calendars(problem)

    # -- reading and showing -----------------------------------------------------------------------------------

    def _read(self) -> None:
        self.run_worker(self._read_calendars(), group="read", exclusive=True)

    async def _read_calendars(self, problem: str = "") -> None:
        try:
            self.post_message(self.CalendarsRead(await self._gateway.calendars(), problem))
        except CalendarError as error:
            self.post_message(self.CalendarsRead(None, error_text(error)))

    def _is_alone(self, calendar: Calendar) -> bool:
        return [_key(known) for known in self._calendars or () if known.shown] == [_key(calendar)]

    def _show(self) -> None:
        if self._calendars is None:
            return
        listing = self.query_one(CalendarList)
        before = listing.highlighted_option.id if listing.highlighted_option else None
        if before is None and self._first is not None:
            before = "\n".join(self._first)
        palette, width = palette_of(self.app), listing.scrollable_content_region.width
        width = width or self.body.scrollable_content_region.width
        several = len({calendar.user_id for calendar in self._calendars}) > 1
        options: list[Option] = []
        user_id = None
        for calendar in self._calendars:
            if several and calendar.user_id != user_id:
                user_id = calendar.user_id
                options.append(Option(Content.styled(cut(clean(user_id), width), MUTED), disabled=True))
            alone = self._before_solo is not None and self._is_alone(calendar)
            line = calendar_line(calendar, palette, alone=alone, width=width)
            options.append(Option(line, id=_id(calendar)))
        listing.set_options(options)
        ids = [option.id for option in options]
        usable = [place for place, known in enumerate(ids) if known is not None]
        found = before is not None and before in ids
        listing.highlighted = ids.index(before) if found else (usable[0] if usable else None)
        appears = not listing.display and bool(options)
        listing.display = bool(options)
        if appears:
            listing.focus()
        self.query_one("#nothing").display = not options
        self.show_text("#nothing", _("There is no calendar yet"))
        shown = sum(calendar.shown for calendar in self._calendars)
        text = ngettext("{shown} of {number} shown", "{shown} of {number} shown", len(self._calendars))
        self.show_text("#aside", text.format(shown=shown, number=len(self._calendars)) if options else "")
        self._show_facts()

    def _show_facts(self) -> None:
        calendar = self.selected
        facts = self.query_one("#facts")
        facts.display = calendar is not None
        if calendar is None:
            return
        width = max(10, facts.scrollable_content_region.width - LABEL_CELLS)
        parts: list[Content | str | tuple[str, str]] = [(fit(_("colour"), LABEL_CELLS), MUTED)]
        parts.append(swatches(calendar.color, palette_of(self.app)))
        for label, value in calendar_facts(calendar, now=int(self._gateway.now().timestamp()), width=width):
            parts += ["\n", (fit(label, LABEL_CELLS), MUTED), value]
        self.show_text("#facts", Content.assemble(*parts))

    def _show_hints(self) -> None:
        hints = [
            ("Space", _("show, hide")),
            ("s", _("solo")),
            ("W", _("live")),
            ("c", _("colour")),
            ("J K", _("order")),
        ]
        self.show_hints(*hints, ("Esc", _("close")), remark=cut(self._problem, 60))


def _key(calendar: Calendar) -> Key:
    return calendar.user_id, calendar.calendar_id


def _id(calendar: Calendar) -> str:
    return "\n".join(_key(calendar))
