"""The command palette."""

from textual.widgets import OptionList

from aicalendar_tui.screens.commands import COMMANDS
from aicalendar_tui.screens.palette import PaletteScreen, command_entries
from tests.unit.screens.dialog_preview import DialogApp


def palette(ran: list[str]) -> PaletteScreen:
    """Over the real table; what runs is noted."""
    return PaletteScreen(command_entries(COMMANDS, ran.append))


def lines(app: DialogApp) -> list[str]:
    """The commands as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(OptionList).options]


async def test_all_commands_are_listed_with_their_keys() -> None:
    """In the order of the table, one line each."""
    app = DialogApp(palette([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert len(COMMANDS) == len(lines(app))
        assert "Create an event Events c" == lines(app)[0]


async def test_letters_narrow_the_list_and_enter_runs_the_first() -> None:
    """It runs after the palette is gone: the app runs what comes back."""
    ran: list[str] = []
    app = DialogApp(palette(ran))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"undo")
        await pilot.pause()
        assert "Undo Events u z" == lines(app)[0]
        await pilot.press("enter")
        (run,) = app.results
        assert callable(run)
        run()
        assert ["undo"] == ran


async def test_arrows_choose_and_esc_runs_nothing() -> None:
    """The letters go on into the field."""
    ran: list[str] = []
    app = DialogApp(palette(ran))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("down", "down", "up")
        assert 1 == app.screen.query_one(OptionList).highlighted
        await pilot.press("escape")
        assert ([None], []) == (app.results, ran)


async def test_nothing_found_says_so_and_enter_does_nothing() -> None:
    """Until something fits again."""
    app = DialogApp(palette([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"zzzzqq", "enter")
        await pilot.pause()
        assert ([], [], True) == (lines(app), app.results, app.screen.query_one("#nothing").display)


async def test_no_line_is_wider_than_a_narrow_terminal() -> None:
    """Each command keeps to one line."""
    app = DialogApp(palette([]))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        listing = app.screen.query_one(OptionList)
        assert len(listing.options) == listing.virtual_size.height
