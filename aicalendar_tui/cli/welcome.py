"""The first run without an account: asks where the calendar comes from, and goes there."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING

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
    now = ["--now", context.options.now] if getattr(context.options, "now", None) else []
    code = context.run_command([*words_of(chosen), *now])
    if chosen.way != "login" or code != OK:
        return code
    return context.run_command(now)  # the calendar itself


def words_of(chosen: "Beginning") -> list[str]:
    """The command that does it."""
    if chosen.way == "ics":
        return ["demo", "--ics", str(chosen.path)]
    return [chosen.way]
