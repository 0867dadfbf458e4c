"""Go to a date, typed in words."""

from aicalendar_tui.screens.goto.screen import GotoScreen

__all__ = ["GotoScreen"]
