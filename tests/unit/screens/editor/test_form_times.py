"""The start and end that the form holds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.editor.times import (
    Times,
    step_end,
    step_start,
    times_of,
    with_all_day,
    with_end,
    with_start,
)

PRAGUE = "Europe/Prague"
TODAY = date(2026, 11, 23)


def wall(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock time in November 2026."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - the form's times have no zone of their own


AN_HOUR = Times(start=wall(24, 15), end=wall(24, 16))
WHOLE_DAY = times_of(date(2026, 11, 24), date(2026, 11, 25), PRAGUE)


def test_a_new_start_keeps_the_length() -> None:
    """Moving an event is what one types a start for."""
    assert Times(start=wall(25, 9), end=wall(25, 10)) == with_start(AN_HOUR, "wed 9", today=TODAY)


def test_a_range_typed_as_the_start_sets_the_end_too() -> None:
    """The day that isn't typed stays."""
    assert Times(start=wall(24, 10), end=wall(24, 12, 30)) == with_start(AN_HOUR, "10-12:30", today=TODAY)


def test_a_range_over_midnight_ends_on_the_next_day() -> None:
    """Ten in the evening to two at night."""
    assert Times(start=wall(24, 22), end=wall(25, 2)) == with_start(AN_HOUR, "22-2", today=TODAY)


def test_whole_days_take_days_only() -> None:
    """A range of days is read, a time is refused."""
    assert wall(26).date() == with_start(WHOLE_DAY, "24-26 nov", today=TODAY).end.date()  # type: ignore[union-attr]
    assert with_start(WHOLE_DAY, "15:00", today=TODAY) is None


def test_the_end_of_whole_days_is_exclusive_only_outside_the_form() -> None:
    """In the form one reads and types the last day."""
    typed = with_end(WHOLE_DAY, "26 nov", today=TODAY)
    assert typed is not None
    assert ("Thu 26 Nov 2026", (date(2026, 11, 24), date(2026, 11, 27))) == (typed.end_text, typed.moments(PRAGUE))


def test_hours_come_back_when_all_day_is_taken_away() -> None:
    """Nothing is lost by trying."""
    assert AN_HOUR == with_all_day(with_all_day(AN_HOUR, True), False)


def test_arrow_keys_step_quarters_of_an_hour_and_days() -> None:
    """The start takes the end along; the end stops at the start."""
    assert Times(start=wall(24, 15, 15), end=wall(24, 16, 15)) == step_start(AN_HOUR, 1)
    assert Times(start=wall(23, 15), end=wall(23, 16)) == step_start(AN_HOUR, -1, days=True)
    assert wall(24, 15, 45) == step_end(AN_HOUR, -1).end
    assert Times(start=wall(24, 15), end=wall(24, 15)) == step_end(step_end(AN_HOUR, -4), -1)


def test_a_time_that_summer_time_skips_becomes_the_next_that_exists() -> None:
    """02:30 on 28 March 2027 does not exist in Prague."""
    skipped = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - a wall-clock time, that is the point
    start, _end = Times(start=skipped, end=skipped + timedelta(hours=2)).moments(PRAGUE)
    assert datetime(2027, 3, 28, 3, 30, tzinfo=ZoneInfo(PRAGUE)) == start


@given(st.datetimes(datetime(1971, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC)), st.integers(0, 60 * 24 * 30))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_what_the_fields_show_is_read_back(start: datetime, minutes: int) -> None:
    """So leaving a field untouched, or typing what it says, changes nothing."""
    start = start.replace(second=0, microsecond=0)
    times = times_of(start, start + timedelta(minutes=minutes), "UTC")
    again = with_start(times, times.start_text, today=TODAY)
    assert times == again
    if minutes:
        assert times == with_end(times, times.end_text, today=TODAY)


@pytest.mark.parametrize("text", ["+300000 days", "31.12.9999", "+99999999999"])
def test_the_ends_of_time_are_not_passed(text: str) -> None:
    """Neither raises nor overflows."""
    assert with_end(AN_HOUR, text, today=TODAY) is None
