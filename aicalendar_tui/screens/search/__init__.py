"""The search: everything local, as one types."""

from aicalendar_tui.screens.search.screen import SearchScreen

__all__ = ["SearchScreen"]
