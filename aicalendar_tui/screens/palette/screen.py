"""All commands by name: typed letters narrow the list, Enter runs the command under the cursor."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.fuzzy import Matcher
from textual.types import CSSPathType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import Command, display_keys
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import fit, width_of


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the palette. Texts are translated; `keys` is '' for what has none."""

    label: str
    group: str
    keys: str = ""
    run: Callable[[], object]


def command_entries(commands: Sequence[Command], run: Callable[[str], object]) -> list[Entry]:
    """The table of commands as entries; `run` gets the id of the command that was chosen."""
    return [
        Entry(
            label=_(command.label),
            group=_(command.group),
            keys=display_keys(command),
            run=lambda command_id=command.id: run(command_id),
        )
        for command in commands
    ]


class PaletteScreen(Sheet[Callable[[], object] | None]):
    """Dismisses with what to run, so that it runs on the screen below; None when the user thinks better of it."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    ROWS_AROUND_BODY: ClassVar[int] = 7
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close"),
        Binding("down,ctrl+n,tab", "go('cursor_down')", show=False),
        Binding("up,ctrl+p,shift+tab", "go('cursor_up')", show=False),
        Binding("pagedown", "go('page_down')", show=False),
        Binding("pageup", "go('page_up')", show=False),
    ]

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._found: list[Entry] = []

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder=_("Search all commands"), compact=True)
        yield OptionList(id="list", compact=True, markup=False)
        yield Static(id="nothing", markup=False)

    def on_mount(self) -> None:
        """All of them, in the order of the table."""
        self.show_title(_("Commands"))
        self.show_text("#nothing", _("No command is called that"))
        self.query_one(OptionList).can_focus = False
        self.show_hints(("↑ ↓", _("select")), ("Enter", _("run")), ("Esc", _("close")))

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        # The input, its margin and the sheet's own rows stand above and below the list.
        self.query_one(OptionList).styles.max_height = max(3, event.size.height - self.ROWS_AROUND_BODY - 2)
        self.call_after_refresh(self._show)

    def on_input_changed(self) -> None:
        """Best first, from the first letter on."""
        self._show()

    def on_input_submitted(self) -> None:
        """Runs the one under the cursor, where there is one."""
        position = self.query_one(OptionList).highlighted
        if position is not None and position < len(self._found):
            self.dismiss(self._found[position].run)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self.dismiss(self._found[event.option_index].run)

    def action_go(self, way: str) -> None:
        """The arrows move in the list while the letters go to the field."""
        getattr(self.query_one(OptionList), f"action_{way}")()

    def action_close(self) -> None:
        """Back, with nothing done."""
        self.dismiss(None)

    def _show(self) -> None:
        typed = self.query_one(Input).value.strip()
        matcher = Matcher(typed) if typed else None
        self._found = find_entries(self._entries, matcher)
        listing = self.query_one(OptionList)
        width = self.body.scrollable_content_region.width - 1
        keys = max((width_of(entry.keys) for entry in self._entries), default=0)
        listing.set_options(Option(entry_line(entry, matcher, width=width, key_cells=keys)) for entry in self._found)
        listing.highlighted = 0 if self._found else None
        listing.display = bool(self._found)
        self.query_one("#nothing").display = not self._found


def find_entries(entries: Sequence[Entry], matcher: Matcher | None) -> list[Entry]:
    """Those whose label or group matches, best first; all of them, in order, without a matcher."""
    if matcher is None:
        return list(entries)
    scored = [(max(matcher.match(entry.label), matcher.match(entry.group) / 2), entry) for entry in entries]
    return [entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def entry_line(entry: Entry, matcher: Matcher | None, *, width: int, key_cells: int) -> Content:
    """`Create an event          Events     c`, at most `width` cells: the group goes first where room is short."""
    group_cells = 18 if width >= 60 else 0
    room = max(8, width - key_cells - 2 - group_cells)
    shown = fit(entry.label, room)
    label = matcher.highlight(shown) if matcher else Content(shown)
    group = (fit(entry.group, group_cells), MUTED) if group_cells else ""
    return Content.assemble(label, group, "  ", (fit(entry.keys, key_cells), "$text-accent"))
