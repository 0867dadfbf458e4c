"""Expansion of a series (RFC 5545 §3.8.5) within a window, in the series' own zone.

Rules run on wall-clock times and each result is then placed in the zone: a time that a change to summer time
skips is read with the offset before the gap (RFC 5545 §3.3.5). Work is bounded, whatever the rule says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Span, epoch_of, zone_of

MAX_STEPS = 40_000
"""How many results of one rule are looked at."""
MAX_INSTANCES = 4_000
"""How many instances of one series a window holds at most."""
MAX_RULES = 20
"""How many rules a series may have; Google takes one or two."""
MAX_TIMES_A_DAY = 1_440
"""How many times of day BYHOUR, BYMINUTE and BYSECOND may name together."""
SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
"""Frequencies that Google Calendar does not offer; without filters they are cheap, with them they may never yield."""

PERIOD_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3_600, "DAILY": DAY_SECONDS, "WEEKLY": 7 * DAY_SECONDS}
PERIOD_MONTHS = {"MONTHLY": 1, "YEARLY": 12}

GREGORIAN_YEARS = 400
"""After so many years, weekdays and leap years come again."""
JULIAN_YEARS = 28
"""After so many they do where no leap year is left out in between."""
JULIAN_CENTURIES = range(1901, 2100)
"""The years around ours without a century that leaves one out; 8,000 years on it is the same."""

SHORTEST_MONTH_DAYS = 28
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_STAMP = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


def expand_series(event: Event, window: Span) -> Iterator[tuple[date | datetime, date | datetime]]:
    """(start, end) of each instance that overlaps `window`, in order; EXDATEs are left out, exceptions are not known.

    A rule that can't be read yields the first instance alone: the event is shown, never dropped.
    """
    length = event.length
    found = 0
    for start in _starts(event, window, length):
        try:
            end = start + length if not isinstance(start, datetime) else _after(start, length)
        except OverflowError:  # it ends after the last year there is
            return
        if Span(epoch_of(start), epoch_of(end)).overlaps(window):
            yield start, end
            found += 1
            if found >= MAX_INSTANCES:
                return


def _after(start: datetime, length: timedelta) -> datetime:
    """The end as so much elapsed time after the start."""
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


def _starts(event: Event, window: Span, length: timedelta) -> Iterator[date | datetime]:
    if not event.recurrence:
        yield event.start
        return
    zone = _zone(event)
    try:
        wall_clock = _wall_clock_rule(event, zone, window, length)
    except (ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError):
        yield event.start
        return
    try:
        for moment in islice(wall_clock, MAX_STEPS):
            start = moment.date() if event.all_day else _place(moment, zone)
            if epoch_of(start) >= window.end:
                return
            if epoch_of(start) + length.total_seconds() >= window.start:
                yield start
    except (ValueError, OverflowError):
        return


def _zone(event: Event) -> tzinfo:
    """The zone whose wall clock the rules follow: the event's named one, else the offset it was written with."""
    if event.zone:
        return zone_of(event.zone)
    return (event.start.tzinfo or UTC) if isinstance(event.start, datetime) else UTC


def _place(moment: datetime, zone: tzinfo) -> datetime:
    """A wall-clock time in its zone, as an instant that exists."""
    return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _naive(moment: date | datetime, zone: tzinfo) -> datetime:
    """What the wall clock of `zone` shows at `moment`; midnight for a date."""
    if isinstance(moment, datetime):
        return moment.astimezone(zone).replace(tzinfo=None)
    return datetime.combine(moment, time())


def _wall_clock_rule(event: Event, zone: tzinfo, window: Span, length: timedelta) -> Any:
    """A dateutil rruleset on the wall clock, from before the window to its end.

    Raises ValueError for what can't be read.
    """
    from dateutil.rrule import rruleset

    first = _naive(event.start, zone)
    rules = rruleset(cache=False)
    has_rule = False
    if sum("RULE" in line.upper() for line in event.recurrence) > MAX_RULES:
        raise ValueError("too many rules")
    for line in event.recurrence:
        name, _, value = line.partition(":")
        property_name = name.partition(";")[0].upper()
        if property_name == "RRULE":
            rules.rrule(_bounded_rule(value, zone, first, window, length))
            has_rule = True
        elif property_name == "EXRULE":
            rules.exrule(_bounded_rule(value, zone, first, window, length))
        elif property_name in ("RDATE", "EXDATE"):
            for moment in parse_dates(line, zone):
                naive = _naive(moment, zone)
                (rules.rdate if property_name == "RDATE" else rules.exdate)(naive)
                if property_name == "EXDATE" and not isinstance(moment, datetime) and not event.all_day:
                    rules.exdate(datetime.combine(moment, first.time()))
    if not has_rule:
        rules.rdate(first)
    return rules


