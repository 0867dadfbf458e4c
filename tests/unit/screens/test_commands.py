"""The table of commands is the only source of keys."""

from collections import Counter

from aicalendar_tui.screens.calendar.footer import usual_hints
from aicalendar_tui.screens.calendar.screen import CalendarScreen
from aicalendar_tui.screens.commands import COMMANDS, bound_keys, command_of, display_keys


def test_every_command_has_its_action() -> None:
    """No dead keys."""
    missing = [command.id for command in COMMANDS if not hasattr(CalendarScreen, f"action_{command.id}")]
    assert [] == missing


def test_no_key_means_two_things() -> None:
    """Under a Cyrillic layout neither."""
    counts = Counter(key for command in COMMANDS for key in bound_keys(command))
    assert {} == {key: count for key, count in counts.items() if count > 1}


def test_letters_work_by_their_place_under_a_cyrillic_layout() -> None:
    """The key of `c` bears `с`; with Shift too."""
    assert ("c", "с") == bound_keys(command_of("create"))
    assert ("W", "Ц") == bound_keys(command_of("toggle_live"))
    assert ("tab", "]", "ъ") == bound_keys(command_of("next_event"))
    assert (":", "ctrl+p", "Ж") == bound_keys(command_of("palette"))


def test_signs_that_the_russian_layout_has_elsewhere_stay() -> None:
    """`?` is no letter."""
    assert ("?",) == bound_keys(command_of("help"))


def test_keys_are_shown_as_people_write_them() -> None:
    """Modifiers spelled out, arrows as arrows."""
    assert "Ctrl-R" == display_keys(command_of("redo"))
    assert "X Del" == display_keys(command_of("delete"))
    assert "Shift-←" == display_keys(command_of("move_left"))
    assert "Tab ]" == display_keys(command_of("next_event"))


def test_the_footer_joins_neighbours_with_the_same_word() -> None:
    """`d w m a Y views`."""
    assert ("d w m a Y", "views") in usual_hints(selected=False)


def test_the_footer_speaks_of_events_only_when_one_is_selected() -> None:
    """What can't be done now is not offered."""
    assert ("e", "edit") not in usual_hints(selected=False)
    assert ("e", "edit") in usual_hints(selected=True)
