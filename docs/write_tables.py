"""Writes the pages that are made from the program's own tables: `.env.example`, `settings.md` and `keys.md`.

Run it after a change there (`make tables`); a test compares.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from aicalendar_tui.screens.commands import COMMANDS, Command
from aicalendar_tui.settings import FIELDS, Setting, Settings
from aicalendar_tui.settings.values import to_text

ROOT = Path(__file__).parent.parent

ENV_HEADER = """\
# Settings of aicalendar. Copy this file to the config folder as .env (~/.config/aicalendar/.env, or
# $AICALENDAR_HOME/.env) and uncomment what you change; each line shows the default, or an example where
# there is none. `.env` is read from that folder only. Variables of the environment win over this file.
"""

SETTINGS_HEADER = """\
# Settings

Each setting can stand in the environment, in the config folder's `.env` (the same names), or in its `config.toml`
(the key). The first of these that has it wins. An empty value stands for the default, and a wrong one is told in one
line that says where it stands and what is right.

The config folder is `~/.config/aicalendar` (`$XDG_CONFIG_HOME` is honoured; on macOS
`~/Library/Application Support/aicalendar`). `AICALENDAR_HOME` puts everything, settings, database, secrets, logs and
sockets, into one folder. `.env` is never read from the current folder.

`aicalendar demo` keeps its state apart and ignores the settings marked "not in the demo".
"""

KEYS_HEADER = """\
# Keys

`?` shows these in the program, and `:` finds them by name. Letters work by their place on the keyboard under a
Cyrillic layout, too.
"""

KEY_NAMES = {"enter": "Enter", "delete": "Del", "pageup": "PgUp", "pagedown": "PgDn", "tab": "Tab", "comma": ","}


def default_of(field: str) -> str:
    """The default as one writes it, or ''."""
    default = Settings._field_defaults[field]
    return "" if default is None else to_text(default)


def group_of(item: tuple[str, Setting]) -> str:
    """The heading that the setting stands under."""
    return item[1].group


def render_env_example() -> str:
    """All lines are comments, so that a copy of the file changes nothing."""
    blocks = [ENV_HEADER]
    for group, items in groupby(FIELDS.items(), key=group_of):
        lines = [f"# --- {group} ---"]
        for field, setting in items:
            lines += [f"# {setting.help}", f"# {setting.name}={default_of(field) or setting.example}"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def render_settings() -> str:
    """One table a group."""
    blocks = [SETTINGS_HEADER]
    for group, items in groupby(FIELDS.items(), key=group_of):
        lines = [f"## {group}", "", "| name | key | default | must be | what it does |", "|---|---|---|---|---|"]
        for field, setting in items:
            default = f"`{default_of(field)}`" if default_of(field) else ""
            note = " Not in the demo." if setting.demo == "never" else ""
            lines.append(
                f"| `{setting.name}` | `{setting.key}` | {default} | {setting.right} | {setting.help}{note} |"
            )
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def render_keys() -> str:
    """One table a group, the groups in the order in which they first come."""
    groups: dict[str, list[Command]] = {}
    for command in COMMANDS:
        groups.setdefault(command.group, []).append(command)
    blocks = [KEYS_HEADER]
    for group, commands in groups.items():
        lines = [f"## {group}", "", "| keys | what they do |", "|---|---|"]
        lines += [f"| {key_names(command.keys)} | {command.label} |" for command in commands]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def key_names(keys: Iterable[str]) -> str:
    """`X` `Del`, as they are printed on the keys."""
    return " ".join(
        f"`{'-'.join(KEY_NAMES.get(part, _capitalised(part)) for part in (key.split('+') if len(key) > 1 else key))}`"
        for key in keys
    )


def _capitalised(part: str) -> str:
    """Words begin with a capital, letters stay what they are: `X` is not `x`."""
    return part.capitalize() if len(part) > 1 else part


def pages() -> dict[Path, str]:
    """What each generated file must hold."""
    return {
        ROOT / ".env.example": render_env_example(),
        ROOT / "docs" / "settings.md": render_settings(),
        ROOT / "docs" / "keys.md": render_keys(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")
