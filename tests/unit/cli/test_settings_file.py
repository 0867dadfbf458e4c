"""What the settings screen reads and writes."""

from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit
from aicalendar_tui.cli.settings_file import SettingsFile
from aicalendar_tui.screens.settings.choices import all_choices
from aicalendar_tui.settings import load_settings


def store(home: Path, *, demo: bool = False, **environ: str) -> SettingsFile:
    """On the settings of that folder."""
    return SettingsFile(load_settings(demo=demo, environ={"AICALENDAR_HOME": str(home), **environ}))


def test_a_choice_is_there_at_the_next_start(tmp_path: Path) -> None:
    """And gone from the file when it is the default again."""
    file = store(tmp_path)
    file.choose("clock_hours", "12")
    file.keep("clock_hours")
    assert ("12", "12") == (file.text("clock_hours"), store(tmp_path).text("clock_hours"))
    file.choose("clock_hours", "")
    file.keep("clock_hours")
    assert ("24", "") == (file.text("clock_hours"), (tmp_path / "config.toml").read_text())


def test_what_can_not_be_is_refused(tmp_path: Path) -> None:
    """With what is right; nothing changes."""
    file = store(tmp_path)
    with pytest.raises(InvalidEdit, match="two times of a day"):
        file.choose("work_hours", "soon")
    assert "09:00-18:00" == file.text("work_hours")


def test_what_wins_over_the_file_is_named(tmp_path: Path) -> None:
    """The file itself does not lock."""
    (tmp_path / "config.toml").write_text("clock_hours = 12\n")
    file = store(tmp_path, AICALENDAR_THEME="light")
    assert ("environment variable AICALENDAR_THEME", "") == (file.locked_by("theme"), file.locked_by("clock_hours"))


def test_a_fault_of_the_file_is_an_error_of_ours(tmp_path: Path) -> None:
    """The choice counts for this run all the same."""
    file = store(tmp_path)
    (tmp_path / "config.toml").mkdir()
    file.choose("theme", "light")
    with pytest.raises(CalendarError, match="can't change"):
        file.keep("theme")
    assert "light" == file.text("theme")


@pytest.mark.parametrize("choice", all_choices(("dark", "light")), ids=lambda choice: choice.key)
def test_every_choice_of_the_screen_is_a_setting(tmp_path: Path, choice) -> None:
    """Each of its values is valid, and so is its example; without one it is the default."""
    file = store(tmp_path)
    assert file.default(choice.key) == file.text(choice.key)
    for text in filter(None, (*choice.values, choice.example)):
        file.choose(choice.key, text)
        assert text == file.text(choice.key)
