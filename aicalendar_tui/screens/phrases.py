"""Days, spans, lengths, ages and recurrence rules as people say them, in the language of the screens.

What `name_day` writes, `words.read_day` reads.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import N_, _, ngettext
from aicalendar_tui.screens.dates import (
    day_of_series,
    full_day,
    month_after_day,
    short_day,
    short_month,
    time_of,
    time_range,
)

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545's weekdays, Monday first."""
_NTH = (N_("first"), N_("second"), N_("third"), N_("fourth"), N_("fifth"))
_ON_NTH_DAY = (
    N_("on the {nth} Monday"),
    N_("on the {nth} Tuesday"),
    N_("on the {nth} Wednesday"),
    N_("on the {nth} Thursday"),
    N_("on the {nth} Friday"),
    N_("on the {nth} Saturday"),
    N_("on the {nth} Sunday"),
)
"""A message for each day: the Russian ordinal agrees with the day's gender."""
_ON_LAST_DAY = (
    N_("on the last Monday"),
    N_("on the last Tuesday"),
    N_("on the last Wednesday"),
    N_("on the last Thursday"),
    N_("on the last Friday"),
    N_("on the last Saturday"),
    N_("on the last Sunday"),
)
_PLAIN_RULE_PARTS = frozenset(
    {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "UNTIL", "COUNT", "WKST"},
)


def name_day(day: date) -> str:
    """`Tue 24 Nov 2026`."""
    return f"{short_day(day.weekday())} {day.day} {short_month(day.month)} {day.year}"


def name_day_in_full(day: date) -> str:
    """`Tuesday 24 November 2026`."""
    return f"{full_day(day)} {day.year}"


def say_span(start: date | datetime, end: date | datetime, *, short: bool = False, hour24: bool = True) -> str:
    """`[start, end)` in words: the days once where they are the same; whole days by the last one, not the end."""
    name = name_day if short else name_day_in_full
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        last = end - timedelta(days=1)
        return name(start) if last <= start else f"{name_day(start)} – {name_day(last)}"
    if end == start:
        return f"{name(start)}, {time_of(start, hour24=hour24)}"
    if end.date() == start.date() or (end - start < timedelta(days=1) and end.hour == end.minute == 0):
        return f"{name(start)}, {time_range(start, end, hour24=hour24)}"
    first, last = time_of(start, hour24=hour24), time_of(end, hour24=hour24)
    return f"{name_day(start)} {first} – {name_day(end)} {last}"


def say_length(length: timedelta) -> str:
    """`45 min`, `1 h 30 min`, `3 days`; '' for none."""
    minutes = int(length.total_seconds()) // 60
    if minutes <= 0:
        return ""
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("{number} day", "{number} days", days).format(number=days)
    hours, minutes = divmod(minutes, 60)
    parts = [_("{number} h").format(number=hours)] if hours else []
    parts += [_("{number} min").format(number=minutes)] if minutes else []
    return " ".join(parts)


def say_minutes_before(minutes: int) -> str:
    """A reminder: `10 min before`, `1 day before`, `at the start`."""
    length = say_length(timedelta(minutes=minutes))
    return _("{time} before").format(time=length) if length else _("at the start")


