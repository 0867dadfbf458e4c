"""What a stretch of days adds up to. Pure; minutes everywhere, and only of events that take time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.busy import takes_time
from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.screens.preferences import is_working_day

Key = tuple[str, str]
"""User and calendar."""
HOURS = 24


class WeekFigures(Struct, frozen=True, kw_only=True):
    """One week: its first day, and the minutes of each calendar that has any."""

    first: date
    minutes: dict[Key, int]

    @property
    def total(self) -> int:
        """Of all calendars."""
        return sum(self.minutes.values())


class Figures(Struct, frozen=True, kw_only=True):
    """`heat` is 7 weekdays, Monday first, of 24 hours: the average minutes of that hour that are taken, 0 to 60."""

    by_calendar: dict[Key, int]
    weeks: tuple[WeekFigures, ...]
    heat: tuple[tuple[float, ...], ...]
    meetings: int
    """With guests."""
    focus: int
    """Focus time, as its events say."""
    free: int
    """What is left of the working hours."""


def add_up(entries: Iterable[Entry], days: Days, *, work: tuple[int, int]) -> Figures:
    """`days` are whole weeks; `work` the working hours in minutes of the day.

    What overlaps counts once in `heat` and `free`, and for each of its events elsewhere.
    """
    zone = zone_of(days.zone)
    taking = [entry for entry in entries if takes_time(entry)]
    weeks: list[dict[Key, int]] = [{} for _ in range(max(1, len(days) // 7))]
    slots: set[int] = set()
    by_calendar: dict[Key, int] = {}
    meetings = focus = 0
    start_of_days = int(datetime(days.first.year, days.first.month, days.first.day, tzinfo=zone).timestamp())
    end_of_days = int(datetime(days.last.year, days.last.month, days.last.day, tzinfo=zone).timestamp())
    for entry in taking:
        start, end = max(entry.start, start_of_days), min(entry.end, end_of_days)
        if start >= end:
            continue
        minutes = (end - start) // 60
        key = (entry.user_id, entry.calendar_id)
        by_calendar[key] = by_calendar.get(key, 0) + minutes
        if entry.event_type == "focusTime":
            focus += minutes
        elif entry.guests > 1:
            meetings += minutes
        day = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
        week = weeks[min(len(weeks) - 1, (day - days.first).days // 7)]
        week[key] = week.get(key, 0) + minutes
        slots.update(range(start // 60, -(-end // 60)))
    heat = _heat(slots, days)
    return Figures(
        by_calendar=dict(sorted(by_calendar.items(), key=lambda item: -item[1])),
        weeks=tuple(
            WeekFigures(first=days.first + timedelta(days=7 * number), minutes=minutes)
            for number, minutes in enumerate(weeks)
        ),
        heat=heat,
        meetings=meetings,
        focus=focus,
        free=_free(slots, days, work),
    )


def _heat(slots: Iterable[int], days: Days) -> tuple[tuple[float, ...], ...]:
    zone = zone_of(days.zone)
    taken = [[0] * HOURS for _ in range(7)]
    # Minutes are looked up by quarter hours: no zone moves its clock by less.
    offsets: dict[int, int] = {}
    for minute in slots:
        quarter = minute // 15
        if quarter not in offsets:
            local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone)
            offsets[quarter] = local.weekday() * HOURS + local.hour
        weekday, hour = divmod(offsets[quarter], HOURS)
        taken[weekday][hour] += 1
    weeks = max(1, len(days) // 7)
    return tuple(tuple(min(60.0, minutes / weeks) for minutes in hours) for hours in taken)


def _free(slots: set[int], days: Days, work: tuple[int, int]) -> int:
    zone = zone_of(days.zone)
    free = 0
    for day in days:
        if is_working_day(day.weekday()):
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            first, last = (int((midnight + timedelta(minutes=minute)).timestamp()) // 60 for minute in work)
            free += sum(minute not in slots for minute in range(first, last))
    return free


def share_steps(values: Sequence[float], steps: int) -> list[int]:
    """Each value as a step from 0 (nothing) to `steps` (the largest)."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return [0] * len(values)
    return [0 if value <= 0 else max(1, round(value / largest * steps)) for value in values]
