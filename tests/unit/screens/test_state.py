"""Cursor, selection and views, without a terminal."""

from datetime import date, timedelta

import pytest

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.calendar.scene import Slot
from aicalendar_tui.screens.calendar.state import State, moved_entry
from aicalendar_tui.screens.preferences import Preferences
from tests.unit.screens.fake_gateway import NOW, ZONE, FakeGateway, timed, week_entries, whole_days

WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), ZONE)


def make_state(entries=None) -> State:
    """The week of the drawings, at 12:12 on Monday."""
    state = State(NOW, ZONE)
    gateway = FakeGateway(entries)
    state.calendars = tuple(gateway.calendar_list)
    state.accept(gateway.read_agenda(WEEK))
    return state


def selected(state: State) -> str | None:
    """The title of the selected event."""
    return state.entry.summary if state.entry else None


def test_the_cursor_starts_at_the_present() -> None:
    """On the half hour that runs."""
    assert Slot(date(2026, 11, 23), 12 * 60) == make_state().cursor


def test_moving_over_an_event_selects_it() -> None:
    """And leaving it selects nothing."""
    state = make_state()
    state.move(minutes=30)
    assert "Lunch, Boris" == selected(state)
    state.move(minutes=60)
    assert selected(state) is None


def test_of_events_side_by_side_the_one_selected_stays_selected() -> None:
    """Tab goes to the other one; moving within both keeps it."""
    state = make_state()
    state.go_to(date(2026, 11, 23), 14 * 60 + 30)
    assert "Design review" == selected(state)
    state.select_step(1)
    assert "Call Petr" == selected(state)
    state.move(minutes=30)
    assert "Call Petr" == selected(state)


def test_events_are_gone_through_by_day_whole_days_first() -> None:
    """As one reads."""
    state = make_state()
    state.go_to(date(2026, 11, 23), 23 * 60)
    names = []
    for _ in range(4):
        state.select_step(1)
        names.append(selected(state))
    assert ["Lisbon offsite", "Standup", "Workshop", "Budget"] == names


def test_going_through_ends_at_the_last_event_shown() -> None:
    """Then the screen turns the page."""
    state = make_state()
    state.go_to(date(2026, 11, 29), 23 * 60)
    assert not state.select_step(1)


def test_the_view_follows_the_cursor_over_its_edge() -> None:
    """A day left of Monday is the Sunday of the week before."""
    state = make_state()
    state.move(days=-1)
    assert Days(date(2026, 11, 16), date(2026, 11, 23), ZONE) == state.days


def test_minutes_stop_at_midnight() -> None:
    """Up and down never change the day."""
    state = make_state()
    state.move(minutes=-5000)
    assert Slot(date(2026, 11, 23), 0) == state.cursor
    state.move(minutes=5000)
    assert Slot(date(2026, 11, 23), 23 * 60 + 30) == state.cursor


def test_the_month_turns_by_months() -> None:
    """The 31st becomes the last day of a shorter month."""
    state = make_state()
    state.go_to(date(2026, 12, 31))
    state.show_view("month")
    state.turn(2)
    assert date(2027, 2, 28) == state.cursor.day
    assert date(2027, 2, 20) in state.days


def test_the_calendar_has_ends() -> None:
    """No key makes dates overflow."""
    state = make_state()
    state.go_to(date(9999, 12, 31))
    for view in ("day", "week", "month", "days", "agenda"):
        state.show_view(view)
        state.turn(1)
        state.move(days=7)
    state.go_to(date(1, 1, 1))
    for view in ("day", "week", "month", "days", "agenda"):
        state.show_view(view)
        state.turn(-1)
        state.move(days=-7)
    assert date(1900, 1, 1) <= state.cursor.day


def test_a_range_goes_from_the_earlier_end_to_the_later() -> None:
    """Whichever was set first."""
    state = make_state()
    state.anchor = Slot(date(2026, 11, 23), 16 * 60)
    state.cursor = Slot(date(2026, 11, 23), 15 * 60)
    assert (Slot(date(2026, 11, 23), 15 * 60), Slot(date(2026, 11, 23), 16 * 60 + 30)) == state.range()


def test_an_hour_late_at_night_ends_the_next_day() -> None:
    """23:30 to 0:30."""
    state = make_state()
    state.go_to(date(2026, 11, 23), 23 * 60 + 30)
    assert Slot(date(2026, 11, 24), 30) == state.range()[1]


def test_an_older_answer_is_dropped() -> None:
    """The revision shown never goes back."""
    state = make_state()
    state.accept(Agenda(WEEK, (), 7))
    assert state.accept(Agenda(WEEK, (timed(23, "10:00", "11:00", "ana", "Old"),), 6)) is None
    assert () == state.agenda.entries


def test_a_change_by_somebody_else_is_named() -> None:
    """By its key; what is only on its way to Google is no change."""
    gateway = FakeGateway()
    state = State(NOW, ZONE)
    state.accept(gateway.read_agenda(WEEK))
    workshop = gateway.key_of("Workshop")
    gateway.change_elsewhere(workshop, summary="Workshop (moved)")
    gateway.change_elsewhere(gateway.key_of("Retro"), waiting=True)
    assert frozenset({workshop}) == state.accept(gateway.read_agenda(WEEK))


def test_selecting_an_event_puts_its_calendar_under_the_cursor() -> None:
    """F and W then act on it."""
    state = make_state()
    state.go_to(date(2026, 11, 24), 14 * 60 + 30)
    state.select_step(1)
    calendar = state.current_calendar
    assert calendar is not None
    assert selected(state) is not None
    assert state.entry is not None
    assert state.entry.calendar_id == calendar.calendar_id


