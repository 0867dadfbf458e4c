"""How the user likes the calendar to look: what the settings say, and what keys change while it runs."""

from typing import Literal

from msgspec import Struct

ROW_MINUTES = (15, 30, 60)
"""The steps of the zoom, from near to far."""

Week = Literal["seven", "five", "ahead"]
"""Whole weeks, Monday to Friday, or seven days counted from today."""


class Preferences(Struct, frozen=True, kw_only=True):
    """Everything about the look that is not the theme and not the language."""

    first_day_of_week: int = 0
    """0 is Monday, 6 Sunday."""
    hour24: bool = True
    week: Week = "seven"
    several_days: int = 3
    """What the view of several days shows, 1 to 9."""
    minutes_per_row: int = 30
    """One of `ROW_MINUTES`."""
    work: tuple[int, int] = (9 * 60, 18 * 60)
    """The working hours, in minutes of the day, end exclusive."""
    second_zone: str = ""
    """An IANA zone whose hours stand beside ours, or ''."""
    week_numbers: bool = True


def is_working_day(weekday: int) -> bool:
    """`weekday` from 0, Monday."""
    return weekday < 5
