"""The terminal app: themes, the feed of news, and the calendar screen.

Importing it is on the way to the first paint: nothing comes in here that is not seen at once.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.command import Provider
from textual.screen import Screen
from textual.theme import Theme

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.live_screen import Initial
from aicalendar_tui.screens.calendar.screen import CalendarScreen
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.theme import DARK, LIGHT, own_themes, variable_defaults

__all__ = ["CalendarApp", "Initial"]


def _palette_provider() -> type[Provider]:
    from aicalendar_tui.screens.palette import CommandProvider

    return CommandProvider


class CalendarApp(App[None]):
    """Shows `initial` at once, then keeps up with the gateway until the user quits.

    `first_day_of_week` is 0 for Monday, 6 for Sunday; `on_painted` is called once the first paint is out.
    """

    TITLE = "aicalendar"
    CSS_PATH = "calendar/screen.tcss"  # of the default screen, whose own CSS_PATH Textual does not read
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set] = {_palette_provider}
    ALLOW_SELECT = False

    def __init__(
        self,
        gateway: Gateway,
        *,
        initial: Initial | None = None,
        first_day_of_week: int = 0,
        hour24: bool = True,
        theme: str = DARK,
        on_painted: Callable[[], None] = lambda: None,
    ) -> None:
        self._own_themes = {own.name: own for own in own_themes()}
        self.set_reactive(App.theme, theme)  # before Textual makes its stylesheet, so that it is made once
        super().__init__()
        self.gateway = gateway
        self._on_painted = on_painted
        self._calendar = CalendarScreen(gateway, initial=initial, first_day_of_week=first_day_of_week, hour24=hour24)
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
        self.run_worker(self._follow_news(), group="news", exclusive=True)

    async def _follow_news(self) -> None:
        """Each screen hears of it: the calendar below a dialog keeps up too."""
        async for news in self.gateway.news():
            for screen in list(self.screen_stack):
                screen.post_message(NewsArrived(news))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers beside the table of commands."""
        del screen
        other = LIGHT if self.current_theme.dark else DARK
        label = _("Light theme") if other == LIGHT else _("Dark theme")
        yield SystemCommand(label, _("Colours"), lambda: setattr(self, "theme", other))
