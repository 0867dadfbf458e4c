"""What the form looks like when it unfolds: a series, guests that are completed, a kind with rows of its own."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.unit.screens.dialog_preview import DialogApp, make_dialog

LOW, TALL = (80, 24), (140, 45)
Compare = Callable[..., bool]


def after(*keys: str) -> Callable[[Pilot[object]], object]:
    """The form as those keys leave it, with no cursor blinking."""

    async def press(pilot: Pilot[object]) -> None:
        for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
            field.cursor_blink = False
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return press


@pytest.mark.parametrize("size", [LOW, TALL], ids=["low", "tall"])
@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
class TestUnfolded:
    """At both sizes, on both grounds."""

    def test_a_series(self, snap_compare: Compare, size: tuple[int, int], light: bool) -> None:
        """Every month, with its words and its next dates."""
        keys = (*"Lunch", *["tab"] * 6, *["right"] * 4)
        assert snap_compare(DialogApp(make_dialog("new"), light=light), terminal_size=size, run_before=after(*keys))

    def test_guests(self, snap_compare: Compare, size: tuple[int, int], light: bool) -> None:
        """One invited, one being typed."""
        keys = (*"Lunch", *["tab"] * 7, *"mi", "enter", *"b")
        assert snap_compare(DialogApp(make_dialog("new"), light=light), terminal_size=size, run_before=after(*keys))

    def test_focus_time(self, snap_compare: Compare, size: tuple[int, int], light: bool) -> None:
        """No guests, but something to decline."""
        keys = (*["tab"] * 11, "right")
        assert snap_compare(DialogApp(make_dialog("new"), light=light), terminal_size=size, run_before=after(*keys))
