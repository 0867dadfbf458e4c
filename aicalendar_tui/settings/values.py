"""The kinds of values that settings have: text in, value out, ValueError for what can't be."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime


class SettingsError(Exception):
    """A setting that can't be: one line that names it, its value, where that came from, and what is right."""


class Secret(str):
    """Text that shows itself only to those who use it as text: its repr, and so any repr it is in, hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'" if self else "''"


def integer(low: int, high: int) -> Callable[[str], int]:
    """A whole number in `[low, high]`."""

    def parse(text: str) -> int:
        if not text.isascii() or not low <= (number := int(text)) <= high:
            raise ValueError(text)
        return number

    return parse


def choice(*words: str) -> Callable[[str], str]:
    """One of the words, however it is capitalised."""

    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return parse


def switch(text: str) -> bool:
    """`on` and `off`, and what else people write for them."""
    if text.lower() in ("on", "true", "yes", "1"):
        return True
    if text.lower() in ("off", "false", "no", "0"):
        return False
    raise ValueError(text)


def web_address(text: str) -> str:
    """An http(s) address without query or fragment, as a base to add paths to (no slash at its end)."""
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for a port that can't be
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(text)
    return text.rstrip("/")


def service_address(*schemes: str) -> Callable[[str], Secret]:
    """An address with a password in it, perhaps, by any of the schemes."""

    def parse(text: str) -> Secret:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError for a port that can't be
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(text)
        return Secret(text)

    return parse


def word(text: str) -> str:
    """Text without spaces in it."""
    if len(text.split()) != 1:
        raise ValueError(text)
    return text


def zone(text: str) -> str:
    """The name of a zone that this machine's (or the tzdata package's) database has."""
    from zoneinfo import ZoneInfo  # 3 ms that most starts don't need

    try:
        ZoneInfo(text)
    except (KeyError, OSError) as error:
        raise ValueError(text) from error
    return text


def hours(text: str) -> str:
    """Two times of one day, the later one last, written as `09:00-18:00`; `9-17:30` is understood."""
    parts = text.replace("–", "-").split("-")
    minutes = []
    for part in parts:
        hour, _, minute = part.strip().partition(":")
        if not (hour + minute).isascii() or not 0 <= int(minute or "0") < 60:
            raise ValueError(text)
        minutes.append(int(hour) * 60 + int(minute or "0"))
    if len(minutes) != 2 or not 0 <= minutes[0] < minutes[1] <= 24 * 60:
        raise ValueError(text)
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes)


def zone_names() -> set[str]:
    """All zones' names, for suggestions; slow."""
    from zoneinfo import available_timezones

    return available_timezones()


def moment(text: str) -> "datetime":
    """A time, aware or not."""
    from datetime import datetime

    return datetime.fromisoformat(text)


def key_choice(text: str) -> Mapping[str, tuple[str, ...]]:
    """`create=c,n undo=ctrl+z`: commands and their keys, neither of them judged here; no keys: `sync=`."""
    choice: dict[str, tuple[str, ...]] = {}
    for part in text.split():
        command, equals, keys = part.partition("=")
        if not equals or not command.isidentifier():
            raise ValueError(text)
        choice[command] = tuple(filter(None, keys.split(",")))
    return choice


def to_text(value: object) -> str:
    """What the parsers above read back as `value`."""
    if isinstance(value, Mapping):
        return " ".join(f"{name}={','.join(keys)}" for name, keys in value.items())
    if isinstance(value, bool):
        return "on" if value else "off"
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest of the known names, or ''."""
    from difflib import get_close_matches  # only on the way to a message

    by_lower = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""
