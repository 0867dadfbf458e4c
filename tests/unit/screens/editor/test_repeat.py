"""The simple ways to repeat, and rules that are more than that."""

from datetime import date

import pytest

from aicalendar_tui.screens.editor.repeat import Repeat, recurrence_of, repeat_of, repeat_options
from aicalendar_tui.screens.phrases import say_rule

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), "no"),
        (("RRULE:FREQ=DAILY",), "daily"),
        (("RRULE:FREQ=DAILY;INTERVAL=1",), "daily"),
        (("RRULE:FREQ=WEEKLY;BYDAY=FR,MO,TU,WE,TH",), "weekdays"),
        (("RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=TU",), "weekly"),
        (("RRULE:FREQ=WEEKLY",), "weekly"),
        (("RRULE:FREQ=MONTHLY;BYMONTHDAY=24",), "monthly"),
        (("RRULE:FREQ=YEARLY",), "yearly"),
        (("RRULE:FREQ=WEEKLY;BYDAY=WE",), "custom"),
        (("RRULE:FREQ=DAILY;COUNT=5",), "custom"),
        (("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",), "custom"),
        (("RRULE:FREQ=DAILY", "EXDATE:20261125T150000Z"), "custom"),
        (("nonsense",), "custom"),
    ],
)
def test_a_series_is_one_of_the_choices(lines: tuple[str, ...], expected: Repeat) -> None:
    """Anything that says more than a choice does is custom."""
    assert expected == repeat_of(lines, TUESDAY)


def test_a_custom_rule_is_kept_to_the_letter() -> None:
    """Whatever happens to the start."""
    rule = ("RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20271231T225959Z",)
    assert rule == recurrence_of("custom", WEDNESDAY, rule, TUESDAY)


def test_weekly_follows_the_start_to_its_new_weekday() -> None:
    """A rule that names the old day is written anew; one that names none needs no change."""
    assert ("RRULE:FREQ=WEEKLY;BYDAY=WE",) == recurrence_of(
        "weekly", WEDNESDAY, ("RRULE:FREQ=WEEKLY;BYDAY=TU",), TUESDAY
    )
    assert ("RRULE:FREQ=WEEKLY",) == recurrence_of("weekly", WEDNESDAY, ("RRULE:FREQ=WEEKLY",), TUESDAY)


def test_an_untouched_rule_keeps_its_spelling() -> None:
    """Otherwise an edit of the title would send a recurrence."""
    rule = ("RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=TU",)
    assert rule == recurrence_of("weekly", TUESDAY, rule, TUESDAY)


def test_the_custom_choice_is_there_only_for_a_custom_rule() -> None:
    """And it says the rule in words."""
    custom = ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10",)
    assert (
        "every 2 weeks on Monday and Thursday, 10 times" == dict(repeat_options(TUESDAY, custom, TUESDAY))["custom"]
    )
    assert "custom" not in dict(repeat_options(TUESDAY, ("RRULE:FREQ=DAILY",), TUESDAY))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261224", "every month on the last Friday, until Thu 24 Dec 2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on its last day"),
        ("FREQ=YEARLY;COUNT=1", "every year, 1 time"),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU", "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU"),
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("FREQ=DAILY;INTERVAL=x", "FREQ=DAILY;INTERVAL=x"),
        ("FREQ=DAILY;UNTIL=soon", "FREQ=DAILY;UNTIL=soon"),
        ("", ""),
    ],
)
def test_a_rule_is_said_in_words_or_quoted(rule: str, expected: str) -> None:
    """Half a rule in words would be a lie."""
    assert expected == say_rule(rule)
