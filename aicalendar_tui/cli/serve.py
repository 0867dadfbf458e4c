"""`serve`: the services without the screen, for a server or a session that nobody looks at."""

import errno
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from aicalendar_tui.cli.output import Output, clean
from aicalendar_tui.cli.plan import make_plan
from aicalendar_tui.cli.report import OK, describe
from aicalendar_tui.i18n import N_, _
from aicalendar_tui.launcher.backoff import Backoff
from aicalendar_tui.launcher.errors import LauncherError, LeaseTimeoutError
from aicalendar_tui.launcher.lease import Lease, acquire
from aicalendar_tui.launcher.logs import log_path
from aicalendar_tui.launcher.sockets import url_of
from aicalendar_tui.settings import SettingsError

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

        def take_lease() -> Lease:
            context.settings.folders.create()  # somebody may have removed them meanwhile
            return acquire(plan)

        serve(take_lease, lambda lease: _follow(context.output, lease, logs, over), context.output, over)
    return OK


def serve(
    take_lease: Callable[[], Lease],
    follow: Callable[[Lease], None],
    output: Output,
    over: threading.Event,
    *,
    first_wait_seconds: float = 0.5,
    longest_wait_seconds: float = 15,
) -> None:
    """Take one lease after the other until `over`; what can't be started again is tried for ever, with backoff.

    Only the first lease must be had: who has just typed the command is told at once why there is none.
    Raises: LauncherError, SettingsError, OSError.
    """
    waits = Backoff(first_seconds=first_wait_seconds, longest_seconds=longest_wait_seconds)
    told = ""
    served = False
    while not over.is_set():
        try:
            lease = take_lease()
        except LeaseTimeoutError:
            continue  # one that is just ending is waited for; after that the next one is ours to start
        except (LauncherError, SettingsError, OSError) as error:
            if not served:
                raise
            if (reason := describe(error)) != told:
                told = reason
                line = _("can't start again: {reason}; it is tried until it works").format(reason=reason)
                _say(output, SUPERVISOR, line)
                _flush(output)
            over.wait(waits.next_wait(0))
            continue
        served, told = True, ""
        waits = Backoff(first_seconds=first_wait_seconds, longest_seconds=longest_wait_seconds)
        with lease:
            follow(lease)


def _follow(output: Output, lease: Lease, logs: "list[ServiceLog]", over: threading.Event) -> None:
    told: dict[str, str] = {}
    while not over.wait(LOOK_SECONDS) and not lease.closed:
        for log in logs:
            for line in log.read():
                _say(output, log.name, line)
        for name, service in lease.state.services.items():
            if told.get(name) != service.state:
                told[name] = service.state
                reason = f": {clean(service.error)}" if service.error else ""
                _say(output, name, f"{_(_PHASES[service.state])}{reason}")
                if len(told) == len(lease.state.services) and set(told.values()) == {"ready"}:
                    _tell_addresses(output, lease)
        _flush(output)


def _tell_addresses(output: Output, lease: Lease) -> None:
    for name, address in lease.state.sockets.items():
        _say(output, name, url_of(address.host, address.port))


def _say(output: Output, name: str, text: str) -> None:
    with _no_room_is_no_end():
        output.line(f"{name:<10} {text}")


def _flush(output: Output) -> None:
    with _no_room_is_no_end():
        output.flush()


@contextmanager
def _no_room_is_no_end() -> Iterator[None]:
    """The services matter more than what is told of them into a file on a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


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
