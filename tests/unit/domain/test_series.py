"""Dividing a series: rules, dates and changed instances come to lie on the right side."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.event import Event, Resource, parse_event
from aicalendar_tui.backend.domain.overlay import Family, family_of, plain_instance
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.series import (
    Division,
    displaced,
    divide_series,
    is_first,
    later_exceptions,
    trim_recurrence,
)
from aicalendar_tui.backend.domain.times import Span, epoch_of, original_key, parse_original_key

SECOND, THIRD, FOURTH = (f"2026-11-{day}T08:00:00Z" for day in (24, 25, 26))
YEARS = Span(epoch_of(parse_original_key("2026-01-01")), epoch_of(parse_original_key("2029-01-01")))


def moment(day: int, clock: str, *, month: int = 11) -> Resource:
    """A time in Prague."""
    return {"dateTime": f"2026-{month:02}-{day:02}T{clock}:00+01:00", "timeZone": "Europe/Prague"}


def master(*recurrence: str, **fields: Any) -> Resource:
    """Nine o'clock in Prague from Monday 23 November 2026 on."""
    return {
        "id": "m",
        "etag": '"1"',
        "iCalUID": "m@google.com",
        "htmlLink": "https://calendar.example.com",
        "summary": "Daily",
        "start": moment(23, "09:00"),
        "end": moment(23, "10:00"),
        "recurrence": list(recurrence or ["RRULE:FREQ=DAILY"]),
        **fields,
    }


def whole_days(*recurrence: str) -> Resource:
    """Days from 23 November 2026 on."""
    return master(*recurrence, start={"date": "2026-11-23"}, end={"date": "2026-11-24"})


def family(series: Resource, **overrides: Resource) -> Family:
    """With changed instances on days of November, named `d25`."""
    resources = [series]
    for name, changed in overrides.items():
        day = parse_event(series)
        assert day is not None
        key = f"2026-11-{name[1:]}" + ("" if day.all_day else "T08:00:00Z")
        plain = plain_instance(series, key)
        assert plain is not None
        resources.append({**plain, "id": f"m_{name}", **changed})
    return family_of("m", resources)


def starts(recurrence: list[str], series: Resource) -> list[str]:
    """The keys of the instances in three years."""
    event = parse_event({**series, "id": "x", "recurrence": recurrence})
    assert event is not None
    return [original_key(start) for start, _ in expand_series(event, YEARS)]


def starts_of(division: Division) -> list[str]:
    """Those of the new series."""
    return starts(division.body["recurrence"], division.body)


