"""Three ways to begin: one's own calendar at Google, the demo, or .ics files."""

import asyncio
from pathlib import Path
from typing import ClassVar, Literal

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.i18n import N_, _
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean, cut

Way = Literal["login", "demo", "ics"]


class Beginning(Struct, frozen=True):
    """What the user chose; `path` is the .ics file, where it is one."""

    way: Way
    path: Path | None = None


WAYS: tuple[tuple[Way, str, str], ...] = (
    ("login", N_("Connect Google Calendar"), N_("your own calendars, live; leads through the sign-in step by step")),
    ("demo", N_("Try the demo"), N_("a working person's week on a simulated Google, on this machine alone")),
    ("ics", N_("Open .ics files"), N_("your own events from a file, in the demo; nothing is sent anywhere")),
)


class WayList(OptionList):
    """The three ways; a digit or Enter chooses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
    ]


class WelcomeScreen(Sheet[Beginning | None]):
    """Dismisses with the way to begin, or None."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close"),
        Binding("q,й", "quit", show=False),
        *(Binding(str(number + 1), f"choose({number})", show=False) for number in range(len(WAYS))),
    ]

    class PathChecked(Message):
        """Whether the file is there; `problem` says what is wrong with it."""

        def __init__(self, path: Path, problem: str) -> None:
            super().__init__()
            self.path = path
            self.problem = problem

    def __init__(self, *, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def compose_body(self) -> ComposeResult:
        yield Static(id="greeting", markup=False)
        yield WayList(id="ways", compact=True, markup=False)
        yield Input(compact=True, id="path")

    def on_mount(self) -> None:
        """Google is the first: it is what most people came for."""
        self.show_title("aicalendar")
        self.show_text(
            "#greeting",
            _("A calendar that lives in the terminal and is always true. Where do your events come from?"),
        )
        lines = [
            Content.assemble((f"{number}  ", "$text-accent"), (_(label), "bold"), "\n   ", (_(about), MUTED))
            for number, (_way, label, about) in enumerate(WAYS, 1)
        ]
        listing = self.query_one(WayList)
        listing.set_options(Option(line, id=way) for line, (way, _label, _about) in zip(lines, WAYS, strict=True))
        listing.highlighted = 0
        listing.focus()
        self.query_one("#path").display = False
        self._show_hints()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self._take(event.option_index)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The file, if there is one."""
        if event.value.strip():
            self.run_worker(self._check(event.value.strip()), group="check", exclusive=True)

    def on_welcome_screen_path_checked(self, message: PathChecked) -> None:
        """Goes on with it, or says what is wrong."""
        if message.problem:
            self._show_hints(message.problem)
        else:
            self.dismiss(Beginning("ics", message.path))

    def action_choose(self, number: int) -> None:
        """By its digit."""
        self.query_one(WayList).highlighted = number
        self._take(number)

    def action_close(self) -> None:
        """Out of the field, else out of the program."""
        field = self.query_one("#path")
        if not field.display:
            self.dismiss(None)
            return
        field.display = False
        self.query_one(WayList).focus()
        self._show_hints()

    def action_quit(self) -> None:
        """Without a choice."""
        self.dismiss(None)

    def _take(self, number: int) -> None:
        way = WAYS[number][0]
        if way != "ics":
            self.dismiss(Beginning(way))
            return
        field = self.query_one("#path", Input)
        field.placeholder = _("the file, such as ~/Downloads/calendar.ics")
        field.display = True
        field.focus()
        self._show_hints()

    async def _check(self, text: str) -> None:
        path = self._folder / Path(text).expanduser()
        problem = await asyncio.to_thread(find_problem, path)
        self.post_message(self.PathChecked(path, problem))

    def _show_hints(self, problem: str = "") -> None:
        if self.query_one("#path").display:
            self.show_hints(("Enter", _("open")), ("Esc", _("back")), remark=cut(clean(problem), 60))
        else:
            self.show_hints(("1 2 3", _("choose")), ("Enter", _("begin")), ("q", _("quit")))


def find_problem(path: Path) -> str:
    """What is wrong with the file, or ''. Blocks; what is in it is judged when it is read."""
    if path.is_dir():
        return _("that is a folder")
    try:
        with path.open("rb") as file:
            begins = file.read(200).lstrip(b"\xef\xbb\xbf\r\n\t ")
    except FileNotFoundError:
        return _("there is no such file")
    except (OSError, ValueError) as error:
        return str(error)
    return "" if begins.upper().startswith(b"BEGIN:VCALENDAR") else _("that is no .ics file")
