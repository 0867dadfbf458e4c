"""The instances of a recurring event (RFC 5545 §3.8.5), in the wall-clock time of its zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from dateutil.rrule import rrule, rruleset, rrulestr

from aicalendar_tui.simulator.errors import invalid
from aicalendar_tui.simulator.times import load_zone, read_epoch, read_wall, to_epoch

MAX_INSTANCES = 20_000
"""Where the expansion of one series stops, so that no rule can hold the simulator up."""

MAX_VALUES = 400
"""How many numbers and days one rule may name: all days of a year, and some."""

_PROPERTY = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:;]+)*):(.+)\Z", re.IGNORECASE | re.DOTALL)
_UNTIL = re.compile(r"UNTIL=([0-9TtZz]+)", re.IGNORECASE)


def _bad_rule() -> Exception:
    return invalid("Invalid recurrence rule.", parameter="recurrence")


def _parse_stamp(text: str) -> datetime:
    """An RFC 5545 DATE or DATE-TIME; aware (UTC) with a trailing Z."""
    text = text.strip().upper()
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a wall-clock date is naive on purpose
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - zone follows
    return moment.replace(tzinfo=UTC) if text.endswith("Z") else moment


@dataclass(frozen=True)
class Series:
    """A recurring event's times: wall-clock starts, and the same exact duration for each of them."""

    lines: tuple[str, ...]
    first: datetime
    """The master's start, naive, in `zone`."""
    duration_seconds: float
    """Exact for timed series; a multiple of a day's wall-clock length for all-day ones."""
    all_day: bool
    zone: str
    """The event's zone (the calendar's, for all-day events)."""

    @cached_property
    def rules(self) -> rruleset:
        """The parsed recurrence lines.

        Raises:
            ApiError: 400, a line is no recurrence rule.
        """
        rules = rruleset(cache=True)
        if not self.lines:
            raise _bad_rule()
        found_rule = False
        for line in self.lines:
            match = _PROPERTY.match(line.strip())
            if match is None:
                raise _bad_rule()
            name, parameters, value = match[1].upper(), match[2].upper(), match[3]
            try:
                if name in ("RRULE", "EXRULE"):
                    rule = self._parse_rule(value)
                    (rules.rrule if name == "RRULE" else rules.exrule)(rule)
                    found_rule = found_rule or name == "RRULE"
                else:
                    for stamp in self._parse_stamps(parameters, value, match[2]):
                        (rules.rdate if name == "RDATE" else rules.exdate)(stamp)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise _bad_rule() from error
        if not found_rule:
            rules.rdate(self.first)
        return rules

    def _parse_rule(self, value: str) -> rrule:
        if (
            re.search(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|(INTERVAL|COUNT)=(-|0)", value, re.IGNORECASE)
            or "\n" in value
        ):
            raise ValueError(value)
        if value.count(",") > MAX_VALUES:
            raise ValueError(value)
        value = _UNTIL.sub(lambda match: f"UNTIL={self._wall_until(match[1]):%Y%m%dT%H%M%S}", value)
        self._check_fits(value)
        if not re.search("UNTIL=|COUNT=", value, re.IGNORECASE):
            value = f"{value.strip(';')};UNTIL={min(self.first.year + 100, 9998):04d}0101T000000"
        rule = rrulestr(f"RRULE:{value}", dtstart=self.first)
        if not isinstance(rule, rrule):
            raise ValueError(value)
        return rule

    def _check_fits(self, value: str) -> None:
        """Refuse a rule that never yields anything: every look at it would be a search to the year 9999.

        So it is tried out where that is near, in a year that has the same calendar: within a century after 28 years,
        and always after 400.

        Raises:
            ValueError: it doesn't fit, not even once.
        """
        endless = re.sub(r";?(COUNT|UNTIL)=[^;]*", "", value, flags=re.IGNORECASE).strip(";")
        year = self.first.year
        years = (9999 - year) // 400 * 400
        if 1901 <= year < 2060 and not re.search(r"INTERVAL=0*([2-9]|1\d)", value, re.IGNORECASE):
            years = 8000 - -(-max(0, year + 8000 - 9958) // 28) * 28
        if next(iter(rrulestr(f"RRULE:{endless}", dtstart=self.first.replace(year=year + years))), None) is None:
            raise ValueError(value)

    def _wall_until(self, text: str) -> datetime:
        stamp = _parse_stamp(text)
        if self.all_day:
            return datetime(stamp.year, stamp.month, stamp.day)  # noqa: DTZ001 - wall-clock on purpose
        if stamp.tzinfo is not None:
            return stamp.astimezone(load_zone(self.zone)).replace(tzinfo=None)
        if len(text) == 8:  # a bare date ends the series with that day, not before it
            return stamp + timedelta(hours=23, minutes=59, seconds=59)
        return stamp

    def _parse_stamps(self, parameters: str, value: str, raw_parameters: str) -> Iterator[datetime]:
        if "VALUE=PERIOD" in parameters:
            raise ValueError(value)
        named = re.search(r";TZID=([^;:]+)", raw_parameters, re.IGNORECASE)
        for text in value.split(","):
            stamp = _parse_stamp(text)
            if self.all_day:
                yield datetime(stamp.year, stamp.month, stamp.day)  # noqa: DTZ001 - wall-clock on purpose
                continue
            if stamp.tzinfo is None and named is not None:
                stamp = stamp.replace(tzinfo=load_zone(named[1].strip('"')))
            if stamp.tzinfo is not None:
                stamp = stamp.astimezone(load_zone(self.zone)).replace(tzinfo=None)
            yield stamp

    def to_epoch(self, wall: datetime) -> float:
        """Seconds since the epoch of an instance's wall-clock start."""
        return to_epoch(wall.replace(tzinfo=load_zone(self.zone)))

    def to_wall(self, seconds: float) -> datetime:
        """The wall-clock time of an instant in the series' zone, naive; clamped to the years 2 to 9998."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(seconds, -6.2e10), 2.53e11))
        return moment.astimezone(load_zone(self.zone)).replace(tzinfo=None)

    def end_of(self, start: float) -> float:
        """When the instance that starts at `start` ends."""
        if self.all_day:
            return self.to_epoch(self.to_wall(start) + timedelta(seconds=self.duration_seconds))
        return start + self.duration_seconds

    def iterate_starts(self, after: float | None = None, before: float | None = None) -> Iterator[float]:
        """Starts of instances that end after `after` and start before `before`, in order, at most 20,000."""
        if after is None:
            walls: Iterator[datetime] = iter(self.rules)
        else:
            # A day of slack covers any change of offset between an instance's start and its end.
            earliest = self.to_wall(after - self.duration_seconds - 86_400)
            walls = self.rules.xafter(earliest, inc=True)
        for wall in islice(walls, MAX_INSTANCES):
            start = self.to_epoch(wall)
            if before is not None and start >= before:
                return
            if after is None or self.end_of(start) > after or (self.duration_seconds == 0 and start >= after):
                yield start

    def includes(self, start: float) -> bool:
        """Whether an instance originally starts at that instant."""
        wall = self.to_wall(start)
        if self.to_epoch(wall) != start:
            return False
        if any(True for _ in self.rules.between(wall, wall, inc=True)):
            return True
        # A start in the hour that a clock change skips is shown an hour later than its wall-clock time.
        earlier = self.to_wall(start - 7200)
        return any(self.to_epoch(other) == start for other in self.rules.between(earlier, wall, inc=True))

    @cached_property
    def last_end(self) -> float:
        """When the last instance ends; infinity for a series without an end."""
        for line in self.lines:
            if line.upper().startswith("RRULE") and not re.search(r"COUNT=|UNTIL=", line, re.IGNORECASE):
                return float("inf")
        last = max(self.iterate_starts(), default=self.to_epoch(self.first))
        return self.end_of(last)

    def build_suffix(self, start: float) -> str:
        """What follows `{master id}_` in an instance's id: its original start, in UTC, or its date."""
        if self.all_day:
            return self.to_wall(start).strftime("%Y%m%d")
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=start)).strftime("%Y%m%dT%H%M%SZ")

    def parse_suffix(self, suffix: str) -> float | None:
        """The original start that an id's suffix names, when it is one of this series' instances."""
        try:
            stamp = _parse_stamp(suffix)
        except ValueError:
            return None
        if self.all_day != (len(suffix) == 8) or (not self.all_day and stamp.tzinfo is None):
            return None
        start = self.to_epoch(stamp) if self.all_day else stamp.timestamp()
        return start if self.includes(start) else None


@lru_cache(maxsize=4096)
def _build_series(
    lines: tuple[str, ...], first: datetime, duration_seconds: float, all_day: bool, zone: str
) -> Series:
    return Series(lines, first, duration_seconds, all_day, zone)


def read_series(resource: dict[str, Any], calendar_zone: str) -> Series:
    """The series of a normalised master event.

    Raises:
        ApiError: 400, its recurrence is no list of recurrence lines.
    """
    lines = resource.get("recurrence")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise _bad_rule()
    start, end = resource["start"], resource["end"]
    first, zone = read_wall(start, calendar_zone)
    if "date" in start:
        days = date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
        return _build_series(tuple(lines), first, days.total_seconds(), True, calendar_zone)
    duration = read_epoch(end, calendar_zone) - read_epoch(start, calendar_zone)
    return _build_series(tuple(lines), first, duration, False, zone)
