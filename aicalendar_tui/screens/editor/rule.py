"""How a series repeats, as the form builds it: to and from RFC 5545 lines, in words, and its next dates. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.times import Span, epoch_of, zone_of
from aicalendar_tui.screens.phrases import DAY_CODES, say_recurrence, until_day
from aicalendar_tui.screens.text import clean

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
FREQUENCIES: tuple[Frequency, ...] = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
Place = Literal["day", "nth", "last", "end"]
"""Where in its month: the same day, the same weekday counted from the beginning or from the end, the last day."""

WORKDAYS = frozenset(range(5))
LONGEST_INTERVAL, MOST_TIMES = 999, 999
SHOWN_DATES = 5
LOOK_AHEAD = timedelta(days=366 * 80)
"""How far the next dates are looked for: the 29th of February of every fourth year is found."""

_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL", "COUNT", "WKST"})


class Rule(Struct, frozen=True, kw_only=True):
    """What the form can say. Whatever it leaves to the start goes with the start when that moves."""

    frequency: Frequency
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    """Of a weekly rule, 0 is Monday; empty: the start's own."""
    place: Place = "day"
    """Of a monthly or yearly rule."""
    until: date | None = None
    """The last day on which it may begin, on the calendar of the event's zone."""
    count: int | None = None
    week_start: str = ""
    """RFC 5545's WKST, kept as it was found."""

    def days(self, start: date) -> frozenset[int]:
        """The weekdays of a weekly series from `start`."""
        return self.weekdays or frozenset({start.weekday()})


def read_rule(recurrence: Sequence[str], start: date, zone: str | None = None) -> Rule | None:
    """The one rule of a series from `start`, whatever dates are left out of it; None for what the form can't say."""
    rules = [line for line in recurrence if line.upper().startswith("RRULE:")]
    others = [line for line in recurrence if not line.upper().startswith(("RRULE:", "EXDATE"))]
    if len(rules) != 1 or others:
        return None
    parts = dict(part.split("=", 1) for part in rules[0].upper().partition(":")[2].split(";") if "=" in part)
    if not _PARTS.issuperset(parts):
        return None
    try:
        return _read_parts(parts, start, zone)
    except (ValueError, IndexError):
        return None


