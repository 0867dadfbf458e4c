"""`serve`: the services without the screen, for a server or a session that nobody looks at."""

import signal
import threading
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from aicalendar_tui.cli.output import Output, clean
from aicalendar_tui.cli.plan import make_plan
from aicalendar_tui.cli.report import OK
from aicalendar_tui.i18n import N_, _
from aicalendar_tui.launcher.errors import LeaseTimeoutError
from aicalendar_tui.launcher.lease import Lease, acquire
from aicalendar_tui.launcher.logs import log_path
from aicalendar_tui.launcher.sockets import url_of

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

LOOK_SECONDS = 0.25
SUPERVISOR = "supervisor"

_PHASES = {
    "starting": N_("starts"),
    "ready": N_("is ready"),
    "backoff": N_("ended, and starts again in a moment"),
    "failed": N_("keeps ending, and is tried again from time to time"),
}


def run_services(context: "Context") -> int:
    """Hold a lease and print what the services log, until SIGINT or SIGTERM; takes another if the supervisor dies."""
    context.settings.folders.create()
    plan = make_plan(context.settings)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_args: over.set())
    names = (SUPERVISOR, *(service.name for service in plan.services))
    with ExitStack() as files:
        logs = [files.enter_context(closing(ServiceLog(plan.log_folder, name))) for name in names]
        while not over.is_set():
            # One that is just ending is waited for; after that the next one is ours to start.
            with suppress(LeaseTimeoutError), acquire(plan) as lease:
                _follow(context.output, lease, logs, over)
    return OK


def _follow(output: Output, lease: Lease, logs: "list[ServiceLog]", over: threading.Event) -> None:
    told: dict[str, str] = {}
    while not over.wait(LOOK_SECONDS) and not lease.closed:
        for log in logs:
            for line in log.read():
                output.line(f"{log.name:<10} {line}")
        for name, service in lease.state.services.items():
            if told.get(name) != service.state:
                told[name] = service.state
                reason = f": {clean(service.error)}" if service.error else ""
                output.line(f"{name:<10} {_(_PHASES[service.state])}{reason}")
                if len(told) == len(lease.state.services) and set(told.values()) == {"ready"}:
                    _tell_addresses(output, lease)
        output.flush()


def _tell_addresses(output: Output, lease: Lease) -> None:
    for name, address in lease.state.sockets.items():
        output.line(f"{name:<10} {url_of(address.host, address.port)}")


class ServiceLog:
    """What is new in a service's log file, which may be set aside and begun anew at any time."""

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self._path = Path(log_path(folder, name))
        self._file: BinaryIO | None = None
        self._rest = b""
        self._open(at_end=True)

    def read(self) -> list[str]:
        """The whole lines written since the last call, fit to be shown."""
        if self._file is None or self._was_replaced():
            self._open(at_end=False)
        if self._file is None:
            return []
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        return [clean(line.decode("utf-8", "replace")) for line in lines]

    def close(self) -> None:
        """Read no more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _was_replaced(self) -> bool:
        assert self._file is not None
        try:
            now = self._path.stat()
        except OSError:
            return False
        return (now.st_dev, now.st_ino) != self._identity or now.st_size < self._file.tell()

    def _open(self, *, at_end: bool) -> None:
        self.close()
        self._rest = b""
        try:
            self._file = self._path.open("rb")
        except OSError:
            self._file = None  # nobody has written it yet
            return
        status = self._path.stat()
        self._identity = (status.st_dev, status.st_ino)
        if at_end:
            self._file.seek(0, 2)