def _bounded_rule(value: str, zone: tzinfo, first: datetime, window: Span, length: timedelta) -> Any:
    """What the rule yields from about the window's start to its end. Raises ValueError for what could run away.

    dateutil looks for the next result until the year 9999, millions of days for a rule that never has one. So the
    rule begins shortly before the window, where that makes no difference, and runs in the last years that there are;
    its results are brought back from there.
    """
    from dateutil.rrule import rrulestr

    parts = dict(part.split("=", 1) for part in value.upper().split(";") if part)
    _check_bounds(parts, first)
    last = _naive(datetime.fromtimestamp(window.end + DAY_SECONDS, UTC), zone)
    if until := parts.get("UNTIL"):
        moment = _parse_stamp(until, UTC)
        if isinstance(moment, datetime):
            naive = _naive(moment, zone) if until.endswith("Z") else moment.replace(tzinfo=None)
        else:
            naive = datetime.combine(moment, time(23, 59, 59))
        last = min(last, naive)
    count = int(parts.pop("COUNT", 0)) or None
    # What a clock change moves is found a little before; a sub-daily rule yields much even in that.
    slack = timedelta(hours=2) if parts.get("FREQ") in SUB_DAILY else timedelta(days=2)
    earliest = _naive(datetime.fromtimestamp(window.start, UTC), zone) - slack
    can_be_said = length < earliest - datetime.min  # noqa: DTZ901 - both are wall clocks
    earliest = earliest - length if can_be_said else first
    begin, left_out = _begin_near(first, parts, earliest, count)
    rest = min(MAX_STEPS, count - left_out if count else MAX_STEPS)
    if rest <= 0 or last < begin:
        return iter(())
    years = _years_to_the_end(begin.year, last.year)
    parts["UNTIL"] = last.replace(year=last.year + years).strftime("%Y%m%dT%H%M%S")
    text = ";".join(f"{name}={part}" for name, part in parts.items())
    rule: Any = rrulestr(text, dtstart=begin.replace(year=begin.year + years))
    return (moment.replace(year=moment.year - years) for moment in islice(rule, rest))


def _check_bounds(parts: Mapping[str, str], first: datetime) -> None:
    """Raises ValueError for a rule that nobody means and that would take long."""
    filters = any(name.startswith("BY") for name in parts)
    if parts.get("FREQ") in SUB_DAILY and filters:
        raise ValueError(f"a filtered {parts['FREQ']} rule is not expanded")
    if int(parts.get("INTERVAL", "1")) < 1 or "BYEASTER" in parts:
        raise ValueError("a rule has to go on, and Easter is none of RFC 5545's days")
    if parts.get("FREQ") == "DAILY" and filters and "COUNT" in parts and first.year not in JULIAN_CENTURIES:
        raise ValueError("the days of centuries are not counted one by one")
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= parts.get(name, "").count(",") + 1
    if times > MAX_TIMES_A_DAY:
        raise ValueError("too many times a day")


