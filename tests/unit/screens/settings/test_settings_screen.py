"""The settings."""

import pytest
from textual.widgets import Input, OptionList, Static

from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.settings.choices import all_choices, change_preferences
from aicalendar_tui.screens.settings.screen import SettingsScreen
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_settings import FakeSettings

Applied = list[tuple[str, str]]


def settings(store: FakeSettings, applied: Applied | None = None) -> DialogApp:
    """The screen alone; what it applies is noted."""
    noted = [] if applied is None else applied
    return DialogApp(
        SettingsScreen(store, themes=("dark", "light", "nord"), apply=lambda key, text: noted.append((key, text)))
    )


def lines(app: DialogApp) -> list[str]:
    """The settings as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(OptionList).options]


def hints(app: DialogApp) -> str:
    """The last line."""
    return str(app.screen.query_one("#hints", Static).content)


async def test_arrows_change_a_value_at_once() -> None:
    """It is kept, and applied."""
    store, applied = FakeSettings(), []
    app = settings(store, applied)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Colours ‹ dark ›" == lines(app)[1]
        await pilot.press("j", "right")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Colours ‹ light ›" == lines(app)[1]
        await pilot.press("left", "left")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [("theme", "light"), ("theme", "dark"), ("theme", "nord")] == applied
        assert ["theme", "theme", "theme"] == store.kept


async def test_what_has_no_list_is_typed() -> None:
    """Nonsense is refused with what is right, and the field stays."""
    store, applied = FakeSettings(), []
    app = settings(store, applied)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        position = [choice.key for choice in all_choices(())].index("work_hours")
        await pilot.press(*["j"] * position, "enter")
        field = app.screen.query_one(Input)
        field.value = "soon"
        await pilot.press("enter")
        await pilot.pause()
        assert ("two times" in hints(app), True) == (True, field.display)
        field.value = "08:00-16:00"
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ([("work_hours", "08:00-16:00")], False) == (applied, field.display)
        await pilot.press("enter", "escape", "escape")
        assert [None] == app.results


async def test_what_the_environment_decides_can_not_be_changed() -> None:
    """And says so."""
    store, applied = FakeSettings(locked={"theme": "environment variable AICALENDAR_THEME"}), []
    app = settings(store, applied)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("j", "right", "0")
        await pilot.pause()
        assert ([], True) == (applied, "AICALENDAR_THEME" in hints(app))


async def test_a_choice_that_can_not_be_kept_counts_all_the_same() -> None:
    """The reason is told."""
    store, applied = FakeSettings(), []
    store.problem = CalendarError("the disk is full")
    app = settings(store, applied)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("j", "right")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ([("theme", "light")], True) == (applied, "the disk is full" in hints(app))


async def test_zero_is_the_default_again() -> None:
    """Whatever it was."""
    store, applied = FakeSettings(theme="nord"), []
    app = settings(store, applied)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("j", "0")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [("theme", "dark")] == applied


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("clock_hours", "12", Preferences(hour24=False)),
        ("first_day_of_week", "sunday", Preferences(first_day_of_week=6)),
        ("week", "today", Preferences(week="ahead")),
        ("several_days", "5", Preferences(several_days=5)),
        ("row_minutes", "15", Preferences(minutes_per_row=15)),
        ("work_hours", "08:30-16:00", Preferences(work=(510, 960))),
        ("week_numbers", "off", Preferences(week_numbers=False)),
        ("second_zone", "Asia/Tokyo", Preferences(second_zone="Asia/Tokyo")),
        ("theme", "dark", Preferences()),
    ],
)
def test_a_setting_changes_its_part_of_the_look(key: str, text: str, expected: Preferences) -> None:
    """And no other."""
    assert expected == change_preferences(Preferences(), key, text)


def test_refusals_are_of_the_right_kind() -> None:
    """The fake behaves as the real store does."""
    with pytest.raises(InvalidEdit):
        FakeSettings().choose("work_hours", "soon")
