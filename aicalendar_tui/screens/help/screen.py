"""Every command with its keys, by group, straight from the command table."""

from collections.abc import Sequence
from itertools import combinations, groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import Command, bound_keys, command_of, display_keys
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import fit, width_of, wrap

LEAST_KEY_CELLS = 13
"""The column of the keys, gap included, however short they are."""

GAP_CELLS = 2
"""Between keys and labels, and between the two columns."""


class HelpScreen(Sheet[None]):
    """Two columns where every label fits on its line, else one; scrolls where there are not rows enough."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "enter", "q", "й", *bound_keys(command_of("help")))), "close", "close"),
        Binding("j,о,down", "scroll(1)", show=False),
        Binding("k,л,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll_page(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("g,п,home", "go_home", show=False),
        Binding("G,П,end", "go_end", show=False),
    ]

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._commands = commands

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="columns"):
            yield Static(classes="column", markup=False)
            yield Static(classes="column", markup=False)

    def on_mount(self) -> None:
        """Says what this is."""
        self.show_title(_("Keys"), _("they work on a Cyrillic layout too"))
        self.show_hints(("j k", _("scroll")), ("Esc", _("close")))

    def on_resize(self, event: events.Resize) -> None:
        """Sets the columns anew."""
        super().on_resize(event)
        self.call_after_refresh(self._set_columns)

    def _set_columns(self) -> None:
        room = self.body.scrollable_content_region.width
        keys, needed = measure_columns(self._commands)
        groups = group_commands(self._commands)
        narrow = room < 2 * needed + GAP_CELLS
        self.set_class(narrow, "-narrow")
        parts = (groups, []) if narrow else split_columns(groups)
        width = room if narrow else (room - GAP_CELLS) // 2
        for column, part in zip(self.query(".column").results(Static), parts, strict=True):
            column.content = Content("\n\n").join(group_lines(group, width, keys) for group in part)

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Line by line."""
        self.body.scroll_relative(y=lines, animate=False)

    def action_scroll_page(self, pages: int) -> None:
        """Page by page."""
        self.body.scroll_relative(y=pages * max(1, self.body.size.height - 1), animate=False)

    def action_go_home(self) -> None:
        """To the first line."""
        self.body.scroll_home(animate=False)

    def action_go_end(self) -> None:
        """To the last line."""
        self.body.scroll_end(animate=False)


Group = tuple[str, list[Command]]


def group_commands(commands: Sequence[Command]) -> list[Group]:
    """(group, its commands), in the order in which the groups come first."""
    order = list(dict.fromkeys(command.group for command in commands))
    ranked = sorted(commands, key=lambda command: order.index(command.group))
    return [(group, list(members)) for group, members in groupby(ranked, key=lambda command: command.group)]


def split_columns(groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """The groups in two columns as equal in height as they can be; the first stays first, each column in order."""

    def height(part: Sequence[Group]) -> int:
        return sum(len(members) + 2 for _name, members in part)

    rest = range(1, len(groups))
    lefts = [{0, *chosen} for count in range(len(groups)) for chosen in combinations(rest, count)]
    halves = [
        ([group for n, group in enumerate(groups) if n in left], [g for n, g in enumerate(groups) if n not in left])
        for left in lefts
    ]
    return min(halves, key=lambda half: abs(height(half[0]) - height(half[1])), default=([], []))


def measure_columns(commands: Sequence[Command]) -> tuple[int, int]:
    """Cells of the keys with their gap, and of a column in which no label has to go on in the next line."""
    keys = max((width_of(display_keys(command)) + GAP_CELLS for command in commands), default=0)
    keys = max(LEAST_KEY_CELLS, keys)
    return keys, keys + max((width_of(_(command.label)) for command in commands), default=0)


def group_lines(group: Group, width: int, key_cells: int) -> Content:
    """The group's name over its keys and labels, `width` cells wide; long labels go on under themselves."""
    name, members = group
    parts: list[str | tuple[str, str]] = [(_(name), "bold")]
    for command in members:
        label = wrap(_(command.label), max(8, width - key_cells), 3)
        parts += ["\n", (fit(display_keys(command), key_cells), "$text-accent")]
        parts.append((("\n" + " " * key_cells).join(label), MUTED))
    return Content.assemble(*parts)
