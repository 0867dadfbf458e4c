"""The command palette: everything one can do, by name."""

from aicalendar_tui.screens.palette.screen import Entry, PaletteScreen, command_entries

__all__ = ["Entry", "PaletteScreen", "command_entries"]
