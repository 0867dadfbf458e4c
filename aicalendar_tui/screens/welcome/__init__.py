"""The first run: where the calendar comes from."""

from aicalendar_tui.screens.welcome.app import WelcomeApp
from aicalendar_tui.screens.welcome.screen import Beginning, WelcomeScreen

__all__ = ["Beginning", "WelcomeApp", "WelcomeScreen"]
