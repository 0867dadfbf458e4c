"""Lines of the logs, read from text and painted. Pure; the reader leaves out what is secret."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Literal

from msgspec import Struct
from textual.content import Content

from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean, cut, fit

Level = Literal["debug", "info", "warning", "error"]
SERVICE_CELLS = 11
TIME_CELLS = 10

_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\s*")
_VALKEY = re.compile(r"^\d+:[A-Z] (?P<time>\d+ \w{3} \d{4} [\d:.]+) (?P<level>[.*#-]) (?P<text>.*)$")
_WORD = re.compile(r"\b(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|Traceback)\b")
_LEVELS: dict[str, Level] = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "critical": "error",
    "traceback": "error",
}
_STYLES: dict[Level, str] = {"debug": MUTED, "info": "", "warning": "$text-warning", "error": "$text-error"}


class LogLine(Struct, frozen=True, kw_only=True):
    """One line; `time` is None where it says none."""

    service: str
    text: str
    level: Level = "info"
    time: datetime | None = None


def read_line(service: str, raw: str) -> LogLine | None:
    """`time=… level=… message=…`, or whatever a program writes; None for an empty line."""
    if raw.startswith("time="):
        pairs = {name: _unquoted(value) for name, value in _PAIR.findall(raw)}
        rest = " ".join(f"{name}={value}" for name, value in pairs.items() if name not in _KNOWN)
        text = clean(" ".join(filter(None, (pairs.get("message", ""), rest))))
        level = _LEVELS.get(pairs.get("level", "info"), "info")
        return LogLine(service=service, text=text, level=level, time=_moment(pairs["time"])) if text else None
    if valkey := _VALKEY.match(raw):
        text, level = clean(valkey["text"]), "warning" if valkey["level"] == "#" else "info"
        return LogLine(service=service, text=text, level=level, time=_valkey_moment(valkey["time"]))
    stamp = _STAMP.match(raw)
    text = clean(raw[stamp.end() :] if stamp else raw)
    word = _WORD.search(text)
    level = _LEVELS[word[1].lower()] if word else "info"
    moment = _moment(stamp[1]) if stamp else None
    return LogLine(service=service, text=text, level=level, time=moment) if text else None


_KNOWN = ("time", "level", "logger", "message")


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", lambda found: {"n": " ", "t": " "}.get(found[1], found[1]), value[1:-1])


def _moment(text: str) -> datetime | None:
    """UTC where it names no zone: that is what our own services write."""
    try:
        moment = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _valkey_moment(text: str) -> datetime | None:
    """`23 Nov 2026 22:42:31.007` in this machine's zone, as valkey and redis write it, in English always."""
    day, month, year, time = text.split()
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    if month not in months:
        return None
    try:
        return datetime.fromisoformat(f"{year}-{months.index(month) + 1:02}-{int(day):02}T{time}").astimezone()
    except ValueError:
        return None


def merge_lines(lines: list[LogLine], limit: int) -> list[LogLine]:
    """In the order of time, the newest last; a line without a time stays behind the one before it of its service."""
    keyed: list[tuple[datetime, int, LogLine]] = []
    last: dict[str, datetime] = {}
    oldest = datetime.min.replace(tzinfo=UTC)
    for number, line in enumerate(lines):
        moment = line.time or last.get(line.service, oldest)
        last[line.service] = moment
        keyed.append((moment, number, line))
    return [line for _moment, _number, line in sorted(keyed, key=lambda each: each[:2])][-limit:]


def paint_line(line: LogLine, *, zone: tzinfo, width: int) -> Content:
    """`22:32:39  screen     redis is back`, at most `width` cells."""
    time = line.time.astimezone(zone).strftime("%H:%M:%S") if line.time else ""
    room = max(10, width - TIME_CELLS - SERVICE_CELLS)
    return Content.assemble(
        (fit(time, TIME_CELLS), MUTED),
        (fit(clean(line.service), SERVICE_CELLS), MUTED),
        (cut(line.text, room), _STYLES[line.level]),
    )
