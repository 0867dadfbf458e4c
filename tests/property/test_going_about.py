"""Whatever one presses, one is somewhere, and sees where."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.calendar.scene import View
from aicalendar_tui.screens.calendar.state import FIRST_DAY, LAST_DAY, State
from aicalendar_tui.screens.preferences import Preferences
from tests.unit.screens.fake_gateway import NOW, ZONE, FakeGateway

VIEWS: tuple[View, ...] = ("day", "days", "week", "month", "year", "agenda")
ZONES = (ZONE, "Pacific/Kiritimati", "America/St_Johns", "Asia/Kolkata", "Antarctica/Troll")

preferences = st.builds(
    Preferences,
    first_day_of_week=st.sampled_from([0, 5, 6]),
    week=st.sampled_from(["seven", "five", "ahead"]),
    several_days=st.integers(1, 9),
    minutes_per_row=st.sampled_from([15, 30, 60]),
    second_zone=st.sampled_from(["", *ZONES]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("show_view"), st.sampled_from(VIEWS)),
        st.tuples(st.just("move_days"), st.sampled_from([-7, -1, 1, 7])),
        st.tuples(st.just("move_minutes"), st.sampled_from([-60, -15, 15, 60])),
        st.tuples(st.just("turn"), st.integers(-3, 3)),
        st.tuples(st.just("go_to"), st.dates()),
        st.tuples(st.just("zoom"), st.sampled_from([-1, 1])),
        st.tuples(st.just("travel"), st.sampled_from(ZONES)),
        st.tuples(st.just("show_several"), st.integers(-1, 12)),
        st.tuples(st.just("show_week"), st.sampled_from(["seven", "five", "ahead"])),
        st.tuples(st.just("select_step"), st.sampled_from([-1, 1])),
        st.tuples(st.just("read"), st.none()),
    ),
    max_size=25,
)


@given(preferences, steps)
def test_the_cursor_is_always_among_the_days_shown(chosen: Preferences, done: list[tuple[str, object]]) -> None:
    """On a row of the grid, within the ends of the calendar; and the scene can be made of it."""
    gateway = FakeGateway()
    state = State(NOW, ZONE, chosen)
    for name, argument in done:
        if name == "move_days":
            state.move(days=argument)
        elif name == "move_minutes":
            state.move(minutes=argument)
        elif name == "read":
            if len(state.days) < 100 and date(2026, 1, 1) < state.days.first < date(2027, 12, 1):
                state.accept(gateway.read_agenda(state.days))
        else:
            getattr(state, name)(argument)
        assert state.cursor.day in state.days
        assert FIRST_DAY <= state.cursor.day < LAST_DAY
        assert 0 <= state.cursor.minute < 1440
        assert state.zone == state.days.zone
        scene = state.scene(NOW)
        assert scene.selected is None or scene.entry_of(scene.selected) is not None