def write_rule(rule: Rule, start: date | datetime, original: Sequence[str] = ()) -> tuple[str, ...]:
    """The lines for a series from `start` (aware, or a whole day); dates that were left out stay so."""
    day = start.date() if isinstance(start, datetime) else start
    parts = [f"FREQ={rule.frequency}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.frequency == "WEEKLY":
        parts.append("BYDAY=" + ",".join(DAY_CODES[weekday] for weekday in sorted(rule.days(day))))
    elif rule.frequency in ("MONTHLY", "YEARLY"):
        parts += _place_parts(rule, day)
    if rule.week_start:
        parts.append(f"WKST={rule.week_start}")
    if rule.until is not None:
        parts.append(f"UNTIL={_until_text(rule.until, start)}")
    elif rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    return ("RRULE:" + ";".join(parts), *(line for line in original if line.upper().startswith("EXDATE")))


def first_day(rule: Rule, start: date) -> date:
    """The first day on or after `start` that the rule names: there the series begins."""
    if rule.frequency == "WEEKLY":
        return next(day for n in range(7) if (day := start + timedelta(days=n)).weekday() in rule.days(start))
    return start


def say_series(recurrence: Sequence[str], start: date, zone: str | None) -> str:
    """In words, harmless; '' for none."""
    return clean(say_recurrence(recurrence, start, zone))


def next_days(recurrence: Sequence[str], start: date | datetime, zone: str | None) -> list[date]:
    """The first days of a series from `start`, five at most."""
    event = Event(event_id="", start=start, end=start + timedelta(days=1), zone=zone, recurrence=tuple(recurrence))
    first = epoch_of(start)
    window = Span(first, first + int(LOOK_AHEAD.total_seconds()))
    starts = (moment for moment, _end in expand_series(event, window))
    return [_day_in(moment, zone) for moment in islice(starts, SHOWN_DATES)]


def place_of(rule: Rule, start: date) -> list[Place]:
    """The places that make sense for a series from `start`: its fifth Tuesday is only its last one."""
    places: list[Place] = ["day"]
    if _nth(start) < 5:
        places.append("nth")
    if _is_last_week(start):
        places.append("last")
    if rule.frequency == "MONTHLY" and (start + timedelta(days=1)).day == 1:
        places.append("end")
    return [*places, rule.place] if rule.place not in places else places


def _read_parts(parts: dict[str, str], start: date, zone: str | None) -> Rule | None:
    frequency: Frequency | None = next((each for each in FREQUENCIES if each == parts.get("FREQ")), None)
    if frequency is None:
        return None
    interval = int(parts.get("INTERVAL", "1"))
    if not 1 <= interval <= LONGEST_INTERVAL:
        return None
    rule = Rule(
        frequency=frequency,
        interval=interval,
        until=until_day(parts["UNTIL"], zone) if "UNTIL" in parts else None,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        week_start=parts.get("WKST", "") if parts.get("WKST") != "MO" else "",
    )
    chosen = {name: value for name, value in parts.items() if name.startswith("BY")}
    if frequency == "DAILY" and interval == 1 and set(chosen) == {"BYDAY"}:
        rule = replace(rule, frequency="WEEKLY")
    if rule.frequency == "WEEKLY" and set(chosen) <= {"BYDAY"}:
        days = frozenset(DAY_CODES.index(day) for day in chosen.get("BYDAY", "").split(",") if day)
        return replace(rule, weekdays=frozenset() if days == {start.weekday()} else days)
    if frequency == "DAILY":
        return rule if not chosen else None
    if frequency == "YEARLY" and chosen and (chosen.pop("BYMONTH", None) != str(start.month) or not chosen):
        return None
    place = _read_place(chosen, start)
    return replace(rule, place=place) if place and frequency != "WEEKLY" else None


def _read_place(chosen: dict[str, str], start: date) -> Place | None:
    if not chosen or chosen == {"BYMONTHDAY": str(start.day)}:
        return "day"
    if chosen == {"BYMONTHDAY": "-1"}:
        return "end"
    code = DAY_CODES[start.weekday()]
    if chosen in ({"BYDAY": f"{_nth(start)}{code}"}, {"BYDAY": code, "BYSETPOS": str(_nth(start))}):
        return "nth"
    if chosen in ({"BYDAY": f"-1{code}"}, {"BYDAY": code, "BYSETPOS": "-1"}):
        return "last"
    return None


def _place_parts(rule: Rule, day: date) -> list[str]:
    monthly = rule.frequency == "MONTHLY"
    month = [] if monthly else [f"BYMONTH={day.month}"]
    match rule.place:
        case "nth":
            return [*month, f"BYDAY={_nth(day)}{DAY_CODES[day.weekday()]}"]
        case "last":
            return [*month, f"BYDAY=-1{DAY_CODES[day.weekday()]}"]
        case "end":
            return [*month, "BYMONTHDAY=-1"]
        case _:
            return [f"BYMONTHDAY={day.day}"] if monthly else []


def _until_text(last: date, start: date | datetime) -> str:
    """All of that day is meant, on the clock of the start."""
    if not isinstance(start, datetime):
        return f"{last:%Y%m%d}"
    end = datetime.combine(last, time(23, 59, 59), tzinfo=start.tzinfo)
    return f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _nth(day: date) -> int:
    return (day.day - 1) // 7 + 1


def _is_last_week(day: date) -> bool:
    return (day + timedelta(days=7)).month != day.month


def _day_in(moment: date | datetime, zone: str | None) -> date:
    return moment.astimezone(zone_of(zone)).date() if isinstance(moment, datetime) else moment
