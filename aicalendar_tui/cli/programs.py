"""The programs behind the services: what the supervisor starts (`_receiver`, `_worker`, `_simulator`), and the
simulated Google on its own."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aicalendar_tui.cli.report import OK, CommandError
from aicalendar_tui.i18n import _
from aicalendar_tui.launcher.lifeline import watch_lifeline
from aicalendar_tui.launcher.notify import Notifier
from aicalendar_tui.launcher.sockets import inherited_sockets

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

SIMULATOR_PORT = 8765


def run_receiver(context: "Context") -> int:
    """The public webhook and the local API, on the sockets that the supervisor hands down."""
    watch_lifeline()
    from aicalendar_tui.backend.receiver.server import serve

    sockets = inherited_sockets()
    serve(public=sockets.get("public"), local=sockets.get("local"), on_ready=Notifier().ready)
    return OK


def run_worker(context: "Context") -> int:
    """Celery's worker with beat inside."""
    watch_lifeline()
    from aicalendar_tui.worker.program import run_embedded

    notifier = Notifier()
    run_embedded(context.settings, on_ready=notifier.ready, busy=notifier.busy, idle=notifier.idle)
    return OK


def run_simulator(context: "Context") -> int:
    """The simulated Google: under the supervisor on its socket, else on --port, until SIGINT or SIGTERM."""
    options = context.options
    under_supervisor = watch_lifeline()
    check_readable(options.ics)
    from aicalendar_tui.simulator.server import serve

    sock = inherited_sockets().get("simulator")
    port = SIMULATOR_PORT if options.port is None else options.port
    if sock is None and not under_supervisor:
        print(
            _("simulated Google at {url}, access token: demo").format(url=f"http://127.0.0.1:{port}"), file=sys.stderr
        )
    serve(
        sock=sock,
        port=port,
        demo=getattr(options, "demo", False) or not options.ics,
        ics=options.ics,
        now=context.settings.now,
        state_file=options.state,
        on_ready=Notifier().ready,
    )
    return OK


def check_readable(paths: list[Path]) -> None:
    """Raises CommandError for the first file that can't be read, before anything is started for it."""
    for path in paths:
        try:
            path.open("rb").close()
        except OSError as error:
            raise CommandError(_("can't read {path}: {reason}").format(path=path, reason=error.strerror)) from error
