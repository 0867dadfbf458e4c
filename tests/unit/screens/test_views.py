"""The views and how keys and mouse change them: zoom, several days, kinds of week, other zones, the year."""

from datetime import date, timedelta

import pytest
from textual.pilot import Pilot

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.calendar.month_grid import MonthGrid
from aicalendar_tui.screens.calendar.year_grid import YearGrid
from aicalendar_tui.screens.preferences import Preferences
from tests.unit.screens.conditions import calendar_of, screen_text, until
from tests.unit.screens.fake_gateway import ZONE, FakeGateway, timed
from tests.unit.screens.test_calendar_keys import type_at_once
from tests.unit.screens.test_calendar_screen import NARROW, WIDE, make_app


async def see_year(pilot: Pilot) -> YearGrid:
    """Press the key and wait until the days are known."""
    screen = calendar_of(pilot.app)
    await pilot.press("Y")
    await until(pilot, lambda: screen.state.busy is not None and screen.query(YearGrid))
    return screen.query_one(YearGrid)


async def test_x_and_a_digit_show_so_many_days() -> None:
    """Another key after it is what it always is."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        await pilot.press("x", "5")
        assert Days(date(2026, 11, 23), date(2026, 11, 28), ZONE) == state.days
        await pilot.press("x", "l", "2")
        assert ("week", date(2026, 11, 24)) == (state.view, state.cursor.day)
        await pilot.press("x")
        assert 5 == len(state.days)


async def test_the_zoom_shows_more_or_fewer_hours() -> None:
    """The row of the cursor stays where it is."""
    app = make_app(FakeGateway())
    async with app.run_test(size=NARROW) as pilot:

        def row_of_cursor() -> int:
            return next(n for n, line in enumerate(screen_text(app).splitlines()) if "12:12" in line[:6])

        before = row_of_cursor()
        assert "18:00" in screen_text(app)
        await pilot.press("+")
        await until(pilot, lambda: "18:00" not in screen_text(app))
        assert before == row_of_cursor()
        await pilot.press("-", "-")
        await until(pilot, lambda: "07:00" in screen_text(app) and "23:00" in screen_text(app))


async def test_one_key_goes_through_the_kinds_of_week() -> None:
    """Seven days, five, seven from today, and around."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        seen = []
        for _ in range(3):
            await pilot.press(".")
            seen.append((state.days.first.day, len(state.days)))
        assert [(23, 5), (23, 7), (23, 7)] == seen
        assert "seven" == state.preferences.week


async def test_travelling_shows_the_hours_there_with_ours_beside() -> None:
    """And nothing typed means home."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("Z", *"new york", "enter")
        await until(pilot, lambda: "in New York" in screen_text(app))
        await until(pilot, lambda: "EST" in screen_text(app) and "CET" in screen_text(app))
        await until(pilot, lambda: "06:12" in screen_text(app))
        await pilot.press("Z", "enter")
        await until(pilot, lambda: "in New York" not in screen_text(app) and "EST" not in screen_text(app))


async def test_a_second_zone_stands_beside_ours() -> None:
    """Its hours, and whose they are."""
    app = make_app(FakeGateway(), preferences=Preferences(second_zone="Asia/Tokyo"))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "17:00 09:00" in screen_text(app))
        assert "JST" in screen_text(app)


async def test_week_numbers_can_be_left_out() -> None:
    """Their column goes to the days."""
    app = make_app(FakeGateway(), preferences=Preferences(week_numbers=False))
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: "Mon" in screen_text(app) and " 23 " in screen_text(app))
        assert " 48 " not in screen_text(app)


async def test_clicking_what_has_no_room_opens_its_day() -> None:
    """ "+5 more" is a way in, not an end."""
    entries = [timed(23, f"{hour:02d}:00", f"{hour:02d}:30", "ana", f"Talk {hour}") for hour in range(8, 16)]
    app = make_app(FakeGateway(entries))
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: "+" in screen_text(app))
        lines = screen_text(app).splitlines()
        y = next(n for n, line in enumerate(lines) if " more" in line)
        x = lines[y].index("+")
        grid = calendar_of(app).query_one(MonthGrid)
        await pilot.click(grid, offset=(x - grid.region.x, y - grid.region.y))
        await until(pilot, lambda: calendar_of(app).state.view == "day")
        assert date(2026, 11, 23) == calendar_of(app).state.cursor.day


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 18), (200, 60)])
async def test_the_year_shows_how_full_its_days_are(size: tuple[int, int]) -> None:
    """The day under the cursor says it in words."""
    app = make_app(FakeGateway())
    async with app.run_test(size=size) as pilot:
        await see_year(pilot)
        await until(pilot, lambda: "5 h 30 min busy" in screen_text(app))


async def test_tab_goes_through_the_days_of_the_year_that_hold_something() -> None:
    """Enter opens one of them."""
    entries = [timed(2, "10:00", "11:00", "ana", "Early"), timed(29, "11:00", "12:00", "ana", "Brunch")]
    app = make_app(FakeGateway(entries))
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        await see_year(pilot)
        await pilot.press("tab")
        assert date(2026, 11, 29) == state.cursor.day
        await pilot.press("shift+tab")
        assert date(2026, 11, 2) == state.cursor.day
        await pilot.press("enter")
        await until(pilot, lambda: "Early" in screen_text(app))
        assert "day" == state.view


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_every_day_of_the_year_can_be_pointed_at(size: tuple[int, int]) -> None:
    """What is drawn for a day is where the mouse finds it."""
    app = make_app(FakeGateway())
    async with app.run_test(size=size) as pilot:
        grid = await see_year(pilot)
        found = {day for y in range(grid.size.height) for x in range(grid.size.width) if (day := grid._day_at(x, y))}
        assert {date(2026, 1, 1) + timedelta(days=n) for n in range(365)} == found


async def test_the_next_year_is_read_when_it_is_shown() -> None:
    """News while it is shown are read, too."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        await see_year(pilot)
        await pilot.press("n")
        await until(pilot, lambda: state.busy is not None and state.busy.days.first == date(2027, 1, 1))
        await pilot.press("p")
        await until(pilot, lambda: state.busy is not None and state.busy.days.first == date(2026, 1, 1))
        gateway.add_elsewhere(timed(8, "10:00", "20:00", "ana", "Long", month=11))
        await until(pilot, lambda: state.busy is not None and max(state.busy.minutes) == 600)


async def test_a_week_of_one_row_still_counts_its_events() -> None:
    """In a low terminal nothing of the month is passed over in silence."""
    entries = [
        timed(day, f"{hour:02d}:00", f"{hour:02d}:30", "ana", "Talk") for day in range(2, 28) for hour in (9, 10)
    ]
    app = make_app(FakeGateway(entries))
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: 26 == screen_text(app).count("+2"))


@pytest.mark.parametrize(("size", "day"), [(WIDE, date(2026, 11, 30)), (NARROW, date(2026, 12, 23))])
async def test_keys_before_the_first_layout_of_the_year_mean_the_same(size: tuple[int, int], day: date) -> None:
    """Down is a week where months are blocks, and a month where they are rows."""
    app = make_app(FakeGateway())
    async with app.run_test(size=size) as pilot:
        type_at_once(app, "Y", "j")
        await until(pilot, lambda: calendar_of(app).state.cursor.day != date(2026, 11, 23))
        assert day == calendar_of(app).state.cursor.day
