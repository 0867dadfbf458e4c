"""What RANGE means, seen from Monday, 23 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.cli.ranges import read_range
from aicalendar_tui.cli.report import UsageError

TODAY = date(2026, 11, 23)


def read(text: str, first_day_of_week: int = 0) -> tuple[str, str]:
    """The first day, and the day after the last."""
    days = read_range(text, today=TODAY, zone="UTC", first_day_of_week=first_day_of_week)
    return days.first.isoformat(), days.last.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("", "2026-11-23", "2026-11-30"),
        ("today", "2026-11-23", "2026-11-24"),
        ("завтра", "2026-11-24", "2026-11-25"),
        ("fri", "2026-11-27", "2026-11-28"),
        ("24 dec", "2026-12-24", "2026-12-25"),
        ("2 weeks ago", "2026-11-09", "2026-11-10"),
        ("week", "2026-11-23", "2026-11-30"),
        ("next week", "2026-11-30", "2026-12-07"),
        ("эта неделя", "2026-11-23", "2026-11-30"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("2027", "2027-01-01", "2028-01-01"),
        ("december", "2026-12-01", "2027-01-01"),
        ("may", "2027-05-01", "2027-06-01"),
        ("may 2026", "2026-05-01", "2026-06-01"),
        ("3d", "2026-11-23", "2026-11-26"),
        ("14 days", "2026-11-23", "2026-12-07"),
        ("2 недели", "2026-11-23", "2026-12-07"),
        ("3 months", "2026-11-23", "2027-02-23"),
        ("week 50", "2026-12-07", "2026-12-14"),
        ("50 неделя", "2026-12-07", "2026-12-14"),
        ("w1", "2027-01-04", "2027-01-11"),
        ("2026-12-24..2026-12-31", "2026-12-24", "2027-01-01"),
        ("24.12..31.12", "2026-12-24", "2027-01-01"),
        ("30 dec to 2 jan", "2026-12-30", "2027-01-03"),
        ("monday - friday", "2026-11-23", "2026-11-28"),
    ],
)
def test_a_range_is_read_as_people_mean_it(text: str, first: str, last: str):
    """In English and in Russian; the last day of a range is in it."""
    assert (first, last) == read(text)


def test_a_week_begins_on_the_chosen_day():
    """Monday's week may have begun yesterday."""
    assert ("2026-11-22", "2026-11-29") == read("week", first_day_of_week=6)


@pytest.mark.parametrize(
    "text",
    [",", "whenever", "9999 years", "0 days", "..", "a..b", "1..2..3", "week 60", "2026-12-24..2026-12-20", "31 feb"],
)
def test_what_is_no_range_is_refused(text: str):
    """By what was typed."""
    with pytest.raises(UsageError, match=text[:4].replace(".", r"\.")):
        read(text)


@given(st.text(max_size=40), st.sampled_from([0, 5, 6]))
def test_any_text_is_a_range_or_refused(text: str, first_day_of_week: int):
    """Never a traceback, never an empty range."""
    try:
        first, last = read(text, first_day_of_week)
    except UsageError:
        return
    assert first < last
