"""The calendar on the screen, on the user's own accounts or on the demo."""

import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aicalendar_tui.cli.context import welcome
from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aicalendar_tui.backend.domain.times import Days
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.launcher.plan import Plan
    from aicalendar_tui.screens.gateway import Lease, ServiceGateway

FIRST_DAYS = {"monday": 0, "saturday": 5, "sunday": 6}


def run_calendar(context: "Context") -> int:
    """The screen on the user's accounts (with --demo: on the demo's)."""
    _require_terminal()
    context.settings.folders.create()
    return _run_screen(context, lambda: _plan(context))


def run_demo(context: "Context") -> int:
    """The screen on a simulated Google; everything else is real. Joins a demo that runs already, as it is."""
    from aicalendar_tui.cli.demo_state import prepare_demo
    from aicalendar_tui.cli.programs import check_readable, find_ics_problems

    options, settings = context.options, context.settings
    check_readable(options.ics)
    _require_terminal()
    for problem in find_ics_problems(options.ics):
        # Before the screen opens: it is there to be read again when the screen has closed.
        context.output.note(problem)
    settings.folders.create()
    prepare_demo(settings, today=context.today, ics=options.ics)
    return _run_screen(context, lambda: _plan(context, port=options.port, ics=tuple(options.ics)))


def _plan(context: "Context", *, port: int | None = None, ics: "tuple[Path, ...]" = ()) -> "Plan":
    """What is to run; made after the first paint, since it takes a tenth of one."""
    from aicalendar_tui.cli.plan import demo_simulator, make_plan

    settings = context.settings
    simulator = demo_simulator(settings, port=port, ics=ics) if settings.demo else None
    return make_plan(settings, simulator=simulator)


def _require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(_("the calendar needs a terminal; for a pipe there is: aicalendar agenda"))


def _run_screen(context: "Context", plan: "Callable[[], Plan]") -> int:
    """Paints first, from what is here; the services start meanwhile, in a thread of the gateway's."""
    # In this order: the first paint needs Textual, and what both need is then there already.
    from aicalendar_tui.screens.app import CalendarApp, Initial

    settings = context.settings
    gateway = _open_gateway(context, plan)
    first_day = FIRST_DAYS[settings.first_day_of_week]
    initial = Initial(
        agenda=gateway.read_agenda(_week_of(context.today, first_day, context.zone)),
        calendars=tuple(gateway.read_calendars()),
        status=gateway.read_status(),
    )
    app = CalendarApp(
        gateway,
        initial=initial,
        first_day_of_week=first_day,
        hour24=settings.clock_hours == 24,
        theme=_theme(settings.theme),
    )
    try:
        app.run()
    finally:
        gateway.close()
    return app.return_code or 0


def _open_gateway(context: "Context", plan: "Callable[[], Plan]") -> "ServiceGateway":
    from aicalendar_tui.backend.domain.errors import CalendarError
    from aicalendar_tui.bootstrap import build_services
    from aicalendar_tui.cli.local_api import LocalApi
    from aicalendar_tui.screens.gateway import ServiceGateway

    services = build_services(context.settings, checkpoint=False)
    accounts = services.accounts()
    if not accounts:
        raise CommandError(welcome(demo=context.settings.demo))

    def take_lease() -> "Lease":
        from aicalendar_tui.launcher.errors import LauncherError
        from aicalendar_tui.launcher.lease import acquire

        try:
            return acquire(plan())
        except LauncherError as error:
            raise CalendarError(str(error)) from error

    return ServiceGateway(
        services,
        user_ids=[account.user_id for account in accounts],
        zone=context.zone,
        feed=services.open_feed(),
        api=LocalApi(context.settings),
        acquire=take_lease,
        poll_seconds=context.settings.poll_seconds,
    )


def _week_of(day: date, first_day_of_week: int, zone: str) -> "Days":
    from aicalendar_tui.backend.domain.times import Days

    first = day - timedelta(days=(day.weekday() - first_day_of_week) % 7)
    return Days(first, first + timedelta(days=7), zone)


def _theme(name: str) -> str:
    """Our own two go by `dark` and `light`."""
    return f"aicalendar-{name}" if name in ("dark", "light") else name
