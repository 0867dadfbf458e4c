"""What the dialogs look like: low and tall terminals, dark and light, and the form in trouble."""

from collections.abc import Callable

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from aicalendar_tui.screens.commands import Command
from aicalendar_tui.screens.help import HelpScreen
from aicalendar_tui.screens.insights import InsightsScreen
from aicalendar_tui.screens.palette import PaletteScreen, command_entries
from tests.unit.screens.dialog_preview import CALENDARS, DialogApp, make_dialog
from tests.unit.screens.fake_dialog_gateway import NOW
from tests.unit.screens.insights.test_insights import InsightsGateway

LOW, TALL = (80, 24), (140, 45)
Compare = Callable[..., bool]
SOME_COMMANDS = (
    Command(id="create", keys=("c",), label="Create an event", group="Events"),
    Command(id="delete", keys=("X", "delete"), label="Delete", group="Events"),
    Command(id="redo", keys=("ctrl+r",), label="Redo what was taken back, however long its label is", group="Events"),
    *(Command(id=f"view{n}", keys=(str(n),), label=f"View {n}", group="Views") for n in range(1, 7)),
    Command(id="back", keys=("shift+tab", "["), label="The event before", group="Move"),
    *(Command(id=key, keys=(key,), label=f"Go {key}", group="Move") for key in ("left", "right", "up", "down")),
    *(Command(id=f"f{n}", keys=(f"f{n}",), label=f"Thing {n}", group="Everything else") for n in range(1, 10)),
)
"""A table that stands still: the real one grows."""


async def settle(pilot: Pilot[object]) -> None:
    """Everything is read and laid out, and no cursor blinks."""
    for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
        field.cursor_blink = False
    await pilot.pause()


def picture(name: str, *, light: bool = False) -> App[object]:
    """The dialog on an empty ground."""
    made = {
        "help": lambda: HelpScreen(SOME_COMMANDS),
        "insights": lambda: InsightsScreen(InsightsGateway(), calendars=CALENDARS, day=NOW.date()),
        "palette": lambda: PaletteScreen(command_entries(SOME_COMMANDS, lambda command_id: None)),
    }
    return DialogApp(made[name]() if name in made else make_dialog(name), light=light)


@pytest.mark.parametrize(
    "name",
    [
        "goto",
        "help",
        "palette",
        "calendars",
        "settings",
        "log",
        "insights",
        "welcome",
        "search",
        "tasks",
        "conflicts",
        "details",
        "new",
        "edit",
    ],
)
@pytest.mark.parametrize("size", [LOW, TALL], ids=["low", "tall"])
class TestDialogs:
    """Each at both sizes that the calendar is drawn for."""

    def test_dark(self, snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
        """On the dark ground."""
        assert snap_compare(picture(name), terminal_size=size, run_before=settle)

    def test_light(self, snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
        """On the light ground."""
        assert snap_compare(picture(name, light=True), terminal_size=size, run_before=settle)


class TestStates:
    """What only appears when something happens."""

    def test_a_failed_task_tells_its_whole_error(self, snap_compare: Compare) -> None:
        """And offers to try again."""

        async def select_it(pilot: Pilot[object]) -> None:
            await settle(pilot)
            await pilot.press("j", "j")

        assert snap_compare(picture("tasks"), terminal_size=LOW, run_before=select_it)

    def test_errors_stand_beside_their_fields(self, snap_compare: Compare) -> None:
        """The first one has the focus."""

        async def save_nonsense(pilot: Pilot[object]) -> None:
            await settle(pilot)
            pilot.app.screen.query_one("#start", Input).value = "lunchtime"
            pilot.app.screen.query_one("#zone", Input).value = "Mars/Base"
            await pilot.press("ctrl+s")
            await pilot.pause()

        assert snap_compare(picture("new"), terminal_size=LOW, run_before=save_nonsense)

    def test_esc_asks_about_unsaved_changes(self, snap_compare: Compare) -> None:
        """In the line of hints."""

        async def leave(pilot: Pilot[object]) -> None:
            await settle(pilot)
            await pilot.press(*"Lunch", "escape")
            await pilot.pause()

        assert snap_compare(picture("new"), terminal_size=LOW, run_before=leave)

    def test_an_event_that_is_gone_says_so(self, snap_compare: Compare) -> None:
        """And nothing can be done with it."""
        assert snap_compare(picture("gone"), terminal_size=LOW, run_before=settle)

    def test_the_day_is_previewed(self, snap_compare: Compare) -> None:
        """With its week and how far it is."""

        async def type_a_day(pilot: Pilot[object]) -> None:
            await settle(pilot)
            await pilot.press(*"24.12.")
            await pilot.pause()

        assert snap_compare(picture("goto"), terminal_size=LOW, run_before=type_a_day)
