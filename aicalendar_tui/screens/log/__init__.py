"""What the services and the screen wrote lately."""

from aicalendar_tui.screens.log.lines import LogLine
from aicalendar_tui.screens.log.screen import LogScreen

__all__ = ["LogLine", "LogScreen"]
