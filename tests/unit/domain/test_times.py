"""Moments as Google writes them, and spans of local days across changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.times import (
    DAY_SECONDS,
    Days,
    Span,
    date_of_epoch,
    epoch_of,
    format_moment,
    length_between,
    original_key,
    parse_moment,
    parse_original_key,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
NAIVE = datetime(2026, 11, 23)  # noqa: DTZ001 - hypothesis takes bounds without a zone


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"date": "2026-11-23"}, date(2026, 11, 23)),
        ({"dateTime": "2026-11-23T09:00:00Z"}, datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ({"dateTime": "2026-11-23T09:00:00+01:00"}, datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (
            {"dateTime": "2026-11-23T09:00:00", "timeZone": "Europe/Berlin"},
            datetime(2026, 11, 23, 9, tzinfo=BERLIN),
        ),
        ({"dateTime": "2026-11-23T09:00:00"}, datetime(2026, 11, 23, 9, tzinfo=UTC)),
        (
            {"dateTime": "2026-11-23T03:00:00-05:00", "timeZone": "Europe/Berlin"},
            datetime(2026, 11, 23, 9, tzinfo=BERLIN),
        ),
        (
            {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Mars/Olympus"},
            datetime(2026, 11, 23, 8, tzinfo=UTC),
        ),
    ],
)
def test_moment_is_read_in_its_own_zone(value: dict[str, str], expected: date | datetime) -> None:
    """The zone's name wins over the offset; without either it is UTC."""
    moment = parse_moment(value)
    assert expected == moment
    assert isinstance(expected, datetime) == isinstance(moment, datetime)


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        {},
        [],
        "tomorrow",
        7,
        {"date": "2026-02-30"},
        {"date": 20261123},
        {"dateTime": "soon"},
        {"dateTime": ["2026-11-23T09:00:00Z"]},
        {"dateTime": "2026-11-23T09:00:00Z", "timeZone": {"name": "UTC"}},
        {"dateTime": "0001-01-01T00:00:00+14:00"},
        {"dateTime": "9999-12-31T23:00:00-12:00", "timeZone": "Pacific/Kiritimati"},
        {"date": None, "dateTime": None},
    ],
)
def test_what_is_no_moment_is_none(garbage: object) -> None:
    """Never an exception: it would keep a whole calendar from being pulled."""
    assert parse_moment(garbage) is None  # pyright: ignore[reportArgumentType] - that is the point


@given(
    st.datetimes(NAIVE.replace(year=1900), NAIVE.replace(year=2200), timezones=st.timezones()),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", None]),
)
def test_written_moment_is_read_as_the_same_instant(moment: datetime, zone: str | None) -> None:
    """To the second, in whatever zone it is written."""
    moment = moment.replace(microsecond=0)
    exact = moment.utcoffset() or timedelta()
    if exact.seconds % 60 == 0:  # ISO 8601 has no seconds in an offset before 1900 or so
        assert epoch_of(moment) == epoch_of(parse_moment(format_moment(moment, zone)) or date.min)


@given(st.dates())
def test_date_survives_key_and_epoch(day: date) -> None:
    """All-day events have no zone anywhere."""
    assert day == date_of_epoch(epoch_of(day))
    assert day == parse_original_key(original_key(day))


@given(st.datetimes(NAIVE.replace(year=2), NAIVE.replace(year=9998), timezones=st.just(UTC)))
def test_original_key_is_the_instant_in_utc(moment: datetime) -> None:
    """Whatever zone it was written in."""
    moment = moment.replace(microsecond=0)
    assert moment == parse_original_key(original_key(moment))


def test_original_key_does_not_depend_on_the_zone() -> None:
    """An instance is known by the instant."""
    moment = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    assert "2026-11-23T08:00:00Z" == original_key(moment) == original_key(moment.astimezone(UTC))


def test_length_counts_elapsed_time_across_summer_time() -> None:
    """From Saturday noon to Sunday noon there are 23 hours when the clocks go forward."""
    start, end = datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    assert timedelta(hours=23) == length_between(start, end)
    assert timedelta(days=2) == length_between(date(2026, 3, 28), date(2026, 3, 30))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)]
)
def test_local_day_is_as_long_as_its_clock_says(day: date, hours: int) -> None:
    """The instants of a view begin and end at local midnights."""
    days = Days(day, day + timedelta(days=1), "Europe/Berlin")
    assert hours * 3600 == days.instants.end - days.instants.start
    assert DAY_SECONDS == days.dates.end - days.dates.start


def test_days_are_a_half_open_range() -> None:
    """The last one is not in it."""
    days = Days(date(2026, 11, 23), date(2026, 11, 25), "UTC")
    assert [date(2026, 11, 23), date(2026, 11, 24)] == list(days)
    assert (True, False, 2) == (date(2026, 11, 24) in days, date(2026, 11, 25) in days, len(days))
    assert 0 == len(Days(date(2026, 11, 25), date(2026, 11, 23), "UTC"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Span(0, 10), Span(10, 20), False),
        (Span(0, 10), Span(9, 20), True),
        (Span(5, 5), Span(0, 10), True),
        (Span(0, 0), Span(0, 10), True),
        (Span(10, 10), Span(0, 10), False),
        (Span(5, 5), Span(5, 5), True),
    ],
)
def test_spans_overlap_when_they_share_an_instant(one: Span, other: Span, expected: bool) -> None:
    """An empty one is at its start."""
    assert (expected, expected) == (one.overlaps(other), other.overlaps(one))


@pytest.mark.parametrize("name", ["", None, "Nowhere/City", "../../etc/passwd", "a" * 5_000, "Europe", "\0"])
def test_unknown_zone_is_utc(name: str | None) -> None:
    """Google sends names that are not IANA's."""
    assert UTC is zone_of(name)
