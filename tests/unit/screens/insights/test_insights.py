"""Where the time goes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.widgets import Static

from aicalendar_tui.backend.domain.agenda import Agenda, Entry
from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.insights.figures import add_up, share_steps
from aicalendar_tui.screens.insights.painting import bar, say_hours
from aicalendar_tui.screens.insights.screen import InsightsScreen
from tests.unit.screens.dialog_preview import CALENDARS, DialogApp
from tests.unit.screens.fake_dialog_gateway import DESIGN, HOME, ME, NOW, ZONE, FakeDialogGateway

WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), ZONE)
WORK = (9 * 60, 18 * 60)


def entry(day: int, start: float, end: float, **fields: object) -> Entry:
    """On a day of November; hours on the clock."""
    midnight = int(datetime(2026, 11, day, tzinfo=ZoneInfo(ZONE)).timestamp())
    known = {"user_id": ME, "calendar_id": HOME.calendar_id, "event_id": f"{day}-{start}"}
    return Entry(**{**known, "start": midnight + int(start * 3600), "end": midnight + int(end * 3600), **fields})  # type: ignore[arg-type]


def test_hours_are_added_up_by_calendar_and_by_week() -> None:
    """The longest calendar first; each event counts."""
    entries = [entry(23, 9, 10), entry(24, 9, 12, calendar_id="design"), entry(30, 9, 10)]
    figures = add_up(entries, Days(WEEK.first, date(2026, 12, 7), ZONE), work=WORK)
    assert [((ME, "design"), 180), ((ME, "home"), 120)] == list(figures.by_calendar.items())
    assert [(date(2026, 11, 23), 240), (date(2026, 11, 30), 60)] == [(w.first, w.total) for w in figures.weeks]


def test_what_takes_no_time_does_not_count() -> None:
    """Whole days, free time, what was declined."""
    entries = [
        entry(23, 0, 24, all_day=True),
        entry(23, 9, 10, free=True),
        entry(23, 9, 10, response="declined"),
    ]
    figures = add_up(entries, WEEK, work=WORK)
    assert ({}, 0, 5 * 9 * 60) == (figures.by_calendar, figures.meetings, figures.free)


def test_meetings_focus_and_the_rest_are_told_apart() -> None:
    """An hour that two events take is taken once from what is free."""
    entries = [
        entry(23, 9, 11, guests=3),
        entry(23, 10, 12, event_type="focusTime"),
        entry(23, 20, 21, guests=2),
        entry(28, 9, 18),
    ]
    figures = add_up(entries, WEEK, work=WORK)
    assert (180, 120, 5 * 540 - 180) == (figures.meetings, figures.focus, figures.free)


def test_heat_is_by_weekday_and_hour_in_the_zone() -> None:
    """On the average of the weeks; what overlaps counts once."""
    two_weeks = Days(date(2026, 11, 16), date(2026, 11, 30), ZONE)
    figures = add_up([entry(23, 9, 10.5), entry(23, 9, 10)], two_weeks, work=WORK)
    assert (30.0, 15.0, 0.0) == figures.heat[0][9:12]
    assert 45.0 == sum(minutes for hours in figures.heat for minutes in hours)


@given(st.lists(st.tuples(st.integers(16, 29), st.integers(0, 47), st.integers(0, 96)), max_size=12))
def test_no_hour_is_fuller_than_an_hour(rows: list[tuple[int, int, int]]) -> None:
    """And what is free is never less than nothing."""
    entries = [entry(day, start / 2, (start + length) / 2) for day, start, length in rows]
    figures = add_up(entries, WEEK, work=WORK)
    assert all(0 <= minutes <= 60 for hours in figures.heat for minutes in hours)
    assert 0 <= figures.free <= 5 * 540
    assert sum(figures.by_calendar.values()) == sum(week.total for week in figures.weeks)


@pytest.mark.parametrize(("share", "expected"), [(0, ""), (0.001, "▏"), (0.5, "██"), (1, "████"), (2, "████")])
def test_bars_are_exact_to_an_eighth(share: float, expected: str) -> None:
    """And never nothing for more than nothing."""
    assert expected == bar(share, 4)


def test_steps_go_from_nothing_to_the_largest() -> None:
    """Whatever is more than nothing is seen."""
    assert ([0, 1, 3, 5], [0, 0]) == (share_steps([0, 0.01, 30, 50], 5), share_steps([0, 0], 5))
    assert ("45 min", "1 h", "1.5 h") == (say_hours(45), say_hours(60), say_hours(90))


class TestScreen:
    """The figures on the sheet."""

    async def test_it_shows_four_weeks_and_others_by_key(self) -> None:
        """Named at the top; news read again."""
        gateway = InsightsGateway()
        app = DialogApp(InsightsScreen(gateway, calendars=CALENDARS, day=NOW.date()))
        async with app.run_test(size=(100, 45)) as pilot:
            await pilot.pause()
            text = str(app.screen.query_one("#figures", Static).content)
            assert not [part for part in ("By calendar", "Design team", "Home", "Busiest hours") if part not in text]
            assert (28, date(2026, 11, 30)) == (len(gateway.asked[-1]), gateway.asked[-1].last)
            await pilot.press("p", "space", "space")
            await pilot.pause()
            assert (7, date(2026, 11, 2)) == (len(gateway.asked[-1]), gateway.asked[-1].last)
            await pilot.press("I")
            assert [None] == app.results

    async def test_an_empty_month_and_a_fault_are_told(self) -> None:
        """In words."""
        gateway = InsightsGateway()
        gateway.entries = ()
        app = DialogApp(InsightsScreen(gateway, calendars=CALENDARS, day=NOW.date()))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert "Nothing took time" in str(app.screen.query_one("#figures", Static).content)
            gateway.error = Unreachable("the disk is on fire")
            await pilot.press("p")
            await pilot.pause()
            assert "the disk is on fire" in str(app.screen.query_one("#figures", Static).content)


class InsightsGateway(FakeDialogGateway):
    """Has a few events, whatever days it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Days] = []
        self.entries = (
            entry(23, 9, 10, guests=4, calendar_id=DESIGN.calendar_id),
            entry(24, 10, 13, guests=2, calendar_id=DESIGN.calendar_id),
            entry(25, 14, 16.5, event_type="focusTime", calendar_id=ME),
            entry(26, 17.5, 19),
            replace(entry(12, 9, 11), guests=3),
        )

    async def agenda(self, days: Days) -> Agenda:
        self.asked.append(days)
        if self.error:
            raise self.error
        return Agenda(days, self.entries)
