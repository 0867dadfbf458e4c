"""Expansion of a series (RFC 5545 §3.8.5) within a window, in the series' own zone.

Rules run on wall-clock times and each result is then placed in the zone: a time that a change to summer time
skips is read with the offset before the gap (RFC 5545 §3.3.5). Work is bounded, whatever the rule says.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Span, epoch_of, zone_of

MAX_STEPS = 40_000
"""How many results of one rule are looked at, from its start on."""
MAX_INSTANCES = 4_000
"""How many instances of one series a window holds at most."""
SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
"""Frequencies that Google Calendar does not offer; without filters they are cheap, with them they may never yield."""

GREGORIAN_YEARS = 400
"""After so many years, weekdays and leap years come again."""

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
        wall_clock = _wall_clock_rule(event, zone, window)
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


def _wall_clock_rule(event: Event, zone: tzinfo, window: Span) -> Any:
    """A dateutil rruleset on the wall clock, up to the window's end. Raises ValueError for what can't be read."""
    from dateutil.rrule import rruleset

    first = _naive(event.start, zone)
    rules = rruleset(cache=False)
    has_rule = False
    for line in event.recurrence:
        name, _, value = line.partition(":")
        property_name = name.partition(";")[0].upper()
        if property_name == "RRULE":
            rules.rrule(_bounded_rule(value, zone, first, window))
            has_rule = True
        elif property_name == "EXRULE":
            rules.exrule(_bounded_rule(value, zone, first, window))
        elif property_name in ("RDATE", "EXDATE"):
            for moment in parse_dates(line, zone):
                naive = _naive(moment, zone)
                (rules.rdate if property_name == "RDATE" else rules.exdate)(naive)
                if property_name == "EXDATE" and not isinstance(moment, datetime) and not event.all_day:
                    rules.exdate(datetime.combine(moment, first.time()))
    if not has_rule:
        rules.rdate(first)
    return rules


def _bounded_rule(value: str, zone: tzinfo, first: datetime, window: Span) -> Any:
    """What the rule yields up to the window's end. Raises ValueError for a rule that could run on the spot.

    dateutil looks for the next result until the year 9999, millions of days for a rule that never has one. So the
    rule runs in the last years before that and its results are brought back: every 400 years the calendar is the
    same, weekdays and leap years too.
    """
    from dateutil.rrule import rrulestr

    parts = dict(part.split("=", 1) for part in value.upper().split(";") if part)
    if parts.get("FREQ") in SUB_DAILY and any(name.startswith("BY") for name in parts):
        raise ValueError(f"a filtered {parts['FREQ']} rule is not expanded")
    if int(parts.get("INTERVAL", "1")) < 1 or "BYEASTER" in parts:
        raise ValueError("a rule has to go on, and Easter is none of RFC 5545's days")
    count = min(int(parts.pop("COUNT", MAX_STEPS)), MAX_STEPS)
    last = _naive(datetime.fromtimestamp(window.end + DAY_SECONDS, UTC), zone)
    if until := parts.get("UNTIL"):
        moment = _parse_stamp(until, UTC)
        if isinstance(moment, datetime):
            naive = _naive(moment, zone) if until.endswith("Z") else moment.replace(tzinfo=None)
        else:
            naive = datetime.combine(moment, time(23, 59, 59))
        last = min(last, naive)
    years = (MAXYEAR - max(first.year, last.year)) // GREGORIAN_YEARS * GREGORIAN_YEARS
    parts["UNTIL"] = last.replace(year=last.year + years).strftime("%Y%m%dT%H%M%S")
    text = ";".join(f"{name}={part}" for name, part in parts.items())
    rule: Any = rrulestr(text, dtstart=first.replace(year=first.year + years))
    return (moment.replace(year=moment.year - years) for moment in islice(rule, count))


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
