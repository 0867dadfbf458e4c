"""What the time fields of the form understand. Pure; wall-clock times only, the zone is the form's affair.

A start may hold a day, a time or both, and an end with it: `tue 15-16:30`, `15:00`, `25 nov 9`, `завтра в 9 вечера`,
`2026-11-24 15:00 +1h`. An end may be a time, a day, both, or a length: `16:30`, `+1h`, `90 min`, `2 часа`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from aicalendar_tui.screens.words import LATEST, read_day, split_words

LONGEST = timedelta(days=366)
"""A longer length is taken for a slip of the finger."""

_TIME = re.compile(
    r"(?:(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?h?|(?P<joined>\d{3,4}))\s*(?P<half>am?|pm?|a\.m\.|p\.m\.|утра|дня|вечера|ночи|ч|час|часа|часов)?",
    re.ASCII,
)
_NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0), "полдень": time(12), "полночь": time(0)}
_RANGE = re.compile(r"(?P<start>.+?)\s*(?:-|\bto\b|\btill\b|\buntil\b|\bдо\b|\bпо\b)\s*(?P<end>[^-]+)")
_DAYS = re.compile(r"(?P<start>\d{1,2})\s*-\s*(?P<end>\d{1,2} .+)", re.ASCII)
_WITH_LENGTH = re.compile(r"(?P<start>.+?)\s*(?:\+|\bfor\b|\bна\b)\s*(?P<length>.+)")
_LENGTH_PART = re.compile(
    r"(?:(\d+):(\d{2})|(\d+(?:[.,]\d+)?)\s*(?:(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?"
    r"|м|мин|минут[аыу]?|ч|час|часа|часов|д|день|дня|дней|нед|недел[яюьи])(?![a-zа-я]))?)\.?",
    re.ASCII,
)
_NAMED_LENGTHS = {
    **dict.fromkeys(("hour", "an hour", "час"), timedelta(hours=1)),
    **dict.fromkeys(("half an hour", "полчаса"), timedelta(minutes=30)),
    "полтора часа": timedelta(minutes=90),
}
_UNIT = re.compile(r"[a-zа-я]")
_UNIT_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080, "м": 1, "ч": 60, "д": 1440, "н": 10080}
_BEFORE_A_TIME = frozenset({"at", "from", "в", "во", "с", "со", "@"})


class TypedStart(Struct, frozen=True):
    """What was typed as a start; None for a part that was not. The ends are there when a range was typed."""

    day: date | None = None
    last_day: date | None = None
    clock: time | None = None
    end_clock: time | None = None
    length: timedelta | None = None


def parse_start(text: str, *, today: date) -> TypedStart | None:
    """The parts of a start; None when the text is no start. Never raises."""
    words = split_words(text.replace("T", " ") if re.match(r"\s*\d{4}-\d\d-\d\dT\d", text, re.ASCII) else text)
    for day_words, clock_words in _splits(words):
        day = read_day(day_words, today) if day_words else None
        if day_words and (day is None or day_words[-1] in _BEFORE_A_TIME):
            continue
        if not clock_words:
            return TypedStart(day) if day else None
        if found := _parse_clocks(" ".join(clock_words)):
            clock, end_clock, length = found
            return TypedStart(day, clock=clock, end_clock=end_clock, length=length)
    return _parse_days(" ".join(words), today)


def parse_end(text: str, *, start: date | datetime, today: date) -> date | datetime | None:
    """The end that `text` means for an event from `start`: naive for a naive start, a date for a date.

    A time before the start's is on the next day. A whole-day end is the last day itself, not the one after it.
    None when the text is no end; an end before the start is returned as it is. Never raises.
    """
    words = split_words(text)
    if not words:
        return None
    try:
        end = _parse_end(words, start, today)
    except OverflowError:
        return None
    return end if end is not None and end.year <= LATEST.year else None


def parse_length(text: str) -> timedelta | None:
    """`1h30`, `+1:30`, `90 min`, `1,5 часа`, `2d`; a bare number is minutes, or hours up to four. Never raises."""
    text = " ".join(split_words(text)).removeprefix("+").strip()
    if text in _NAMED_LENGTHS:
        return _NAMED_LENGTHS[text]
    minutes, position, hours_before = 0.0, 0, False
    while position < len(text):
        match = _LENGTH_PART.match(text, position)
        if match is None or match.end() == position:
            return None
        if match[1]:
            minutes += int(match[1]) * 60 + int(match[2])
        elif match[4]:
            minutes += float(match[3].replace(",", ".")) * _UNIT_MINUTES[match[4][0]]
        else:
            count = float(match[3].replace(",", "."))
            minutes += count if hours_before or count > 4 else count * 60
        hours_before = bool(match[4]) and match[4][0] in "hч"
        position = match.end() + text[match.end() :].startswith(" ")
    found = timedelta(minutes=round(minutes)) if text and minutes <= LONGEST.total_seconds() / 60 else None
    return found or None


def parse_clock(text: str) -> time | None:
    """One time of day: `15`, `15:30`, `9.30`, `930`, `9pm`, `9 вечера`, `noon`. Never raises."""
    text = text.strip()
    if text in _NAMED_TIMES:
        return _NAMED_TIMES[text]
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    if match["joined"]:
        hour, minute = divmod(int(match["joined"]), 100)
    else:
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
    hour = _on_24_hours(hour, match["half"] or "")
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _on_24_hours(hour: int, half: str) -> int:
    """`hour` in the half of the day that was named; 99 when it has no such hour."""
    if half in ("", "ч", "час", "часа", "часов"):
        return hour
    if hour > 12:
        return hour if half in ("дня", "вечера") else 99
    if half == "дня" or half == "вечера" or half.startswith("p"):
        return hour % 12 + 12
    return hour % 12


def end_on_clock(start: datetime, clock: time) -> datetime:
    """When the clock next shows `clock` after `start`."""
    end = datetime.combine(start.date(), clock)
    return end if end > start else end + timedelta(days=1)


def _splits(words: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Ways to part words into day and time, likeliest first: a bare `15` is a time, a bare `25` can't be one."""
    if not words:
        return
    yield [], words
    for at in range(len(words) - 1, 0, -1):
        yield words[:at], words[at:]
    for at in range(1, len(words)):
        yield words[at:], words[:at]
    yield words, []


