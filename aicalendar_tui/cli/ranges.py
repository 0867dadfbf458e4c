"""The days that RANGE means, in English or Russian: `today`, `next week`, `14 days`, `december`, `24.12..31.12`."""

import re
from datetime import date, timedelta

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.cli.report import UsageError
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import add_months, week_start
from aicalendar_tui.screens.words import ahead_of, month_of, number_of, read_day, split_words, start_of_unit, unit_of

DEFAULT_DAYS = 7
LONGEST_DAYS = 3_700
"""Ten years: more is a slip of the finger."""

_BETWEEN = re.compile(r"\s*\.\.\.?\s*|\s+(?:-|–|to|till|until|до|по)\s+")
_WEEK = re.compile(r"[wн](\d{1,2})", re.ASCII)
_YEAR = re.compile(r"(?:19|2[01])\d\d", re.ASCII)


def read_range(text: str, *, today: date, zone: str, first_day_of_week: int) -> Days:
    """Days `[first, last)` in `zone`; without text the coming week. Raises UsageError."""
    text = text.strip()
    if not text:
        return Days(today, today + timedelta(days=DEFAULT_DAYS), zone)
    stretch = (
        _read_ends(text, today)
        or _read_count(text, today)
        or _read_unit(text, today, first_day_of_week)
        or _read_week(text, today)
    )
    if stretch is None and (day := read_day(split_words(text), today)):
        stretch = day, day + timedelta(days=1)
    if stretch is None:
        raise UsageError(
            _(
                "{text!r} is no range of days; try today, tomorrow, next week, 14 days, december, 24 dec "
                "or 2026-12-24..2026-12-31"
            ).format(text=text)
        )
    first, last = stretch
    if not first < last <= first + timedelta(days=LONGEST_DAYS):
        raise UsageError(
            _("{text!r} ends before it begins, or is longer than {years} years").format(text=text, years=10)
        )
    return Days(first, last, zone)


def _read_ends(text: str, today: date) -> tuple[date, date] | None:
    """`24 dec..31 dec`, `monday to friday`; the last day is meant, too."""
    ends = _BETWEEN.split(text)
    if len(ends) != 2:
        return None
    first = read_day(split_words(ends[0]), today)
    last = read_day(split_words(ends[1]), first or today)
    return (first, last + timedelta(days=1)) if first and last else None


def _read_count(text: str, today: date) -> tuple[date, date] | None:
    """`3d`, `14 days`, `2 недели`: from today on."""
    words = split_words(re.sub(r"^(\d+)(?=[^\W\d])", r"\1 ", text))
    if len(words) != 2 or (count := number_of(words[0])) is None or (unit := unit_of(words[1])) is None:
        return None
    if words[1] == "неделя":  # "50 неделя" is a week's number
        return None
    try:
        match unit:
            case "month":
                return today, add_months(today, count)
            case "year":
                return today, add_months(today, 12 * count)
            case _:
                return today, today + timedelta(days=count * (7 if unit == "week" else 1))
    except (ValueError, OverflowError):
        return None


def _read_unit(text: str, today: date, first_day_of_week: int) -> tuple[date, date] | None:
    """`week`, `next month`, `эта неделя`, `this year`, `2027`, `december`, `may 2027`."""
    words = split_words(text)
    if not words:
        return None
    if len(words) == 1 and _YEAR.fullmatch(words[0]):
        return date(int(words[0]), 1, 1), date(int(words[0]) + 1, 1, 1)
    if (month := month_of(words[0])) and (len(words) == 1 or (len(words) == 2 and _YEAR.fullmatch(words[1]))):
        year = int(words[1]) if len(words) == 2 else today.year + (month < today.month)
        return date(year, month, 1), add_months(date(year, month, 1), 1)
    ahead = 0 if len(words) == 1 else ahead_of(words[0])
    unit = unit_of(words[-1]) if len(words) <= 2 and len(words[-1]) > 2 else None
    if ahead is None or unit is None:
        return None
    match unit:
        case "day":
            return today + timedelta(days=ahead), today + timedelta(days=ahead + 1)
        case "week":
            first = week_start(today, first_day_of_week) + timedelta(weeks=ahead)
            return first, first + timedelta(days=7)
        case _:
            first = start_of_unit(unit, today, ahead=ahead)
            return first, add_months(first, 12 if unit == "year" else 1)


def _read_week(text: str, today: date) -> tuple[date, date] | None:
    """`week 50`, `w50`, `50 неделя`: of this year, or of the next when it is over. ISO 8601: from Monday."""
    words = split_words(text)
    if len(words) == 2 and unit_of(words[1]) == "week":
        words = [words[1], words[0]]
    if len(words) == 2 and unit_of(words[0]) == "week":
        words = [f"w{words[1]}"]
    match = _WEEK.fullmatch(words[0]) if len(words) == 1 else None
    if match is None:
        return None
    this_year, this_week, _day = today.isocalendar()
    try:
        first = date.fromisocalendar(this_year + (int(match[1]) < this_week), int(match[1]), 1)
    except ValueError:
        return None
    return first, first + timedelta(days=7)
