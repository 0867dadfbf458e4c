"""How full days are, for any events."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.busy import busy_minutes
from aicalendar_tui.backend.domain.times import Days

ZONE = "Europe/Prague"
FIRST = date(2026, 10, 23)
"""Two days before the night that has an hour more."""
COUNT = 5
START = int(datetime(2026, 10, 23, tzinfo=ZoneInfo(ZONE)).timestamp())

entries = st.lists(
    st.builds(
        lambda start, length, free, declined: Entry(
            user_id="u",
            calendar_id="c",
            event_id="e",
            start=START + start * 60,
            end=START + (start + length) * 60,
            free=free,
            response="declined" if declined else None,
        ),
        st.integers(-2000, 8000),
        st.integers(0, 3000),
        st.booleans(),
        st.booleans(),
    ),
    max_size=15,
)


@given(entries)
def test_the_busy_minutes_are_those_that_some_event_takes(found: list[Entry]) -> None:
    """Counted minute by minute, each once, on the local day it belongs to."""
    days = Days(FIRST, FIRST + timedelta(days=COUNT), ZONE)
    taken = {
        minute
        for entry in found
        if not entry.free and entry.response != "declined"
        for minute in range(entry.start // 60, entry.end // 60)
    }
    expected = [0] * COUNT
    for minute in taken:
        day = datetime.fromtimestamp(minute * 60, ZoneInfo(ZONE)).date()
        if day in days:
            expected[(day - FIRST).days] += 1
    assert tuple(expected) == busy_minutes(found, days)
