"""Every key, by what it is for."""

from aicalendar_tui.screens.help.screen import HelpScreen

__all__ = ["HelpScreen"]
