"""Asks for a day in words and shows, while one types, which day that is."""

from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.goto.typed_date import parse_date
from aicalendar_tui.screens.phrases import name_day_in_full, say_distance
from aicalendar_tui.screens.sheet import MUTED, Sheet


class GotoScreen(Sheet[date | None]):
    """Dismisses with the day to go to, or None when the user thinks better of it."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "close")]

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder=_("25 nov, friday, in 3 weeks, +10, week 50"), compact=True)
        yield Static(id="understood", markup=False)

    def on_mount(self) -> None:
        """Says what the sheet is for."""
        self.show_title(_("Go to a date"))
        self.show_hints(("Enter", _("go")), ("Esc", _("close")))
        self._show_understood("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        self._show_understood(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes there, if there is a there."""
        if day := parse_date(event.value, today=self._today):
            self.dismiss(day)

    def action_close(self) -> None:
        """Leaves the calendar where it is."""
        self.dismiss(None)

    def _show_understood(self, text: str) -> None:
        day = parse_date(text, today=self._today)
        if day:
            week = _("week {number}").format(number=day.isocalendar().week)
            self.show_text(
                "#understood",
                Content.assemble(
                    (name_day_in_full(day), "bold"),
                    (f"   {week}   {say_distance(day, self._today)}", MUTED),
                ),
            )
        elif text.strip():
            self.show_text("#understood", Content.styled(_("no day that I know"), "$text-warning"))
        else:
            self.show_text("#understood", Content.styled(_("Any day, in words or digits"), MUTED))