def _begin_near(
    first: datetime, parts: Mapping[str, str], earliest: datetime, count: int | None
) -> tuple[datetime, int]:
    """(a later start of the rule, at or before `earliest`, from which on it yields the same; how many it leaves out).

    It is a whole number of the rule's intervals after the first. Only a rule without filters, which yields one
    result in each, can be counted by that.
    """
    frequency, interval = parts.get("FREQ", ""), int(parts.get("INTERVAL", "1"))
    if count and (any(name.startswith("BY") for name in parts) or frequency not in PERIOD_SECONDS):
        return first, 0
    if earliest <= first or (frequency == "WEEKLY" and "BYSETPOS" in parts):
        return first, 0  # positions in the first week are counted from its start on
    if frequency in PERIOD_SECONDS:
        period = timedelta(seconds=PERIOD_SECONDS[frequency] * interval)
        intervals = (earliest - first) // period
        return first + intervals * period, intervals
    if first.day > SHORTEST_MONTH_DAYS or frequency not in PERIOD_MONTHS:
        return first, 0  # not every month has that day
    step = PERIOD_MONTHS[frequency] * interval
    ahead = (earliest.year - first.year) * 12 + earliest.month - first.month - 1
    year, month = divmod(first.year * 12 + first.month - 1 + max(0, ahead) // step * step, 12)
    return first.replace(year=year, month=month + 1), 0


def _years_to_the_end(first: int, last: int) -> int:
    """By how many years `first` and `last` can be moved so that the calendar is the same and hardly any are left."""
    if first in JULIAN_CENTURIES and last in JULIAN_CENTURIES:
        years = 20 * GREGORIAN_YEARS  # 1901 to 2099 become 9901 to 10099
        over = max(0, last + years - MAXYEAR)
        years -= -(-over // JULIAN_YEARS) * JULIAN_YEARS
        if first + years > 20 * GREGORIAN_YEARS + JULIAN_CENTURIES[0]:
            return years
    return (MAXYEAR - max(first, last)) // GREGORIAN_YEARS * GREGORIAN_YEARS


def parse_dates(line: str, zone: tzinfo) -> list[date | datetime]:
    """The moments of an RDATE or EXDATE line; without TZID or Z they are in `zone`. Periods give their start."""
    name, _, values = line.partition(":")
    for parameter in name.split(";")[1:]:
        key, _, text = parameter.partition("=")
        if key.upper() == "TZID":
            zone = zone_of(text)
    return [_parse_stamp(value.partition("/")[0], zone) for value in values.split(",") if value.strip()]


def move_recurrence(lines: Sequence[str], old: Any, new: Any) -> list[str]:
    """The lines for the series whose start was `old` once it is `new` (both dates, or both aware): days of the week
    and the end move along with it.

    Raises ValueError where that can't be said: other days of a rule, and dates that are listed one by one.
    """
    if new == old:
        return list(lines)
    shift = _wall_clock(new) - _wall_clock(old)
    days = (_wall_clock(new).date() - _wall_clock(old).date()).days
    return [_move_line(line, shift, days) for line in lines]


def _wall_clock(moment: date | datetime) -> datetime:
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())


def _move_line(line: str, shift: timedelta, days: int) -> str:
    name, _, value = line.partition(":")
    if name.upper() != "RRULE":
        raise ValueError(f"{name} can't be moved")
    parts = dict(part.split("=", 1) for part in value.upper().split(";") if part)
    if until := parts.get("UNTIL"):
        moment = _parse_stamp(until, UTC)
        if isinstance(moment, datetime):
            parts["UNTIL"] = (moment + shift).strftime("%Y%m%dT%H%M%S") + ("Z" if until.endswith("Z") else "")
        else:
            parts["UNTIL"] = (moment + timedelta(days=days)).strftime("%Y%m%d")
    chosen = {part for part in parts if part.startswith("BY")}
    if days and chosen:
        if chosen != {"BYDAY"} or parts.get("FREQ") not in ("WEEKLY", "DAILY"):
            raise ValueError("only days of the week can be moved")
        parts["BYDAY"] = ",".join(_move_weekday(day, days) for day in parts["BYDAY"].split(","))
        if parts.get("INTERVAL", "1") != "1":
            parts["WKST"] = _move_weekday(parts.get("WKST", "MO"), days)
    return "RRULE:" + ";".join(f"{part}={text}" for part, text in parts.items())


def _move_weekday(day: str, days: int) -> str:
    """Raises ValueError for anything but two letters, such as `4MO`."""
    return WEEKDAYS[(WEEKDAYS.index(day) + days) % 7]


def _parse_stamp(text: str, zone: tzinfo) -> date | datetime:
    match = _STAMP.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not a date or time: {text!r}")
    day, clock, utc = match.groups()
    if clock is None:
        return datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    moment = datetime.strptime(day + clock, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is set in the next line
    return moment.replace(tzinfo=UTC if utc else zone)
