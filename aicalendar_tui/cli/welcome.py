"""The first run without an account: asks where the calendar comes from, and goes there."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING

from aicalendar_tui.cli.context import open_context
from aicalendar_tui.cli.parser import build_parser
from aicalendar_tui.cli.report import OK

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.screens.welcome import Beginning


def run_welcome(context: "Context", *, theme: str) -> int:
    """Ends as the command that was chosen ends; leaving without a choice is no failure."""
    gc.enable()  # the calendar's way to its first paint went without
    from aicalendar_tui.screens.welcome import WelcomeApp

    chosen = WelcomeApp(theme=theme, folder=Path.cwd()).run()
    if chosen is None:
        return OK
    command = words_of(chosen)
    if getattr(context.options, "now", None):
        command += ["--now", context.options.now]
    options = build_parser().parse_args(command)
    code = options.run(open_context(options))
    if chosen.way != "login" or code != OK:
        return code
    from aicalendar_tui.cli.screen import run_calendar

    return run_calendar(context)


def words_of(chosen: "Beginning") -> list[str]:
    """The command that does it."""
    if chosen.way == "ics":
        return ["demo", "--ics", str(chosen.path)]
    return [chosen.way]
