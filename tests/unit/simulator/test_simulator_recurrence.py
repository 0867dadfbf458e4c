"""Instances of series, in the zone in which they are meant."""

import time
from datetime import UTC, datetime

import pytest

from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.recurrence import Series, read_series


def series(*lines: str, start: str = "2026-10-19T09:00:00+02:00", zone: str = "Europe/Prague") -> Series:
    """A half-hour series in a zone."""
    end = datetime.fromisoformat(start).timestamp() + 1800
    return read_series(
        {
            "recurrence": list(lines),
            "start": {"dateTime": start, "timeZone": zone},
            "end": {"dateTime": datetime.fromtimestamp(end, UTC).isoformat(), "timeZone": zone},
        },
        zone,
    )


def utc(*starts: float) -> list[str]:
    """Instants as short UTC texts."""
    return [f"{datetime.fromtimestamp(one, UTC):%m-%d %H:%M}" for one in starts]


def test_the_wall_clock_time_stays_across_a_clock_change() -> None:
    """Nine o'clock is nine o'clock in summer and in winter."""
    weekly = series("RRULE:FREQ=WEEKLY;COUNT=2")
    assert ["10-19 07:00", "10-26 08:00"] == utc(*weekly.iterate_starts())


def test_until_in_utc_is_inclusive_in_the_events_zone() -> None:
    """The last instance is the one that starts exactly then."""
    weekly = series("RRULE:FREQ=WEEKLY;UNTIL=20261026T080000Z")
    assert ["10-19 07:00", "10-26 08:00"] == utc(*weekly.iterate_starts())
    shorter = series("RRULE:FREQ=WEEKLY;UNTIL=20261026T075959Z")
    assert ["10-19 07:00"] == utc(*shorter.iterate_starts())


def test_a_bare_date_as_until_includes_that_day() -> None:
    """Many exporters write it that way."""
    assert 2 == len(list(series("RRULE:FREQ=DAILY;UNTIL=20261020").iterate_starts()))


def test_excluded_and_added_dates_are_read_in_their_own_zone() -> None:
    """TZID, UTC and plain values name the same instants."""
    lines = (
        "RRULE:FREQ=DAILY;COUNT=4",
        "EXDATE;TZID=America/New_York:20261020T030000",
        "EXDATE:20261021T070000Z",
        "RDATE;TZID=Europe/Prague:20261101T120000",
    )
    assert ["10-19 07:00", "10-22 07:00", "11-01 11:00"] == utc(*series(*lines).iterate_starts())


def test_a_time_that_the_clock_change_skips_is_still_an_instance() -> None:
    """02:30 on the night of the change is shown an hour later, and is found by its id."""
    daily = series("RRULE:FREQ=DAILY;COUNT=3", start="2026-03-28T02:30:00+01:00")
    starts = list(daily.iterate_starts())
    assert ["03-28 01:30", "03-29 01:30", "03-30 00:30"] == utc(*starts)
    assert starts == [daily.parse_suffix(daily.build_suffix(start)) for start in starts]


def test_all_day_series_are_keyed_by_dates() -> None:
    """Their suffix is a date, whatever the zone."""
    resource = {
        "recurrence": ["RRULE:FREQ=YEARLY;COUNT=2"],
        "start": {"date": "2026-03-29"},
        "end": {"date": "2026-03-30"},
    }
    yearly = read_series(resource, "Europe/Prague")
    assert ["20260329", "20270329"] == [yearly.build_suffix(start) for start in yearly.iterate_starts()]
    first = next(yearly.iterate_starts())
    assert 23 * 3600 == yearly.end_of(first) - first


def test_ranges_are_found_without_the_start_of_the_series() -> None:
    """An instance that is under way at the lower bound counts; one that starts at the upper bound does not."""
    daily = series("RRULE:FREQ=DAILY")
    nine = datetime(2030, 1, 1, 8, tzinfo=UTC).timestamp()
    assert [nine] == list(daily.iterate_starts(nine + 1799, nine + 86_400))
    assert [] == list(daily.iterate_starts(nine + 1800, nine + 86_400))


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:",
        "RRULE:FREQ=MINUTELY",
        "EXDATE:yesterday",
        "RDATE;VALUE=PERIOD:20261019T070000Z/PT1H",
        "DTSTART:20261019T070000Z",
        "RRULE:FREQ=DAILY\nEXDATE:20261020",
        "",
    ],
)
def test_what_is_no_rule_is_refused(line: str) -> None:
    """400, whichever way it is wrong."""
    with pytest.raises(ApiError) as caught:
        _ = series(line).rules
    assert (400, "invalid") == (caught.value.code, caught.value.reason)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=3",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;UNTIL=20300101T000000Z",
        "FREQ=WEEKLY;BYDAY=MO;BYMONTH=13",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYSECOND=" + ",".join(["1"] * 1_000),
    ],
)
@pytest.mark.parametrize("year", [1500, 2026, 2100])
def test_rule_that_never_fits_is_refused_within_milliseconds(rule: str, year: int) -> None:
    """No search to the year 9999."""
    hostile = series(f"RRULE:{rule}", start=f"{year}-06-01T09:00:00+02:00")
    before = time.process_time()
    with pytest.raises(ApiError):
        _ = hostile.rules
    assert time.process_time() - before < 0.4


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2044-02-29"),
        ("FREQ=YEARLY;INTERVAL=50;BYMONTH=1;BYMONTHDAY=1", "2076-01-01"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "2027-01-03"),
    ],
)
def test_rule_that_fits_in_decades_is_taken(rule: str, first: str) -> None:
    """Rare is not never."""
    rare = series(f"RRULE:{rule}", start="2026-06-01T09:00:00+02:00")
    assert first == f"{next(iter(rare.rules)):%Y-%m-%d}"
