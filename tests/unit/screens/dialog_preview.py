"""Shows one dialog on a fake gateway: `python -m tests.unit.screens.dialog_preview tasks [light] [ru]`."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from textual.app import App
from textual.screen import Screen

from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.i18n import set_language
from aicalendar_tui.screens.calendars.screen import CalendarsScreen
from aicalendar_tui.screens.commands import COMMANDS
from aicalendar_tui.screens.conflicts.screen import ConflictsScreen
from aicalendar_tui.screens.details.screen import DetailsScreen
from aicalendar_tui.screens.editor.screen import EditorScreen
from aicalendar_tui.screens.goto.screen import GotoScreen
from aicalendar_tui.screens.help.screen import HelpScreen
from aicalendar_tui.screens.log import LogLine, LogScreen
from aicalendar_tui.screens.search.screen import SearchScreen
from aicalendar_tui.screens.settings.screen import SettingsScreen
from aicalendar_tui.screens.tasks.screen import TasksScreen
from aicalendar_tui.screens.theme import DARK, LIGHT, own_themes, variable_defaults
from aicalendar_tui.screens.welcome import WelcomeScreen
from tests.unit.screens.fake_dialog_gateway import DESIGN, DETAILS, HOLIDAYS, HOME, NOW, REVIEW_KEY, WORK, ZONE
from tests.unit.screens.fake_dialog_gateway import FakeDialogGateway as FakeGateway
from tests.unit.screens.fake_settings import FakeSettings

CALENDARS = [WORK, DESIGN, HOME, HOLIDAYS]


LOG = (
    LogLine(service="worker", text="pulled Travel", time=NOW - timedelta(seconds=2)),
    LogLine(
        service="screen",
        text="redis is away: its socket isn't there",
        level="warning",
        time=NOW - timedelta(seconds=1),
    ),
    LogLine(service="screen", text="redis is back", time=NOW),
)


async def read_log() -> list[LogLine]:
    """Always the same."""
    return list(LOG)


class DialogApp(App[object]):
    """Nothing but a dialog on an empty ground; ends when it is dismissed, with its result."""

    def __init__(self, dialog: Screen, *, light: bool = False) -> None:
        super().__init__()
        self.dialog = dialog
        for theme in own_themes():
            self.register_theme(theme)
        self.theme = LIGHT if light else DARK
        self.results: list[object] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The tokens that our own files use, under any theme."""
        variables = self.current_theme.to_color_system().generate()
        return variable_defaults(variables, dark=self.current_theme.dark)

    def on_mount(self) -> None:
        """Opens the dialog."""
        self.push_screen(self.dialog, self.results.append)


def make_dialog(name: str, gateway: FakeGateway | None = None) -> Screen:
    """Raises KeyError for a name that is not one of the dialogs."""
    gateway = gateway or FakeGateway()
    start = datetime(2026, 11, 24, 15, 0, tzinfo=ZoneInfo(ZONE))
    dialogs = {
        "goto": lambda: GotoScreen(NOW.date()),
        "help": lambda: HelpScreen(COMMANDS),
        "tasks": lambda: TasksScreen(gateway),
        "conflicts": lambda: ConflictsScreen(gateway),
        "calendars": lambda: CalendarsScreen(gateway, first=DESIGN),
        "settings": lambda: SettingsScreen(FakeSettings(), themes=("dark", "light"), apply=lambda key, text: None),
        "log": lambda: LogScreen(read_log, zone=ZONE, place="/home/ana/.local/state/aicalendar/log"),
        "welcome": lambda: WelcomeScreen(folder=Path("/home/ana")),
        "search": lambda: SearchScreen(gateway, calendars=CALENDARS, text="lunch"),
        "details": lambda: DetailsScreen(gateway, REVIEW_KEY),
        "gone": lambda: DetailsScreen(gateway, EventKey("nobody", "none", "gone")),
        "new": lambda: EditorScreen(
            gateway, calendars=CALENDARS, details=None, start=start, end=start.replace(hour=16), calendar=HOME
        ),
        "edit": lambda: EditorScreen(
            gateway,
            calendars=CALENDARS,
            details=DETAILS,
            start=DETAILS.event.start,
            end=DETAILS.event.end,
            calendar=DESIGN,
        ),
    }
    return dialogs[name]()


if __name__ == "__main__":
    set_language("ru" if "ru" in sys.argv else "en")
    DialogApp(make_dialog(sys.argv[1]), light="light" in sys.argv).run()
