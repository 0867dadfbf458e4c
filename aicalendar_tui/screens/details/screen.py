"""One event with everything that is known of it; it only tells, and says which command the user asked for."""

from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.details.markdown import render_markdown
from aicalendar_tui.screens.details.rows import Row, description_of, detail_rows, title_of
from aicalendar_tui.screens.gateway import Details, Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean
from aicalendar_tui.screens.theme import palette_of, visible_color
from aicalendar_tui.screens.wording import error_text

BESIDE_WIDTH = 110
"""Cells of a terminal from which on the sheet stands at the side."""
DetailsCommand = Literal["edit", "delete", "join", "open", "conflicts"]
"""Ids of `commands.COMMANDS` that the sheet can be left with."""


def _keys(*commands: str) -> str:
    return ",".join(key for command in commands for key in bound_keys(command_of(command)))


class DetailsScreen(Sheet[DetailsCommand | None]):
    """Reads the event again when its calendar has news; dismisses with the command to run on it, or None."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,й", "close", "close"),
        Binding(_keys("edit"), "leave('edit')", "edit"),
        Binding(_keys("delete"), "leave('delete')", "delete"),
        Binding(_keys("join"), "leave('join')", "join"),
        Binding(_keys("open"), "leave('open')", "open"),
        Binding(_keys("conflicts"), "leave('conflicts')", "settle"),
        Binding("j,о,down", "scroll(1)", show=False),
        Binding("k,л,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    class DetailsRead(Message):
        """The event as it is now; `details` is None when it is gone, `problem` says why it can't be read."""

        def __init__(self, details: Details | None, problem: str = "") -> None:
            super().__init__()
            self.details = details
            self.problem = problem

    def __init__(self, gateway: Gateway, key: EventKey, *, hour24: bool = True, left: bool = False) -> None:
        """`left` is where there is room beside the event: on a wide terminal the sheet leaves it in sight."""
        super().__init__()
        self._gateway = gateway
        self._key = key
        self._hour24 = hour24
        self.set_class(left, "-left")
        self._details: Details | None = None

    def compose_body(self) -> ComposeResult:
        yield Static(id="summary", markup=False)
        yield VerticalGroup(id="rows")
        yield Static(id="description", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Beside the event where there is room for both, below it where there is not."""
        self.set_class(event.size.width >= BESIDE_WIDTH, "-beside")

    def on_mount(self) -> None:
        """Reads for the first time."""
        self.show_text("#summary", Content.styled(_("Reading…"), MUTED))
        self._show_hints()
        self._read()

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Reads again when the news may be about this event."""
        news = message.news
        mine = (self._key.user_id, self._key.calendar_id)
        if news is None or (isinstance(news, CalendarChanged) and (news.user_id, news.calendar_id) == mine):
            self._read()

    async def on_details_screen_details_read(self, message: DetailsRead) -> None:
        """Shows what was read."""
        if message.problem:
            self._show_notice(_("The event can't be read now: {reason}").format(reason=clean(message.problem)))
            return
        self._details = message.details
        if message.details is None:
            await self._show_gone()
        else:
            await self._show(message.details)
        self._show_hints()

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_leave(self, command: DetailsCommand) -> None:
        """Hands the command back, if it can be run on this event."""
        if command in self._possible():
            self.dismiss(command)

    def action_scroll(self, lines: int) -> None:
        """For what does not fit."""
        self.body.scroll_relative(y=lines, animate=False)

    def _read(self) -> None:
        self.run_worker(self._read_details(), group="read", exclusive=True)

    async def _read_details(self) -> None:
        try:
            self.post_message(self.DetailsRead(await self._gateway.details(self._key)))
        except CalendarError as error:
            self.post_message(self.DetailsRead(None, problem=error_text(error)))

    def _possible(self) -> set[DetailsCommand]:
        if self._details is None:
            return set()
        possible: set[DetailsCommand] = {"edit", "delete"} if self._details.calendar.writable else set()
        possible |= {"join"} if self._details.event.join_url else set()
        possible |= {"conflicts"} if self._details.problem else set()
        return possible | ({"open"} if self._details.event.html_link else set())

    async def _show(self, details: Details) -> None:
        color = visible_color(details.calendar.color, palette_of(self.app))
        waiting = Content.styled(_("↑ waiting to be sent"), "$text-warning") if details.waiting else ""
        self.show_title(Content.assemble(("■ ", color), clean(details.calendar.summary)), waiting)
        self.show_text("#summary", Content.styled(title_of(details.event), "bold"))
        await self._replace_rows(detail_rows(details, self._gateway.zone, hour24=self._hour24))
        description = description_of(details.event)
        self.show_text("#description", render_markdown(description))
        self.query_one("#description").display = bool(description)

    async def _show_gone(self) -> None:
        self.show_title("")
        await self._replace_rows([])
        self.query_one("#description").display = False
        self._show_notice(_("This event is gone: it was deleted, here or elsewhere."))

    def _show_notice(self, text: str) -> None:
        self.show_text("#summary", Content.styled(text, "$text-warning"))

    async def _replace_rows(self, rows: list[Row]) -> None:
        """In one update, so that reading again does not flicker or lose the place."""
        holder = self.query_one("#rows")
        holder.display = bool(rows)
        async with self.batch():
            await holder.remove_children()
            await holder.mount_all(map(_row_widget, rows))

    def _show_hints(self) -> None:
        possible = self._possible()
        labels: dict[DetailsCommand, str] = {
            "edit": _("edit"),
            "delete": _("delete"),
            "join": _("join the call"),
            "open": _("open in the browser"),
            "conflicts": _("settle"),
        }
        hints = [(command_of(name).keys[0], label) for name, label in labels.items() if name in possible]
        self.show_hints(*hints, ("Esc", _("close")))


def _row_widget(row: Row) -> Widget:
    return Horizontal(
        Static(row.label, classes="label", markup=False),
        Static(row.value, classes="value", markup=False),
        classes="row",
    )
