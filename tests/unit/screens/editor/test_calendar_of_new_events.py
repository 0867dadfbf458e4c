"""Into which calendar a new event goes when nobody says."""

from textual.pilot import Pilot

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.screens.editor.fields import Choice
from tests.unit.screens.conditions import calendar_of, until
from tests.unit.screens.fake_gateway import FakeGateway
from tests.unit.screens.test_calendar_screen import WIDE, make_app


async def offered(pilot: Pilot[None]) -> Calendar:
    """The calendar that the form begins with."""
    await until(pilot, lambda: pilot.app.screen.query("#calendar"))
    return pilot.app.screen.query_one("#calendar", Choice).value


async def test_a_new_event_goes_to_the_main_calendar() -> None:
    """Whichever calendar the selected event is of."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        entry = next(e for e in state.agenda.entries if e.calendar_id == "home")
        state.select(entry)
        await pilot.press("o")
        assert (await offered(pilot)).primary


async def test_a_calendar_pointed_at_in_the_sidebar_gets_it() -> None:
    """The cursor of the list says where; once left, it says nothing any more."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        state = calendar_of(app).state
        await pilot.press("s")
        while state.current_calendar is None or state.current_calendar.calendar_id != "home":
            await pilot.press("j")
        await pilot.press("c")
        assert "home" == (await offered(pilot)).calendar_id
        await pilot.press("escape", "escape", "o")
        assert (await offered(pilot)).primary
