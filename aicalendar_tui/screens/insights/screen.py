"""Insights: time by calendar and by week, the busiest hours, and meetings against focus time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Static

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.dates import short_month, week_start
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.insights.figures import Figures, add_up
from aicalendar_tui.screens.insights.painting import (
    Part,
    paint_balance,
    paint_calendars,
    paint_heat,
    paint_weeks,
)
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.sheet import Sheet
from aicalendar_tui.screens.theme import palette_of
from aicalendar_tui.screens.wording import error_text

LENGTHS = (1, 4, 12)
"""Weeks that are looked at, from near to far."""


class InsightsScreen(Sheet[None]):
    """Of the weeks up to the one of `day`; what is shown in the calendar counts, what is hidden does not."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "enter", "q", "й", *bound_keys(command_of("insights")))), "close", "close"),
        Binding("p,з,h,р,left", "shift(-1)", show=False),
        Binding("n,т,l,д,right", "shift(1)", show=False),
        Binding("plus,minus,equals_sign,space", "length", show=False),
        Binding("j,о,down", "scroll(1)", show=False),
        Binding("k,л,up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    class AgendaRead(Message):
        """What there is in these days, or why it could not be read."""

        def __init__(self, days: Days, agenda: Agenda | None, problem: str = "") -> None:
            super().__init__()
            self.days = days
            self.agenda = agenda
            self.problem = problem

    def __init__(
        self, gateway: Gateway, *, calendars: Sequence[Calendar], day: date, preferences: Preferences | None = None
    ) -> None:
        super().__init__()
        self._gateway = gateway
        self._calendars = {(calendar.user_id, calendar.calendar_id): calendar for calendar in calendars}
        self._preferences = preferences or Preferences()
        self._weeks = 4
        self._until = week_start(day, self._preferences.first_day_of_week) + timedelta(days=7)
        self._figures: Figures | None = None

    def compose_body(self) -> ComposeResult:
        yield Static(id="figures", markup=False)

    def on_mount(self) -> None:
        """Reads for the first time."""
        self.show_text("#figures", _("Reading…"))
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the bars to the new width."""
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Anything may have changed."""
        if not isinstance(message.news, TasksChanged):
            self._read()

    def on_insights_screen_agenda_read(self, message: AgendaRead) -> None:
        """Adds up what was read, unless other weeks are wanted by now."""
        if message.days != self.days:
            return
        if message.agenda is None:
            self.show_text("#figures", Content.styled(message.problem, "$text-error"))
            return
        self._figures = add_up(message.agenda.entries, message.days, work=self._preferences.work)
        self._show()

    @property
    def days(self) -> Days:
        """Whole weeks."""
        return Days(self._until - timedelta(days=7 * self._weeks), self._until, self._gateway.zone)

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_shift(self, step: int) -> None:
        """As many weeks on or back as are looked at."""
        self._until += timedelta(days=7 * self._weeks * step)
        self._read()

    def action_length(self) -> None:
        """One week, four, twelve, and one again."""
        self._weeks = LENGTHS[(LENGTHS.index(self._weeks) + 1) % len(LENGTHS)]
        self._read()

    def action_scroll(self, lines: int) -> None:
        """Line by line."""
        self.body.scroll_relative(y=lines, animate=False)

    def _read(self) -> None:
        days = self.days
        last = days.last - timedelta(days=1)
        name = f"{days.first.day} {short_month(days.first.month)} – {last.day} {short_month(last.month)} {last.year}"
        weeks = ngettext("{number} week", "{number} weeks", self._weeks).format(number=self._weeks)
        self.show_title(_("Insights"), f"{name} · {weeks}")
        self.show_hints(("p n", _("back, on")), ("Space", _("1, 4 or 12 weeks")), ("Esc", _("close")))
        self.run_worker(self._read_agenda(days), group="read", exclusive=True)

    async def _read_agenda(self, days: Days) -> None:
        try:
            self.post_message(self.AgendaRead(days, await self._gateway.agenda(days)))
        except CalendarError as error:
            self.post_message(self.AgendaRead(days, None, error_text(error)))

    def _show(self) -> None:
        figures, palette = self._figures, palette_of(self.app)
        width = self.query_one("#figures").scrollable_content_region.width
        if figures is None or not width:
            return
        ground = self.app.theme_variables.get("panel", palette.panel)[:7]
        heat = paint_heat(
            figures,
            palette,
            first_day_of_week=self._preferences.first_day_of_week,
            ground=ground,
            width=width,
        )
        groups: list[list[Part]] = [
            paint_calendars(figures, self._calendars, palette, width=width),
            paint_weeks(figures, self._calendars, palette, width=width),
            paint_balance(figures, width=width),
            heat,
        ]
        self.show_text("#figures", Content("\n\n").join(Content.assemble(*group) for group in groups))
