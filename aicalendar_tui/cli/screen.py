"""The calendar on the screen, on the user's own accounts or on the demo."""

import sys
from typing import TYPE_CHECKING

from aicalendar_tui.cli.programs import check_readable
from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.i18n import _

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.launcher.services import SimulatorOptions


def run_calendar(context: "Context") -> int:
    """The screen on the user's accounts (with --demo: on the demo's)."""
    return _run_screen(context, simulator=None)


def run_demo(context: "Context") -> int:
    """The screen on a simulated Google; everything else is real."""
    from aicalendar_tui.cli.plan import demo_simulator

    options = context.options
    check_readable(options.ics)
    return _run_screen(context, simulator=demo_simulator(context.settings, port=options.port, ics=tuple(options.ics)))


def _run_screen(context: "Context", *, simulator: "SimulatorOptions | None") -> int:
    """Paints first; the services start meanwhile, in a thread of the gateway's."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(_("the calendar needs a terminal; for a pipe there is: aicalendar agenda"))
    context.settings.folders.create()
    from aicalendar_tui.bootstrap import open_gateway
    from aicalendar_tui.cli.plan import make_plan
    from aicalendar_tui.screens.app import CalendarApp

    plan = make_plan(context.settings, simulator=simulator)
    app = CalendarApp(open_gateway(context.settings, plan))
    app.run()
    return app.return_code or 0