def read(series: Resource) -> Event:
    """As an event."""
    event = parse_event(series)
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("series", "split", "expected"),
    [
        (master(), THIRD, ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z"]),
        (master("RRULE:FREQ=DAILY;UNTIL=20271125T080000Z"), THIRD, ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z"]),
        (master("RRULE:FREQ=DAILY;COUNT=10"), THIRD, ["RRULE:FREQ=DAILY;COUNT=2"]),
        (whole_days("RRULE:FREQ=DAILY"), "2026-11-25", ["RRULE:FREQ=DAILY;UNTIL=20261124"]),
        (whole_days("RRULE:FREQ=WEEKLY;COUNT=5"), "2026-12-07", ["RRULE:FREQ=WEEKLY;COUNT=2"]),
        (
            master("RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;UNTIL=20261123T080000Z"),
            FOURTH,
            ["RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;UNTIL=20261123T080000Z"],
        ),
        (
            master(
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Prague:20261124T090000,20261127T090000",
                "RDATE:20261123T150000Z,20261130T150000Z",
            ),
            THIRD,
            ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z", "EXDATE:20261124T080000Z", "RDATE:20261123T150000Z"],
        ),
        (
            whole_days("RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261124,20261127"),
            "2026-11-25",
            ["RRULE:FREQ=DAILY;UNTIL=20261124", "EXDATE;VALUE=DATE:20261124"],
        ),
    ],
)
def test_old_series_ends_before_the_chosen_instance(series: Resource, split: str, expected: list[str]) -> None:
    """UNTIL as Google wants it, COUNT divided, dates on their side."""
    assert expected == trim_recurrence(read(series), split)


def test_an_excluded_date_counts_as_google_counts_it() -> None:
    """COUNT is of the rule, EXDATEs among them."""
    series = master("RRULE:FREQ=DAILY;COUNT=10", "EXDATE:20261124T080000Z")
    assert ["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261124T080000Z"] == trim_recurrence(read(series), THIRD)
    assert ["RRULE:FREQ=DAILY;COUNT=8"] == divide_series(family(series), THIRD, {}).body["recurrence"]


def test_new_series_is_a_copy_that_begins_at_the_chosen_instance() -> None:
    """Without what names the old one."""
    division = divide_series(family(master(location="Here")), THIRD, {"summary": "New"})
    assert {
        "summary": "New",
        "location": "Here",
        "start": moment(25, "09:00"),
        "end": moment(25, "10:00"),
        "recurrence": ["RRULE:FREQ=DAILY"],
    } == division.body


def test_value_that_is_taken_away_is_not_in_the_new_series() -> None:
    """An insert knows no null."""
    division = divide_series(family(master(location="Here", colorId="5")), THIRD, {"location": "", "colorId": None})
    assert set() == {"location", "colorId"} & division.body.keys()


def test_moving_this_and_following_moves_rule_dates_and_end_along() -> None:
    """From Wednesday nine to Thursday eleven."""
    series = master("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261209T080000Z", "EXDATE:20261130T080000Z")
    fields = {"start": moment(26, "11:00"), "end": moment(26, "12:00")}
    division = divide_series(family(series), THIRD, fields)
    assert ["2026-11-26T10:00:00Z", "2026-12-03T10:00:00Z", "2026-12-08T10:00:00Z", "2026-12-10T10:00:00Z"] == (
        starts_of(division)
    )


def test_timed_series_goes_on_as_whole_days() -> None:
    """UNTIL becomes a date, EXDATEs too."""
    series = master("RRULE:FREQ=DAILY;UNTIL=20261128T080000Z", "EXDATE:20261127T080000Z")
    fields = {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}}
    division = divide_series(family(series), THIRD, fields)
    assert ["RRULE:FREQ=DAILY;UNTIL=20261128", "EXDATE;VALUE=DATE:20261127"] == division.body["recurrence"]
    assert ["2026-11-25", "2026-11-26", "2026-11-28"] == starts_of(division)


def test_whole_days_go_on_as_a_timed_series() -> None:
    """UNTIL becomes an instant at the end of its day."""
    series = whole_days("RRULE:FREQ=DAILY;UNTIL=20261127", "EXDATE;VALUE=DATE:20261126")
    division = divide_series(family(series), "2026-11-25", {"start": moment(25, "09:00"), "end": moment(25, "10:00")})
    assert [THIRD, "2026-11-27T08:00:00Z"] == starts_of(division)


def test_later_changed_instances_are_taken_along() -> None:
    """With what is their own, and no more."""
    changed = {"summary": "Special", "start": moment(26, "14:00"), "end": moment(26, "15:00")}
    division = divide_series(family(master(), d24={"summary": "Before"}, d26=changed), THIRD, {"location": "There"})
    (carried,) = division.carried
    assert (FOURTH, changed) == (carried.original_start, carried.fields)
    assert ("Daily", "There") == (carried.base["summary"], carried.base["location"])
    assert () == division.lost


def test_taken_along_instance_follows_the_new_time_grid() -> None:
    """Its place is an hour later, its own title stays."""
    fields = {"start": moment(25, "10:00"), "end": moment(25, "11:00")}
    division = divide_series(family(master(), d26={"summary": "Special"}), THIRD, fields)
    assert [("2026-11-26T09:00:00Z", {"summary": "Special"})] == [
        (carried.original_start, carried.fields) for carried in division.carried
    ]


def test_cancelled_instance_stays_away_in_the_new_series() -> None:
    """S4: as an EXDATE."""
    division = divide_series(family(master("RRULE:FREQ=DAILY;COUNT=5"), d26={"status": "cancelled"}), THIRD, {})
    assert [THIRD, "2026-11-27T08:00:00Z"] == starts_of(division)


