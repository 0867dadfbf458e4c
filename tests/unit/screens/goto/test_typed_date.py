"""What `g` understands, seen from Monday 23 November 2026."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.i18n import LANGUAGES, set_language
from aicalendar_tui.screens.goto.typed_date import parse_date
from aicalendar_tui.screens.phrases import name_day, name_day_in_full
from aicalendar_tui.screens.words import EARLIEST, LATEST

TODAY = date(2026, 11, 23)
ANY_DAY = st.dates(EARLIEST, LATEST)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25", date(2026, 11, 25)),
        ("23", TODAY),
        ("20", date(2026, 12, 20)),
        ("25th", date(2026, 11, 25)),
        ("25-го", date(2026, 11, 25)),
        ("25 nov", date(2026, 11, 25)),
        ("Nov 25", date(2026, 11, 25)),
        ("22 nov", date(2027, 11, 22)),
        ("nov 25, 2028", date(2028, 11, 25)),
        ("the 25th of november", date(2026, 11, 25)),
        ("25 ноября", date(2026, 11, 25)),
        ("25 ноября 2027 года", date(2027, 11, 25)),
        ("2026-12-24", date(2026, 12, 24)),
        ("24.12.", date(2026, 12, 24)),
        ("24.12.27", date(2027, 12, 24)),
        ("3/4", date(2027, 4, 3)),
        ("4/30", date(2027, 4, 30)),
        ("29 feb", date(2028, 2, 29)),
        ("friday", date(2026, 11, 27)),
        ("пятница", date(2026, 11, 27)),
        ("в пятницу", date(2026, 11, 27)),
        ("this friday", date(2026, 11, 27)),
        ("next friday", date(2026, 12, 4)),
        ("в следующую пятницу", date(2026, 12, 4)),
        ("last friday", date(2026, 11, 20)),
        ("tomorrow", date(2026, 11, 24)),
        ("завтра", date(2026, 11, 24)),
        ("послезавтра", date(2026, 11, 25)),
        ("позавчера", date(2026, 11, 21)),
        ("in 3 weeks", date(2026, 12, 14)),
        ("через 2 недели", date(2026, 12, 7)),
        ("через неделю", date(2026, 11, 30)),
        ("через месяц", date(2026, 12, 23)),
        ("2 недели назад", date(2026, 11, 9)),
        ("a week ago", date(2026, 11, 16)),
        ("+10", date(2026, 12, 3)),
        ("−3", date(2026, 11, 20)),
        ("+2w", date(2026, 12, 7)),
        ("+1m", date(2026, 12, 23)),
    ],
)
def test_a_day_in_words_or_digits_is_found(text: str, expected: date) -> None:
    """Both languages are read whatever the screens speak; what lacks a year or month is the next to come."""
    assert expected == parse_date(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w50", date(2026, 12, 7)),
        ("week 2", date(2027, 1, 11)),
        ("50 неделя", date(2026, 12, 7)),
        ("next week", date(2026, 11, 30)),
        ("на следующей неделе", date(2026, 11, 30)),
        ("next month", date(2026, 12, 1)),
        ("last year", date(2025, 1, 1)),
        ("may", date(2027, 5, 1)),
        ("ноябрь", date(2026, 11, 1)),
        ("may 2028", date(2028, 5, 1)),
        ("2030", date(2030, 1, 1)),
    ],
)
def test_a_longer_stretch_is_its_first_day(text: str, expected: date) -> None:
    """Weeks begin on Monday."""
    assert expected == parse_date(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x",
        "0",
        "32",
        "31 apr",
        "31.4.",
        "2026-02-30",
        "13/13",
        "week 54",
        "next",
        "+99999",
        "25 nov 99999",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    """Days that don't exist are not bent into others."""
    assert parse_date(text, today=TODAY) is None


def test_the_last_day_of_a_month_stays_the_last_day() -> None:
    """A month on from 31 January there is no 31st."""
    assert date(2027, 2, 28) == parse_date("in a month", today=date(2027, 1, 31))


@given(st.text(), ANY_DAY)
def test_no_text_raises(text: str, today: date) -> None:
    """Whatever is typed or pasted, the answer is a day within bounds or None."""
    found = parse_date(text, today=today)
    assert found is None or EARLIEST <= found <= LATEST


WORDS = st.sampled_from(
    [
        "next",
        "last",
        "this",
        "in",
        "ago",
        "через",
        "назад",
        "1",
        "3",
        "25",
        "99999",
        "+10",
        "-3",
        "w50",
        "week",
        "month",
        "year",
        "day",
        "неделю",
        "месяц",
        "года",
        "friday",
        "вт",
        "24.12.",
        "2026-12-24",
        "nov",
        "мая",
        "12/24",
        "2027",
        "the",
        "of",
        "on",
        "в",
        "на",
        "tomorrow",
        "a",
    ]
)


@given(st.lists(WORDS, max_size=6), ANY_DAY)
def test_no_sequence_of_known_words_raises(words: list[str], today: date) -> None:
    """The grammar's own words in any order, which random letters would hardly ever make."""
    found = parse_date(" ".join(words), today=today)
    assert found is None or EARLIEST <= found <= LATEST


@pytest.fixture(params=LANGUAGES, scope="module")
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language that the screens speak."""
    set_language(request.param)
    yield request.param
    set_language(None)


@pytest.mark.usefixtures("language")
@given(ANY_DAY, ANY_DAY)
def test_a_day_as_we_write_it_is_read_back(day: date, today: date) -> None:
    """Short, in full, and as ISO 8601."""
    assert [day] * 3 == [
        parse_date(text, today=today) for text in (name_day(day), name_day_in_full(day), day.isoformat())
    ]


@given(st.integers(1, 31), ANY_DAY.filter(lambda day: day.year < LATEST.year))
def test_a_bare_number_is_the_next_day_with_that_number(number: int, today: date) -> None:
    """Today counts; no such day lies between."""
    found = parse_date(str(number), today=today)
    assert found is not None
    between = [today + timedelta(days=n) for n in range((found - today).days)]
    assert found.day == number
    assert not [day for day in between if day.day == number]
