"""The calendar on the screen, on the user's own accounts or on the demo."""

import gc
import os
import signal
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aicalendar_tui.cli.context import welcome
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.cli.settings_file import SettingsFile
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.settings.values import SettingsError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aicalendar_tui.backend.domain.times import Days
    from aicalendar_tui.backend.services import Services
    from aicalendar_tui.backend.store.first_view import FirstView
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.launcher.plan import Plan
    from aicalendar_tui.screens.gateway import Lease, ServiceGateway
    from aicalendar_tui.screens.log import LogLine
    from aicalendar_tui.screens.preferences import Preferences, Week
    from aicalendar_tui.settings import Settings
    from aicalendar_tui.simulator.ics import Problem

FIRST_DAYS = {"monday": 0, "saturday": 5, "sunday": 6}


class NoAccountError(CommandError):
    """Nobody has signed in yet."""


def run_calendar(context: "Context") -> int:
    """The screen on the user's accounts (with --demo: on the demo's)."""
    _require_terminal()
    context.settings.folders.create()
    try:
        return _run_screen(context, lambda: _plan(context))
    except NoAccountError:
        if context.settings.demo:
            raise
    from aicalendar_tui.cli.welcome import run_welcome

    return run_welcome(context, theme=find_theme(context.settings))


def run_demo(context: "Context") -> int:
    """The screen on a simulated Google; everything else is real. Joins a demo that runs already, as it is."""
    from aicalendar_tui.cli.demo_state import prepare_demo
    from aicalendar_tui.cli.programs import check_calendars, find_ics_problems

    options, settings = context.options, context.settings
    check_calendars(options.ics)
    _require_terminal()
    problems = find_ics_problems(options.ics)
    settings.folders.create()
    prepare_demo(settings, today=context.today, ics=options.ics)
    try:
        return _run_screen(
            context,
            lambda: _plan(context, port=options.port, ics=tuple(options.ics), lively=not options.quiet),
            notices=count_left_out(problems),
        )
    finally:
        # On the screen there is room for their number alone.
        for problem in problems:
            context.output.note(clean(str(problem)))


def count_left_out(problems: "Sequence[Problem]") -> list[str]:
    """A line for each file that something is left out of."""
    return [
        ngettext(
            "{number} event left out of {file}; see the line after quitting",
            "{number} events left out of {file}; see the lines after quitting",
            number,
        ).format(number=number, file=clean(Path(file).name))
        for file, number in Counter(problem.file for problem in problems).items()
    ]


def _plan(
    context: "Context", *, port: int | None = None, ics: "tuple[Path, ...]" = (), lively: bool = False
) -> "Plan":
    """What is to run; made after the first paint, since it takes a tenth of one."""
    from aicalendar_tui.cli.plan import demo_simulator, make_plan

    settings = context.settings
    simulator = demo_simulator(settings, port=port, ics=ics, lively=lively) if settings.demo else None
    return make_plan(settings, simulator=simulator)


def _require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(_("the calendar needs a terminal; for a pipe there is: aicalendar agenda"))
    if os.environ.get("TERM") in ("dumb", "unknown"):
        raise CommandError(
            _("this terminal can only print (TERM is {term}); for it there is: aicalendar agenda").format(
                term=os.environ["TERM"]
            )
        )


def _run_screen(context: "Context", plan: "Callable[[], Plan]", *, notices: "Sequence[str]" = ()) -> int:
    """Paints first, from what is here; services are opened and started meanwhile, in threads of the gateway's."""
    # Under nohup it would be ignored, and a screen whose terminal is gone would spin on the closed input.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Nothing is thrown away on the way to the first paint: looking for garbage there costs a tenth of it.
    gc.disable()
    settings = context.settings
    apply_keys(settings)
    from aicalendar_tui.screens.app import CalendarApp, Initial

    theme = find_theme(settings)
    preferences = read_preferences(settings)
    days = _first_week(context.today, preferences, context.zone)
    view = _first_view(settings, days)
    gateway = _open_gateway(context, plan, view.user_ids if view else None)
    if view is None:
        initial = Initial(
            agenda=gateway.read_agenda(days),
            calendars=tuple(gateway.read_calendars()),
            status=gateway.read_status(),
        )
    else:
        initial = Initial(agenda=view.agenda, calendars=view.calendars)
    app = CalendarApp(
        gateway,
        initial=initial,
        preferences=preferences,
        theme=theme,
        notices=(*notices, *map(clean, settings.ignored)),
        settings_store=SettingsFile(settings),
        own_keys=settings.keys,
        read_log=lambda: _read_log(settings),
        log_place=str(settings.folders.logs),
        on_painted=_collect_garbage_again,
    )
    try:
        app.run()
    finally:
        gateway.close()
    return app.return_code or 0


