"""What one can do, in one table: bindings, footer, palette, help and the key tables of the docs come from it.

The action of a command is `action_<id>` of the calendar screen. A command that does not exist yet is not here.
"""

from functools import cache
from typing import Literal

from msgspec import Struct

from aicalendar_tui.i18n import N_

Context = Literal["anywhere", "event", "calendar"]
"""What a command acts on: nothing in particular, the selected event, or the calendar under the cursor."""


class Command(Struct, kw_only=True):
    """One thing to do. `label`, `group` and `hint` are msgids: translate them where they are shown."""

    id: str
    keys: tuple[str, ...]
    """Textual's names of keys, or single characters; the first one is shown where there is room for one.

    The user may choose others (`keymap.use_keys`): ask for them where they are shown, and keep none.
    """
    label: str
    group: str
    context: Context = "anywhere"
    hint: str = ""
    """The footer's word for it; neighbours with the same hint share one entry ("d w m a views")."""

    @property
    def footer(self) -> bool:
        """Whether the footer shows it."""
        return bool(self.hint)


MOVE, VIEWS, EVENTS, CALENDARS, APP = (
    N_("Move"),
    N_("Views"),
    N_("Events"),
    N_("Calendars"),
    N_("Everything else"),
)

COMMANDS: tuple[Command, ...] = (
    Command(id="create", keys=("c",), label=N_("Create an event"), group=EVENTS, hint=N_("create")),
    Command(id="create_here", keys=("o",), label=N_("Create an event at the cursor"), group=EVENTS),
    Command(id="select_range", keys=("v",), label=N_("Select a range, then create in it"), group=EVENTS),
    Command(
        id="details", keys=("enter",), label=N_("Show details"), group=EVENTS, context="event", hint=N_("details")
    ),
    Command(id="edit", keys=("e",), label=N_("Edit"), group=EVENTS, context="event", hint=N_("edit")),
    Command(
        id="grab", keys=("M",), label=N_("Move: hjkl, then Enter"), group=EVENTS, context="event", hint=N_("move")
    ),
    Command(id="move_left", keys=("shift+left",), label=N_("Move a day back"), group=EVENTS, context="event"),
    Command(id="move_right", keys=("shift+right",), label=N_("Move a day on"), group=EVENTS, context="event"),
    Command(id="move_up", keys=("shift+up",), label=N_("Move earlier"), group=EVENTS, context="event"),
    Command(id="move_down", keys=("shift+down",), label=N_("Move later"), group=EVENTS, context="event"),
    Command(id="shorten", keys=("alt+up",), label=N_("End earlier"), group=EVENTS, context="event"),
    Command(id="lengthen", keys=("alt+down",), label=N_("End later"), group=EVENTS, context="event"),
    Command(id="copy", keys=("y",), label=N_("Copy"), group=EVENTS, context="event"),
    Command(id="paste", keys=("P",), label=N_("Paste at the cursor"), group=EVENTS),
    Command(id="duplicate", keys=("D",), label=N_("Duplicate"), group=EVENTS, context="event"),
    Command(id="delete", keys=("X", "delete"), label=N_("Delete"), group=EVENTS, context="event"),
    Command(id="undo", keys=("u", "z"), label=N_("Undo"), group=EVENTS, hint=N_("undo")),
    Command(id="redo", keys=("ctrl+r",), label=N_("Redo"), group=EVENTS),
    Command(
        id="answer", keys=("R",), label=N_("Answer the invitation: yes, no, maybe"), group=EVENTS, context="event"
    ),
    Command(id="share", keys=("S",), label=N_("Share when there is time, as text"), group=EVENTS),
    Command(id="join", keys=("J",), label=N_("Join the call"), group=EVENTS, context="event"),
    Command(id="open", keys=("O",), label=N_("Open in the browser"), group=EVENTS, context="event"),
    Command(id="cursor_left", keys=("h", "left"), label=N_("A day back"), group=MOVE),
    Command(id="cursor_right", keys=("l", "right"), label=N_("A day on"), group=MOVE),
    Command(id="cursor_up", keys=("k", "up"), label=N_("Earlier"), group=MOVE),
    Command(id="cursor_down", keys=("j", "down"), label=N_("Later"), group=MOVE),
    Command(id="week_back", keys=("H",), label=N_("A week back"), group=MOVE),
    Command(id="week_forward", keys=("L",), label=N_("A week on"), group=MOVE),
    Command(id="period_back", keys=("p", "pageup"), label=N_("The period before"), group=MOVE),
    Command(id="period_forward", keys=("n", "pagedown"), label=N_("The next period"), group=MOVE),
    Command(id="next_event", keys=("tab", "]"), label=N_("The next event"), group=MOVE),
    Command(id="previous_event", keys=("shift+tab", "["), label=N_("The event before"), group=MOVE),
    Command(id="goto", keys=("g",), label=N_("Go to a date"), group=MOVE),
    Command(id="search", keys=("/",), label=N_("Search events"), group=MOVE, hint=N_("search")),
    Command(id="view_day", keys=("d", "1"), label=N_("Day"), group=VIEWS, hint=N_("views")),
    Command(id="view_week", keys=("w", "2"), label=N_("Week"), group=VIEWS, hint=N_("views")),
    Command(id="view_month", keys=("m", "3"), label=N_("Month"), group=VIEWS, hint=N_("views")),
    Command(id="view_days", keys=("x", "4"), label=N_("Several days"), group=VIEWS),
    Command(id="view_agenda", keys=("a", "5"), label=N_("Agenda"), group=VIEWS, hint=N_("views")),
    Command(id="view_year", keys=("Y", "6"), label=N_("Year"), group=VIEWS, hint=N_("views")),
    Command(id="week_kind", keys=(".",), label=N_("Whole weeks, working days, or from today"), group=VIEWS),
    Command(id="zoom_in", keys=("+", "="), label=N_("Zoom in: fewer minutes in a row"), group=VIEWS),
    Command(id="zoom_out", keys=("-",), label=N_("Zoom out: more minutes in a row"), group=VIEWS),
    Command(id="travel", keys=("Z",), label=N_("See it in another time zone"), group=VIEWS),
    Command(id="today", keys=("t",), label=N_("Today"), group=MOVE, hint=N_("today")),
    Command(id="tasks", keys=("T",), label=N_("Tasks in the background"), group=APP, hint=N_("tasks")),
    Command(id="conflicts", keys=("!",), label=N_("Settle conflicts and refused edits"), group=APP),
    Command(
        id="sidebar",
        keys=("s",),
        label=N_("Go to the list of calendars, and back"),
        group=CALENDARS,
        hint=N_("calendars"),
    ),
    Command(
        id="toggle_live",
        keys=("W",),
        label=N_("Live updates of the calendar on or off"),
        group=CALENDARS,
        context="calendar",
        hint=N_("live"),
    ),
    Command(
        id="toggle_shown", keys=("F",), label=N_("Show or hide the calendar"), group=CALENDARS, context="calendar"
    ),
    Command(id="calendars", keys=("A",), label=N_("Calendars: show, solo, colour, order, live"), group=CALENDARS),
    Command(id="sync", keys=("r",), label=N_("Synchronise now"), group=APP),
    Command(id="insights", keys=("I",), label=N_("Insights: where the time goes"), group=APP),
    Command(id="log", keys=("ctrl+l",), label=N_("The log"), group=APP),
    Command(id="settings", keys=("comma",), label=N_("Settings"), group=APP),
    Command(id="palette", keys=(":", "ctrl+p"), label=N_("Search all commands"), group=APP),
    Command(id="help", keys=("?",), label=N_("Help"), group=APP, hint=N_("help")),
    Command(id="quit", keys=("q",), label=N_("Back, or quit"), group=APP),
)

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю.ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"
_POSITIONS = {latin: cyrillic for latin, cyrillic in zip(_LATIN, _CYRILLIC, strict=True) if cyrillic not in ".,"}
"""The Russian letter on the key that has the Latin sign. Signs that both layouts have elsewhere stay as they are."""

_SIGNS = {"comma": ","}
"""Signs that Textual's lists of keys can only hold by name."""

_SHOWN = {
    **_SIGNS,
    "backspace": "Backspace",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "enter": "Enter",
    "tab": "Tab",
    "delete": "Del",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
}


@cache
def command_of(command_id: str) -> Command:
    """Raises KeyError for an id that is not in the table."""
    return {command.id: command for command in COMMANDS}[command_id]


def bound_keys(command: Command) -> tuple[str, ...]:
    """All keys that run it: those of the table and those at their place under a Cyrillic layout."""
    places = (_SIGNS.get(key, key) for key in command.keys)
    return command.keys + tuple(_POSITIONS[place] for place in places if place in _POSITIONS)


def display_key(key: str) -> str:
    """One key as people write it: `Ctrl-R`, `Shift-←`, `h`."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    shown = _SHOWN.get(name, name.upper() if modifiers and len(name) == 1 else name)
    return "-".join([*(modifier.capitalize() for modifier in modifiers), shown])


def display_keys(command: Command) -> str:
    """The command's keys as people write them, with spaces between."""
    return " ".join(map(display_key, command.keys))