def say_seconds(seconds: int) -> str:
    """The largest whole unit: `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, text in ((86_400, _("{number} d")), (3_600, _("{number} h")), (60, _("{number} min"))):
        if seconds >= size:
            return text.format(number=seconds // size)
    return _("{number} s").format(number=max(0, seconds))


def say_age(seconds: int) -> str:
    """`12 s ago`; `just now` under two seconds."""
    return _("just now") if seconds < 2 else _("{time} ago").format(time=say_seconds(seconds))


def say_distance(day: date, today: date) -> str:
    """How far a day is from today: `tomorrow`, `in 10 days`, `3 days ago`."""
    days = (day - today).days
    if days == 0:
        return _("today")
    if abs(days) == 1:
        return _("tomorrow") if days > 0 else _("yesterday")
    if days > 0:
        return ngettext("in {number} day", "in {number} days", days).format(number=days)
    return ngettext("{number} day ago", "{number} days ago", -days).format(number=-days)


def say_when(event: Event, zone: tzinfo, *, hour24: bool = True) -> str:
    """When an event is, as seen in `zone`, with its length where that says more than the times."""
    start, end = event.start, event.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        start, end = start.astimezone(zone), end.astimezone(zone)
        return " · ".join(filter(None, (say_span(start, end, hour24=hour24), say_length(event.length))))
    length = timedelta(days=end.toordinal() - start.toordinal())
    return say_span(start, end) + (f" · {say_length(length)}" if length > timedelta(days=1) else "")


def say_recurrence(recurrence: Sequence[str], start: date | None = None, zone: str | None = None) -> str:
    """A series in words; a rule with parts that have no words here is quoted as it stands. '' for a single event.

    `start` names the day where the rule itself does not; `zone` is the one on whose days it ends.
    """
    rules = [line.partition(":")[2] for line in recurrence if line.upper().startswith("RRULE")]
    return "; ".join(say_rule(rule, start, zone) for rule in rules)


def say_rule(rule: str, start: date | None = None, zone: str | None = None) -> str:
    """One RRULE value (RFC 5545 §3.3.10): `every 2 weeks on Thursday, until Thu 24 Dec 2026`."""
    parts = dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)
    if start is not None and not any(name.startswith("BY") for name in parts):
        named = {"WEEKLY": ("BYDAY", DAY_CODES[start.weekday()]), "MONTHLY": ("BYMONTHDAY", str(start.day))}
        if found := named.get(parts.get("FREQ", "")):
            parts[found[0]] = found[1]
    try:
        said = _say_parts(parts, zone)
    except (ValueError, IndexError, KeyError):
        said = None
    return said or rule


def until_day(text: str, zone: str | None = None) -> date:
    """The last day of an `UNTIL` on the calendar of `zone`. Raises ValueError for what is none."""
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    if not text.endswith("Z") or zone is None:
        return day
    last = datetime(day.year, day.month, day.day, int(text[9:11]), int(text[11:13]), int(text[13:15]), tzinfo=UTC)
    return last.astimezone(zone_of(zone)).date()


def _say_parts(parts: Mapping[str, str], zone: str | None) -> str | None:
    if not _PLAIN_RULE_PARTS.issuperset(parts):
        return None
    frequency, interval = parts.get("FREQ", ""), int(parts.get("INTERVAL", "1"))
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if frequency == "WEEKLY" and interval == 1 and set(days) == set(DAY_CODES[:5]):
        said, days = _("every weekday"), []
    else:
        said = _say_frequency(frequency, interval)
    if said is None:
        return None
    if "BYMONTH" in parts:
        if frequency != "YEARLY" or ("BYMONTHDAY" in parts) == bool(days) or not parts["BYMONTH"].isdigit():
            return None
        said += " " + say_day_of_year(int(parts["BYMONTH"]), parts.get("BYMONTHDAY", ""), days)
    else:
        if days:
            said += " " + say_days(days, frequency)
        if "BYMONTHDAY" in parts:
            said += " " + say_month_days(parts["BYMONTHDAY"].split(","))
    return ", ".join(filter(None, (said, _say_bound(parts, zone))))


def say_day_of_year(month: int, day: str, weekdays: Sequence[str]) -> str:
    """A day of that month in words. Raises ValueError, IndexError or KeyError for days that have no words here."""
    if day:
        return _("on {day}").format(day=f"{int(day)} {month_after_day(month)}")
    return _("{day} of {month}").format(day=say_days(weekdays, "YEARLY"), month=month_after_day(month))


def _say_frequency(frequency: str, interval: int) -> str | None:
    if interval == 1:
        each = {
            "DAILY": _("every day"),
            "WEEKLY": _("every week"),
            "MONTHLY": _("every month"),
            "YEARLY": _("every year"),
        }
        return each.get(frequency)
    # "every 21 day" is no English, but Russian has a form of its own for it.
    texts = {
        "DAILY": ngettext("every {number} day", "every {number} days", interval),
        "WEEKLY": ngettext("every {number} week", "every {number} weeks", interval),
        "MONTHLY": ngettext("every {number} month", "every {number} months", interval),
        "YEARLY": ngettext("every {number} year", "every {number} years", interval),
    }
    text = texts.get(frequency)
    return text.format(number=interval) if text else None


def say_days(days: Sequence[str], frequency: str) -> str:
    """BYDAY in words. Raises ValueError or KeyError for days that have no words here."""
    weekdays = [DAY_CODES.index(day[-2:]) for day in days]
    if all(day in DAY_CODES for day in days):
        return _("on {days}").format(days=_join([day_of_series(weekday) for weekday in weekdays]))
    if frequency not in ("MONTHLY", "YEARLY") or len(days) != 1:
        raise ValueError(days)
    nth = int(days[0][:-2])
    if nth == -1:
        return _(_ON_LAST_DAY[weekdays[0]])
    if nth < 1:
        raise ValueError(days)
    return _(_ON_NTH_DAY[weekdays[0]]).format(nth=_(_NTH[nth - 1]))


def say_month_days(days: Sequence[str]) -> str:
    """BYMONTHDAY in words. Raises ValueError for days that have no words here."""
    if list(days) == ["-1"]:
        return _("on its last day")
    if any(int(day) < 1 for day in days):
        raise ValueError(days)
    return _("on day {days}").format(days=_join(list(days)))


def _say_bound(parts: Mapping[str, str], zone: str | None) -> str:
    if "COUNT" in parts:
        count = int(parts["COUNT"])
        return ngettext("{number} time", "{number} times", count).format(number=count)
    if "UNTIL" in parts:
        return _("until {day}").format(day=name_day(until_day(parts["UNTIL"], zone)))
    return ""


def _join(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])
