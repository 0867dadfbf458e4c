"""The terminal app: themes, the feed of news, and the calendar screen.

Importing it is on the way to the first paint: nothing comes in here that is not seen at once.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme
from textual.timer import Timer

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.live_screen import Initial
from aicalendar_tui.screens.calendar.screen import CalendarScreen
from aicalendar_tui.screens.commands import COMMANDS
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import KeyHandled, KeysAwaited, NewsArrived
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.theme import DARK, LIGHT, own_themes, variable_defaults

if TYPE_CHECKING:
    from aicalendar_tui.screens.log import LogLine
    from aicalendar_tui.screens.settings import SettingsStore

__all__ = ["CalendarApp", "Initial"]

KEY_PATIENCE = 2.0
"""Seconds after which a key counts as handled, whatever became of it."""

NOTICE_SECONDS = 15


class CalendarApp(App[None]):
    """Shows `initial` at once, then keeps up with the gateway until the user quits.

    `preferences` are the settings of the look; `on_painted` is called once the first paint is out, and
    `notices`, cleaned texts, are shown as toasts then.
    """

    TITLE = "aicalendar"
    CSS_PATH = "calendar/screen.tcss"  # of the default screen, whose own CSS_PATH Textual does not read
    ENABLE_COMMAND_PALETTE = False  # ours is a sheet as every other dialog
    ALLOW_SELECT = False

    def __init__(
        self,
        gateway: Gateway,
        *,
        initial: Initial | None = None,
        preferences: Preferences | None = None,
        theme: str = DARK,
        on_painted: Callable[[], None] = lambda: None,
        notices: Sequence[str] = (),
        settings_store: "SettingsStore | None" = None,
        own_keys: Mapping[str, tuple[str, ...]] | None = None,
        read_log: "Callable[[], list[LogLine]]" = list,
        log_place: str = "",
    ) -> None:
        self._own_themes = {own.name: own for own in own_themes()}
        self.set_reactive(App.theme, theme)  # before Textual makes its stylesheet, so that it is made once
        super().__init__()
        self.gateway = gateway
        self._on_painted = on_painted
        self._typed_ahead: deque[events.Key | events.Paste] = deque()
        self._key_screen: Screen[object] | None = None
        """Where the key went that is being handled; None when none is."""
        self._key_timer: Timer | None = None
        self._notices = notices
        self.settings_store = settings_store
        """Where the settings screen keeps what it changes; None: there is no settings screen."""
        self.own_keys = own_keys or {}
        """The user's own keys over any preset."""
        self.read_log, self.log_place = read_log, log_place
        """Blocks: the newest lines of the logs; and where they are, to be told."""
        self._calendar = CalendarScreen(gateway, initial=initial, preferences=preferences)
        for own in self._own_themes.values():
            self.register_theme(own)

    def get_theme(self, theme_name: str) -> Theme | None:
        """Our own are known even before they can be registered."""
        return self._own_themes.get(theme_name) or super().get_theme(theme_name)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tokens, for themes that are not ours."""
        theme = self.current_theme
        if theme.name in (DARK, LIGHT):
            return {}
        return variable_defaults(theme.to_color_system().generate(), dark=theme.dark)

    def get_default_screen(self) -> Screen[None]:
        """The calendar is there from the first paint on."""
        return self._calendar

    def on_mount(self) -> None:
        """News are followed for as long as the app runs."""
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self._on_painted()
        for text in self._notices:
            self.notify(text, markup=False, severity="warning", timeout=NOTICE_SECONDS)
        self.run_worker(self._follow_news(), group="news", exclusive=True)

    async def _follow_news(self) -> None:
        """Each screen hears of it: the calendar below a dialog keeps up too."""
        async for news in self.gateway.news():
            for screen in list(self.screen_stack):
                screen.post_message(NewsArrived(news))

    # Keys act one after the other: what is typed ahead of a dialog gets there.

    async def on_event(self, event: events.Event) -> None:
        """Keeps back what is typed while a key is being handled."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._key_screen is not None:
                self._typed_ahead.append(event)
                return
            await self._take_key(event)
        else:
            await super().on_event(event)

    async def _take_key(self, event: events.Key | events.Paste) -> None:
        self._key_screen = self.screen
        target = self.focused or self.screen
        self._key_timer = self.set_timer(KEY_PATIENCE, self._go_on)
        await super().on_event(event)
        if not target.post_message(KeyHandled()):
            self.post_message(KeyHandled())

    async def on_key_handled(self, message: KeyHandled) -> None:
        """The next one; but first a dialog that this one opened has to stand, and to have its focus."""
        message.stop()
        if self._key_screen is None:
            return
        if self._key_screen is not self.screen:
            self._key_screen = self.screen
            if self.screen.post_message(KeyHandled()):
                return
        if not self._calendar.awaiting:
            await self._go_on()

    async def on_keys_awaited(self, message: KeysAwaited) -> None:
        """The calendar has read what the key needed."""
        message.stop()
        if self._key_screen is not None:
            self.screen.post_message(KeyHandled())

    async def _go_on(self) -> None:
        if self._key_timer is not None:
            self._key_timer.stop()
        self._key_screen = self._key_timer = None
        if self._typed_ahead:
            await self._take_key(self._typed_ahead.popleft())

    def action_command_palette(self) -> None:
        """All commands by name; the one that is chosen runs on the screen below."""
        from aicalendar_tui.screens.palette import Entry, PaletteScreen, command_entries

        screen = self.screen
        known = [command for command in COMMANDS if command.id != "palette"]
        entries = command_entries(known, lambda command_id: getattr(screen, f"action_{command_id}")())
        entries += [
            Entry(label=system.title, group=system.help, run=system.callback)
            for system in self.get_system_commands(screen)
        ]

        def run_chosen(run: Callable[[], object] | None) -> None:
            if run is not None:
                run()

        self.push_screen(PaletteScreen(entries), run_chosen)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers beside the table of commands."""
        del screen
        other = LIGHT if self.current_theme.dark else DARK
        label = _("Light theme") if other == LIGHT else _("Dark theme")
        yield SystemCommand(label, _("Colours"), lambda: setattr(self, "theme", other))
