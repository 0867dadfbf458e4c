"""The manual page, made from the parser: what can be typed is described once."""

import argparse
from collections.abc import Iterator
from textwrap import dedent

from aicalendar_tui import __version__
from aicalendar_tui.settings import FIELDS

EXIT_CODES = (
    ("0", "Done."),
    ("1", "It failed; one line on standard error says what to do."),
    ("2", "Wrong usage, or a wrong setting."),
    ("130", "Interrupted by Ctrl-C."),
)
FILES = (
    ("~/.config/aicalendar/.env, config.toml", "Settings; only read."),
    ("~/.local/share/aicalendar/", "The database, and secrets where there is no keyring."),
    ("~/.local/state/aicalendar/", "Logs, sockets and locks: all of it can be removed while nothing runs."),
)


def man_page(parser: argparse.ArgumentParser) -> str:
    """The page as roff, of section 1."""
    return "\n".join(_lines(parser)) + "\n"


def _lines(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f'.TH AICALENDAR 1 "" "aicalendar {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"aicalendar \- Google Calendar in the terminal"
    yield ".SH SYNOPSIS"
    yield r".B aicalendar"
    yield r"[\fIOPTION\fR]... [\fICOMMAND\fR [\fIARGUMENT\fR]...]"
    yield ".SH DESCRIPTION"
    yield _text(
        dedent("""\
            Paints a calendar at once from local data, shows changes made elsewhere by themselves, and keeps an edit
            until Google has it. Without a command it opens the calendar; ? there lists the keys.""")
    )
    yield ".SH OPTIONS"
    yield from _options(parser)
    yield ".SH COMMANDS"
    common = {option for action in parser._actions for option in action.option_strings}
    for name, command, help_ in _commands(parser):
        yield f'.SS "{_text(" ".join([name, *_positionals(command)]))}"'
        yield _text(help_)
        yield from _options(command, without=common)
    yield ".SH EXIT STATUS"
    yield from _list(EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield _text("Settings; they may also stand in .env and config.toml of the config folder.")
    yield from _list((field.name, field.help) for field in FIELDS.values())
    yield ".SH FILES"
    yield from _list(FILES)
    yield _text("AICALENDAR_HOME puts all of them into one folder.")


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield choice.dest, action.choices[choice.dest], choice.help or ""


def _positionals(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._get_positional_actions():
        name = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest)
        word = str(name)
        yield {"?": f"[{word}]", "*": f"[{word}]...", "+": f"{word}..."}.get(str(action.nargs), word)


def _options(parser: argparse.ArgumentParser, *, without: set[str] | frozenset[str] = frozenset()) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or set(action.option_strings) & without:
            continue
        if action.option_strings:
            value = "" if action.nargs == 0 else f" {action.metavar or '|'.join(map(str, action.choices or ()))}"
            head = ", ".join(action.option_strings) + value
        elif action.help:
            head = " ".join(_positionals_of(action))
        else:
            continue
        yield from _list([(head, action.help or "")])


def _positionals_of(action: argparse.Action) -> Iterator[str]:
    yield str(action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest))


def _list(pairs: "Iterator[tuple[str, str]] | list[tuple[str, str]] | tuple[tuple[str, str], ...]") -> Iterator[str]:
    for head, text in pairs:
        yield ".TP"
        yield rf"\fB{_text(head)}\fR"
        yield _text(text)


def _text(text: str) -> str:
    """So that roff shows it as it is."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace("%%", "%")
    return "\n".join(rf"\&{line}" if line[:1] in (".", "'") else line for line in shown.splitlines())