def _parse_days(text: str, today: date) -> TypedStart | None:
    """`24 dec - 26 dec`, `24-26 dec`."""
    for match in (_DAYS.fullmatch(text), _RANGE.fullmatch(text)):
        if match is None:
            continue
        last = read_day(match["end"].split(), today)
        month = match["end"].split()[1:] if match.re is _DAYS else []
        first = read_day([*match["start"].split(), *month], today)
        if first and last and last < first:
            last = read_day(match["end"].split(), first)
        if first and last and first <= last:
            return TypedStart(first, last)
    return None


def _parse_clocks(text: str) -> tuple[time, time | None, timedelta | None] | None:
    first, _, rest = text.partition(" ")
    if first in _BEFORE_A_TIME and rest:
        text = rest
    if clock := parse_clock(text):
        return clock, None, None
    if match := _RANGE.fullmatch(text):
        start, end = parse_clock(match["start"]), _parse_range_end(match["end"])
        if start and end:
            return _borrow_half(match["start"], match["end"], start, end), end, None
    if match := _WITH_LENGTH.fullmatch(text):
        start, length = parse_clock(match["start"]), parse_length(match["length"])
        if start and length:
            return start, None, length
    return None


def _parse_range_end(text: str) -> time | None:
    return time(0) if text.strip() in ("24", "24:00") else parse_clock(text)


def _borrow_half(start_text: str, end_text: str, start: time, end: time) -> time:
    """`3-4pm` begins at 15:00: a start without its half of the day takes the end's, if it stays before it."""
    bare = re.fullmatch(r"\d{1,2}(?:[:.]\d{2})?", start_text.strip(), re.ASCII)
    named = re.search(r"(?:pm?|p\.m\.|дня|вечера)$", end_text.strip())
    if bare and named and start.hour < 12 and (later := start.replace(hour=start.hour + 12)) < end:
        return later
    return start


def _parse_end(words: Sequence[str], start: date | datetime, today: date) -> date | datetime | None:
    text = " ".join(words)
    if not isinstance(start, datetime):
        return _parse_last_day(text, start, today)
    # "2 часа" and "1h" are lengths here; "3 дня" is three in the afternoon, unless it is "+3 дня".
    if (text.startswith("+") or (_UNIT.search(text) and not text.endswith("дня"))) and (length := parse_length(text)):
        return start + length
    if (clock := _parse_range_end(text)) is not None:
        return end_on_clock(start, clock)
    typed = parse_start(text, today=max(today, start.date()))
    if typed is None or typed.end_clock or typed.length:
        return None
    return datetime.combine(typed.day or start.date(), typed.clock or start.time())


def _parse_last_day(text: str, start: date, today: date) -> date | None:
    """`+2` is two days after the first, `3 days` is three days long, anything else names the last day."""
    if match := re.fullmatch(r"\+\s*(\d{1,3})\s*(?:d|day|days|д|день|дня|дней)?", text, re.ASCII):
        return start + timedelta(days=int(match[1]))
    if match := re.fullmatch(r"(\d{1,3})\s*(?:d|day|days|д|день|дня|дней)", text, re.ASCII):
        return start + timedelta(days=max(0, int(match[1]) - 1))
    return read_day(split_words(text), max(today, start))
