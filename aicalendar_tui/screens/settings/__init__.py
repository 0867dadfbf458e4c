"""The settings of the look, with immediate effect."""

from aicalendar_tui.screens.settings.choices import SettingsStore
from aicalendar_tui.screens.settings.screen import SettingsScreen

__all__ = ["SettingsScreen", "SettingsStore"]
