"""The task panel: what the services are doing."""

from aicalendar_tui.screens.tasks.screen import TasksScreen

__all__ = ["TasksScreen"]
