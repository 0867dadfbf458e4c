"""The start and end that the form holds, on its zone's clock, and how typing and arrow keys change them. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.screens.editor.typed_time import end_on_clock, parse_end, parse_start
from aicalendar_tui.screens.phrases import name_day
from aicalendar_tui.screens.words import EARLIEST, LATEST

STEP = timedelta(minutes=15)
SHORTEST_DAY = timedelta(days=1)


class Times(Struct, frozen=True, kw_only=True):
    """Wall-clock times without a zone. Of an all-day event the dates count, and `end` is on its last day."""

    start: datetime
    end: datetime
    all_day: bool = False

    @property
    def length(self) -> timedelta:
        """From start to end; whole days for an all-day event."""
        if self.all_day:
            return timedelta(days=(self.end.date() - self.start.date()).days + 1)
        return self.end - self.start

    @property
    def start_text(self) -> str:
        """What the start field shows; `with_start` reads it back."""
        return name_day(self.start) if self.all_day else f"{name_day(self.start)} {self.start:%H:%M}"

    @property
    def end_text(self) -> str:
        """What the end field shows: no day where it is the start's."""
        if self.all_day:
            return name_day(self.end)
        if self.start <= self.end and self.end.date() == self.start.date():
            return f"{self.end:%H:%M}"
        return f"{name_day(self.end)} {self.end:%H:%M}"

    def moments(self, zone: str) -> tuple[date | datetime, date | datetime]:
        """`[start, end)` as a draft takes it: dates, or times aware in the IANA zone `zone`."""
        if self.all_day:
            return self.start.date(), self.end.date() + timedelta(days=1)
        return _aware(self.start, zone_of(zone)), _aware(self.end, zone_of(zone))


def times_of(start: date | datetime, end: date | datetime, zone: str) -> Times:
    """From an event's `[start, end)`; aware times are read on the clock of `zone`.

    All-day events get hours for when the user takes "all day" away: nine to ten.
    """
    if isinstance(start, datetime) and isinstance(end, datetime):
        return Times(start=_naive(start, zone_of(zone)), end=_naive(end, zone_of(zone)))
    last = max(start, end - timedelta(days=1))
    return Times(
        start=datetime.combine(start, time(9)),
        end=datetime.combine(last, time(10)),
        all_day=True,
    )


def with_start(times: Times, text: str, *, today: date) -> Times | None:
    """The times after `text` was typed as the start; the length stays unless an end was typed with it.

    None when the text is no start.
    """
    typed = parse_start(text, today=today)
    if typed is None or (times.all_day and (typed.day is None or typed.clock is not None)):
        return None
    start = datetime.combine(typed.day or times.start.date(), typed.clock or times.start.time())
    if typed.last_day:
        return _within(replace(times, start=start, end=datetime.combine(typed.last_day, times.end.time())))
    if typed.end_clock is not None:
        return _within(replace(times, start=start, end=end_on_clock(start, typed.end_clock)))
    try:
        end = start + (typed.length or (times.end - times.start))
    except OverflowError:
        return None
    return _within(replace(times, start=start, end=end))


def with_end(times: Times, text: str, *, today: date) -> Times | None:
    """The times after `text` was typed as the end; None when it is no end. It may lie before the start."""
    end = parse_end(text, start=times.start.date() if times.all_day else times.start, today=today)
    if end is None:
        return None
    if not isinstance(end, datetime):
        end = datetime.combine(end, times.end.time())
    return _within(replace(times, end=end))


def step_start(times: Times, steps: int, *, days: bool = False) -> Times:
    """The whole event earlier or later, by quarters of an hour or by days; unchanged at the ends of time."""
    by = steps * (SHORTEST_DAY if days or times.all_day else STEP)
    return _within(replace(times, start=times.start + by, end=times.end + by)) or times


def step_end(times: Times, steps: int, *, days: bool = False) -> Times:
    """The end earlier or later, but not before the start."""
    end = times.end + steps * (SHORTEST_DAY if days or times.all_day else STEP)
    if (end.date() < times.start.date()) if times.all_day else (end < times.start):
        return times
    return _within(replace(times, end=end)) or times


def with_all_day(times: Times, all_day: bool) -> Times:
    """Whole days, or the hours that were there before."""
    if not all_day and times.end <= times.start:
        return replace(times, all_day=False, end=times.start + timedelta(hours=1))
    return replace(times, all_day=all_day)


def _within(times: Times) -> Times | None:
    inside = times.start.date() >= EARLIEST and times.end.date() <= LATEST and times.start.date() <= LATEST
    return times if inside and times.end.date() >= EARLIEST else None


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    """In `zone`; a time that the clocks skip in spring becomes the one an hour on."""
    aware = moment.replace(tzinfo=zone)
    return datetime.fromtimestamp(aware.timestamp(), zone)


def _naive(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