def test_a_moved_event_keeps_its_hour_across_the_end_of_summer_time() -> None:
    """Clocks go back on 25 October 2026."""
    entry = timed(24, "09:00", "10:00", "ana", "Standup", month=10)
    moved = moved_entry(entry, ZONE, days=1)
    assert entry.start + 25 * 3600 == moved.start
    assert 3600 == moved.end - moved.start


def test_an_event_can_not_be_shortened_to_nothing() -> None:
    """A quarter of an hour remains."""
    entry = timed(24, "09:00", "10:00", "ana", "Standup")
    assert entry.start + 900 == moved_entry(entry, ZONE, minutes=-600, resize=True).end


def test_read_ahead_days_are_those_of_the_next_page() -> None:
    """Turning shows what is known already."""
    state = make_state()
    following = Days(WEEK.last, WEEK.last + timedelta(days=7), ZONE)
    state.accept(Agenda(following, (timed(2, "09:00", "10:00", "ana", "Next", month=12),), 1))
    state.turn(1)
    assert ["Next"] == [entry.summary for entry in state.agenda.entries]


def test_a_database_made_anew_is_believed_after_a_while() -> None:
    """Its revisions start low again."""
    state = make_state()
    state.accept(Agenda(WEEK, (), 700))
    fresh = Agenda(WEEK, (timed(23, "10:00", "11:00", "ana", "Fresh"),), 1)
    answers = [state.accept(fresh) for _ in range(5)]
    assert [None] * 4 == answers[:4]
    assert ["Fresh"] == [entry.summary for entry in state.agenda.entries]


@pytest.mark.parametrize(
    ("day", "minute", "expected"),
    [
        (23, 12 * 60, "Lunch, Boris"),
        (23, 13 * 60, "Lunch, Boris"),
        (23, 20 * 60, "Standup"),
        (25, 10 * 60, "Hiring sync"),
        (29, 20 * 60, None),
    ],
)
def test_the_agenda_begins_with_the_next_event(day: int, minute: int, expected: str | None) -> None:
    """Not with a bar of whole days that is there all the time."""
    gateway = FakeGateway(week_entries())
    state = State(NOW, ZONE)
    state.cursor = Slot(date(2026, 11, day), minute)
    state.show_view("agenda")
    state.accept(gateway.read_agenda(state.days))
    assert (expected or "Brunch") == selected(state)


def test_a_bar_that_begins_before_the_next_event_is_the_next_event() -> None:
    """Nothing is passed over."""
    entries = [
        whole_days(date(2026, 11, 20), date(2026, 11, 30), "travel", "Long"),
        whole_days(date(2026, 11, 26), date(2026, 11, 27), "travel", "Free day"),
        timed(28, "10:00", "11:00", "ana", "Later"),
    ]
    state = State(NOW, ZONE)
    state.show_view("agenda")
    state.accept(FakeGateway(entries).read_agenda(state.days))
    assert "Free day" == selected(state)


def test_a_week_of_working_days_skips_the_weekend() -> None:
    """But a day of the weekend that one goes to shows its whole week."""
    state = State(NOW, ZONE, Preferences(week="five"))
    assert Days(date(2026, 11, 23), date(2026, 11, 28), ZONE) == state.days
    state.move(days=4)
    state.move(days=1)
    assert date(2026, 11, 30) == state.cursor.day
    state.move(days=-1)
    assert date(2026, 11, 27) == state.cursor.day
    state.go_to(date(2026, 11, 29))
    assert Days(date(2026, 11, 23), date(2026, 11, 30), ZONE) == state.days


def test_a_week_may_begin_today() -> None:
    """And goes on in steps of seven days, forward and back."""
    state = State(NOW + timedelta(days=2), ZONE, Preferences(week="ahead"))
    assert Days(date(2026, 11, 25), date(2026, 12, 2), ZONE) == state.days
    state.move(days=-1)
    assert Days(date(2026, 11, 18), date(2026, 11, 25), ZONE) == state.days
    state.turn(2)
    assert Days(date(2026, 12, 2), date(2026, 12, 9), ZONE) == state.days


def test_the_zoom_stops_at_its_ends() -> None:
    """A quarter of an hour and an hour to a row; the cursor stays on a row."""
    state = State(NOW, ZONE)
    assert state.zoom(1)
    assert not state.zoom(1)
    state.move(minutes=15)
    assert 12 * 60 + 15 == state.cursor.minute
    assert state.zoom(-1)
    assert state.zoom(-1)
    assert not state.zoom(-1)
    assert 12 * 60 == state.cursor.minute


def test_travelling_keeps_the_instant_under_the_cursor() -> None:
    """Noon in Prague is six in the morning in New York; back home it is noon again."""
    state = State(NOW, ZONE)
    state.travel("America/New_York")
    assert Slot(date(2026, 11, 23), 6 * 60) == state.cursor
    assert "America/New_York" == state.days.zone
    assert ZONE == state.scene(NOW).second_zone
    assert 6 == state.scene(NOW).now.hour
    state.travel(ZONE)
    assert Slot(date(2026, 11, 23), 12 * 60) == state.cursor
    assert "" == state.scene(NOW).second_zone


def test_several_days_are_one_to_nine() -> None:
    """As many as one asks for."""
    state = State(NOW, ZONE)
    for wished, got in ((1, 1), (5, 5), (40, 9), (0, 1)):
        state.show_several(wished)
        assert got == len(state.days)
