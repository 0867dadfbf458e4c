"""How much of a series: what would be lost is named before it is."""

from textual.widgets import Static

from aicalendar_tui.backend.domain.draft import Scope
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.screens.scope.screen import ScopeScreen
from tests.unit.screens.conditions import until
from tests.unit.screens.dialog_preview import DialogApp

LOST = [f"Standup {n}, 2026-11-2{n} 09:00" for n in range(1, 7)]


async def lose_some(scope: Scope) -> list[str]:
    """Only what follows loses anything."""
    return LOST if scope == "following" else []


def warning(app: DialogApp) -> str:
    """What is shown of losses; '' while nothing is."""
    line = app.screen.query_one("#losses", Static)
    return str(line.content) if line.display else ""


async def test_losses_are_named_and_the_answer_given_twice() -> None:
    """The first few by name; the rest are counted."""
    app = DialogApp(ScopeScreen(losses=lose_some))
    async with app.run_test() as pilot:
        await pilot.press("2")
        await until(pilot, lambda: warning(app))
        assert "· Standup 4, 2026-11-24 09:00\nand 2 more\n" in warning(app)
        assert [] == app.results
        await pilot.press("2")
        await until(pilot, lambda: app.results == ["following"])


async def test_another_answer_forgets_the_warning() -> None:
    """Going back asks again; nothing lost, nothing asked."""
    app = DialogApp(ScopeScreen(losses=lose_some))
    async with app.run_test() as pilot:
        await pilot.press("j", "enter")
        await until(pilot, lambda: warning(app))
        await pilot.press("j")
        await until(pilot, lambda: not warning(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.results == ["all"])


async def test_what_is_not_possible_says_so_before() -> None:
    """And another answer still is."""

    async def refuse(scope: Scope) -> list[str]:
        raise InvalidEdit("This series can't be divided there", field=scope)

    app = DialogApp(ScopeScreen(losses=refuse))
    async with app.run_test() as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "can't be divided" in warning(app))
        await pilot.press("1")
        await until(pilot, lambda: app.results == ["this"])


async def test_only_the_answers_that_make_sense_are_offered() -> None:
    """A digit of another one does nothing."""
    app = DialogApp(ScopeScreen(only=("all",)))
    async with app.run_test() as pilot:
        await pilot.press("3", "2")
        assert [] == app.results
        await pilot.press("1")
        await until(pilot, lambda: app.results == ["all"])
