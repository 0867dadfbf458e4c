"""What `g` understands: any day that `words.read_day` knows, and the weeks, months and years around it. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from aicalendar_tui.screens.words import (
    EARLIEST,
    LATEST,
    ahead_of,
    month_of,
    read_day,
    split_words,
    start_of_unit,
    unit_of,
)

_FILLERS = frozenset({"in", "on", "the", "of", "в", "во", "на"})
_WEEK_NUMBER = re.compile(r"(?:w|week|н|нед|неделя)?(\d{1,2})", re.ASCII)
_YEAR = re.compile(r"(?:19|2[01])\d\d", re.ASCII)


def parse_date(text: str, *, today: date) -> date | None:
    """The day that `text` means, seen from `today`; None when it means none. Never raises.

    A longer stretch is its first day: `week 50` and `next week` a Monday, `may` and `next month` the 1st.
    """
    words = split_words(text)
    return read_day(words, today) or _read_stretch([word for word in words if word not in _FILLERS], today)


def _read_stretch(words: Sequence[str], today: date) -> date | None:
    if not 1 <= len(words) <= 2:
        return None
    try:
        found = _read_relative(words, today) or _read_month_or_year(words, today) or _read_week(words, today)
    except ValueError:
        return None
    return found if found and EARLIEST <= found <= LATEST else None


def _read_relative(words: Sequence[str], today: date) -> date | None:
    if len(words) != 2 or (ahead := ahead_of(words[0])) is None:
        return None
    if unit := unit_of(words[1]):
        return start_of_unit(unit, today, ahead=ahead)
    if month := month_of(words[1]):
        return date(today.year + ahead, month, 1)
    return None


def _read_month_or_year(words: Sequence[str], today: date) -> date | None:
    if len(words) == 1 and _YEAR.fullmatch(words[0]):
        return date(int(words[0]), 1, 1)
    if (month := month_of(words[0])) is None:
        return None
    if len(words) == 2:
        return date(int(words[1]), month, 1) if _YEAR.fullmatch(words[1]) else None
    return date(today.year + (month < today.month), month, 1)


def _read_week(words: Sequence[str], today: date) -> date | None:
    """`w50`, `week 50`, `50 неделя`: of this year, or of the next when it is over."""
    if len(words) == 2 and unit_of(words[1]) == "week":
        words = (words[1], words[0])
    if len(words) == 2 and unit_of(words[0]) != "week":
        return None
    match = _WEEK_NUMBER.fullmatch(words[-1])
    if match is None or (len(words) == 1 and match[0] == match[1]):
        return None
    this_year, this_week, _ = today.isocalendar()
    week = int(match[1])
    return date.fromisocalendar(this_year + (week < this_week), week, 1)
