"""The commands of the calendar screen that open another screen; each is imported when it is first opened."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingsMap

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _, set_language
from aicalendar_tui.screens.commands import COMMANDS, bound_keys
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import clean
from aicalendar_tui.screens.theme import DARK, LIGHT

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

    def action_settings(self) -> None:
        """How the calendar looks and which keys it has; each change takes effect at once."""
        from aicalendar_tui.screens.settings import SettingsScreen, SettingsStore

        store: SettingsStore | None = getattr(self.app, "settings_store", None)  # the calendar's app has one
        if store is None:
            self._tell(_("There are no settings here"), warning=True)
            return
        themes = ("dark", "light", *sorted(name for name in self.app.available_themes if name not in (DARK, LIGHT)))
        self.app.push_screen(SettingsScreen(store, themes=themes, apply=self._apply_setting))

    def action_log(self) -> None:
        """What the services and the screen wrote."""
        from aicalendar_tui.screens.log import LogLine, LogScreen

        read: Callable[[], list[LogLine]] = getattr(self.app, "read_log", list)  # the calendar's app has one
        place: str = getattr(self.app, "log_place", "")
        self.app.push_screen(LogScreen(lambda: asyncio.to_thread(read), zone=self.state.zone, place=place))

    def action_insights(self) -> None:
        """Where the time goes."""
        from aicalendar_tui.screens.insights import InsightsScreen

        self.app.push_screen(
            InsightsScreen(
                self.gateway,
                calendars=self.state.calendars,
                day=self.state.cursor.day,
                preferences=self.state.preferences,
            )
        )

    def _apply_setting(self, key: str, text: str) -> None:
        from aicalendar_tui.screens.settings.choices import change_preferences

        if key == "theme":
            self.app.theme = {"dark": DARK, "light": LIGHT}.get(text, text)
        elif key == "language":
            set_language(text or None)
        elif key == "preset":
            self._take_preset(text)
        else:
            self.state.preferences = change_preferences(self.state.preferences, key, text)
            self.state.show_view(self.state.view)
        self.refresh_scene()
        for widget in self.query(Painted):
            widget.repaint()
        self._read_everything()

    def _take_preset(self, preset: str) -> None:
        """The keys of this screen are made anew; dialogs that were opened before keep theirs until the next start."""
        from aicalendar_tui.screens.keymap import KeymapError, use_keys

        try:
            use_keys(preset, getattr(self.app, "own_keys", {}))
        except KeymapError as error:
            self._tell(str(error), warning=True)
            return
        self._bindings = BindingsMap(
            [
                *(
                    Binding(key, command.id, command.label, show=False)
                    for command in COMMANDS
                    for key in bound_keys(command)
                ),
                Binding("escape", "leave", show=False),
            ]
        )
