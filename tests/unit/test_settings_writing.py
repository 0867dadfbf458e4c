"""One value in config.toml is changed; everything else in it stays as it is."""

import os
from pathlib import Path

import pytest

from aicalendar_tui.settings.sources import read_config
from aicalendar_tui.settings.values import SettingsError
from aicalendar_tui.settings.writing import set_value, write_value

SOURCE = """\
# My calendar.
theme = "light"  # easier on the eyes
clock_hours=24
zone = 'Europe/Prague'# home

[keys]
theme = "x"
"""


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("theme", "dark", SOURCE.replace('theme = "light"', 'theme = "dark"')),
        ("clock_hours", "12", SOURCE.replace("=24", "=12")),
        ("zone", "UTC", SOURCE.replace("'Europe/Prague'", '"UTC"')),
        ("theme", None, SOURCE.replace('theme = "light"  # easier on the eyes\n', "")),
        ("week_numbers", "off", SOURCE.replace("# home\n\n", "# home\nweek_numbers = false\n\n")),
        ("language", None, SOURCE),
    ],
)
def test_only_the_line_of_the_key_changes(key: str, text: str | None, expected: str) -> None:
    """Comments and tables stay; a key of the same name in a table is another."""
    assert expected == set_value(SOURCE, key, text)


@pytest.mark.parametrize("source", ["", "# nothing yet", "# nothing yet\n", '[keys]\nundo = "z"\n', "a = 1\r\n"])
def test_a_new_key_comes_before_the_tables(source: str) -> None:
    """Also in an empty file, and in one without a newline at its end."""
    changed = set_value(source, "theme", "dark")
    assert 'theme = "dark"' in changed
    assert changed == set_value(changed, "theme", "dark")


@pytest.mark.parametrize(
    "source", ['theme = """\nlight\n"""\n', 'x = """\ntheme = "a"\n"""\n', "theme = [\n1]\n", "x.y = 1\nthe = {"]
)
def test_what_can_not_be_changed_safely_is_left_alone(source: str) -> None:
    """And told."""
    with pytest.raises(SettingsError, match="by hand"):
        set_value(source, "theme", "dark")


def test_quotes_and_letters_come_back_as_they_were(tmp_path: Path) -> None:
    """Whatever is in the text."""
    path = tmp_path / "new" / "config.toml"
    for text in ('a "b" \\ # c', "тёмная", "it's"):
        write_value(path, "theme", text)
        assert text == read_config(path)["AICALENDAR_THEME"].text


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    """Dotfiles are often kept elsewhere."""
    real = tmp_path / "dotfiles.toml"
    real.write_text("clock_hours = 12\n")
    real.chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    write_value(link, "clock_hours", "24")
    assert (True, "clock_hours = 24\n", 0o640) == (link.is_symlink(), real.read_text(), real.stat().st_mode & 0o777)
    assert {"dotfiles.toml", "config.toml"} == set(os.listdir(tmp_path))


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(SettingsError, match="can't change"):
        write_value(tmp_path / "taken" / "config.toml", "theme", "dark")
