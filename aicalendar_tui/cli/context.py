"""What a command has to work with: its options, the settings, where to print, and the services."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aicalendar_tui.cli.output import Output
from aicalendar_tui.cli.report import OK, CommandError
from aicalendar_tui.i18n import _, set_language
from aicalendar_tui.settings import Settings, load_settings

if TYPE_CHECKING:
    from aicalendar_tui.backend.services import Services
    from aicalendar_tui.launcher.lease import Lease

DEFAULT_USER = "me"


class Context:
    """One run of one command. Services are built, and leases taken, by what asks for them first."""

    def __init__(
        self,
        options: Namespace,
        settings: Settings,
        output: Output,
        *,
        build_services: "Callable[[Settings], Services]",
        acquire_lease: "Callable[[Settings], Lease]",
        wait_seconds: float = 10,
        run_command: "Callable[[Sequence[str]], int]" = lambda words: OK,
    ) -> None:
        """`wait_seconds` is how long the services may take for what a command asks of them.

        `run_command` goes on as another command, given as it would be typed.
        """
        self.options = options
        self.settings = settings
        self.output = output
        self._build_services = build_services
        self._acquire_lease = acquire_lease
        self.wait_seconds = wait_seconds
        self.run_command = run_command

    @cached_property
    def services(self) -> "Services":
        """The use cases, on this process's own connections."""
        import logging  # which the services load anyway

        if not getattr(self.options, "debug", False):
            # What goes wrong is told by the command itself, in one line.
            logging.getLogger("aicalendar_tui").addHandler(logging.NullHandler())
        self.settings.folders.create()
        return self._build_services(self.settings)

    def acquire_lease(self) -> "Lease":
        """Keeps receiver and worker running until it is closed; starts them where nobody did."""
        self.settings.folders.create()
        return self._acquire_lease(self.settings)

    @cached_property
    def user_id(self) -> str:
        """The default account. Raises CommandError when there is none yet."""
        if not self.services.accounts():
            raise CommandError(welcome(demo=self.settings.demo))
        return self.services.resolve_user(DEFAULT_USER)

    @cached_property
    def zone(self) -> str:
        """The IANA zone in which days are meant and shown."""
        return self.settings.shown_zone

    @cached_property
    def now(self) -> datetime:
        """The present, or what --now says, in `zone`."""
        return (self.settings.now or datetime.now(UTC)).astimezone(ZoneInfo(self.zone))

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.date()


def welcome(*, demo: bool) -> str:
    """What to do when there is no account yet."""
    if demo:
        return _("the demo has no calendar yet: start it once with: aicalendar demo")
    return _(
        "there is no calendar yet. Connect your Google Calendar: aicalendar login. "
        "See how it works, on this machine alone: aicalendar demo; with .ics files: aicalendar demo --ics FILE."
    )


def open_context(options: Namespace, run_command: "Callable[[Sequence[str]], int]") -> Context:
    """The context of a command that was typed. Raises SettingsError."""
    overrides = {"now": options.now} if getattr(options, "now", None) else {}
    settings = load_settings(demo=getattr(options, "demo", False), overrides=overrides)
    set_language(settings.language)
    return Context(
        options,
        settings,
        Output(),
        build_services=_build_services,
        acquire_lease=_acquire_lease,
        run_command=run_command,
    )


def _build_services(settings: Settings) -> "Services":
    from aicalendar_tui.bootstrap import build_services

    return build_services(settings)


def _acquire_lease(settings: Settings) -> "Lease":
    from aicalendar_tui.cli.plan import make_plan
    from aicalendar_tui.launcher.lease import acquire

    return acquire(make_plan(settings))
