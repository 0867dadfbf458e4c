"""How full days are: the hours that events take, for maps of a year."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import Days, zone_of


class Busy(Struct, frozen=True):
    """`minutes` runs parallel to `days`: how long each of them is taken, 0 to 1500 (a day can have 25 hours)."""

    days: Days
    minutes: tuple[int, ...]
    revision: int = 0


def takes_time(entry: Entry) -> bool:
    """Whether one is busy with it at certain hours: not with whole days, free time, or what one declined."""
    return not (entry.all_day or entry.free or entry.response == "declined" or entry.status == "cancelled")


def busy_minutes(entries: Iterable[Entry], days: Days) -> tuple[int, ...]:
    """The minutes of each day that at least one of `entries` takes; what overlaps counts once."""
    count = len(days)
    zone = zone_of(days.zone)
    midnights = [
        int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        for day in (*days, days.first + timedelta(days=count))
    ]
    taken = [0] * count
    reached = midnights[0]
    number = 0
    for start, end in sorted((entry.start, entry.end) for entry in entries if takes_time(entry)):
        start, end = max(start, reached), min(end, midnights[-1])
        if start >= end:
            continue
        reached = end
        while midnights[number + 1] <= start:
            number += 1
        day = number
        while start < end:
            part = min(end, midnights[day + 1])
            taken[day] += part - start
            start, day = part, day + 1
    return tuple(seconds // 60 for seconds in taken)
