"""Free time and taken time never meet, and nothing that is free is kept back."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.free_times import free_spans, working_spans
from aicalendar_tui.backend.domain.times import Days, Span

DAYS = Days(date(2026, 11, 23), date(2026, 12, 5), "Europe/Prague")
WORK = (9 * 60, 18 * 60)
FIRST, LAST = DAYS.instants.start, DAYS.instants.end
MINUTE = 60

minutes = st.integers(FIRST // MINUTE, LAST // MINUTE).map(lambda minute: minute * MINUTE)
spans = st.builds(
    lambda start, length: Span(start, start + length), minutes, st.integers(0, 600).map(lambda m: m * MINUTE)
)


@given(busy=st.lists(spans, max_size=12), from_=minutes)
def test_a_minute_is_free_exactly_when_nothing_takes_it(busy: list[Span], from_: int) -> None:
    """Minute by minute, in the working hours and from now on."""
    within = working_spans(DAYS, WORK)
    found = free_spans(within, busy, from_=from_, step=MINUTE, shortest=MINUTE)
    free = [minute for span in found for minute in range(span.start, span.end, MINUTE)]
    expected = [
        minute
        for stretch in within
        for minute in range(stretch.start, stretch.end, MINUTE)
        if minute >= from_ and not any(span.start <= minute < span.end for span in busy)
    ]
    assert expected == free


@given(busy=st.lists(spans, max_size=12), from_=minutes)
def test_slots_are_in_order_round_and_long_enough(busy: list[Span], from_: int) -> None:
    """Quarters of an hour, half an hour at least, none touching the next."""
    found = free_spans(working_spans(DAYS, WORK), busy, from_=from_, step=900, shortest=1800)
    assert all(span.start % 900 == 0 == span.end % 900 and span.end - span.start >= 1800 for span in found)
    assert all(before.end < after.start for before, after in pairwise(found))


def test_working_hours_are_those_of_the_clock() -> None:
    """Ten working days in two weeks less a weekend; nine hours each."""
    found = working_spans(DAYS, WORK)
    assert [9 * 3600] * 10 == [span.end - span.start for span in found]
