"""The commands of the calendar screen that open another screen; each is imported when it is first opened."""

from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.text import clean

if TYPE_CHECKING:
    from aicalendar_tui.screens.calendar.editing_screen import EditingScreen

    Base = EditingScreen
else:
    Base = object


class Openings(Base):
    """Mixed into the calendar screen."""

    _searched = ""
    """What was looked for last; it is there again the next time."""

    def action_search(self) -> None:
        """Find an event by what it says, and go there."""
        from aicalendar_tui.screens.search import SearchScreen

        def remember(text: str) -> None:
            self._searched = text

        screen = SearchScreen(
            self.gateway,
            calendars=self.state.calendars,
            hour24=self._hour24,
            text=self._searched,
            remember=remember,
        )
        self.app.push_screen(screen, self._show_found)

    def _show_found(self, entry: Entry | None) -> None:
        """Its day, with it selected; a calendar that was hidden is shown for it."""
        if entry is None:
            return
        zone = zone_of(self.state.zone)
        self.state.go_to(entry.first_day if entry.all_day else entry.start_in(zone).date())
        self.state.select(entry)
        self._moved()
        calendar = self.state.calendar_of(entry.user_id, entry.calendar_id)
        if calendar is not None and not calendar.shown:
            text = _("{name} is shown").format(name=clean(calendar.summary))
            self._edit(lambda: self.gateway.set_shown(calendar, True), text)

    def action_calendars(self) -> None:
        """Which calendars are shown, in which colour and order, and how they are kept up to date."""
        from aicalendar_tui.screens.calendars import CalendarsScreen

        self.app.push_screen(CalendarsScreen(self.gateway, first=self.state.current_calendar))
