"""The sheet that asks for a day."""

from datetime import date

from textual.widgets import Input, Static

from aicalendar_tui.screens.goto.screen import GotoScreen
from tests.unit.screens.dialog_preview import DialogApp

TODAY = date(2026, 11, 23)


async def test_the_preview_follows_the_typing_and_enter_goes_there() -> None:
    """What is shown is what is handed back."""
    app = DialogApp(GotoScreen(TODAY))
    async with app.run_test() as pilot:
        await pilot.press(*"24.12.")
        assert "Thursday 24 December 2026" in str(app.screen.query_one("#understood", Static).content)
        await pilot.press("enter")
        assert [date(2026, 12, 24)] == app.results


async def test_enter_on_no_day_stays() -> None:
    """Until the day is right or Esc ends it."""
    app = DialogApp(GotoScreen(TODAY))
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "\x1b[31m[red]xyz"
        await pilot.press("enter")
        assert app.results == []
        await pilot.press("escape")
        assert [None] == app.results
