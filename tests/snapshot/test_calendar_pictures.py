"""Pictures of the calendar at both sizes, dark and light, on a frozen clock."""

from datetime import date

import pytest

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.app import CalendarApp, Initial
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.theme import DARK, LIGHT
from tests.unit.screens.conditions import calendar_of, until
from tests.unit.screens.fake_gateway import HOSTILE, ZONE, FakeGateway, timed, week_entries

WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), ZONE)
SIZES = {"140x45": (140, 45), "80x24": (80, 24)}

pytestmark = pytest.mark.parametrize("size", SIZES)


def picture(
    snap_compare, gateway: FakeGateway, size: str, theme: str, *keys: str, preferences: Preferences | None = None
) -> bool:
    """Whether the screen looks as it did, after these keys."""
    initial = Initial(agenda=gateway.read_agenda(WEEK), calendars=tuple(gateway.calendar_list), status=gateway.state)
    app = CalendarApp(gateway, initial=initial, theme=theme, preferences=preferences)

    async def settle(pilot) -> None:
        screen = calendar_of(app)
        await until(pilot, lambda: screen.state.tasks)
        for key in keys:
            await pilot.press(key)
        await until(
            pilot,
            lambda: (
                (screen.state.view == "year" and screen.state.busy is not None)
                or screen.state.agendas.of(screen.state.days) is not None
            ),
        )
        await pilot.pause()

    return snap_compare(app, terminal_size=SIZES[size], run_before=settle)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("view", ["week", "day", "days", "month", "year", "agenda"])
def test_each_view_at_each_size_in_each_theme(snap_compare, view: str, size: str, theme: str) -> None:
    """The believable week."""
    key = {"week": "w", "day": "d", "days": "x", "month": "m", "year": "Y", "agenda": "a"}[view]
    assert picture(snap_compare, FakeGateway(), size, theme, key)


def test_a_selected_event(snap_compare, size: str) -> None:
    """Its full colour, and its time among the hours."""
    assert picture(snap_compare, FakeGateway(), size, DARK, "tab", "tab")


def test_a_range_that_is_being_selected(snap_compare, size: str) -> None:
    """From the cursor on, with its times."""
    assert picture(snap_compare, FakeGateway(), size, DARK, "l", "l", "j", "j", "v", "j", "j")


def test_the_list_of_calendars_with_the_focus(snap_compare, size: str) -> None:
    """It unfolds where it is folded away."""
    assert picture(snap_compare, FakeGateway(), size, DARK, "s", "j", "j")


def test_an_empty_calendar(snap_compare, size: str) -> None:
    """Calm, not broken."""
    gateway = FakeGateway([])
    gateway.calendar_list = []
    assert picture(snap_compare, gateway, size, DARK)


def test_a_week_with_too_much_in_it(snap_compare, size: str) -> None:
    """What has no room is counted."""
    entries = [
        timed(23 + day, f"{hour:02d}:00", f"{hour + 2:02d}:00", "ana", f"Meeting {number}")
        for day in range(7)
        for hour in range(8, 19)
        for number in range(4)
    ]
    assert picture(snap_compare, FakeGateway(entries), size, DARK)


def test_offline_with_edits_in_conflict(snap_compare, size: str) -> None:
    """The state line says it all."""
    gateway = FakeGateway()
    gateway.set_status(connection="offline", waiting=3, conflicts=1, problem="Google does not answer: edits wait")
    assert picture(snap_compare, gateway, size, DARK)


def test_hostile_titles(snap_compare, size: str) -> None:
    """Markup, escapes, wide characters, 5,000 letters."""
    entries = [
        *week_entries(),
        timed(23, "18:00", "20:00", "home", HOSTILE),
        timed(24, "15:00", "17:00", "ana", "W" * 5000),
    ]
    assert picture(snap_compare, FakeGateway(entries), size, DARK)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_working_days_near_by_with_a_second_zone(snap_compare, size: str, theme: str) -> None:
    """Five days, a quarter of an hour to a row, the hours of New York beside ours."""
    preferences = Preferences(week="five", minutes_per_row=15, second_zone="America/New_York")
    assert picture(snap_compare, FakeGateway(), size, theme, "l", preferences=preferences)


def test_a_week_on_a_clock_of_twelve_hours(snap_compare, size: str) -> None:
    """An hour to a row, Sunday first."""
    preferences = Preferences(hour24=False, first_day_of_week=6, minutes_per_row=60, second_zone="Asia/Kolkata")
    assert picture(snap_compare, FakeGateway(), size, DARK, preferences=preferences)


def test_an_event_that_is_being_moved(snap_compare, size: str) -> None:
    """In full colour where it goes, a shade where it comes from."""
    assert picture(snap_compare, FakeGateway(), size, DARK, "tab", "tab", "M", "l", "j", "j")


def test_days_that_are_being_selected_in_the_month(snap_compare, size: str) -> None:
    """From the cursor on."""
    assert picture(snap_compare, FakeGateway(), size, DARK, "m", "v", "l", "l")
