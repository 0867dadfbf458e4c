"""How a series repeats: what the form can say, its words, and the days that follow."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.editor.rule import (
    FREQUENCIES,
    Rule,
    first_day,
    next_days,
    place_of,
    read_rule,
    say_series,
    write_rule,
)
from aicalendar_tui.screens.phrases import say_rule

TUESDAY = date(2026, 11, 24)
PRAGUE = "Europe/Prague"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=3", Rule(frequency="DAILY", interval=3)),
        ("RRULE:FREQ=WEEKLY", Rule(frequency="WEEKLY")),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", Rule(frequency="WEEKLY")),
        (
            "RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=MO,TH",
            Rule(frequency="WEEKLY", weekdays=frozenset({0, 3}), week_start="SU"),
        ),
        ("RRULE:FREQ=DAILY;BYDAY=MO,FR", Rule(frequency="WEEKLY", weekdays=frozenset({0, 4}))),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=24;COUNT=5", Rule(frequency="MONTHLY", count=5)),
        ("RRULE:FREQ=MONTHLY;BYDAY=4TU", Rule(frequency="MONTHLY", place="nth")),
        ("RRULE:FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", Rule(frequency="MONTHLY", place="last")),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", Rule(frequency="MONTHLY", place="end")),
        ("RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24", Rule(frequency="YEARLY")),
        ("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TU", Rule(frequency="YEARLY", place="nth")),
        ("RRULE:FREQ=DAILY;UNTIL=20261203T225959Z", Rule(frequency="DAILY", until=date(2026, 12, 3))),
    ],
)
def test_rules_are_read(line: str, expected: Rule) -> None:
    """In whichever of the ways to say the same they are written."""
    assert expected == read_rule((line, "EXDATE:20261201T150000Z"), TUESDAY, PRAGUE)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("nonsense",),
        ("RRULE:FREQ=HOURLY",),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU",),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15",),
        ("RRULE:FREQ=YEARLY;BYMONTH=3",),
        ("RRULE:FREQ=DAILY;INTERVAL=0",),
        ("RRULE:FREQ=DAILY;COUNT=many",),
        ("RRULE:FREQ=DAILY;UNTIL=x",),
        ("RRULE:FREQ=WEEKLY;BYDAY=2TU",),
        ("RRULE:FREQ=DAILY", "RDATE:20261201T150000Z"),
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
    ],
)
def test_other_rules_are_left_alone(lines: tuple[str, ...]) -> None:
    """The form shows them, and touches nothing of them."""
    assert read_rule(lines, TUESDAY, PRAGUE) is None


@given(
    st.builds(
        Rule,
        frequency=st.sampled_from(FREQUENCIES),
        interval=st.integers(1, 99),
        until=st.none() | st.dates(date(2027, 1, 1), date(2100, 1, 1)),
    ),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.data(),
)
def test_a_rule_that_is_written_is_read_back(rule: Rule, start: date, data: st.DataObject) -> None:
    """For every start; its words are never the bare rule, and its first day is the start."""
    if rule.frequency in ("MONTHLY", "YEARLY"):
        rule = Rule(
            frequency=rule.frequency,
            interval=rule.interval,
            until=rule.until,
            place=data.draw(st.sampled_from(place_of(rule, start))),
        )
    moment = datetime(start.year, start.month, start.day, 15, tzinfo=ZoneInfo(PRAGUE))
    lines = write_rule(rule, moment)
    assert rule == read_rule(lines, start, PRAGUE)
    assert "FREQ" not in say_series(lines, start, PRAGUE)
    if rule.until is None or rule.until >= start:
        assert [start] == next_days(lines, moment, PRAGUE)[:1]


def test_the_last_day_is_meant_on_the_clock_of_the_start() -> None:
    """All of it; for whole days it is a date."""
    rule = Rule(frequency="DAILY", until=date(2026, 12, 3))
    evening = datetime(2026, 11, 24, 23, tzinfo=ZoneInfo("America/New_York"))
    assert ("RRULE:FREQ=DAILY;UNTIL=20261204T045959Z",) == write_rule(rule, evening)
    assert ("RRULE:FREQ=DAILY;UNTIL=20261203",) == write_rule(rule, TUESDAY)


def test_dates_that_were_left_out_stay_so() -> None:
    """Whatever else of the rule is changed."""
    original = ("RRULE:FREQ=DAILY", "EXDATE:20261125T150000Z")
    lines = write_rule(Rule(frequency="DAILY", interval=2), TUESDAY, original)
    assert ("RRULE:FREQ=DAILY;INTERVAL=2", "EXDATE:20261125T150000Z") == lines


def test_a_weekly_series_begins_on_the_first_of_its_days() -> None:
    """Not on the day that the cursor happened to be on."""
    assert date(2026, 11, 26) == first_day(Rule(frequency="WEEKLY", weekdays=frozenset({0, 3})), TUESDAY)
    assert first_day(Rule(frequency="DAILY"), TUESDAY) == TUESDAY


def test_the_next_five_dates_leave_out_what_is_left_out() -> None:
    """And know the rare ones."""
    three = datetime(2026, 11, 24, 15, tzinfo=UTC)
    lines = ("RRULE:FREQ=WEEKLY;COUNT=7", "EXDATE:20261201T150000Z")
    assert [TUESDAY + timedelta(weeks=n) for n in (0, 2, 3, 4, 5)] == next_days(lines, three, "UTC")
    leap = next_days(("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",), date(2028, 2, 29), None)
    assert [2028, 2032, 2036, 2040, 2044] == [day.year for day in leap]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10", "every 2 weeks on Monday and Thursday, 10 times"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=2TU;UNTIL=20271231T225959Z", "every month on the second Tuesday, until Fri 31 Dec 2027"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "every year on the fourth Thursday of November"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year on 24 December"),
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=6MO"),
    ],
)
def test_rules_are_said_in_words(rule: str, expected: str) -> None:
    """Those that have no words are quoted."""
    assert expected == say_rule(rule)
