"""Asks for a place, and shows the time there while one types."""

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import city_of, short_day
from aicalendar_tui.screens.goto.zones import find_zones
from aicalendar_tui.screens.sheet import MUTED, Sheet


class ZoneScreen(Sheet[str | None]):
    """Dismisses with the zone to see the calendar in, or None when all stays as it is. Nothing typed means home."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "close"),
        ("down,tab", "choose(1)", "next"),
        ("up,shift+tab", "choose(-1)", "previous"),
    ]

    def __init__(self, now: datetime, *, home: str, shown: str) -> None:
        super().__init__()
        self._now, self._home, self._shown = now, home, shown
        self._found: list[str] = []
        self._chosen = 0

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder=_("New York, Tokyo, Europe/Berlin"), compact=True)
        yield Static(id="found", markup=False)

    def on_mount(self) -> None:
        """Says what the sheet is for."""
        self.show_title(_("Another time zone"))
        self.show_hints(("Enter", _("go")), ("↑ ↓", _("choose")), ("Esc", _("close")))
        self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes there, if there is a there."""
        if self._found:
            self.dismiss(self._found[self._chosen])

    def action_choose(self, step: int) -> None:
        """The next one of what was found."""
        if self._found:
            self._chosen = (self._chosen + step) % len(self._found)
            self._show()

    def action_close(self) -> None:
        """Leaves the calendar where it is."""
        self.dismiss(None)

    def _find(self, text: str) -> None:
        known = [self._home] if self._shown == self._home else [self._home, self._shown]
        self._found, self._chosen = find_zones(text) if text.strip() else known, 0
        self._show()

    def _show(self) -> None:
        if not self._found:
            self.show_text("#found", Content.styled(_("no place that I know"), "$text-warning"))
            return
        lines = []
        for number, zone in enumerate(self._found):
            there = self._now.astimezone(zone_of(zone))
            mark, style = ("▸ ", "bold") if number == self._chosen else ("  ", "")
            note = _("home") if zone == self._home else zone.rpartition("/")[0].replace("_", " ")
            lines.append(
                Content.assemble(
                    (f"{mark}{short_day(there.weekday())} {there:%H:%M}  ", style or MUTED),
                    (city_of(zone), style),
                    (f"   {note}", MUTED),
                )
            )
        self.show_text("#found", Content("\n").join(lines))
