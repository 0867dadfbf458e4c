"""Shows when there is time, as text, and copies it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.sheet import MUTED, Sheet


class AvailabilityScreen(Sheet[bool]):
    """Dismisses with whether the text was copied (by OSC 52, which not every terminal obeys)."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,н", "copy", show=False),
        Binding("escape,q,й", "close", show=False),
    ]

    def __init__(self, text: str, asked: str) -> None:
        """`text` is '' when there is no free time; `asked` says which calendars were looked at."""
        super().__init__()
        self._text = text
        self._asked = asked

    def compose_body(self) -> ComposeResult:
        yield Static(id="times", markup=False)

    def on_mount(self) -> None:
        """The text as it will be pasted."""
        self.show_title(_("When there is time"), self._asked)
        if self._text:
            self.show_text("#times", self._text)
            self.show_hints(("Enter", _("copy")), ("Esc", _("close")))
        else:
            self.show_text("#times", Content.styled(_("No free half hour in these days"), MUTED))
            self.show_hints(("Esc", _("close")))

    def action_copy(self) -> None:
        """Into the clipboard of the terminal."""
        if self._text:
            self.app.copy_to_clipboard(self._text)
            self.dismiss(True)

    def action_close(self) -> None:
        """Nothing is copied."""
        self.dismiss(False)