def test_changed_instance_without_a_place_in_the_new_rule_is_named() -> None:
    """Thursday, where it will only be on Wednesdays."""
    fields = {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=WE"]}
    division = divide_series(family(master(), d26={"summary": "Special"}), THIRD, fields)
    assert (["Special"], ()) == ([resource["summary"] for resource in division.lost], division.carried)


def test_series_that_stops_repeating_becomes_one_event() -> None:
    """And later changed instances are lost."""
    division = divide_series(
        family(master(), d25={"location": "Here"}, d26={"summary": "Special"}), THIRD, {"recurrence": None}
    )
    assert ("Here", False) == (division.body["location"], "recurrence" in division.body)
    assert ["Special"] == [resource["summary"] for resource in division.lost]


def test_new_value_wins_over_that_of_the_chosen_instance_itself() -> None:
    """It was made looking at it."""
    changed = {"summary": "Special", "location": "Here"}
    division = divide_series(family(master(), d25=changed), THIRD, {"summary": "New"})
    assert [{"location": "Here"}] == [carried.fields for carried in division.carried]


def test_instance_that_was_added_by_its_date_can_t_begin_a_series() -> None:
    """Its rule says nothing about it."""
    series = master("RRULE:FREQ=DAILY;COUNT=2", "RDATE:20261130T150000Z")
    with pytest.raises(ValueError, match="added by its date"):
        divide_series(family(series), "2026-11-30T15:00:00Z", {})


def test_first_instance_is_the_first_that_is_left() -> None:
    """A cancelled one before it doesn't count."""
    plain, gone = family(master()), family(master(), d23={"status": "cancelled"})
    assert [True, False] == [is_first(plain, "2026-11-23T08:00:00Z"), is_first(plain, SECOND)]
    assert [True, False] == [is_first(gone, SECOND), is_first(gone, THIRD)]


def test_later_exceptions_are_the_changed_ones_only() -> None:
    """From the chosen one on."""
    several = family(master(), d24={}, d25={}, d26={"status": "cancelled"}, d27={})
    assert [THIRD, "2026-11-27T08:00:00Z"] == list(later_exceptions(several, THIRD))


def test_instances_that_a_new_rule_of_all_displaces_are_named() -> None:
    """A new title displaces nobody."""
    several = family(master(), d25={"summary": "A"}, d26={"summary": "B"})
    assert [] == displaced(several, {"summary": "x"})
    fields = {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"]}
    assert ["B"] == [resource["summary"] for resource in displaced(several, fields)]


RULES = st.builds(
    lambda frequency, interval, end: f"RRULE:FREQ={frequency};INTERVAL={interval}{end}",
    st.sampled_from(
        ["DAILY", "WEEKLY", "MONTHLY", "WEEKLY;BYDAY=MO,TH", "MONTHLY;BYDAY=-1MO,4MO", "DAILY;BYDAY=MO,SU"]
    ),
    st.integers(1, 3),
    st.sampled_from([";COUNT=9", ";UNTIL=20270401T080000Z", ";UNTIL=20270405", ""]),
)


@settings(max_examples=150, deadline=None)
@given(rule=RULES, nth=st.integers(0, 8), whole=st.booleans(), excluded=st.sets(st.integers(0, 8), max_size=3))
def test_both_halves_together_are_the_whole(rule: str, nth: int, whole: bool, excluded: set[int]) -> None:
    """Whatever the rule, its end, what was left out, and where it is divided."""
    if whole:
        rule = rule.replace("T080000Z", "")
    series = whole_days(rule) if whole else master(rule)
    plain = starts(series["recurrence"], series)
    dates = ",".join(plain[n].replace("-", "").replace(":", "") for n in sorted(excluded) if n < len(plain))
    if dates:
        series["recurrence"].append(f"EXDATE{';VALUE=DATE' if whole else ''}:{dates}")
    before = starts(series["recurrence"], series)
    if nth >= len(before):
        return
    split = before[nth]
    kept = starts(trim_recurrence(read(series), split), series) if nth else []
    assert before == kept + starts_of(divide_series(family_of("m", [series]), split, {}))
