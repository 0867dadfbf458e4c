"""The form in which an event is made and changed."""

from aicalendar_tui.screens.editor.screen import EditorResult, EditorScreen

__all__ = ["EditorResult", "EditorScreen"]
