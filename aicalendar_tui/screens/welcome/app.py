"""The welcome as a program of its own: it ends with what was chosen, before any service runs."""

from pathlib import Path

from textual.app import App

from aicalendar_tui.screens.theme import DARK, own_themes, variable_defaults
from aicalendar_tui.screens.welcome.screen import Beginning, WelcomeScreen


class WelcomeApp(App[Beginning | None]):
    """None: the user left without a choice."""

    TITLE = "aicalendar"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *, theme: str = DARK, folder: Path) -> None:
        """Paths of .ics files are taken from `folder` on."""
        super().__init__()
        for own in own_themes():
            self.register_theme(own)
        self.theme = theme
        self._folder = folder

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tokens, for themes that are not ours."""
        theme = self.current_theme
        return variable_defaults(theme.to_color_system().generate(), dark=theme.dark)

    def on_mount(self) -> None:
        """Asks at once."""
        self.push_screen(WelcomeScreen(folder=self._folder), self.exit)
