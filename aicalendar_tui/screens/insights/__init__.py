"""Where the time goes."""

from aicalendar_tui.screens.insights.screen import InsightsScreen

__all__ = ["InsightsScreen"]
