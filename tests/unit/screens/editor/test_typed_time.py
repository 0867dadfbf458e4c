"""What the time fields of the form understand, seen from Monday 23 November 2026."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.editor.typed_time import TypedStart, parse_clock, parse_end, parse_length, parse_start

TODAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
START = datetime(2026, 11, 24, 15)  # noqa: DTZ001 - the form's times are wall-clock times
HALF_PAST_FOUR = time(16, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tue 15-16:30", TypedStart(TUESDAY, clock=time(15), end_clock=HALF_PAST_FOUR)),
        ("вт 15-16:30", TypedStart(TUESDAY, clock=time(15), end_clock=HALF_PAST_FOUR)),
        ("во вторник с 15 до 16:30", TypedStart(TUESDAY, clock=time(15), end_clock=HALF_PAST_FOUR)),
        ("15:00", TypedStart(clock=time(15))),
        ("15", TypedStart(clock=time(15))),
        ("25", TypedStart(date(2026, 11, 25))),
        ("tue", TypedStart(TUESDAY)),
        ("2026-11-24 15:00", TypedStart(TUESDAY, clock=time(15))),
        ("2026-11-24T15:00", TypedStart(TUESDAY, clock=time(15))),
        ("25 nov 9", TypedStart(date(2026, 11, 25), clock=time(9))),
        ("25 9:30", TypedStart(date(2026, 11, 25), clock=time(9, 30))),
        ("9 nov", TypedStart(date(2027, 11, 9))),
        ("nov 9", TypedStart(date(2027, 11, 9))),
        ("24.12. 9", TypedStart(date(2026, 12, 24), clock=time(9))),
        ("9.30", TypedStart(clock=time(9, 30))),
        ("завтра 9", TypedStart(TUESDAY, clock=time(9))),
        ("завтра в 9 вечера", TypedStart(TUESDAY, clock=time(21))),
        ("9:30pm fri", TypedStart(date(2026, 11, 27), clock=time(21, 30))),
        ("3-4pm", TypedStart(clock=time(15), end_clock=time(16))),
        ("11-1pm", TypedStart(clock=time(11), end_clock=time(13))),
        ("22 - 2", TypedStart(clock=time(22), end_clock=time(2))),
        ("22-24", TypedStart(clock=time(22), end_clock=time(0))),
        ("15 +1h", TypedStart(clock=time(15), length=timedelta(hours=1))),
        ("15 for 90 min", TypedStart(clock=time(15), length=timedelta(minutes=90))),
        ("15 на 2 часа", TypedStart(clock=time(15), length=timedelta(hours=2))),
        ("24 dec - 26 dec", TypedStart(date(2026, 12, 24), date(2026, 12, 26))),
        ("24-26 dec", TypedStart(date(2026, 12, 24), date(2026, 12, 26))),
        ("friday, 9am", TypedStart(date(2026, 11, 27), clock=time(9))),
        ("9 вечера в пятницу", TypedStart(date(2026, 11, 27), clock=time(21))),
        ("25 ноября в 9", TypedStart(date(2026, 11, 25), clock=time(9))),
        ("mon - wed", TypedStart(TODAY, date(2026, 11, 25))),
        ("15 на полчаса", TypedStart(clock=time(15), length=timedelta(minutes=30))),
        ("tomorrow at noon", TypedStart(TUESDAY, clock=time(12))),
    ],
)
def test_a_start_is_read(text: str, expected: TypedStart) -> None:
    """A day, a time, both, or a range of either; what was not typed is None."""
    assert expected == parse_start(text, today=TODAY)


@pytest.mark.parametrize("text", ["", "x", "25:00", "2560", "15:60", "tue 25:00", "13pm", "lunch tue 15"])
def test_what_is_no_start_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert parse_start(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1h", datetime(2026, 11, 24, 16)),  # noqa: DTZ001 - wall-clock times, as above
        ("1h30", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("+1:30", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("90 min", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("1,5 часа", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("полтора часа", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("half an hour", datetime(2026, 11, 24, 15, 30)),  # noqa: DTZ001
        ("2 часа", datetime(2026, 11, 24, 17)),  # noqa: DTZ001
        ("+45", datetime(2026, 11, 24, 15, 45)),  # noqa: DTZ001
        ("+2", datetime(2026, 11, 24, 17)),  # noqa: DTZ001
        ("+2d", datetime(2026, 11, 26, 15)),  # noqa: DTZ001
        ("16:30", datetime(2026, 11, 24, 16, 30)),  # noqa: DTZ001
        ("9pm", datetime(2026, 11, 24, 21)),  # noqa: DTZ001
        ("2", datetime(2026, 11, 25, 2)),  # noqa: DTZ001
        ("24:00", datetime(2026, 11, 25)),  # noqa: DTZ001
        ("wed 10", datetime(2026, 11, 25, 10)),  # noqa: DTZ001
        ("2026-11-25 10:00", datetime(2026, 11, 25, 10)),  # noqa: DTZ001
        ("25 nov", datetime(2026, 11, 25, 15)),  # noqa: DTZ001
    ],
)
def test_an_end_is_read(text: str, expected: datetime) -> None:
    """A length, a time that follows the start, or a moment of its own."""
    assert expected == parse_end(text, start=START, today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1", date(2026, 11, 25)),
        ("+2d", date(2026, 11, 26)),
        ("3 days", date(2026, 11, 26)),
        ("3 дня", date(2026, 11, 26)),
        ("26", date(2026, 11, 26)),
        ("fri", date(2026, 11, 27)),
        ("16:30", None),
        ("+1h", None),
    ],
)
def test_the_end_of_whole_days_is_their_last(text: str, expected: date | None) -> None:
    """Hours mean nothing there."""
    assert expected == parse_end(text, start=TUESDAY, today=TODAY)


@given(st.text())
def test_no_text_raises_in_a_time_field(text: str) -> None:
    """Neither as a start nor as an end, of hours or of days."""
    parse_start(text, today=TODAY)
    parse_end(text, start=START, today=TODAY)
    parse_end(text, start=TUESDAY, today=TODAY)
    parse_length(text)


WORDS = st.sampled_from(
    [
        "tue",
        "вт",
        "15",
        "15:00",
        "-",
        "–",
        "+",
        "+1h",
        "90",
        "min",
        "2",
        "часа",
        "до",
        "с",
        "at",
        "for",
        "на",
        "9pm",
        "вечера",
        "дня",
        "noon",
        "25",
        "nov",
        "2026-11-24",
        "24.12.",
        "24:00",
        "+99999",
        "9999999999",
        "1,5",
        "tomorrow",
        "next",
        "week",
        "0",
        ":",
    ]
)


@given(st.lists(WORDS, max_size=7))
def test_no_sequence_of_known_words_raises_in_a_time_field(words: list[str]) -> None:
    """The grammar's own words in any order, with spaces and without."""
    for text in (" ".join(words), "".join(words)):
        parse_start(text, today=TODAY)
        parse_end(text, start=START, today=TODAY)
        parse_end(text, start=TUESDAY, today=TODAY)


@given(st.times().map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_a_time_as_we_write_it_is_read_back(clock: time) -> None:
    """`09:30`, with or without the colon."""
    assert [clock, clock] == [parse_clock(f"{clock:%H:%M}"), parse_clock(f"{clock:%H%M}")]


@given(st.integers(1, 14 * 24 * 60))
def test_a_length_in_minutes_is_read_back(minutes: int) -> None:
    """Alone and as hours and minutes."""
    length = timedelta(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    assert [length, length] == [parse_length(f"{minutes} min"), parse_length(f"+{hours}:{rest:02d}")]
