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
    with_end_zone,
    with_start,
)

PRAGUE = "Europe/Prague"
TODAY = date(2026, 11, 23)


def wall(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock time in November 2026."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - the form's times have no zone of their own


def times(start: datetime, end: datetime, *, zone: str = PRAGUE) -> Times:
    """Both ends in one zone."""
    return Times(start=start, end=end, zone=zone, end_zone=zone)


AN_HOUR = times(wall(24, 15), wall(24, 16))
WHOLE_DAY = times_of(date(2026, 11, 24), date(2026, 11, 25), PRAGUE)


def test_a_new_start_keeps_the_length() -> None:
    """Moving an event is what one types a start for."""
    assert times(wall(25, 9), wall(25, 10)) == with_start(AN_HOUR, "wed 9", today=TODAY)


def test_a_range_typed_as_the_start_sets_the_end_too() -> None:
    """The day that isn't typed stays."""
    assert times(wall(24, 10), wall(24, 12, 30)) == with_start(AN_HOUR, "10-12:30", today=TODAY)


def test_a_range_over_midnight_ends_on_the_next_day() -> None:
    """Ten in the evening to two at night."""
    assert times(wall(24, 22), wall(25, 2)) == with_start(AN_HOUR, "22-2", today=TODAY)


def test_whole_days_take_days_only() -> None:
    """A range of days is read, a time is refused."""
    assert wall(26).date() == with_start(WHOLE_DAY, "24-26 nov", today=TODAY).end.date()  # type: ignore[union-attr]
    assert with_start(WHOLE_DAY, "15:00", today=TODAY) is None


def test_the_end_of_whole_days_is_exclusive_only_outside_the_form() -> None:
    """In the form one reads and types the last day."""
    typed = with_end(WHOLE_DAY, "26 nov", today=TODAY)
    assert typed is not None
    assert ("Thu 26 Nov 2026", (date(2026, 11, 24), date(2026, 11, 27))) == (typed.end_text(), typed.moments())


def test_hours_come_back_when_all_day_is_taken_away() -> None:
    """Nothing is lost by trying."""
    assert AN_HOUR == with_all_day(with_all_day(AN_HOUR, True), False)


def test_arrow_keys_step_quarters_of_an_hour_and_days() -> None:
    """The start takes the end along; the end stops at the start."""
    assert times(wall(24, 15, 15), wall(24, 16, 15)) == step_start(AN_HOUR, 1)
    assert times(wall(23, 15), wall(23, 16)) == step_start(AN_HOUR, -1, days=True)
    assert wall(24, 15, 45) == step_end(AN_HOUR, -1).end
    assert times(wall(24, 15), wall(24, 15)) == step_end(step_end(AN_HOUR, -4), -1)


def test_a_time_that_summer_time_skips_becomes_the_next_that_exists() -> None:
    """02:30 on 28 March 2027 does not exist in Prague."""
    skipped = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - a wall-clock time, that is the point
    start, _end = times(skipped, skipped + timedelta(hours=2)).moments()
    assert datetime(2027, 3, 28, 3, 30, tzinfo=ZoneInfo(PRAGUE)) == start


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.integers(0, 60 * 24 * 30),
    st.sampled_from(["UTC", PRAGUE, "America/New_York", "Australia/Lord_Howe"]),
    st.booleans(),
)
def test_what_the_fields_show_is_read_back(start: datetime, minutes: int, zone: str, hour24: bool) -> None:
    """So leaving a field untouched, or typing what it says, changes nothing: in the doubled hour of autumn too."""
    start = start.replace(second=0, microsecond=0)
    held = times_of(start, start + timedelta(minutes=minutes), zone)
    again = with_start(held, held.start_text(hour24=hour24), today=TODAY)
    assert again is not None
    assert (held.first_instant, held.last_instant) == (again.first_instant, again.last_instant)
    if minutes:
        ended = with_end(held, held.end_text(hour24=hour24), today=TODAY)
        assert ended is not None
        assert held.last_instant == ended.last_instant


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """On 25 October 2026 Prague's clock shows 02:30 in summer time, and an hour later again."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    early, late = (times_of(first + by, first + by, PRAGUE) for by in (timedelta(0), timedelta(hours=1)))
    assert ("Sun 25 Oct 2026 02:30 UTC+2", "Sun 25 Oct 2026 02:30 UTC+1") == (early.start_text(), late.start_text())
    assert not early.same_as(late)
    assert late.start_text() == step_start(early, 4).start_text()
    assert with_start(early, "25.10. 02:30 utc+3", today=date(2026, 10, 1)) is None


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("+45m", wall(24, 15, 45)),
        ("+45 мин", wall(24, 15, 45)),
        ("-1h", wall(24, 14)),
        ("+1:30", wall(24, 16, 30)),
        ("+2d", wall(26, 15)),
    ],
)
def test_a_signed_length_moves_the_start(text: str, start: datetime) -> None:
    """`m` is minutes, never months."""
    assert times(start, start + timedelta(hours=1)) == with_start(AN_HOUR, text, today=TODAY)


def test_a_signed_length_as_the_end_counts_from_the_start() -> None:
    """Again in minutes."""
    assert times(wall(24, 15), wall(24, 15, 45)) == with_end(AN_HOUR, "+45m", today=TODAY)


def test_the_ends_may_be_in_different_zones() -> None:
    """A flight: each end is read and shown on the clock of its own place."""
    flight = with_end_zone(times(wall(24, 10), wall(24, 11)), "America/New_York")
    assert timedelta(hours=7) == flight.length
    landed = with_end(flight, "13:20", today=TODAY)
    assert landed is not None
    assert ("13:20", timedelta(hours=9, minutes=20)) == (landed.end_text(), landed.length)
    assert "Tue 24 Nov 2026 10:00 Prague – 13:20 New York" == landed.meaning()


def test_a_clock_of_twelve_hours_is_written_and_read() -> None:
    """With am and pm."""
    assert ("Tue 24 Nov 2026 3:00 pm", "4:00 pm") == (
        AN_HOUR.start_text(hour24=False),
        AN_HOUR.end_text(hour24=False),
    )
    assert times(wall(24, 16, 30), wall(24, 17, 30)) == with_start(AN_HOUR, "4:30 pm", today=TODAY)
    assert "Tue 24 Nov 2026, 3:00 pm–4:00 pm" == AN_HOUR.meaning(hour24=False)


@pytest.mark.parametrize("text", ["+300000 days", "31.12.9999", "+99999999999"])
def test_the_ends_of_time_are_not_passed(text: str) -> None:
    """Neither raises nor overflows."""
    assert with_end(AN_HOUR, text, today=TODAY) is None
