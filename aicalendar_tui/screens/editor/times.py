"""The start and end that the form holds, each on its own zone's clock, and how typing changes them. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.screens.dates import time_of
from aicalendar_tui.screens.editor.typed_time import end_on_clock, parse_end, parse_length, parse_start
from aicalendar_tui.screens.phrases import name_day, say_span
from aicalendar_tui.screens.words import EARLIEST, LATEST, split_words

STEP = timedelta(minutes=15)
SHORTEST_DAY = timedelta(days=1)

_OFFSET = re.compile(r"\s+utc(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::(?P<minutes>\d{2}))?)?", re.ASCII)
_SIGNED = re.compile(r"([+-])\s*(.+)")


class Times(Struct, frozen=True, kw_only=True):
    """Wall-clock times; `fold` tells the two apart that a zone has when its clocks go back.

    Of an all-day event the dates count, and `end` is on its last day.
    """

    start: datetime
    end: datetime
    zone: str
    """The IANA zone of the start."""
    end_zone: str
    all_day: bool = False

    @property
    def length(self) -> timedelta:
        """Elapsed from start to end; whole days for an all-day event."""
        if self.all_day:
            return timedelta(days=(self.end.date() - self.start.date()).days + 1)
        return self.last_instant - self.first_instant

    @property
    def first_instant(self) -> datetime:
        """The start, in UTC."""
        return _instant(self.start, self.zone)

    @property
    def last_instant(self) -> datetime:
        """The end, in UTC."""
        return _instant(self.end, self.end_zone)

    def start_text(self, *, hour24: bool = True) -> str:
        """What the start field shows; `with_start` reads it back."""
        if self.all_day:
            return name_day(self.start)
        return f"{name_day(self.start)} {_clock_text(self.start, self.zone, hour24=hour24)}"

    def end_text(self, *, hour24: bool = True) -> str:
        """What the end field shows: no day where it is the start's."""
        if self.all_day:
            return name_day(self.end)
        clock = _clock_text(self.end, self.end_zone, hour24=hour24)
        here = _local(self.first_instant, self.end_zone)
        if here < self.end and here.date() == self.end.date() and not _is_twice(self.end, self.end_zone):
            return clock
        return f"{name_day(self.end)} {clock}"

    def meaning(self, *, hour24: bool = True) -> str:
        """Both in words, each on its own clock."""
        start, end = self.moments()
        if not self.all_day and self.zone != self.end_zone:
            first, last = name_day(start), name_day(end)
            begins = f"{first} {time_of(self.start, hour24=hour24)} {city_of(self.zone)}"
            ends = f"{time_of(self.end, hour24=hour24)} {city_of(self.end_zone)}"
            return f"{begins} – {ends}" if first == last else f"{begins} – {last} {ends}"
        return say_span(start, end, short=True, hour24=hour24)

    def moments(self) -> tuple[date | datetime, date | datetime]:
        """`[start, end)` as a draft takes it: dates, or times aware in their zones."""
        if self.all_day:
            return self.start.date(), self.end.date() + timedelta(days=1)
        start, end = self.first_instant, self.last_instant
        return start.astimezone(zone_of(self.zone)), end.astimezone(zone_of(self.end_zone))

    def same_as(self, other: "Times") -> bool:
        """Whether both say the same of an event, the zones of a timed one included."""
        if self.all_day or other.all_day:
            return self.all_day == other.all_day and self.moments() == other.moments()
        return (self.first_instant, self.last_instant, self.zone, self.end_zone) == (
            other.first_instant,
            other.last_instant,
            other.zone,
            other.end_zone,
        )


def city_of(zone: str) -> str:
    """`New York` for `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def times_of(start: date | datetime, end: date | datetime, zone: str, end_zone: str | None = None) -> Times:
    """From an event's `[start, end)`; aware times are read on the clocks of their zones (`end_zone` None: the same).

    All-day events get hours for when the user takes "all day" away: nine to ten.
    """
    end_zone = end_zone or zone
    if isinstance(start, datetime) and isinstance(end, datetime):
        return Times(start=_local(start, zone), end=_local(end, end_zone), zone=zone, end_zone=end_zone)
    last = max(start, end - timedelta(days=1))
    return Times(
        start=datetime.combine(start, time(9)),
        end=datetime.combine(last, time(10)),
        zone=zone,
        end_zone=end_zone,
        all_day=True,
    )


def with_start(times: Times, text: str, *, today: date) -> Times | None:
    """The times after `text` was typed as the start; the length stays unless an end was typed with it.

    A length with its sign, as `+45m` or `-1h`, moves the event by that much. None when the text is no start.
    """
    text, offset = _split_offset(text)
    if offset is None and (by := _signed_length(text, times)):
        return _moved(times, by)
    typed = parse_start(text, today=today)
    if typed is None or (times.all_day and (typed.day is None or typed.clock is not None)):
        return None
    start = datetime.combine(typed.day or times.start.date(), typed.clock or times.start.time())
    found = _with_offset(start, times.zone, offset) if typed.clock else start
    if found is None:
        return None
    start = found
    if typed.last_day:
        return _within(replace(times, start=start, end=datetime.combine(typed.last_day, times.end.time())))
    if typed.end_clock is not None:
        return _within(replace(times, start=start, end=end_on_clock(start, typed.end_clock), end_zone=times.zone))
    if times.all_day:
        return _sum(replace(times, start=start), end=(times.end - times.start, start))
    started = replace(times, start=start)
    try:
        end = started.first_instant + (typed.length or times.length)
    except OverflowError:
        return None
    return _within(replace(started, end=_local(end, times.end_zone)))


def with_end(times: Times, text: str, *, today: date) -> Times | None:
    """The times after `text` was typed as the end; None when it is no end. It may lie before the start."""
    text, offset = _split_offset(text)
    if not times.all_day and offset is None and (by := _signed_length(text, times)) and by > timedelta(0):
        return _within(replace(times, end=_local(times.first_instant + by, times.end_zone)))
    here = times.start.date() if times.all_day else _local(times.first_instant, times.end_zone)
    end = parse_end(text, start=here, today=today)
    if end is None:
        return None
    if not isinstance(end, datetime):
        end = datetime.combine(end, times.end.time())
    found = end if times.all_day else _with_offset(end.replace(fold=0), times.end_zone, offset)
    return None if found is None else _within(replace(times, end=found))


def with_zone(times: Times, zone: str) -> Times:
    """The start on another zone's clock, showing what it shows; an end in the same zone goes with it."""
    end_zone = zone if times.end_zone == times.zone else times.end_zone
    return replace(times, zone=zone, end_zone=end_zone)


