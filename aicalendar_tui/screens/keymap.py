"""Which keys run which command: the preset's, and over them those that the user chose.

A key that is given to a command is taken from the one that had it, so that a few lines in config.toml are enough.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from aicalendar_tui.screens.commands import COMMANDS, Command, display_key

Keys = Mapping[str, tuple[str, ...]]
"""Command id → its keys."""

DEFAULT_KEYS: Keys = MappingProxyType({command.id: command.keys for command in COMMANDS})
"""The preset `hybrid`."""

GOOGLE: Keys = MappingProxyType(
    {
        "create": ("c", "q"),
        "details": ("enter",),
        "edit": ("e",),
        "delete": ("backspace", "delete"),
        "undo": ("z",),
        "search": ("/",),
        "settings": ("s", "comma"),
        "today": ("t",),
        "goto": ("g",),
        "period_back": ("k", "p", "pageup"),
        "period_forward": ("j", "n", "pagedown"),
        "cursor_left": ("left",),
        "cursor_right": ("right",),
        "cursor_up": ("up",),
        "cursor_down": ("down",),
        "view_day": ("1", "d"),
        "view_week": ("2", "w"),
        "view_month": ("3", "m"),
        "view_days": ("4", "x"),
        "view_agenda": ("5", "a"),
        "view_year": ("6", "y"),
        "copy": ("C",),
        "sync": ("r",),
        "sidebar": ("b",),
        "help": ("?",),
        "quit": ("Q", "ctrl+q"),
    }
)
"""Google Calendar's own keys in the browser; what it has none for keeps ours."""

PRESETS: Mapping[str, Keys] = MappingProxyType({"hybrid": {}, "google": GOOGLE})

RESERVED = ("escape", "ctrl+c")
"""They always lead out."""

_NAMES = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "alt": "alt",
    "shift": "shift",
    "esc": "escape",
    "del": "delete",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    ",": "comma",
    "←": "left",
    "→": "right",
    "↑": "up",
    "↓": "down",
}
_LONG_NAMES = frozenset(
    {"enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"}
    | {"left", "right", "up", "down", "comma", "escape"}
    | {f"f{number}" for number in range(1, 25)}
)


class KeymapError(ValueError):
    """A choice of keys that can't be; the message says which command and key, and what is right."""


def read_key(text: str) -> str:
    """Textual's name of a key that a person wrote: `Ctrl-R`, `shift+left`, `?`. Raises KeymapError."""
    text = text.strip()
    if len(text) == 1:
        return _NAMES.get(text, text)
    *modifiers, name = text.replace("-", "+").lower().split("+") if not text.endswith(("+", "-")) else ("",)
    name = _NAMES.get(name, name)
    read = [_NAMES.get(modifier, modifier) for modifier in modifiers]
    if not set(read) <= {"ctrl", "alt", "shift"} or not (name in _LONG_NAMES or (len(name) == 1 and read)):
        raise KeymapError(f"{text!r} is no key; write it as c, ?, ctrl+r, shift+left, f5, space or enter")
    if name == "tab" and read == ["shift"]:
        return "shift+tab"
    return "+".join([*dict.fromkeys(read), name])


def resolve_keys(preset: str, chosen: Keys) -> Keys:
    """The keys of every command. Raises KeymapError for an unknown command or key, and for a key given twice."""
    keys = dict(DEFAULT_KEYS)
    for layer in (PRESETS[preset], _read_choice(chosen, keys)):
        known = {command_id: layer[command_id] for command_id in layer if command_id in keys}
        owners: dict[str, str] = {}
        for command_id, wanted in known.items():
            for key in wanted:
                if key in owners:
                    raise KeymapError(f"both {owners[key]} and {command_id} want the key {display_key(key)}")
                owners[key] = command_id
        for command_id, had in keys.items():
            keys[command_id] = known.get(command_id) or tuple(key for key in had if key not in owners)
            if command_id in known and not known[command_id]:
                keys[command_id] = ()
    return keys


def _read_choice(chosen: Keys, commands: Iterable[str]) -> Keys:
    read: dict[str, tuple[str, ...]] = {}
    for command_id, texts in chosen.items():
        if command_id not in commands:
            from difflib import get_close_matches  # only on the way to a message

            near = get_close_matches(command_id, list(commands), n=1, cutoff=0.5)
            raise KeymapError(f"there is no command {command_id}" + (f"; did you mean {near[0]}?" if near else ""))
        read[command_id] = tuple(dict.fromkeys(map(read_key, texts)))
        for key in read[command_id]:
            if key in RESERVED:
                raise KeymapError(f"{command_id} can't have the key {display_key(key)}: it always leads out")
    return read


def use_keys(preset: str, chosen: Keys, commands: Iterable[Command] = COMMANDS) -> None:
    """Writes the keys into the table of commands, from which every place takes them. Raises KeymapError."""
    resolved = resolve_keys(preset, chosen)
    for command in commands:
        command.keys = resolved.get(command.id, command.keys)
