"""The way from the welcome to the command that was chosen."""

from pathlib import Path

from aicalendar_tui.cli.parser import build_parser
from aicalendar_tui.cli.welcome import words_of
from aicalendar_tui.screens.welcome import Beginning
from aicalendar_tui.screens.welcome.screen import WAYS


def test_each_way_is_a_command_that_exists() -> None:
    """With all that it needs."""
    for way, _label, _about in WAYS:
        chosen = Beginning(way, Path("/tmp/my calendar.ics") if way == "ics" else None)
        assert callable(build_parser().parse_args(words_of(chosen)).run)


def test_a_file_goes_along() -> None:
    """As one word, whatever is in its name."""
    options = build_parser().parse_args(words_of(Beginning("ics", Path("/tmp/-my calendar.ics"))))
    assert [Path("/tmp/-my calendar.ics")] == options.ics
