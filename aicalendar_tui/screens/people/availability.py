"""Free time as text that can be pasted into a message. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from aicalendar_tui.backend.domain.times import Span, zone_of
from aicalendar_tui.screens.dates import short_day, short_month, time_range


def say_availability(free: Sequence[Span], zone: str, *, hour24: bool = True) -> str:
    """A line a day, then the zone; '' when there is no free time. No span of `free` goes over midnight."""
    tz = zone_of(zone)
    times = [(datetime.fromtimestamp(span.start, tz), datetime.fromtimestamp(span.end, tz)) for span in free]
    lines = [
        f"{_name_day(day)} " + ", ".join(time_range(start, end, hour24=hour24) for start, end in ranges)
        for day, ranges in groupby(times, key=_day_of)
    ]
    if lines:
        lines[-1] += f" ({zone})"
    return "\n".join(lines)


def _day_of(times: tuple[datetime, datetime]) -> date:
    return times[0].date()


def _name_day(day: date) -> str:
    """Without the year: it is about the next days."""
    return f"{short_day(day.weekday())} {day.day} {short_month(day.month)}"
