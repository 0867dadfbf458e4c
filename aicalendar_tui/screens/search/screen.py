"""Finds events while one types, in everything that is here; Enter goes to the one under the cursor."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.search import Query, parse_query
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.search.lines import hit_line
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean, cut
from aicalendar_tui.screens.theme import palette_of
from aicalendar_tui.screens.wording import error_text
from aicalendar_tui.screens.words import read_day, split_words

MOST_HITS = 100


class SearchScreen(Sheet[Entry | None]):
    """Dismisses with the entry to go to; reads again on news, so that what is gone is not offered."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close"),
        Binding("down,ctrl+n,tab", "go('cursor_down')", show=False),
        Binding("up,ctrl+p,shift+tab", "go('cursor_up')", show=False),
        Binding("pagedown", "go('page_down')", show=False),
        Binding("pageup", "go('page_up')", show=False),
    ]

    class Found(Message):
        """What a query found, or why nothing could be read."""

        def __init__(self, query: Query, entries: Sequence[Entry], problem: str = "") -> None:
            super().__init__()
            self.query = query
            self.entries = tuple(entries)
            self.problem = problem

    def __init__(
        self,
        gateway: Gateway,
        *,
        calendars: Sequence[Calendar],
        hour24: bool = True,
        text: str = "",
        remember: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`text` is there from the beginning; `remember` hears of what was typed in the end."""
        super().__init__()
        self._gateway = gateway
        self._calendars = {(calendar.user_id, calendar.calendar_id): calendar for calendar in calendars}
        self._hour24 = hour24
        self._text = text
        self._remember = remember
        self._query = Query()
        self._entries: tuple[Entry, ...] = ()
        self._problem = ""
        self._asked: Query | None = None
        """What is being looked for; None when nothing is."""
        self._again = False
        """News came, or letters: the answer under way is not the last."""

    def compose_body(self) -> ComposeResult:
        yield Input(self._text, placeholder=_("lunch  from:ana  cal:home  after:today"), compact=True)
        yield OptionList(id="list", compact=True, markup=False)
        yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        """Nothing is looked for yet, unless there was a text before."""
        self.show_title(_("Search"))
        self.query_one(OptionList).can_focus = False
        self.query_one(OptionList).display = False
        self.show_hints(("↑ ↓", _("select")), ("Enter", _("go to it")), ("Esc", _("close")))
        self._ask()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        self.query_one(OptionList).styles.max_height = max(3, event.size.height - self.ROWS_AROUND_BODY - 3)
        self.call_after_refresh(self._show)

    def on_input_changed(self) -> None:
        """From the first letter on; an answer that comes too late is not shown."""
        self._ask()

    def on_input_submitted(self) -> None:
        """To the day of the event under the cursor."""
        position = self.query_one(OptionList).highlighted
        if position is not None and position < len(self._entries):
            self._leave(self._entries[position])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self._leave(self._entries[event.option_index])

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Anything may have changed."""
        del message
        if not self._query.is_empty:
            self._look()

    def on_search_screen_found(self, message: Found) -> None:
        """Shown if it is still what is asked for; the next letters are asked for in either case."""
        if message.query == self._query:
            self._entries, self._problem = message.entries, message.problem
            self._show()
        self._asked = None
        if self._again:
            self._look()

    def action_go(self, way: str) -> None:
        """The arrows move in the list while the letters go to the field."""
        getattr(self.query_one(OptionList), f"action_{way}")()

    def action_close(self) -> None:
        """Back to where one was."""
        self._leave(None)

    def _leave(self, entry: Entry | None) -> None:
        self._remember(self.query_one(Input).value)
        self.dismiss(entry)

    def _ask(self) -> None:
        today = self._gateway.now().date()

        def read(text: str) -> date | None:
            return read_day(split_words(text), today)

        query = parse_query(self.query_one(Input).value, read)
        if query == self._query and self._entries:
            return
        self._query = query
        if query.is_empty:
            self._entries, self._problem = (), ""
            self._show()
        else:
            self._look()

    def _look(self) -> None:
        """One question at a time; the letters typed meanwhile make exactly one more."""
        self._again = self._asked is not None
        if not self._again and not self._query.is_empty:
            self._asked = self._query
            self.run_worker(self._find(self._query), group="search")

    async def _find(self, query: Query) -> None:
        try:
            self.post_message(self.Found(query, await self._gateway.search(query, limit=MOST_HITS)))
        except CalendarError as error:
            self.post_message(self.Found(query, (), error_text(error)))

    def _show(self) -> None:
        listing = self.query_one(OptionList)
        now = self._gateway.now()
        palette, zone = palette_of(self.app), zone_of(self._gateway.zone)
        width = max(0, self.body.scrollable_content_region.width - 1)
        before, position = listing.highlighted_option, 0
        ids = [_id_of(entry) for entry in self._entries]
        if before is not None and before.id in ids and listing.highlighted:
            position = ids.index(before.id)
        listing.set_options(
            Option(
                hit_line(
                    entry,
                    self._calendars,
                    palette,
                    zone=zone,
                    now=int(now.timestamp()),
                    hour24=self._hour24,
                    width=width,
                ),
                id=_id_of(entry),
            )
            for entry in self._entries
        )
        listing.highlighted = position if self._entries else None
        listing.display = bool(self._entries)
        self.show_text("#said", self._said())
        self.query_one("#said").display = not self._entries or bool(self._query.unclear)
        self.show_text("#aside", _count(len(self._entries)) if self._entries else "")

    def _said(self) -> Content:
        """What there is to say instead of, or about, the hits."""
        if self._problem:
            return Content.styled(cut(self._problem, 200), "$text-error")
        if self._query.unclear:
            text = _("not understood: {words}").format(words=clean(", ".join(self._query.unclear)))
            return Content.styled(text, "$text-warning")
        if not self._query.is_empty:
            return Content.styled(_("Nothing found"), MUTED)
        return Content.styled(
            _("Titles, places, descriptions, guests; cal: a calendar, from: who invites, before: and after: a day"),
            MUTED,
        )


def _count(number: int) -> str:
    if number >= MOST_HITS:
        return _("the first {number}").format(number=number)
    return ngettext("{number} found", "{number} found", number).format(number=number)


def _id_of(entry: Entry) -> str:
    return "\n".join((entry.user_id, entry.calendar_id, entry.event_id, entry.original_start or ""))
