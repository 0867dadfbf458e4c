"""The help: the command table, laid out."""

from textual.widgets import Static

from aicalendar_tui.screens.commands import COMMANDS, display_keys
from aicalendar_tui.screens.help.screen import HelpScreen, group_commands, split_columns
from tests.unit.screens.dialog_preview import DialogApp


async def test_every_command_is_there_with_its_true_keys() -> None:
    """Straight from the table."""
    app = DialogApp(HelpScreen(COMMANDS))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        lines = "\n".join(str(column.content) for column in app.screen.query(".column").results(Static)).split("\n")
        missing = [
            command.id
            for command in COMMANDS
            if not any(line.startswith(display_keys(command)) and command.label[:12] in line for line in lines)
        ]
        assert missing == []


async def test_a_low_terminal_scrolls() -> None:
    """To the last line and back."""
    app = DialogApp(HelpScreen(COMMANDS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        body = app.screen.query_one("#body")
        assert body.max_scroll_y > 0
        await pilot.press("G")
        await pilot.pause()
        assert body.max_scroll_y == body.scroll_y
        await pilot.press("k", "space", "pageup", "g")
        await pilot.pause()
        assert body.scroll_y == 0


async def test_what_opened_the_help_closes_it() -> None:
    """And Esc, q and Enter."""
    for key in ("question_mark", "escape", "q", "enter"):
        app = DialogApp(HelpScreen(COMMANDS))
        async with app.run_test() as pilot:
            await pilot.press(key)
            assert [None] == app.results


def test_columns_are_as_even_as_groups_allow() -> None:
    """No group is split or lost."""
    groups = group_commands(COMMANDS)
    left, right = split_columns(groups)
    heights = [sum(len(members) + 2 for _name, members in column) for column in (left, right)]
    largest = max(len(members) + 2 for _name, members in groups)
    assert sorted(name for name, _members in groups) == sorted(name for name, _members in left + right)
    assert abs(heights[0] - heights[1]) <= largest


def test_no_commands_make_empty_columns() -> None:
    """Rather than an error."""
    assert ([], []) == split_columns([])
