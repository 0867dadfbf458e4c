"""The log: the tail of what the services and the screen wrote, going on while it is open."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.log.lines import LogLine, paint_line
from aicalendar_tui.screens.sheet import Sheet
from aicalendar_tui.screens.text import clean, cut
from aicalendar_tui.screens.wording import error_text

SECONDS = 1.0
"""How often the files are looked at."""

ReadLog = Callable[[], Awaitable[list[LogLine]]]


class LogScreen(Sheet[None]):
    """Stays at the end, unless one has scrolled up to read."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "enter", "q", "й", *bound_keys(command_of("log")))), "close", "close"),
        Binding("j,о,down", "scroll(1)", show=False),
        Binding("k,л,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll_page(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("g,п,home", "go_home", show=False),
        Binding("G,П,end", "go_end", show=False),
        Binding("e,у", "toggle_trouble", show=False),
    ]

    class LogRead(Message):
        """The newest lines, or why they could not be read."""

        def __init__(self, lines: list[LogLine], problem: str = "") -> None:
            super().__init__()
            self.lines = lines
            self.problem = problem

    def __init__(self, read: ReadLog, *, zone: str, place: str = "") -> None:
        """`place` is where the files are, to be told."""
        super().__init__()
        self._read_log = read
        self._zone = zone_of(zone)
        self._place = place
        self._lines: list[LogLine] | None = None
        self._trouble_only = False

    def compose_body(self) -> ComposeResult:
        yield Static(id="lines", markup=False)

    def on_mount(self) -> None:
        """Reads for the first time, and then each second."""
        self.show_title(_("Log"), cut(clean(self._place), 60))
        self.show_text("#lines", _("Reading…"))
        self._show_hints()
        self.set_interval(SECONDS, self._read)
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def on_log_screen_log_read(self, message: LogRead) -> None:
        """What is new stands at the end."""
        if message.problem:
            self.show_text("#lines", Content.styled(message.problem, "$text-error"))
        elif message.lines != self._lines:
            self._lines = message.lines
            self._show()

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_toggle_trouble(self) -> None:
        """Only what went wrong, or everything."""
        self._trouble_only = not self._trouble_only
        self._show()
        self._show_hints()

    def action_scroll(self, lines: int) -> None:
        """Line by line."""
        self.body.scroll_relative(y=lines, animate=False)

    def action_scroll_page(self, pages: int) -> None:
        """Page by page."""
        self.body.scroll_relative(y=pages * max(1, self.body.size.height - 1), animate=False)

    def action_go_home(self) -> None:
        """To the oldest line."""
        self.body.scroll_home(animate=False)

    def action_go_end(self) -> None:
        """To the newest line."""
        self.body.scroll_end(animate=False)

    def _read(self) -> None:
        self.run_worker(self._read_lines(), group="read", exclusive=True)

    async def _read_lines(self) -> None:
        try:
            self.post_message(self.LogRead(await self._read_log()))
        except CalendarError as error:
            self.post_message(self.LogRead([], error_text(error)))

    def _show(self) -> None:
        if self._lines is None:
            return
        at_end = self.body.scroll_y >= self.body.max_scroll_y
        width = self.query_one("#lines").scrollable_content_region.width
        lines = [line for line in self._lines if not self._trouble_only or line.level in ("warning", "error")]
        nothing = _("Nothing went wrong lately.") if self._trouble_only else _("Nothing was written yet.")
        painted = [paint_line(line, zone=self._zone, width=width) for line in lines]
        self.show_text("#lines", Content("\n").join(painted) if painted else nothing)
        if at_end:
            self.call_after_refresh(self.action_go_end)

    def _show_hints(self) -> None:
        trouble = _("everything") if self._trouble_only else _("only what went wrong")
        self.show_hints(("j k", _("scroll")), ("e", trouble), ("Esc", _("close")))
