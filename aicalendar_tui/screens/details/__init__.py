"""One event, opened."""

from aicalendar_tui.screens.details.screen import DetailsCommand, DetailsScreen

__all__ = ["DetailsCommand", "DetailsScreen"]
