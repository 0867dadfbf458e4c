"""The programs behind the services: what the supervisor starts (`_receiver`, `_worker`, `_simulator`), and the
simulated Google on its own."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from aicalendar_tui.cli.journal import end_noted, start_journal
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import OK, CommandError
from aicalendar_tui.i18n import _
from aicalendar_tui.launcher.lifeline import watch_lifeline
from aicalendar_tui.launcher.notify import Notifier
from aicalendar_tui.launcher.services import LOOPBACK, RECEIVER, WORKER
from aicalendar_tui.launcher.sockets import inherited_sockets, url_of

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context
    from aicalendar_tui.simulator.ics import Problem

SIMULATOR_PORT = 8765


def run_receiver(context: "Context") -> int:
    """The public webhook and the local API, on the sockets that the supervisor hands down."""
    watch_lifeline()
    start_journal(context.settings, RECEIVER, own_output=True)
    with end_noted():
        _receive(context)
    return OK


def _receive(context: "Context") -> None:
    from aicalendar_tui.backend.receiver import local, public
    from aicalendar_tui.backend.receiver.server import serve
    from aicalendar_tui.bootstrap import build_tunnel

    sockets = inherited_sockets()
    services = context.services
    notifier = Notifier()

    host, port = sockets["public"].getsockname()[:2] if "public" in sockets else (None, 0)
    tunnel = build_tunnel(
        context.settings,
        public_url=f"http://{host}:{port}",
        on_change=lambda address, problem: _publish_address(context, address, problem),
    )

    def open_tunnel() -> None:
        _publish_address(context, tunnel.address())  # a former tunnel's is not to be given to Google any more
        tunnel.start()  # what comes later, it tells itself

    def begin() -> None:
        notifier.ready()
        # In a thread: a tunnel takes seconds to stand, and the webhook must answer meanwhile.
        Thread(target=open_tunnel, daemon=True).start()

    try:
        serve(
            public_app=public.create_app(services.accept),
            local_app=local.create_app(services, read_token=local.token_reader()),
            public_socket=sockets.get("public"),
            local_socket=sockets.get("local"),
            on_ready=begin,
        )
    finally:
        tunnel.stop()


def _publish_address(context: "Context", address: str | None, problem: str = "") -> None:
    """Tells everyone where we are now, and has the channels opened for that address."""
    from uuid import uuid4

    from aicalendar_tui.backend.domain.errors import Transient

    if context.services.watch.publish_address(address or "", problem) and address:
        with suppress(Transient):  # the backstop comes by itself in a moment
            context.services.queue.send("calendar.backstop", task_id=str(uuid4()), arguments={})


def run_worker(context: "Context") -> int:
    """Celery's worker with beat inside."""
    watch_lifeline()
    start_journal(context.settings, WORKER, own_output=True)
    from aicalendar_tui.worker.program import run_embedded

    notifier = Notifier()
    with end_noted():
        run_embedded(context.settings, on_ready=notifier.ready, busy=notifier.busy, idle=notifier.idle)
    return OK


def run_simulator(context: "Context") -> int:
    """The simulated Google: under the supervisor on its socket, else on --port, until SIGINT or SIGTERM."""
    options = context.options
    watch_lifeline()
    check_calendars(options.ics)
    sock = inherited_sockets().get("simulator") or _listen(SIMULATOR_PORT if options.port is None else options.port)
    host, port = sock.getsockname()[:2]
    context.output.note(_("simulated Google at {url}, access token: demo").format(url=url_of(host, port)))
    from aicalendar_tui.simulator.server import serve

    serve(
        sock=sock,
        demo=getattr(options, "demo", False) or not options.ics,
        ics=options.ics,
        now=context.settings.now,
        state_file=options.state,
        zone=context.zone,
        lively=getattr(options, "lively", False),
        on_ready=Notifier().ready,
    )
    return OK


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise CommandError(
            _("port {port} can't be used: {reason}; choose another with --port").format(
                port=port, reason=error.strerror
            )
        ) from error


def find_ics_problems(paths: Sequence[Path]) -> "list[Problem]":
    """What the simulated Google will leave out of these files; as text a line each, with the file's line."""
    if not paths:
        return []
    from aicalendar_tui.simulator.server import build_world

    return build_world(demo=False, ics=paths)[1]


def check_calendars(paths: Sequence[Path]) -> None:
    """Raises CommandError for the first file that can't be read or is no calendar, before anything is started."""
    if not paths:
        return
    from aicalendar_tui.simulator.ics import is_calendar

    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(_("can't read {path}: {reason}").format(path=path, reason=error.strerror)) from error
        if not is_calendar(content):
            raise CommandError(
                _("{path} is no calendar: an .ics file has a line BEGIN:VCALENDAR").format(path=clean(str(path)))
            )
