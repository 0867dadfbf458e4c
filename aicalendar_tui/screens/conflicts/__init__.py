"""What the user has to settle: edits that met others at Google, and those that Google refused."""

from aicalendar_tui.screens.conflicts.screen import ConflictsScreen

__all__ = ["ConflictsScreen"]
