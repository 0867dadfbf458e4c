"""Keys of the user's choice: presets, and a few lines over them."""

from collections.abc import Iterator

import pytest

from aicalendar_tui.screens.calendar.footer import usual_hints
from aicalendar_tui.screens.commands import COMMANDS, command_of, display_keys
from aicalendar_tui.screens.keymap import DEFAULT_KEYS, GOOGLE, KeymapError, read_key, resolve_keys, use_keys


@pytest.fixture
def restored() -> Iterator[None]:
    """The table as it was, afterwards."""
    yield
    use_keys("hybrid", {})


@pytest.mark.parametrize("preset", ["hybrid", "google"])
def test_no_key_of_a_preset_runs_two_commands(preset: str) -> None:
    """And every command has one, but for those that the preset took all keys from."""
    keys = resolve_keys(preset, {})
    every = [key for own in keys.values() for key in own]
    assert sorted(set(every)) == sorted(every)
    assert DEFAULT_KEYS.keys() == keys.keys()


def test_google_names_commands_that_exist() -> None:
    """A slip of the pen would go unseen otherwise."""
    assert set() == GOOGLE.keys() - DEFAULT_KEYS.keys()


def test_a_key_goes_to_whom_it_is_given() -> None:
    """Who had it keeps the others."""
    keys = resolve_keys("hybrid", {"undo": ("n",), "quit": ("Ctrl-Q",)})
    assert (("n",), ("pagedown",), ("ctrl+q",)) == (keys["undo"], keys["period_forward"], keys["quit"])
    assert () == resolve_keys("hybrid", {"undo": ()})["undo"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("c", "c"),
        ("C", "C"),
        ("Ctrl-R", "ctrl+r"),
        ("shift+Left", "shift+left"),
        ("Esc", "escape"),
        ("PgUp", "pageup"),
        (",", "comma"),
        ("?", "?"),
        ("ж", "ж"),
        ("f5", "f5"),
    ],
)
def test_keys_are_read_as_people_write_them(text: str, key: str) -> None:
    """Names as they are printed on the keys, or as Textual has them."""
    assert key == read_key(text)


@pytest.mark.parametrize("text", ["", "cc", "ctrl+", "hyper+x", "banana", "ctrl+banana", "+-"])
def test_what_is_no_key_is_told(text: str) -> None:
    """With what is right."""
    with pytest.raises(KeymapError, match="is no key"):
        read_key(text)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"creat": ("c",)}, "did you mean create"),
        ({"zzzzzz": ("c",)}, "no command zzzzzz$"),
        ({"create": ("c",), "edit": ("c",)}, "both create and edit want the key c"),
        ({"create": ("escape",)}, "always leads out"),
    ],
)
def test_a_choice_that_can_not_be_is_told(chosen: dict[str, tuple[str, ...]], message: str) -> None:
    """Naming command and key."""
    with pytest.raises(KeymapError, match=message):
        resolve_keys("hybrid", chosen)


def test_every_place_takes_the_keys_from_the_table(restored: None) -> None:
    """Footer, help and palette; and back."""
    use_keys("google", {"create": ("N",)})
    assert "N" == display_keys(command_of("create"))
    assert ("N", "create") in usual_hints(selected=False)
    use_keys("hybrid", {})
    assert dict(DEFAULT_KEYS) == {command.id: command.keys for command in COMMANDS}
