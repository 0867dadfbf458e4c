"""The first run."""

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from aicalendar_tui.screens.welcome import Beginning, WelcomeScreen
from tests.unit.screens.dialog_preview import DialogApp


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("enter",), Beginning("login")),
        (("j", "enter"), Beginning("demo")),
        (("1",), Beginning("login")),
        (("2",), Beginning("demo")),
        (("q",), None),
        (("escape",), None),
        (("3", "escape", "escape"), None),
    ],
)
async def test_a_key_chooses_the_way(tmp_path: Path, keys: tuple[str, ...], expected: Beginning | None) -> None:
    """Or leaves without one."""
    app = DialogApp(WelcomeScreen(folder=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert [expected] == app.results


async def test_an_ics_file_is_looked_at_before_it_is_taken(tmp_path: Path) -> None:
    """What is wrong is told, and one may try again."""
    (tmp_path / "my.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    (tmp_path / "letter.txt").write_text("Dear Ana")
    app = DialogApp(WelcomeScreen(folder=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("3")
        field = app.screen.query_one(Input)
        for text, problem in (
            ("none.ics", "no such file"),
            ("letter.txt", "no .ics file"),
            (".", "a folder"),
            ("a\x00b", "null"),
        ):
            field.value = text
            await pilot.press("enter")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert problem in str(app.screen.query_one("#hints", Static).content)
        field.value = "my.ics"
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [Beginning("ics", tmp_path / "my.ics")] == app.results
