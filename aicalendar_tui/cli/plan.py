"""Settings as a plan for the supervisor."""

from pathlib import Path

from aicalendar_tui import __version__
from aicalendar_tui.cli.demo_state import simulator_state
from aicalendar_tui.launcher.plan import Plan
from aicalendar_tui.launcher.services import SimulatorOptions, build_plan
from aicalendar_tui.settings import Settings

DEMO_PORT = 8765
"""Where the demo's Google is, unless that port is taken."""


def make_plan(settings: Settings, *, simulator: SimulatorOptions | None = None) -> Plan:
    """What is to run for these settings; the demo always has its simulator."""
    if settings.demo and simulator is None:
        simulator = demo_simulator(settings)
    return build_plan(
        run_folder=settings.folders.run.resolve(),
        state_folder=settings.folders.state,
        home_env=settings.child_environ(),
        redis_embedded=settings.external_redis_url is None,
        simulator=simulator,
        webhook_port=settings.webhook_port,
        api_port=settings.api_port,
        webhook_fallback=not settings.is_set("webhook_port"),
        api_fallback=not settings.is_set("api_port"),
        version=__version__,
    )


def demo_simulator(
    settings: Settings, *, port: int | None = None, ics: tuple[Path, ...] = (), lively: bool = False
) -> SimulatorOptions:
    """The demo's Google: a person's calendar around today, or what is in the .ics files.

    In a `lively` one colleagues change something now and then.
    """
    arguments = ["--demo", "--state", str(simulator_state(settings)), *(["--lively"] if lively else [])]
    for path in ics:
        # Absolute: the supervisor and its children live in another folder.
        arguments += ["--ics", str(path.absolute())]
    return SimulatorOptions(
        port=DEMO_PORT if port is None else port, fallback=port is None, arguments=tuple(arguments)
    )
