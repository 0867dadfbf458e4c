"""Accounts and calendars: what is shown, how it looks, and how it is kept up to date."""

from aicalendar_tui.screens.calendars.screen import CalendarsScreen

__all__ = ["CalendarsScreen"]
