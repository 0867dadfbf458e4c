"""Dates and times as people read them, in the language of the interface."""

from datetime import date, datetime, timedelta

from aicalendar_tui.backend.domain.times import Days, zone_of
from aicalendar_tui.i18n import N_, _, ngettext

_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_OF_MONTHS = (
    N_("of January"),
    N_("of February"),
    N_("of March"),
    N_("of April"),
    N_("of May"),
    N_("of June"),
    N_("of July"),
    N_("of August"),
    N_("of September"),
    N_("of October"),
    N_("of November"),
    N_("of December"),
)
"""The form that follows a day's number: Russian needs the genitive, English the name alone."""
_SHORT_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("short May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
_DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_ON_DAYS = (
    N_("on Monday"),
    N_("on Tuesday"),
    N_("on Wednesday"),
    N_("on Thursday"),
    N_("on Friday"),
    N_("on Saturday"),
    N_("on Sunday"),
)
"""The form that follows "every week on": Russian needs the dative plural, English the name alone."""
_SHORT_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_TWO_LETTERS = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))


def month_name(month: int) -> str:
    """The name standing alone; `month` from 1."""
    return _(_MONTHS[month - 1])


def month_after_day(month: int) -> str:
    """The name after a day's number: "23 November"."""
    return _(_OF_MONTHS[month - 1]).removeprefix("of ")


def short_month(month: int) -> str:
    """Three letters or so; `month` from 1."""
    return _(_SHORT_MONTHS[month - 1]).removeprefix("short ")


def day_name(weekday: int) -> str:
    """`weekday` from 0, Monday."""
    return _(_DAYS[weekday])


def day_of_series(weekday: int) -> str:
    """The name after "every week on"; `weekday` from 0, Monday."""
    return _(_ON_DAYS[weekday]).removeprefix("on ")


def short_day(weekday: int) -> str:
    """Three letters or so; `weekday` from 0, Monday."""
    return _(_SHORT_DAYS[weekday])


def two_letters(weekday: int) -> str:
    """For the mini month; `weekday` from 0, Monday."""
    return _(_TWO_LETTERS[weekday])


def clock_time(minute: int, *, hour24: bool) -> str:
    """A minute of the day: `09:30`, or `9:30 am`."""
    hour, minute = divmod(minute % 1440, 60)
    if hour24:
        return f"{hour:02d}:{minute:02d}"
    return f"{hour % 12 or 12}:{minute:02d} {'am' if hour < 12 else 'pm'}"


def time_of(moment: datetime, *, hour24: bool) -> str:
    """The time on the clock of `moment`'s own zone."""
    return clock_time(moment.hour * 60 + moment.minute, hour24=hour24)


def time_range(start: datetime, end: datetime, *, hour24: bool) -> str:
    """`10:00–12:00`."""
    return f"{time_of(start, hour24=hour24)}–{time_of(end, hour24=hour24)}"


def day_range(first: date, last: date) -> str:
    """Days `[first, last)`: `23–29 November 2026`, `30 November – 6 December 2026`."""
    final = last - timedelta(days=1)
    if final <= first:
        return f"{first.day} {month_after_day(first.month)} {first.year}"
    end = f"{final.day} {month_after_day(final.month)} {final.year}"
    if (first.year, first.month) == (final.year, final.month):
        return f"{first.day}–{end}"
    if first.year == final.year:
        return f"{first.day} {month_after_day(first.month)} – {end}"
    return f"{first.day} {month_after_day(first.month)} {first.year} – {end}"


def full_day(day: date) -> str:
    """`Monday 23 November`, for headings."""
    return _("{weekday} {day}").format(weekday=day_name(day.weekday()), day=f"{day.day} {month_after_day(day.month)}")


def in_minutes(minutes: int) -> str:
    """`in 18 min`, `in 2 h 5 min`: how long until something starts."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("in {number} min", "in {number} min", rest).format(number=rest)
    if not rest:
        return ngettext("in {number} h", "in {number} h", hours).format(number=hours)
    return _("in {hours} h {minutes} min").format(hours=hours, minutes=rest)


def zone_label(zone: str, moment: datetime) -> str:
    """A few letters for a zone, as they are at `moment`: `CET`, `EST`, `+0530`."""
    return moment.astimezone(zone_of(zone)).strftime("%Z") or "UTC"


def city_of(zone: str) -> str:
    """The place that a zone is named after: `New York` for `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def week_start(day: date, first_day_of_week: int) -> date:
    """The first day of the week that holds `day`; `first_day_of_week` 0 is Monday, 6 Sunday."""
    return day - timedelta(days=(day.weekday() - first_day_of_week) % 7)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has none such."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))


def month_days(day: date, zone: str, first_day_of_week: int) -> Days:
    """The whole weeks that show the month of `day`."""
    first = day.replace(day=1)
    start = week_start(first, first_day_of_week)
    following = add_months(first, 1)
    end = week_start(following - timedelta(days=1), first_day_of_week) + timedelta(days=7)
    return Days(start, end, zone)
