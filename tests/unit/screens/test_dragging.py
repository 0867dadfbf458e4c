"""What the mouse drags: events, their ends, and ranges of free time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from textual import events
from textual.pilot import Pilot

from aicalendar_tui.screens.calendar.dragging import DraggedGrid
from aicalendar_tui.screens.calendar.month_grid import MonthGrid
from aicalendar_tui.screens.calendar.time_grid import TimeGrid
from aicalendar_tui.screens.editor.screen import EditorScreen
from tests.unit.screens.conditions import calendar_of, screen_text, until
from tests.unit.screens.fake_gateway import ZONE, FakeGateway, timed, whole_days
from tests.unit.screens.test_calendar_screen import WIDE, make_app, toasts

Point = tuple[int, int]


def find(pilot: Pilot[None], grid: DraggedGrid, text: str) -> Point:
    """Where the grid shows that text first."""
    left, top = grid.region.offset
    lines = screen_text(pilot.app).splitlines()
    y, line = next((n, line) for n, line in enumerate(lines) if text in line[left:])
    return line.index(text, left) - left, y - top


async def press(pilot: Pilot[None], grid: DraggedGrid, point: Point) -> None:
    """The left button, down."""
    await pilot.mouse_down(grid, offset=point)


async def drag(pilot: Pilot[None], grid: DraggedGrid, point: Point) -> None:
    """To there, with the left button down: Pilot's own `hover` has no button."""
    await pilot._post_mouse_events([events.MouseMove], grid, offset=point, button=1)


def times(gateway: FakeGateway, summary: str) -> tuple[str, str]:
    """Start and end of an event on Prague's clock."""
    entry = gateway.entries[gateway.key_of(summary)]
    zone = ZoneInfo(ZONE)
    return f"{entry.start_in(zone):%d %H:%M}", f"{entry.end_in(zone):%H:%M}"


async def test_an_event_is_dragged_to_another_day_and_hour() -> None:
    """It moves along, and goes to the gateway once, when the button is let go."""
    gateway = FakeGateway([timed(24, "10:00", "12:00", "design", "Workshop")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        day = grid._arrange(grid.scene).columns[3].left + 3
        await press(pilot, grid, (x, y))
        await drag(pilot, grid, (x, y + 1))
        await drag(pilot, grid, (day, y + 3))
        await until(pilot, lambda: "11:30–13:30" in screen_text(app))
        assert ("24 10:00", "12:00") == times(gateway, "Workshop")
        await pilot.mouse_up(grid, offset=(day, y + 3))
        await until(pilot, lambda: times(gateway, "Workshop") == ("26 11:30", "13:30"))
        assert 1 == sum(call[0] == "change" for call in gateway.calls)


async def test_the_end_of_an_event_is_dragged() -> None:
    """By its last row."""
    gateway = FakeGateway([timed(24, "10:00", "12:00", "design", "Workshop")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        await press(pilot, grid, (x, y + 3))
        await drag(pilot, grid, (x, y + 5))
        await pilot.mouse_up(grid, offset=(x, y + 5))
        await until(pilot, lambda: times(gateway, "Workshop") == ("24 10:00", "13:00"))


async def test_dragging_over_free_time_creates_an_event_there() -> None:
    """From the row of the press to the row where the button is let go."""
    app = make_app(FakeGateway([timed(24, "10:00", "12:00", "design", "Workshop")]))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        await press(pilot, grid, (x, y + 6))
        await drag(pilot, grid, (x, y + 8))
        await until(pilot, lambda: "13:00–14:30" in screen_text(app))
        await pilot.mouse_up(grid, offset=(x, y + 8))
        await until(pilot, lambda: isinstance(app.screen, EditorScreen))
        await until(pilot, lambda: "13:00" in screen_text(app) and "14:30" in screen_text(app))


async def test_escape_lets_a_dragged_event_go_back() -> None:
    """The rest of the drag means nothing."""
    gateway = FakeGateway([timed(24, "10:00", "12:00", "design", "Workshop")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        await press(pilot, grid, (x, y))
        await drag(pilot, grid, (x, y + 2))
        await until(pilot, lambda: "11:00–13:00" in screen_text(app))
        await pilot.press("escape")
        await drag(pilot, grid, (x, y + 4))
        await pilot.mouse_up(grid, offset=(x, y + 4))
        await until(pilot, lambda: "10:00–12:00" in screen_text(app))
        assert not any(call[0] == "change" for call in gateway.calls)


async def test_what_can_only_be_read_is_not_dragged() -> None:
    """It says so, once."""
    gateway = FakeGateway([timed(24, "10:00", "12:00", "holidays", "Workshop")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        await press(pilot, grid, (x, y))
        for row in range(2, 6):
            await drag(pilot, grid, (x, y + row))
        await pilot.mouse_up(grid, offset=(x, y + 5))
        await until(pilot, lambda: toasts(app) == ["Holidays can only be read"])
        assert ("24 10:00", "12:00") == times(gateway, "Workshop")


async def test_in_the_month_events_and_bars_are_dragged_by_days() -> None:
    """The hour stays."""
    gateway = FakeGateway(
        [
            timed(24, "10:00", "12:00", "design", "Workshop"),
            whole_days(date(2026, 11, 10), date(2026, 11, 12), "home", "Trip"),
        ]
    )
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: "Trip" in screen_text(app))
        grid = calendar_of(app).query_one(MonthGrid)
        for title, expected in (("Works", datetime(2026, 11, 26)), ("Trip", datetime(2026, 11, 12))):  # noqa: DTZ001 - a day
            x, y = find(pilot, grid, title)
            await press(pilot, grid, (x, y))
            await drag(pilot, grid, (x + 30, y))
            await pilot.mouse_up(grid, offset=(x + 30, y))
            summary = "Workshop" if title == "Works" else title
            await until(
                pilot,
                lambda summary=summary, expected=expected: times(gateway, summary)[0].startswith(f"{expected.day}"),
            )
        assert ("26 10:00", "12:00") == times(gateway, "Workshop")


async def test_a_click_without_a_drag_only_points() -> None:
    """Nothing is moved by a hand that trembles within a row."""
    gateway = FakeGateway([timed(24, "10:00", "12:00", "design", "Workshop")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        x, y = find(pilot, grid, "Workshop")
        await press(pilot, grid, (x, y))
        await drag(pilot, grid, (x + 1, y))
        await pilot.click(grid, offset=(x + 1, y))
        await until(pilot, lambda: calendar_of(app).state.selected == gateway.key_of("Workshop"))
        assert not any(call[0] == "change" for call in gateway.calls)


async def test_the_name_of_a_day_opens_it() -> None:
    """From the week."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        grid = calendar_of(app).query_one(TimeGrid)
        await pilot.click(grid, offset=find(pilot, grid, "Wed 25"))
        await until(pilot, lambda: calendar_of(app).state.view == "day")
        assert date(2026, 11, 25) == calendar_of(app).state.cursor.day