def with_end_zone(times: Times, zone: str) -> Times:
    """The end on another zone's clock, showing what it shows."""
    return replace(times, end_zone=zone)


def step_start(times: Times, steps: int, *, days: bool = False) -> Times:
    """The whole event earlier or later, by quarters of an hour or by days; unchanged at the ends of time."""
    return _moved(times, steps * (SHORTEST_DAY if days or times.all_day else STEP)) or times


def step_end(times: Times, steps: int, *, days: bool = False) -> Times:
    """The end earlier or later, but not before the start."""
    by = steps * (SHORTEST_DAY if days or times.all_day else STEP)
    end = _shifted(times.end, by, times.end_zone)
    stepped = _within(replace(times, end=end)) if end else None
    if stepped is None or stepped.length < (SHORTEST_DAY if times.all_day else timedelta(0)):
        return times
    return stepped


def with_all_day(times: Times, all_day: bool) -> Times:
    """Whole days, or the hours that were there before."""
    changed = replace(times, all_day=all_day)
    if not all_day and changed.length <= timedelta(0):
        return replace(changed, end=changed.start + timedelta(hours=1), end_zone=times.zone)
    return changed


def _signed_length(text: str, times: Times) -> timedelta | None:
    match = _SIGNED.fullmatch(" ".join(split_words(text)))
    length = parse_length(match[2]) if match and not (times.all_day and match[2].isdigit()) else None
    if match and times.all_day and match[2].isdigit():
        length = timedelta(days=min(int(match[2][:6]), 400_000))
    if match is None or length is None or (times.all_day and length % SHORTEST_DAY):
        return None
    return length if match[1] == "+" else -length


def _moved(times: Times, by: timedelta) -> Times | None:
    """Both ends by as much: whole days by the calendar, anything else by the time that passes."""
    start, end = _shifted(times.start, by, times.zone), _shifted(times.end, by, times.end_zone)
    return _within(replace(times, start=start, end=end)) if start and end else None


def _shifted(moment: datetime, by: timedelta, zone: str) -> datetime | None:
    try:
        return moment + by if by % SHORTEST_DAY == timedelta(0) else _local(_instant(moment, zone) + by, zone)
    except OverflowError:
        return None


def _sum(times: Times, *, end: tuple[timedelta, datetime]) -> Times | None:
    try:
        return _within(replace(times, end=end[1] + end[0]))
    except OverflowError:
        return None


def _within(times: Times) -> Times | None:
    inside = times.start.date() >= EARLIEST and times.end.date() <= LATEST and times.start.date() <= LATEST
    return times if inside and times.end.date() >= EARLIEST else None


def _instant(moment: datetime, zone: str) -> datetime:
    """In UTC; a time that the clocks skip in spring becomes the one an hour on."""
    return moment.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None, second=0, microsecond=0)


def _clock_text(moment: datetime, zone: str, *, hour24: bool) -> str:
    """The time; with its offset from UTC where the zone's clock shows it twice that night."""
    text = time_of(moment, hour24=hour24)
    return f"{text} {_offset_text(moment, zone_of(zone))}" if _is_twice(moment, zone) else text


def _is_twice(moment: datetime, zone: str) -> bool:
    place = zone_of(zone)
    first, second = (moment.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def _offset_text(moment: datetime, place: tzinfo) -> str:
    minutes = int((moment.replace(tzinfo=place).utcoffset() or timedelta(0)).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _split_offset(text: str) -> tuple[str, timedelta | None]:
    """The text without `UTC+2`, and what that says; None where it says nothing."""
    words = " ".join(split_words(text))
    match = _OFFSET.search(words)
    if match is None or match.end() != len(words):
        return text, None
    length = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    return words[: match.start()], -length if match["sign"] == "-" else length


def _with_offset(moment: datetime, zone: str, offset: timedelta | None) -> datetime | None:
    """That one of the two times with the same name; None when the zone's clock never shows it with that offset."""
    if offset is None:
        return moment
    for fold in (0, 1):
        folded = moment.replace(fold=fold)
        if folded.replace(tzinfo=zone_of(zone)).utcoffset() == offset:
            return folded
    return None