def _read_log(settings: "Settings") -> "list[LogLine]":
    from aicalendar_tui.cli.log_tail import read_log_tail

    return read_log_tail(settings.folders.logs)


def _collect_garbage_again() -> None:
    """What is there after the first paint stays for good: it need not be looked through each time."""
    gc.freeze()
    gc.enable()


def _first_view(settings: "Settings", days: "Days") -> "FirstView | None":
    from aicalendar_tui.backend.store.first_view import read_first_view

    return None if settings.database_url else read_first_view(settings.folders.database, days)


def _open_gateway(
    context: "Context", plan: "Callable[[], Plan]", user_ids: "Sequence[str] | None"
) -> "ServiceGateway":
    """`user_ids` None: nobody knows yet whose calendars these are, so the services have to be opened now."""
    from aicalendar_tui.cli.local_api import LocalApi
    from aicalendar_tui.screens.gateway import ServiceGateway
    from aicalendar_tui.settings.clock import SystemClock

    settings = context.settings

    def open_services() -> "Services":
        from aicalendar_tui.bootstrap import build_services
        from aicalendar_tui.cli.journal import start_journal

        start_journal(settings, "screen")  # not before the first paint: logging takes a part of it
        return build_services(settings, checkpoint=False)

    opened = open_services() if user_ids is None else None
    if opened is not None:
        user_ids = [account.user_id for account in opened.accounts()]
    if not user_ids:
        raise NoAccountError(welcome(demo=settings.demo))

    def take_lease() -> "Lease":
        from aicalendar_tui.backend.domain.errors import CalendarError
        from aicalendar_tui.launcher.errors import LauncherError
        from aicalendar_tui.launcher.lease import acquire

        try:
            return acquire(plan())
        except LauncherError as error:
            raise CalendarError(str(error)) from error

    return ServiceGateway(
        lambda: opened or open_services(),
        user_ids=user_ids,
        zone=context.zone,
        now=SystemClock(settings.now).now,
        api=LocalApi(settings),
        acquire=take_lease,
        poll_seconds=settings.poll_seconds,
    )


def read_preferences(settings: "Settings") -> "Preferences":
    """The settings of the look as the screen wants them."""
    from aicalendar_tui.screens.preferences import Preferences

    weeks: dict[str, Week] = {"7": "seven", "5": "five", "today": "ahead"}
    start, end = (
        int(hour) * 60 + int(minute)
        for hour, _, minute in (part.partition(":") for part in settings.work_hours.split("-"))
    )
    return Preferences(
        first_day_of_week=FIRST_DAYS[settings.first_day_of_week],
        hour24=settings.clock_hours == 24,
        week=weeks[settings.week],
        several_days=settings.several_days,
        minutes_per_row=settings.row_minutes,
        work=(start, end),
        second_zone=settings.second_zone or "",
        week_numbers=settings.week_numbers,
    )


def _first_week(day: date, preferences: "Preferences", zone: str) -> "Days":
    """The days of the first paint, or days around them."""
    from aicalendar_tui.backend.domain.times import Days

    ahead = preferences.week == "ahead"
    first = day if ahead else day - timedelta(days=(day.weekday() - preferences.first_day_of_week) % 7)
    return Days(first, first + timedelta(days=7), zone)


def apply_keys(settings: "Settings") -> None:
    """Before the screens are imported: they take their bindings from the table. Raises SettingsError."""
    if settings.preset == "hybrid" and not settings.keys:
        return
    from aicalendar_tui.screens.keymap import KeymapError, use_keys

    try:
        use_keys(settings.preset, settings.keys or {})
    except KeymapError as error:
        raise SettingsError(f"{settings.sources.get('keys', 'keys')}: {error}") from error


def find_theme(settings: "Settings") -> str:
    """The full name of the theme that is set: our own two go by `dark` and `light`. Raises SettingsError.

    Looked up here, since reading the settings must not take as long as importing Textual does.
    """
    from aicalendar_tui.screens.theme import BUILTIN_THEMES, DARK, LIGHT

    own = {"dark": DARK, "light": LIGHT, DARK: DARK, LIGHT: LIGHT}
    name = settings.theme
    if name in own or name in BUILTIN_THEMES:
        return own.get(name, name)
    known = ("dark", "light", *BUILTIN_THEMES)
    where = settings.sources.get("theme", "")
    hint = did_you_mean(name, known) or f": {', '.join(known[2:])}"
    raise SettingsError(
        f"AICALENDAR_THEME is {name!r} ({where}); it must be dark, light or the name of a Textual theme{hint}"
    )
